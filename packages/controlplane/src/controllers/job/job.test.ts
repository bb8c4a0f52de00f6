import { expect, test } from 'vitest';
import type { PodRule } from '../pod-simulator/index.ts';
import { TestCluster } from '../testing/cluster.ts';

const jobs = '/apis/batch/v1/namespaces/default/jobs';
const pods = '/api/v1/namespaces/default/pods';

const newCluster = (...rules: readonly PodRule[]) =>
  new TestCluster(['job', 'ttl-after-finished', 'pod-simulator', 'serviceaccount', 'garbagecollector'], {
    pods: rules,
  });

const job = (name: string, spec: object = {}, podSpec: object = {}) => ({
  metadata: { name },
  spec: {
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }], ...podSpec } },
    ...spec,
  },
});

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
}

const reasons = (status: { conditions?: readonly Condition[] }) =>
  (status.conditions ?? []).map(({ type, reason, status: value }) => `${type} ${value} ${reason}`);

test('a job runs its pods and is complete', async () => {
  await using cluster = newCluster();
  await cluster.create(jobs, job('a', { completions: 3, parallelism: 2 }));
  await cluster.advance(5000);
  const { status } = (await cluster.get(`${jobs}/a`)).body;
  expect(status).toMatchObject({ succeeded: 3, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
  expect(reasons(status)).toEqual(['SuccessCriteriaMet True CompletionsReached', 'Complete True CompletionsReached']);
  const all = (await cluster.get(pods)).body.items;
  expect(all.map((pod: { metadata: { finalizers?: unknown } }) => pod.metadata.finalizers)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(cluster.failures).toEqual([]);
});

test('pods that fail are replaced, later and later, until the limit is reached', async () => {
  await using cluster = newCluster({ exitCode: 1 });
  await cluster.create(jobs, job('a', { backoffLimit: 2 }));
  await cluster.advance(5000);
  expect((await cluster.get(`${jobs}/a`)).body.status).toMatchObject({ failed: 1 });
  await cluster.advance(10_000);
  expect((await cluster.get(`${jobs}/a`)).body.status).toMatchObject({ failed: 2 });
  await cluster.advance(21_000);
  const { status } = (await cluster.get(`${jobs}/a`)).body;
  expect(status.failed).toBe(3);
  expect(reasons(status)).toEqual(['FailureTarget True BackoffLimitExceeded', 'Failed True BackoffLimitExceeded']);
});

test('an indexed job has one pod an index', async () => {
  await using cluster = newCluster({
    match: { labels: { 'batch.kubernetes.io/job-completion-index': '2' } },
    runsFor: '1h',
  });
  await cluster.create(jobs, job('a', { completionMode: 'Indexed', completions: 4, parallelism: 4 }));
  await cluster.advance(2000);
  const { status } = (await cluster.get(`${jobs}/a`)).body;
  expect(status).toMatchObject({ completedIndexes: '0,1,3', succeeded: 3, active: 1 });
  const [pod] = (await cluster.get(`${pods}?labelSelector=batch.kubernetes.io/job-completion-index=1`)).body.items;
  expect(pod.metadata.name).toMatch(/^a-1-[a-z0-9]{5}$/);
  expect(pod.spec.hostname).toBe('a-1');
});

test('a suspended job has no pods; resumed it starts again', async () => {
  await using cluster = newCluster({ runsFor: '1h' });
  await cluster.create(jobs, job('a', { suspend: true }));
  await cluster.advance(1000);
  expect((await cluster.get(pods)).body.items).toEqual([]);
  expect(reasons((await cluster.get(`${jobs}/a`)).body.status)).toEqual(['Suspended True JobSuspended']);
  await cluster.patch(`${jobs}/a`, { spec: { suspend: false } });
  await cluster.advance(1000);
  const { status } = (await cluster.get(`${jobs}/a`)).body;
  expect([status.active, reasons(status)]).toEqual([1, ['Suspended False JobResumed']]);
});

test('a deadline ends a job, and its time to live its object', async () => {
  await using cluster = newCluster({ runsFor: '1h' });
  await cluster.create(jobs, job('a', { activeDeadlineSeconds: 30, ttlSecondsAfterFinished: 60 }));
  await cluster.advance(29_000);
  expect((await cluster.get(`${jobs}/a`)).body.status.active).toBe(1);
  await cluster.advance(2000);
  expect(reasons((await cluster.get(`${jobs}/a`)).body.status)).toContain('Failed True DeadlineExceeded');
  await cluster.advance(60_000);
  expect((await cluster.get(`${jobs}/a`)).status).toBe(404);
  expect((await cluster.get(pods)).body.items).toEqual([]);
});

test('a pod failure policy ends the job at once, or looks away', async () => {
  await using cluster = newCluster(
    { match: { name: /^fatal/ }, exitCode: 42 },
    { match: { name: /^minor/ }, exitCode: [7] },
  );
  const rule = (action: string, code: number) => ({ action, onExitCodes: { operator: 'In', values: [code] } });
  await cluster.create(jobs, job('fatal', { podFailurePolicy: { rules: [rule('FailJob', 42)] } }));
  await cluster.create(jobs, job('minor', { podFailurePolicy: { rules: [rule('Ignore', 7)] } }));
  await cluster.advance(5000);
  const { status } = (await cluster.get(`${jobs}/fatal`)).body;
  expect(reasons(status)).toEqual(['FailureTarget True PodFailurePolicy', 'Failed True PodFailurePolicy']);
  expect(status.conditions[0].message).toMatch(
    /^Container c for pod default\/fatal-\w+ failed with exit code 42 matching FailJob rule at index 0$/,
  );
  expect((await cluster.get(`${jobs}/minor`)).body.status.failed).toBeUndefined();
});
