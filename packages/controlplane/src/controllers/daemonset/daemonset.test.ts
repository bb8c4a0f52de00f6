import { expect, test } from 'vitest';
import { TestCluster } from '../testing/cluster.ts';

const sets = '/apis/apps/v1/namespaces/default/daemonsets';
const pods = '/api/v1/namespaces/default/pods';
const nodes = '/api/v1/nodes';

const set = (name: string, podSpec: object = {}) => ({
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'i:1' }], ...podSpec } },
  },
});

interface Pod {
  readonly spec: { readonly nodeName: string; readonly containers: readonly { readonly image: string }[] };
}

async function withNodes(...names: readonly string[]): Promise<TestCluster> {
  const cluster = new TestCluster(['daemonset', 'pod-simulator', 'serviceaccount']);
  for (const name of names) await cluster.create(nodes, { metadata: { name, labels: { name } } });
  await cluster.advance(100);
  return cluster;
}

test('each node that is chosen has one pod, a new one too', async () => {
  await using cluster = await withNodes('one', 'two', 'three');
  await cluster.create(sets, set('a', { nodeSelector: { name: 'two' } }));
  await cluster.create(sets, set('b'));
  await cluster.advance(1000);
  const { status } = (await cluster.get(`${sets}/b`)).body;
  expect(status).toMatchObject({
    desiredNumberScheduled: 3,
    currentNumberScheduled: 3,
    numberReady: 3,
    numberAvailable: 3,
  });
  await cluster.create(nodes, { metadata: { name: 'four', labels: { name: 'four' } } });
  await cluster.advance(1000);
  const on = (name: string) => async () =>
    (await cluster.get(`${pods}?labelSelector=app=${name}`)).body.items.map((pod: Pod) => pod.spec.nodeName).sort();
  expect([await on('a')(), await on('b')()]).toEqual([['two'], ['four', 'one', 'three', 'two']]);
  expect(cluster.failures).toEqual([]);
});

test('an update replaces one pod after the other', async () => {
  await using cluster = await withNodes('one', 'two');
  await cluster.create(sets, set('a'));
  await cluster.advance(1000);
  await cluster.patch(`${sets}/a`, { spec: { template: { spec: { containers: [{ name: 'c', image: 'i:2' }] } } } });
  await cluster.advance(5000);
  const images = (await cluster.get(pods)).body.items.map((pod: Pod) => pod.spec.containers[0]?.image);
  expect(images).toEqual(['i:2', 'i:2']);
  expect((await cluster.get(`${sets}/a`)).body.status).toMatchObject({ updatedNumberScheduled: 2, numberAvailable: 2 });
});
