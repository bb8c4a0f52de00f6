import { type ScenarioServer, scenario } from '../scenario.ts';
import {
  apps,
  batch,
  core,
  failed,
  makeReady,
  observed,
  podCount,
  recordSettled,
  succeeded,
  template,
  withImage,
} from './workload-objects.ts';

const ofSet = (server: ScenarioServer) => [
  apps(server, 'statefulsets'),
  apps(server, 'controllerrevisions'),
  core(server, 'pods'),
  core(server, 'events'),
];

async function statefulSet(server: ScenarioServer, spec: object = {}): Promise<void> {
  const body = {
    metadata: { name: 'a' },
    spec: { replicas: 2, serviceName: 's', selector: { matchLabels: { app: 'a' } }, template: template('a'), ...spec },
  };
  await server.post(apps(server, 'statefulsets'), body, { unrecorded: true });
  await observed(server, `${apps(server, 'statefulsets')}/a`);
}

const changeSet = (server: ScenarioServer, patch: object) =>
  server.patch(`${apps(server, 'statefulsets')}/a`, 'strategic', patch, { unrecorded: true });

async function filled(server: ScenarioServer, count: number): Promise<void> {
  for (let pods = 1; pods <= count; pods++) {
    await podCount(server, pods);
    await makeReady(server);
  }
}

export const statefulSets = [
  scenario('stateful sets', 'one pod after the other', async (server) => {
    await statefulSet(server);
    await recordSettled(server, 'first', ofSet(server));
    await makeReady(server);
    await recordSettled(server, 'second', ofSet(server));
    await makeReady(server);
    await recordSettled(server, 'all', ofSet(server));
  }),
  scenario('stateful sets', 'an update stops at the partition', async (server) => {
    await statefulSet(server, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } });
    await filled(server, 2);
    await changeSet(server, withImage('i:2'));
    await recordSettled(server, 'under way', ofSet(server).slice(0, 3));
    await makeReady(server);
    await recordSettled(server, 'done', ofSet(server).slice(0, 3));
    await changeSet(server, { spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } });
    await recordSettled(server, 'the rest', ofSet(server).slice(0, 3));
  }),
  scenario('stateful sets', 'in parallel, from another number on', async (server) => {
    await statefulSet(server, { podManagementPolicy: 'Parallel', ordinals: { start: 3 } });
    await recordSettled(server, 'all at once', ofSet(server));
    await changeSet(server, { spec: { replicas: 0 } });
    await recordSettled(server, 'none', ofSet(server).slice(0, 3));
  }),
  scenario('stateful sets', 'claims of each pod, which go or stay', async (server) => {
    const claim = {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'none', resources: { requests: { storage: '1Gi' } } },
    };
    await statefulSet(server, {
      volumeClaimTemplates: [claim],
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' },
    });
    await filled(server, 2);
    await changeSet(server, { spec: { replicas: 1 } });
    await recordSettled(server, 'scaled down', [...ofSet(server).slice(0, 3), core(server, 'persistentvolumeclaims')]);
  }),
];

const ofJob = (server: ScenarioServer) => [batch(server, 'jobs'), core(server, 'pods'), core(server, 'events')];

async function job(server: ScenarioServer, spec: object = {}): Promise<void> {
  const { spec: podSpec } = template('a');
  const body = {
    metadata: { name: 'a' },
    spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } }, ...spec },
  };
  await server.post(batch(server, 'jobs'), body, { unrecorded: true });
}

export const jobs = [
  scenario('jobs', 'a pod that succeeds completes its job', async (server) => {
    await job(server);
    await recordSettled(server, 'under way', ofJob(server));
    await makeReady(server, succeeded);
    await recordSettled(server, 'complete', ofJob(server));
  }),
  scenario('jobs', 'a pod that fails fails its job when there is no more to try', async (server) => {
    await job(server, { backoffLimit: 0 });
    await podCount(server, 1);
    await makeReady(server, failed());
    await recordSettled(server, 'failed', ofJob(server));
  }),
  scenario('jobs', 'several at a time, until there are enough', async (server) => {
    await job(server, { completions: 3, parallelism: 2 });
    await podCount(server, 2);
    await makeReady(server, succeeded);
    await recordSettled(server, 'two are done', ofJob(server));
    await makeReady(server, succeeded);
    await recordSettled(server, 'all are done', ofJob(server));
  }),
  scenario('jobs', 'an indexed job knows which are done', async (server) => {
    await job(server, { completionMode: 'Indexed', completions: 3, parallelism: 3 });
    await recordSettled(server, 'under way', ofJob(server));
    const { body } = await server.get(core(server, 'pods'), { unrecorded: true });
    for (const { metadata } of body.items) {
      if (metadata.labels['batch.kubernetes.io/job-completion-index'] === '1') continue;
      const path = `${core(server, 'pods')}/${metadata.name}/status`;
      await server.patch(path, 'merge', { status: succeeded }, { unrecorded: true });
    }
    await recordSettled(server, 'two are done', ofJob(server).slice(0, 1));
    await makeReady(server, succeeded);
    await recordSettled(server, 'all are done', ofJob(server));
  }),
  scenario('jobs', 'suspended, resumed, suspended again', async (server) => {
    await job(server, { suspend: true, parallelism: 2 });
    await recordSettled(server, 'suspended', ofJob(server));
    const suspend = (value: boolean) =>
      server.patch(`${batch(server, 'jobs')}/a`, 'merge', { spec: { suspend: value } }, { unrecorded: true });
    await suspend(false);
    await recordSettled(server, 'resumed', ofJob(server));
    await suspend(true);
    await recordSettled(server, 'suspended again', ofJob(server));
  }),
  scenario('jobs', 'an exit code that fails the job at once', async (server) => {
    const rules = [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }];
    await job(server, { podFailurePolicy: { rules } });
    await podCount(server, 1);
    await makeReady(server, failed(42));
    await server.until(`${batch(server, 'jobs')}/a`, ({ body }) => body.status.conditions?.length === 2);
    const { body } = await server.get(`${batch(server, 'jobs')}/a`, { unrecorded: true });
    const told = body.status.conditions.map(({ type, reason }: { type: string; reason: string }) => ({ type, reason }));
    server.record('failed', { told, failed: body.status.failed });
  }),
  scenario('jobs', 'an exit code that does not count', async (server) => {
    const rules = [{ action: 'Ignore', onExitCodes: { operator: 'In', values: [42] } }];
    await job(server, { backoffLimit: 0, podFailurePolicy: { rules } });
    await podCount(server, 1);
    await makeReady(server, failed(42));
    await recordSettled(server, 'ignored', ofJob(server).slice(0, 1));
  }),
  scenario('jobs', 'enough indexes for the success policy', async (server) => {
    const successPolicy = { rules: [{ succeededIndexes: '0', succeededCount: 1 }] };
    await job(server, { completionMode: 'Indexed', completions: 2, parallelism: 2, successPolicy });
    await podCount(server, 2);
    const path = `${core(server, 'pods')}?labelSelector=batch.kubernetes.io/job-completion-index%3D0`;
    const [pod] = (await server.get(path, { unrecorded: true })).body.items;
    const status = `${core(server, 'pods')}/${pod.metadata.name}/status`;
    await server.patch(status, 'merge', { status: succeeded }, { unrecorded: true });
    await recordSettled(server, 'complete', ofJob(server).slice(0, 1));
  }),
  scenario('jobs', 'a deadline that passes ends it', async (server) => {
    await job(server, { activeDeadlineSeconds: 2 });
    await server.until(`${batch(server, 'jobs')}/a`, ({ body }) => body.status.conditions?.length === 2);
    await recordSettled(server, 'failed', ofJob(server));
  }),
  scenario('jobs', 'what is over goes when its time is over', async (server) => {
    await job(server, { ttlSecondsAfterFinished: 1 });
    await podCount(server, 1);
    await makeReady(server, succeeded);
    await podCount(server, 0);
    await recordSettled(server, 'gone', [batch(server, 'jobs'), core(server, 'pods')]);
  }),
];

export const daemonSets = [
  scenario('daemon sets', 'a pod for each node that is chosen, and its update', async (server) => {
    const names = [`${server.unique}-one`, `${server.unique}-two`];
    for (const name of names)
      await server.post('/api/v1/nodes', { metadata: { name, labels: { of: server.unique } } }, { unrecorded: true });
    try {
      const { metadata, spec } = template('a');
      const tolerations = [{ operator: 'Exists' }];
      const chosen = { metadata, spec: { ...spec, tolerations, nodeSelector: { of: server.unique } } };
      const body = { metadata: { name: 'a' }, spec: { selector: { matchLabels: { app: 'a' } }, template: chosen } };
      await server.post(apps(server, 'daemonsets'), body, { unrecorded: true });
      const paths = [apps(server, 'daemonsets'), apps(server, 'controllerrevisions'), core(server, 'pods')];
      await recordSettled(server, 'two pods', [...paths, core(server, 'events')]);
      await makeReady(server);
      await recordSettled(server, 'ready', paths);
      await server.patch(`${apps(server, 'daemonsets')}/a`, 'strategic', withImage('i:2'), { unrecorded: true });
      await recordSettled(server, 'under way', paths.slice(0, 2));
      await makeReady(server);
      await recordSettled(server, 'next', paths.slice(0, 2));
    } finally {
      for (const name of names) await server.delete(`/api/v1/nodes/${name}`, { unrecorded: true });
    }
  }),
];

export const disruption = [
  scenario('disruption budgets', 'healthy pods are counted', async (server) => {
    const path = `/apis/policy/v1/namespaces/${server.namespace}/poddisruptionbudgets`;
    const selector = { matchLabels: { app: 'a' } };
    await server.post(path, { metadata: { name: 'b' }, spec: { minAvailable: 1, selector } }, { unrecorded: true });
    await recordSettled(server, 'no pods', [path]);
    const { metadata, spec } = template('a');
    for (const name of ['one', 'two'])
      await server.post(core(server, 'pods'), { metadata: { name, ...metadata }, spec }, { unrecorded: true });
    await recordSettled(server, 'two pods', [path]);
    await makeReady(server);
    await recordSettled(server, 'two healthy pods', [path]);
  }),
];
