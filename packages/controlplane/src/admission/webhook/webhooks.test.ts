import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createCertificateAuthority } from '@setpoint/apimachinery/certificates';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { afterEach, expect, test } from 'vitest';
import { type ToyPlane, toyPlane } from '../../testing/toy-plane.ts';

// biome-ignore lint/suspicious/noExplicitAny: reviews of any object
type Reply = (review: any) => object | Promise<object>;

const servers: Server[] = [];
const authority = createCertificateAuthority('webhooks');
const maps = '/api/v1/namespaces/default/configmaps';

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A webhook server on loopback; answers how many connections it has seen. */
async function serve(reply: Reply): Promise<{ readonly url: string; readonly connections: () => number }> {
  const { certificate, key } = authority.issueServer(['127.0.0.1', 'hooks.default.svc']);
  let connections = 0;
  const server = createServer({ cert: certificate, key }, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const review = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    const answer = await reply(review);
    const { apiVersion, kind } = review;
    response.end(JSON.stringify({ apiVersion, kind, response: { uid: review.request.uid, ...answer } }));
  });
  server.on('connection', () => connections++);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, connections: () => connections };
}

function configure(plane: ToyPlane, kind: 'mutating' | 'validating', webhook: object): void {
  const object = {
    metadata: { name: kind },
    webhooks: [
      {
        name: `${kind}.example.com`,
        rules: [{ operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        ...webhook,
      },
    ],
  };
  const key = `admissionregistration.k8s.io/${kind}webhookconfigurations`;
  plane.backend.store.collection(key).commit(kind, undefined, object as unknown as KubeObject);
}

const configOf = (url: string) => ({ url, caBundle: Buffer.from(authority.certificate).toString('base64') });
const allow = { allowed: true };

test('sixteen writers of one object lose no update to each other, however slow its webhooks are', async () => {
  const plane = await toyPlane();
  const { url } = await serve(async () => {
    await delay(Math.floor(Math.random() * 4));
    return allow;
  });
  await plane.send('POST', maps, { metadata: { name: 'shared' }, data: { count: '0' } });
  for (const kind of ['mutating', 'validating'] as const) configure(plane, kind, { clientConfig: configOf(url) });
  const path = `${maps}/shared`;
  const patches = Array.from({ length: 16 }, (_, index) =>
    plane.send(
      'PATCH',
      path,
      { data: { [`writer-${index}`]: 'here' } },
      { contentType: 'application/merge-patch+json' },
    ),
  );
  const count = async (): Promise<void> => {
    const { body } = await plane.send('GET', path);
    const data = { ...body.data, count: String(Number(body.data.count) + 1) };
    const { status } = await plane.send('PUT', path, { ...body, data });
    if (status === 409) return count();
    expect(status).toBe(200);
  };
  const counters = Array.from({ length: 4 }, count);
  for (const { status } of await Promise.all(patches)) expect(status).toBe(200);
  await Promise.all(counters);
  const { body } = await plane.send('GET', path);
  expect(body.data.count).toBe('4');
  expect(Object.keys(body.data)).toHaveLength(17);
});

test('two creations of one name that are admitted at the same time: the second is told that it exists', async () => {
  const plane = await toyPlane();
  const { url } = await serve(async () => {
    await delay(5);
    return allow;
  });
  configure(plane, 'validating', { clientConfig: configOf(url) });
  const create = () => plane.send('POST', maps, { metadata: { name: 'one' } });
  const statuses = (await Promise.all([create(), create()])).map(({ status }) => status);
  expect(statuses.sort()).toEqual([201, 409]);
});

test('a webhook that does not answer is given up when its time is over by the clock of the control plane', async () => {
  const plane = await toyPlane();
  let asked = () => {};
  const wasAsked = new Promise<void>((resolve) => (asked = resolve));
  const { url } = await serve(() => {
    asked();
    return new Promise(() => {});
  });
  configure(plane, 'validating', { clientConfig: configOf(url), timeoutSeconds: 7 });
  const creating = plane.send('POST', maps, { metadata: { name: 'one' } });
  await wasAsked;
  await plane.clock.advance(6_999);
  await plane.clock.advance(1);
  const { status, body } = await creating;
  expect(status).toBe(500);
  expect(body.message).toBe(
    `Internal error occurred: failed calling webhook "validating.example.com": failed to call webhook: Post "${url}/?timeout=7s": context deadline exceeded`,
  );
});

test('a request that several webhooks keep waiting ends after thirty-four seconds', async () => {
  const plane = await toyPlane();
  const { url } = await serve(() => new Promise(() => {}));
  configure(plane, 'mutating', { clientConfig: configOf(url), timeoutSeconds: 30, failurePolicy: 'Ignore' });
  const object = plane.backend.store.collection('admissionregistration.k8s.io/mutatingwebhookconfigurations');
  const { webhooks = [] } = (object.get('mutating')?.object ?? {}) as { webhooks?: readonly object[] };
  const twice = {
    metadata: { name: 'mutating' },
    webhooks: [webhooks[0], { ...webhooks[0], name: 'second.example.com' }],
  };
  object.commit('mutating', undefined, twice as unknown as KubeObject);
  const creating = plane.send('POST', maps, { metadata: { name: 'one' } });
  for (let second = 0; second < 35; second++) {
    await delay(2);
    await plane.clock.advance(1_000);
  }
  const { status, body } = await creating;
  expect(status).toBe(504);
  expect(body.message).toBe('Timeout: request did not complete within requested timeout - context deadline exceeded');
});

test('a request that asks for less time gives its webhooks less', async () => {
  const plane = await toyPlane();
  let asked = () => {};
  const wasAsked = new Promise<void>((resolve) => (asked = resolve));
  const { url } = await serve(() => {
    asked();
    return new Promise(() => {});
  });
  configure(plane, 'validating', { clientConfig: configOf(url), timeoutSeconds: 7, failurePolicy: 'Ignore' });
  const creating = plane.send('POST', `${maps}?timeout=2s`, { metadata: { name: 'one' } });
  await wasAsked;
  await plane.clock.advance(2_000);
  const { status, body } = await creating;
  expect(status).toBe(504);
  expect(body.message).toBe('Timeout: request did not complete within requested timeout - context deadline exceeded');
});

test('all attempts of an update share one limit', async () => {
  const plane = await toyPlane();
  await plane.send('POST', maps, { metadata: { name: 'one' } });
  let asked = 0;
  const { url } = await serve(async () => {
    asked++;
    await plane.clock.advance(20_000);
    // Another write comes between each time.
    const collection = plane.backend.store.collection('/configmaps');
    const entry = collection.get('default/one');
    if (entry) {
      const labels = { asked: String(asked) };
      collection.commit('default/one', entry.revision, {
        ...entry.object,
        metadata: { ...entry.object.metadata, labels },
      });
    }
    return allow;
  });
  configure(plane, 'mutating', { clientConfig: configOf(url), timeoutSeconds: 30 });
  const { status } = await plane.send('PUT', `${maps}/one`, { metadata: { name: 'one' } });
  expect([status, asked]).toEqual([504, 2]);
});

test('connections to a webhook are used again', async () => {
  const plane = await toyPlane();
  const { url, connections } = await serve(() => allow);
  configure(plane, 'validating', { clientConfig: configOf(url) });
  for (const name of ['a', 'b', 'c', 'd']) await plane.send('POST', maps, { metadata: { name } });
  expect(connections()).toBe(1);
});

test('a Service is found by its EndpointSlices, and one without is named', async () => {
  const plane = await toyPlane();
  const { certificate } = authority;
  const { url } = await serve(() => ({ allowed: false, status: { message: 'asked' } }));
  const service = { namespace: 'default', name: 'hooks', port: 443, path: '/x' };
  const caBundle = Buffer.from(certificate).toString('base64');
  configure(plane, 'validating', { clientConfig: { service, caBundle } });
  const create = async () => (await plane.send('POST', maps, { metadata: { name: 'a' } })).body.message;
  expect(await create()).toContain('service "hooks" not found');
  const put = (storageKey: string, object: object) =>
    plane.backend.store.collection(storageKey).commit('default/hooks', undefined, object as KubeObject);
  put('/services', { metadata: {}, spec: { ports: [{ port: 443, name: 'https' }] } });
  expect(await create()).toContain('no endpoints available for service "hooks"');
  put('discovery.k8s.io/endpointslices', {
    metadata: { labels: { 'kubernetes.io/service-name': 'hooks' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true } }],
    ports: [{ name: 'https', port: Number(new URL(url).port) }],
  });
  expect(await create()).toBe('admission webhook "validating.example.com" denied the request: asked');
});
