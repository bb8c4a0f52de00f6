import { FakeClock } from '@setpoint/apimachinery/clock';
import { expect, test } from 'vitest';
import { createControlPlane } from './control-plane.ts';

async function ask(plane: ReturnType<typeof createControlPlane>, method: string, url: string, body?: object) {
  const response = await plane.handle({
    method,
    url,
    headers: { 'content-type': 'application/json' },
    body: body ? Buffer.from(JSON.stringify(body)) : new Uint8Array(),
    signal: AbortSignal.timeout(10_000),
  });
  return { status: response.status, body: JSON.parse(Buffer.from(response.body as Uint8Array).toString('utf8')) };
}

const names = async (plane: ReturnType<typeof createControlPlane>, path: string): Promise<string[]> => {
  const { body } = await ask(plane, 'GET', path);
  return body.items.map((item: { metadata: { name: string } }) => item.metadata.name);
};

const services = '/apis/apiregistration.k8s.io/v1/apiservices';

test('a new cluster has its classes of priority, flow control and API services, also after a reset', async () => {
  await using plane = createControlPlane({ clock: new FakeClock(), controllers: [] });
  for (const _ of ['new', 'reset']) {
    const classes = await names(plane, '/apis/scheduling.k8s.io/v1/priorityclasses');
    expect(classes).toEqual(['system-cluster-critical', 'system-node-critical']);
    expect(await names(plane, '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas')).toHaveLength(11);
    expect(await names(plane, '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations')).toHaveLength(8);
    expect(await names(plane, services)).toHaveLength(21);
    plane.reset();
  }
});

/** Without what no two objects share. */
const shared = (text: unknown) =>
  JSON.stringify(text)
    .replace(/"(uid|resourceVersion|creationTimestamp|time|namespace|name|clusterIP)":"[^"]*"/g, '"$1":""')
    .replace(/"clusterIPs":\["[^"]*"\]/g, '"clusterIPs":[]');

test('what a namespace begins with is what the controllers make in later ones', async () => {
  await using plane = createControlPlane({ clock: new FakeClock() });
  await ask(plane, 'POST', '/api/v1/namespaces', { metadata: { name: 'later' } });
  for (const path of ['serviceaccounts/default', 'configmaps/kube-root-ca.crt']) {
    const at = (namespace: string) => ask(plane, 'GET', `/api/v1/namespaces/${namespace}/${path}`);
    await expect.poll(async () => (await at('later')).status).toBe(200);
    for (const namespace of ['default', 'kube-system', 'kube-node-lease']) {
      expect(shared((await at(namespace)).body)).toBe(shared((await at('later')).body));
    }
  }
});

test('the Service of the server is as one that is created', async () => {
  await using plane = createControlPlane({ clock: new FakeClock(), controllers: [] });
  const path = '/api/v1/namespaces/default/services';
  const { body: own } = await ask(plane, 'GET', `${path}/kubernetes`);
  const { body: made } = await ask(plane, 'POST', `${path}?fieldManager=kube-apiserver`, {
    metadata: { name: 'made', labels: own.metadata.labels },
    spec: {
      clusterIP: '10.0.0.9',
      ipFamilyPolicy: 'SingleStack',
      ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
      sessionAffinity: 'None',
      type: 'ClusterIP',
    },
  });
  expect(shared(own)).toBe(shared(made));
  expect(own.spec).toMatchObject({ clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'] });
});

test('a group of custom resources has an API service while it is served', async () => {
  await using plane = createControlPlane({ clock: new FakeClock(), controllers: [] });
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const schema = { openAPIV3Schema: { type: 'object' } };
  await ask(plane, 'POST', definitions, {
    metadata: { name: 'foos.example.com' },
    spec: {
      group: 'example.com',
      names: { plural: 'foos', kind: 'Foo' },
      scope: 'Cluster',
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  });
  expect((await ask(plane, 'GET', `${services}/v1.example.com`)).body.spec).toMatchObject({ group: 'example.com' });
  await ask(plane, 'DELETE', `${definitions}/foos.example.com`);
  expect((await ask(plane, 'GET', `${services}/v1.example.com`)).status).toBe(404);
});

test('an API service of another server is not taken, nor are dynamic resources', async () => {
  await using plane = createControlPlane({ clock: new FakeClock(), controllers: [] });
  const service = { namespace: 'default', name: 'metrics' };
  const spec = { group: 'metrics.k8s.io', version: 'v1', groupPriorityMinimum: 100, versionPriority: 100, service };
  const external = await ask(plane, 'POST', services, { metadata: { name: 'v1.metrics.k8s.io' }, spec });
  expect(external).toMatchObject({ status: 501, body: { message: expect.stringContaining('another server') } });
  const claim = { metadata: { name: 'c' }, spec: { devices: { requests: [] } } };
  const dynamic = await ask(plane, 'POST', '/apis/resource.k8s.io/v1/namespaces/default/resourceclaims', claim);
  expect(dynamic).toMatchObject({ status: 501, body: { message: expect.stringContaining('resource.k8s.io') } });
});
