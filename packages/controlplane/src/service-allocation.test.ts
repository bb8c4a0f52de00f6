import { expect, test } from 'vitest';
import { TestCluster } from './controllers/testing/cluster.ts';

const services = '/api/v1/namespaces/default/services';
const service = (name: string, spec: object = {}) => ({ metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } });

test('every service has an address of its own; the one of the API server is taken', async () => {
  await using c = new TestCluster([]);
  const addresses = new Set(['10.0.0.1']);
  for (let i = 0; i < 50; i++) addresses.add((await c.create(services, service(`s${i}`))).spec.clusterIP);
  expect(addresses.size).toBe(51);
  const taken = await c.request('POST', services, service('s', { clusterIP: '10.0.0.1' }));
  expect(taken.body.message).toContain('failed to allocate IP 10.0.0.1: provided IP is already allocated');
});

test('what is deleted, refused or tried in a dry run is free', async () => {
  await using c = new TestCluster([]);
  const spec = { type: 'NodePort', clusterIP: '10.0.0.9', ports: [{ port: 80, nodePort: 30080 }] };
  expect((await c.request('POST', `${services}?dryRun=All`, service('a', spec))).status).toBe(201);
  expect((await c.request('POST', services, service('a', { ...spec, sessionAffinity: 'Nobody' }))).status).toBe(422);
  await c.create(services, service('a', spec));
  expect((await c.request('POST', services, service('b', spec))).status).toBe(422);
  await c.delete(`${services}/a`);
  await c.create(services, service('b', spec));
});

test('a service loses with its type what only that type has, and gets it again', async () => {
  await using c = new TestCluster([]);
  const { spec } = await c.create(services, service('s', { type: 'NodePort' }));
  expect(spec.ports[0].nodePort).toBeGreaterThanOrEqual(30000);
  const plain = await c.patch(`${services}/s`, { spec: { type: 'ClusterIP' } });
  expect(plain.body.spec.ports[0].nodePort).toBeUndefined();
  expect(plain.body.spec.clusterIP).toBe(spec.clusterIP);
  const named = await c.patch(`${services}/s`, { spec: { type: 'ExternalName', externalName: 'x.y' } });
  expect(named.body.spec.clusterIP).toBeUndefined();
  const again = await c.patch(`${services}/s`, { spec: { type: 'ClusterIP' } });
  expect(again.body.spec.clusterIP).toMatch(/^10\.0\.0\./);
});

test('families that the network has not are refused before anything is taken', async () => {
  await using c = new TestCluster([]);
  const refused = async (spec: object) => (await c.request('POST', services, service('s', spec))).body.message;
  expect(await refused({ ipFamilies: ['IPv6'] })).toContain(
    'spec.ipFamilies[0]: Invalid value: "IPv6": not configured',
  );
  expect(await refused({ ipFamilyPolicy: 'RequireDualStack' })).toContain('not configured for dual-stack services');
  expect(await refused({ clusterIP: 'fd00::1' })).toContain('IPv6 is not configured on this cluster');
});

test('a reset frees everything but the address of the API server', async () => {
  await using c = new TestCluster([]);
  await c.create(services, service('s', { clusterIP: '10.0.0.9' }));
  c.plane.reset();
  await c.create(services, service('s', { clusterIP: '10.0.0.9' }));
  expect((await c.get(`${services}/kubernetes`)).body.spec.clusterIP).toBe('10.0.0.1');
});

test('a controller that nobody knows is refused with the list', () => {
  expect(() => new TestCluster(['*', '-nobody'])).toThrow(
    /there is no controller 'nobody'; there are: \*, .*namespace-/,
  );
});
