import { type TestEnvironment, type TestEnvironmentOptions, testEnvironment } from '@setpoint/testing';
import { Deployment } from 'setpoint/apps/v1';
import { Service } from 'setpoint/core/v1';
import { Event } from 'setpoint/events.k8s.io/v1';
import { expect, test } from 'vitest';
import { EasyService } from '../src/api/v1/easyservice.ts';
import operator from '../src/operator.ts';

const key = { name: 'nginx', namespace: 'default' };
const spec = { size: 2, image: 'nginx:1.7.9', ports: [{ port: 80, targetPort: 80, nodePort: 31002 }] };

async function started(options: TestEnvironmentOptions = {}): Promise<TestEnvironment> {
  const env = await testEnvironment({ kinds: [EasyService], ...options });
  await env.start(operator);
  return env;
}

async function write(env: TestEnvironment, change: object) {
  await env.client.patch(EasyService, key, { type: 'merge', body: { spec: change } });
  await env.settled();
}

test('one object makes a Deployment and a NodePort Service of its name, and shows the status of the Deployment', async () => {
  await using env = await started();
  await env.client.create(EasyService, { metadata: key, spec });
  await env.settled();
  const deployment = await env.client.get(Deployment, key);
  const service = await env.client.get(Service, key);
  expect(deployment.spec).toMatchObject({
    replicas: 2,
    selector: { matchLabels: { app: 'nginx' } },
    template: { spec: { containers: [{ name: 'nginx', image: 'nginx:1.7.9', ports: [{ containerPort: 80 }] }] } },
  });
  expect(service.spec).toMatchObject({ type: 'NodePort', selector: { app: 'nginx' }, ports: [{ nodePort: 31002 }] });
  const easy = await env.client.get(EasyService, key);
  expect(easy.status).toMatchObject({ replicas: 2, availableReplicas: 2 });
  expect(easy.status?.conditions?.map(({ type, status }) => `${type}=${status}`).sort()).toEqual([
    'Available=True',
    'Progressing=True',
    'Reconciled=True',
  ]);
  expect(JSON.parse(easy.metadata.annotations?.spec ?? '')).toMatchObject({ size: 2 });
});

test('an edit and its taking back are both carried out, and the address of the Service stays', async () => {
  await using env = await started();
  await env.client.create(EasyService, { metadata: key, spec });
  await env.settled();
  const { clusterIP } = (await env.client.get(Service, key)).spec ?? {};
  const image = async () => (await env.client.get(Deployment, key)).spec?.template.spec?.containers[0]?.image;
  await write(env, { image: 'nginx:2', ports: [{ port: 81, nodePort: 31002 }] });
  expect(await image()).toBe('nginx:2');
  await write(env, { image: 'nginx:1.7.9', ports: spec.ports });
  expect(await image()).toBe('nginx:1.7.9');
  const service = await env.client.get(Service, key);
  expect(service.spec).toMatchObject({ clusterIP, ports: [{ port: 80, targetPort: 80 }] });
});

test('what others change of either child, or delete, comes back', async () => {
  await using env = await started();
  await env.client.create(EasyService, { metadata: key, spec });
  await env.settled();
  await env.client.patch(Deployment, key, { type: 'merge', body: { spec: { replicas: 5 } } });
  const drift = [
    { op: 'replace', path: '/spec/ports/0/targetPort', value: 8080 },
    { op: 'replace', path: '/spec/selector/app', value: 'other' },
  ] as const;
  await env.client.patch(Service, key, { type: 'json', body: drift });
  await env.settled();
  expect((await env.client.get(Deployment, key)).spec?.replicas).toBe(2);
  const mended = { selector: { app: 'nginx' }, ports: [{ port: 80, targetPort: 80, nodePort: 31002 }] };
  expect((await env.client.get(Service, key)).spec).toMatchObject(mended);
  await env.client.delete(Deployment, key);
  await env.client.delete(Service, key);
  await env.settled();
  expect((await env.client.get(Deployment, key)).status).toMatchObject({ availableReplicas: 2 });
  expect((await env.client.get(Service, key)).spec?.ports).toMatchObject([{ port: 80, nodePort: 31002 }]);
});

test('a port number that somebody else changes is a second port to the server, and an Event says what it makes of it', async () => {
  await using env = await started();
  await env.client.create(EasyService, { metadata: key, spec });
  await env.settled();
  const drift = [{ op: 'replace', path: '/spec/ports/0/port', value: 8080 }] as const;
  await env.client.patch(Service, key, { type: 'json', body: drift });
  await env.settled();
  const { items } = await env.client.list(Event, { namespace: 'default' });
  expect(items.map(({ note }) => note).join()).toContain('the server refuses to change spec.ports[1].nodePort of it');
});

test('the status follows the Deployment, and the annotation the spec', async () => {
  await using env = await started({ pods: [{ match: { image: /slow/ }, readyAfter: '30s' }] });
  await env.client.create(EasyService, { metadata: key, spec });
  await env.settled();
  await write(env, { size: 3, image: 'slow' });
  const now = () => env.client.get(EasyService, key);
  expect((await now()).status).toMatchObject({ updatedReplicas: 1, unavailableReplicas: 1 });
  await env.advance('5m');
  const { status, metadata } = await now();
  expect(status).toMatchObject({ updatedReplicas: 3, availableReplicas: 3 });
  expect(status).not.toHaveProperty('unavailableReplicas');
  expect(JSON.parse(metadata.annotations?.spec ?? '')).toMatchObject({ size: 3, image: 'slow' });
});

test('what is as it should be costs no write, and a restart none', async () => {
  await using env = await started();
  await env.client.create(EasyService, { metadata: key, spec });
  await env.settled();
  const before = (await env.client.get(EasyService, key)).metadata.resourceVersion;
  const children = async () =>
    [await env.client.get(Deployment, key), await env.client.get(Service, key)].map(
      ({ metadata }) => metadata.generation,
    );
  const generations = await children();
  await env.advance('24h');
  expect((await env.client.get(EasyService, key)).metadata.resourceVersion).toBe(before);
  expect(await children()).toEqual(generations);
});

test('with the object go its children', async () => {
  await using env = await started();
  await env.client.create(EasyService, { metadata: key, spec });
  await env.settled();
  await env.client.delete(EasyService, key);
  await env.settled();
  await expect(env.client.get(Deployment, key)).rejects.toThrow('404');
  await expect(env.client.get(Service, key)).rejects.toThrow('404');
});

test('without ports there is no Service, and one that was there goes', async () => {
  await using env = await started();
  await env.client.create(EasyService, { metadata: key, spec });
  await env.settled();
  await write(env, { ports: null });
  expect((await env.client.list(Service, { namespace: 'default' })).items.map(({ metadata }) => metadata.name)).toEqual(
    ['kubernetes'],
  );
});

test('a node port that somebody has is said in an Event, and the Service comes once it is free', async () => {
  await using env = await started();
  const ports = [{ port: 1, nodePort: 31002 }];
  await env.client.create(Service, {
    metadata: { name: 'other', namespace: 'default' },
    spec: { type: 'NodePort', ports },
  } as never);
  await env.client.create(EasyService, { metadata: key, spec });
  await env.settled();
  expect((await env.client.get(Deployment, key)).spec?.replicas).toBe(2);
  const { items } = await env.client.list(Event, { namespace: 'default' });
  const warnings = items.filter(({ type, regarding }) => type === 'Warning' && regarding?.kind === 'EasyService');
  expect(warnings[0]?.note).toContain('provided port is already allocated');
  await env.client.delete(Service, { name: 'other', namespace: 'default' });
  await env.advance('10m');
  expect((await env.client.get(Service, key)).spec?.ports?.[0]?.nodePort).toBe(31002);
});

test('a node port that no cluster gives is said in an Event, and an edit mends it', async () => {
  await using env = await started();
  await env.client.create(EasyService, { metadata: key, spec: { ...spec, ports: [{ port: 80, nodePort: 80 }] } });
  await env.settled();
  const { items } = await env.client.list(Event, { namespace: 'default' });
  const notes = items.filter(({ type }) => type === 'Warning').map(({ note }) => note);
  expect(notes.join()).toContain('spec.ports[0].nodePort');
  await write(env, { ports: spec.ports });
  expect((await env.client.get(Service, key)).spec?.ports?.[0]?.nodePort).toBe(31002);
});

test('a port by name is declared by the container', async () => {
  await using env = await started();
  await env.client.create(EasyService, { metadata: key, spec: { ...spec, ports: [{ port: 80, targetPort: 'http' }] } });
  await env.settled();
  const { containers } = (await env.client.get(Deployment, key)).spec?.template.spec ?? {};
  expect(containers?.[0]?.ports).toEqual([{ containerPort: 80, name: 'http', protocol: 'TCP' }]);
});

test.each([
  [{ ...spec, size: -1 }, 'spec.size'],
  [{ ...spec, image: '' }, 'spec.image'],
  [{ ...spec, ports: [{ port: 70000 }] }, 'spec.ports[0].port'],
  [{ ...spec, ports: [{ port: 80, nodePort: 0 }] }, 'spec.ports[0].nodePort'],
  [{ ...spec, ports: [{ port: 1 }, { port: 2 }] }, 'each of several ports needs a name'],
  [
    {
      ...spec,
      ports: [
        { port: 1, name: 'a' },
        { port: 2, name: 'a' },
      ],
    },
    'two ports have the same name',
  ],
])('the server refuses %j', async (wrong, message) => {
  await using env = await testEnvironment({ kinds: [EasyService] });
  await expect(env.client.create(EasyService, { metadata: key, spec: wrong })).rejects.toThrow(message);
});
