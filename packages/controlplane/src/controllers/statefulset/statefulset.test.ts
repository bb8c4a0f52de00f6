import { expect, test } from 'vitest';
import type { PodRule } from '../pod-simulator/index.ts';
import { TestCluster } from '../testing/cluster.ts';

const sets = '/apis/apps/v1/namespaces/default/statefulsets';
const pods = '/api/v1/namespaces/default/pods';
const claims = '/api/v1/namespaces/default/persistentvolumeclaims';

const newCluster = (...rules: readonly PodRule[]) =>
  new TestCluster(['statefulset', 'pod-simulator', 'serviceaccount', 'garbagecollector', 'pvc-protection'], {
    pods: rules,
  });

const set = (name: string, spec: object = {}) => ({
  metadata: { name },
  spec: {
    replicas: 3,
    serviceName: name,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } },
    ...spec,
  },
});

interface Pod {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
}

const names = async (cluster: TestCluster) => (await cluster.get(pods)).body.items.map((pod: Pod) => pod.metadata.name);
const image = (value: string) => ({ spec: { template: { spec: { containers: [{ name: 'c', image: value }] } } } });

test('pods are made one after the other, each when the one before it is ready', async () => {
  await using cluster = newCluster({ match: { name: 'a-1' }, readyAfter: '10s' });
  await cluster.create(sets, set('a'));
  await cluster.advance(2000);
  expect(await names(cluster)).toEqual(['a-0', 'a-1']);
  await cluster.advance(10_000);
  expect(await names(cluster)).toEqual(['a-0', 'a-1', 'a-2']);
  const { status } = (await cluster.get(`${sets}/a`)).body;
  expect(status).toMatchObject({
    replicas: 3,
    readyReplicas: 3,
    currentReplicas: 3,
    updatedReplicas: 3,
    collisionCount: 0,
  });
  expect(status.currentRevision).toBe(status.updateRevision);
  expect(cluster.failures).toEqual([]);
});

test('an update goes from the end to the partition, and an earlier one is done when the partition goes', async () => {
  await using cluster = newCluster();
  await cluster.create(sets, set('a', { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } }));
  await cluster.advance(3000);
  await cluster.patch(`${sets}/a`, image('i:2'));
  await cluster.advance(5000);
  const images = async () => (await cluster.get(pods)).body.items.map((pod: Pod) => pod.spec.containers[0]?.image);
  expect(await images()).toEqual(['i:1', 'i:2', 'i:2']);
  expect((await cluster.get(`${sets}/a`)).body.status).toMatchObject({ updatedReplicas: 2, currentReplicas: 1 });
  await cluster.patch(`${sets}/a`, { spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } });
  await cluster.advance(5000);
  expect(await images()).toEqual(['i:2', 'i:2', 'i:2']);
});

test('claims are made for each pod, and stay when the set shrinks unless it says otherwise', async () => {
  await using cluster = newCluster();
  const template = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  const policy = { whenScaled: 'Delete', whenDeleted: 'Retain' };
  await cluster.create(sets, set('keep', { replicas: 2, volumeClaimTemplates: [template] }));
  await cluster.create(
    sets,
    set('drop', { replicas: 2, volumeClaimTemplates: [template], persistentVolumeClaimRetentionPolicy: policy }),
  );
  await cluster.advance(3000);
  await cluster.patch(`${sets}/keep`, { spec: { replicas: 1 } });
  await cluster.patch(`${sets}/drop`, { spec: { replicas: 1 } });
  await cluster.advance(3000);
  expect((await cluster.get(claims)).body.items.map((one: Pod) => one.metadata.name)).toEqual([
    'data-drop-0',
    'data-keep-0',
    'data-keep-1',
  ]);
});

test('in parallel all pods are made at once', async () => {
  await using cluster = newCluster({ readyAfter: 'never' });
  await cluster.create(sets, set('a', { podManagementPolicy: 'Parallel' }));
  await cluster.advance(1000);
  expect(await names(cluster)).toEqual(['a-0', 'a-1', 'a-2']);
});
