import { expect, test } from 'vitest';
import { TestCluster } from '../testing/cluster.ts';

const deployments = '/apis/apps/v1/namespaces/default/deployments';
const sets = '/apis/apps/v1/namespaces/default/replicasets';
const pods = '/api/v1/namespaces/default/pods';

interface Pod {
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
}

const newCluster = () => new TestCluster(['deployment', 'replicaset', 'serviceaccount']);

const deployment = (name: string, spec: object = {}) => ({
  metadata: { name },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } },
    ...spec,
  },
});

const image = (value: string) => ({ spec: { template: { spec: { containers: [{ name: 'c', image: value }] } } } });

/** Plays the kubelet: all pods of the namespace are ready. */
async function makeReady(cluster: TestCluster): Promise<void> {
  const lastTransitionTime = new Date(cluster.clock.now()).toISOString();
  const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime }];
  for (const pod of (await cluster.get(pods)).body.items) {
    if (pod.status.phase === 'Running') continue;
    await cluster.patch(`${pods}/${pod.metadata.name}/status`, { status: { phase: 'Running', conditions } });
  }
  await cluster.settle();
}

test('a deployment makes a set, the set makes pods, and both say how far they are', async () => {
  await using cluster = newCluster();
  await cluster.create(deployments, deployment('a'));
  await cluster.settle();
  const [set] = (await cluster.get(sets)).body.items;
  expect(set.metadata.name).toMatch(/^a-[bcdfghjklmnpqrstvwxz2456789]{8,10}$/);
  expect(set.metadata.annotations).toEqual({
    'deployment.kubernetes.io/desired-replicas': '3',
    'deployment.kubernetes.io/max-replicas': '4',
    'deployment.kubernetes.io/revision': '1',
  });
  expect((await cluster.get(pods)).body.items).toHaveLength(3);
  expect((await cluster.get(`${deployments}/a`)).body.status).toMatchObject({ replicas: 3, unavailableReplicas: 3 });
  await makeReady(cluster);
  const { body } = await cluster.get(`${deployments}/a`);
  expect(body.status).toMatchObject({ replicas: 3, readyReplicas: 3, availableReplicas: 3, updatedReplicas: 3 });
  expect(body.status.conditions.map(({ type, reason }: { type: string; reason: string }) => [type, reason])).toEqual([
    ['Available', 'MinimumReplicasAvailable'],
    ['Progressing', 'NewReplicaSetAvailable'],
  ]);
  expect(cluster.failures).toEqual([]);
});

test('a rolling update goes by steps of maxSurge and maxUnavailable until only new pods are there', async () => {
  await using cluster = newCluster();
  await cluster.create(deployments, deployment('a'));
  await cluster.settle();
  await makeReady(cluster);
  await cluster.patch(`${deployments}/a`, image('i:2'));
  await cluster.settle();
  expect((await cluster.get(pods)).body.items).toHaveLength(4);
  for (let step = 0; step < 4; step++) await makeReady(cluster);
  const images = (await cluster.get(pods)).body.items.map((pod: Pod) => pod.spec.containers[0]?.image);
  expect(images).toEqual(['i:2', 'i:2', 'i:2']);
  expect((await cluster.get(`${deployments}/a`)).body.metadata.annotations).toEqual({
    'deployment.kubernetes.io/revision': '2',
  });
});
