import { expect, test } from 'vitest';
import { TestCluster } from '../testing/cluster.ts';
import { fnv128a } from './hash.ts';

const core = '/api/v1/namespaces/default';
const slices = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';

async function cluster(): Promise<TestCluster> {
  const c = new TestCluster(['endpoint', 'endpointslice', 'garbagecollector']);
  await c.create('/api/v1/nodes', { metadata: { name: 'n' } });
  const spec = { selector: { app: 'a' }, ports: [{ port: 80, targetPort: 8080 }] };
  await c.create(`${core}/services`, { metadata: { name: 's' }, spec });
  return c;
}

async function pod(c: TestCluster, name: string, ip: string, ready = 'True'): Promise<void> {
  const spec = { nodeName: 'n', terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: 'i' }] };
  await c.create(`${core}/pods`, { metadata: { name, labels: { app: 'a' } }, spec });
  const status = { phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions: [{ type: 'Ready', status: ready }] };
  await c.patch(`${core}/pods/${name}/status`, { status });
}

test('ready pods are endpoints, in Endpoints and in EndpointSlices', async () => {
  await using c = await cluster();
  await pod(c, 'one', '10.244.0.1');
  await pod(c, 'two', '10.244.0.2', 'False');
  await c.settle();
  const { subsets } = (await c.get(`${core}/endpoints/s`)).body;
  expect(subsets).toMatchObject([
    { addresses: [{ ip: '10.244.0.1' }], notReadyAddresses: [{ ip: '10.244.0.2' }], ports: [{ port: 8080 }] },
  ]);
  const [slice] = (await c.get(slices)).body.items;
  expect(slice.endpoints.map((one: { conditions: { ready: boolean } }) => one.conditions.ready)).toEqual([true, false]);
  expect(slice.ports).toEqual([{ name: '', port: 8080, protocol: 'TCP' }]);
});

test('a pod that goes takes its endpoint with it; an empty slice is left', async () => {
  await using c = await cluster();
  await pod(c, 'one', '10.244.0.1');
  await c.settle();
  const [before] = (await c.get(slices)).body.items;
  await c.delete(`${core}/pods/one`);
  await c.settle();
  expect((await c.get(`${core}/endpoints/s`)).body.subsets).toBeUndefined();
  const [after] = (await c.get(slices)).body.items;
  expect(after.endpoints).toBeNull();
  expect(after.metadata.name).toBe(before.metadata.name);
});

test('more than a hundred endpoints are kept in several slices, and stay where they are', async () => {
  await using c = await cluster();
  for (let i = 1; i <= 130; i++) await pod(c, `p${i}`, `10.244.1.${i}`);
  await c.settle();
  const sizes = async () =>
    (await c.get(slices)).body.items.map((slice: { endpoints: unknown[] }) => slice.endpoints.length).sort();
  expect(await sizes()).toEqual([100, 30]);
  await c.delete(`${core}/pods/p1`);
  await c.settle();
  const left = await sizes();
  expect(left.reduce((sum: number, size: number) => sum + size, 0)).toBe(129);
  expect(left).toHaveLength(2);
});

test('with the service both go', async () => {
  await using c = await cluster();
  await c.settle();
  await c.delete(`${core}/services/s`);
  await c.settle();
  expect((await c.get(`${core}/endpoints/s`)).status).toBe(404);
  expect((await c.get(slices)).body.items).toEqual([]);
  expect(c.failures).toEqual([]);
});

test('hashes are those of FNV-1a with 128 bits', () => {
  expect(fnv128a('')).toBe('6c62272e07bb014262b821756295c58d');
  expect(fnv128a('a')).toBe('d228cb696f1a8caf78912b704e4a8964');
});
