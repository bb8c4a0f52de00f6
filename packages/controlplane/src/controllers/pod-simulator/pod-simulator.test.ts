import { expect, test } from 'vitest';
import { TestCluster } from '../testing/cluster.ts';
import type { PodRule } from './index.ts';

const pods = '/api/v1/namespaces/default/pods';

const newCluster = (...rules: readonly PodRule[]) =>
  new TestCluster(['pod-simulator', 'serviceaccount'], { pods: rules });

const pod = (name: string, spec: object = {}, metadata: object = {}) => ({
  metadata: { name, ...metadata },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
});

const pass = (cluster: TestCluster, milliseconds: number) => cluster.advance(milliseconds);

const conditions = (status: { conditions: { type: string; status: string }[] }) =>
  Object.fromEntries(status.conditions.map((one) => [one.type, one.status]));

test('a pod gets a node, starts, and is ready', async () => {
  await using cluster = newCluster();
  await cluster.settle();
  await cluster.create(pods, pod('a'));
  await cluster.settle();
  expect((await cluster.get('/api/v1/nodes')).body.items).toEqual([]);
  await pass(cluster, 30);
  const pending = (await cluster.get(`${pods}/a`)).body;
  expect(pending.spec.nodeName).toBe('setpoint-node');
  expect(pending.status).toMatchObject({
    phase: 'Pending',
    containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } }, ready: false }],
  });
  await pass(cluster, 500);
  const { status } = (await cluster.get(`${pods}/a`)).body;
  expect(status).toMatchObject({
    phase: 'Running',
    podIP: '10.244.0.2',
    qosClass: 'BestEffort',
    containerStatuses: [{ ready: true, started: true, restartCount: 0 }],
  });
  expect(conditions(status)).toEqual({
    PodReadyToStartContainers: 'True',
    Initialized: 'True',
    Ready: 'True',
    ContainersReady: 'True',
    PodScheduled: 'True',
  });
  const events = (await cluster.get('/api/v1/namespaces/default/events')).body.items;
  expect(events.map(({ reason }: { reason: string }) => reason).sort()).toEqual(
    ['Created', 'Pulled', 'Pulling', 'Scheduled', 'Started'].sort(),
  );
  expect(cluster.failures).toEqual([]);
});

test('a pod that is deleted ends its containers and goes', async () => {
  await using cluster = newCluster();
  await cluster.create(pods, pod('a'));
  await pass(cluster, 500);
  await cluster.delete(`${pods}/a`);
  await cluster.settle();
  expect((await cluster.get(`${pods}/a`)).body.metadata.deletionTimestamp).toBeDefined();
  await pass(cluster, 50);
  expect((await cluster.get(`${pods}/a`)).status).toBe(404);
});

test('what does not stop is killed when its grace is over', async () => {
  await using cluster = newCluster({ stopsAfter: 'never' });
  await cluster.create(pods, pod('a'));
  await pass(cluster, 500);
  await cluster.delete(`${pods}/a`);
  await pass(cluster, 29_000);
  expect((await cluster.get(`${pods}/a`)).status).toBe(200);
  await pass(cluster, 1500);
  expect((await cluster.get(`${pods}/a`)).status).toBe(404);
});

test('a container that crashes is restarted at once, then later and later', async () => {
  await using cluster = newCluster({ match: { name: 'a' }, exitCode: 3 });
  await cluster.create(pods, pod('a'));
  await pass(cluster, 1000);
  const status = async () => (await cluster.get(`${pods}/a`)).body.status.containerStatuses[0];
  expect(await status()).toMatchObject({
    restartCount: 2,
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated: { exitCode: 3, reason: 'Error' } },
  });
  await pass(cluster, 10_000);
  expect(await status()).toMatchObject({
    restartCount: 3,
    state: {
      waiting: { message: expect.stringContaining('back-off 20s restarting failed container=c pod=a_default') },
    },
  });
});

test('containers that come first come first, and those beside run on', async () => {
  await using cluster = newCluster({ containers: { first: { runsFor: '2s' } } });
  const initContainers = [
    { name: 'beside', image: 'i', restartPolicy: 'Always' },
    { name: 'first', image: 'i' },
  ];
  await cluster.create(pods, pod('a', { initContainers, restartPolicy: 'Never' }));
  await pass(cluster, 1000);
  const { status } = (await cluster.get(`${pods}/a`)).body;
  expect(status.initContainerStatuses).toMatchObject([{ state: { running: {} } }, { state: { running: {} } }]);
  expect(status.containerStatuses[0].state.waiting.reason).toBe('PodInitializing');
  await pass(cluster, 2000);
  expect((await cluster.get(`${pods}/a`)).body.status.phase).toBe('Running');
});

test('a pod whose status somebody else writes is theirs', async () => {
  await using cluster = newCluster();
  await cluster.create(pods, pod('a'));
  await cluster.patch(`${pods}/a/status`, { status: { phase: 'Running' } });
  await pass(cluster, 5000);
  const { spec, status } = (await cluster.get(`${pods}/a`)).body;
  expect([spec.nodeName, status]).toEqual([undefined, { phase: 'Running', qosClass: 'BestEffort' }]);
  await cluster.create(pods, pod('b'));
  await pass(cluster, 500);
  await cluster.patch(`${pods}/b/status`, { status: { phase: 'Failed', reason: 'Broken' } });
  await pass(cluster, 5000);
  expect((await cluster.get(`${pods}/b`)).body.status).toMatchObject({ phase: 'Failed', reason: 'Broken' });
});

test('rules say what becomes of pods, and may come and go while they run', async () => {
  await using cluster = newCluster({ match: { image: /bad/ }, pullError: 'no such image' });
  const free = cluster.plane.pods.add({ match: { labels: { app: 'x' } }, unschedulable: '0/1 nodes are available' });
  await cluster.create(pods, pod('bad', { containers: [{ name: 'c', image: 'bad:1' }] }));
  await cluster.create(pods, pod('x', {}, { labels: { app: 'x' } }));
  await pass(cluster, 900);
  expect((await cluster.get(`${pods}/bad`)).body.status.containerStatuses[0].state.waiting).toEqual({
    reason: 'ErrImagePull',
    message: 'no such image',
  });
  expect((await cluster.get(`${pods}/x`)).body.status.conditions).toMatchObject([
    { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available' },
  ]);
  free();
  await pass(cluster, 500);
  expect((await cluster.get(`${pods}/x`)).body.status.phase).toBe('Running');
});

test('a rule is told when the pod runs', async () => {
  const seen: string[] = [];
  await using cluster = newCluster({ onRunning: (one) => void seen.push(one.metadata.name ?? '') });
  await cluster.create(pods, pod('a'));
  await pass(cluster, 500);
  await pass(cluster, 500);
  expect(seen).toEqual(['a']);
});

test('a pod in the network of its node has the address of that', async () => {
  await using cluster = newCluster();
  await cluster.create(pods, pod('a', { hostNetwork: true }));
  await pass(cluster, 500);
  const { status } = (await cluster.get(`${pods}/a`)).body;
  expect(status.podIP).toBe(status.hostIP);
});

test('a pod that is evicted has failed, and says why', async () => {
  await using cluster = newCluster({ evictedAfter: '5s' });
  await cluster.create(pods, pod('a'));
  await pass(cluster, 6000);
  expect((await cluster.get(`${pods}/a`)).body.status).toMatchObject({ phase: 'Failed', reason: 'Evicted' });
});

test('a container that is killed for its memory says so', async () => {
  await using cluster = newCluster({ oomKilled: true });
  await cluster.create(pods, pod('a', { restartPolicy: 'Never' }));
  await pass(cluster, 2000);
  const { status } = (await cluster.get(`${pods}/a`)).body;
  expect(status.phase).toBe('Failed');
  expect(status.containerStatuses[0].state.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
});
