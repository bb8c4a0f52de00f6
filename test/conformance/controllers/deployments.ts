import { type ScenarioServer, scenario } from '../scenario.ts';
import { apps, core, makeReady, observed, podCount, recordSettled, template, withImage } from './workload-objects.ts';

const everything = (server: ScenarioServer) => [
  apps(server, 'deployments'),
  apps(server, 'replicasets'),
  core(server, 'pods'),
  core(server, 'events'),
];
const objects = (server: ScenarioServer) => everything(server).slice(0, 3);

async function deploy(server: ScenarioServer, spec: object = {}, metadata: object = {}): Promise<void> {
  const body = {
    metadata: { name: 'a', ...metadata },
    spec: { replicas: 3, selector: { matchLabels: { app: 'a' } }, template: template('a'), ...spec },
  };
  await server.post(apps(server, 'deployments'), body, { unrecorded: true });
  await observed(server, `${apps(server, 'deployments')}/a`);
}

const change = (server: ScenarioServer, patch: object) =>
  server.patch(`${apps(server, 'deployments')}/a`, 'strategic', patch, { unrecorded: true });

async function deployed(server: ScenarioServer, spec: object = {}, replicas = 3): Promise<void> {
  await deploy(server, { replicas, ...spec });
  await podCount(server, replicas);
  await makeReady(server);
  await server.until(`${apps(server, 'deployments')}/a`, ({ body }) => body.status.availableReplicas === replicas);
}

export const deployments = [
  scenario('deployments', 'a new deployment makes its set and pods', async (server) => {
    await deploy(server, {}, { annotations: { team: 'x' } });
    await recordSettled(server, 'pending', everything(server));
    await makeReady(server);
    await recordSettled(server, 'ready', everything(server));
  }),
  scenario('deployments', 'a rolling update takes its steps', async (server) => {
    await deployed(server);
    await change(server, withImage('i:2'));
    await recordSettled(server, 'first step', objects(server));
    await makeReady(server);
    await recordSettled(server, 'second step', objects(server));
    await makeReady(server);
    await recordSettled(server, 'third step', objects(server));
    await makeReady(server);
    await recordSettled(server, 'done', everything(server));
  }),
  scenario('deployments', 'surge and unavailable in percent', async (server) => {
    const strategy = { rollingUpdate: { maxSurge: '50%', maxUnavailable: '30%' } };
    await deployed(server, { strategy }, 5);
    await change(server, withImage('i:2'));
    await recordSettled(server, 'first step', objects(server));
    await makeReady(server);
    await recordSettled(server, 'second step', objects(server));
  }),
  scenario('deployments', 'without surge old pods go first', async (server) => {
    await deployed(server, { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } });
    await change(server, withImage('i:2'));
    await recordSettled(server, 'first step', objects(server));
    await makeReady(server);
    await recordSettled(server, 'second step', objects(server));
  }),
  scenario('deployments', 'recreate takes all old pods away first', async (server) => {
    await deployed(server, { strategy: { type: 'Recreate' } });
    await change(server, withImage('i:2'));
    await recordSettled(server, 'recreated', everything(server));
    await makeReady(server);
    await recordSettled(server, 'ready', everything(server));
  }),
  scenario('deployments', 'a paused deployment waits, and goes on when it is resumed', async (server) => {
    await deployed(server);
    await change(server, { spec: { paused: true } });
    await recordSettled(server, 'paused', objects(server));
    await change(server, { spec: { replicas: 4, ...withImage('i:2').spec } });
    await recordSettled(server, 'scaled', objects(server));
    await change(server, { spec: { paused: false } });
    await recordSettled(server, 'resumed', objects(server));
  }),
  scenario('deployments', 'going back makes the old set the latest revision', async (server) => {
    await deployed(server, {}, 1);
    await change(server, withImage('i:2'));
    await podCount(server, 2);
    await makeReady(server);
    await podCount(server, 1);
    await change(server, withImage('i:1'));
    await recordSettled(server, 'going back', objects(server));
    await makeReady(server);
    await recordSettled(server, 'back', everything(server));
  }),
  scenario('deployments', 'old sets go beyond the limit of the history', async (server) => {
    await deployed(server, { revisionHistoryLimit: 1 }, 1);
    for (const image of ['i:2', 'i:3', 'i:4']) {
      await change(server, withImage(image));
      await podCount(server, 2);
      await makeReady(server);
      await podCount(server, 1);
    }
    await recordSettled(server, 'four revisions', objects(server));
  }),
  scenario('deployments', 'scaled up and down, to nothing and back', async (server) => {
    await deployed(server);
    for (const replicas of [5, 2, 0, 1]) {
      await change(server, { spec: { replicas } });
      await recordSettled(server, `${replicas} replicas`, objects(server));
    }
  }),
  scenario('deployments', 'scaling in the middle of a rollout keeps the proportions', async (server) => {
    await deployed(server, {}, 4);
    await change(server, withImage('i:2'));
    await recordSettled(server, 'under way', objects(server));
    await change(server, { spec: { replicas: 10 } });
    await recordSettled(server, 'scaled', objects(server));
  }),
  scenario('deployments', 'a deadline that passes is told', async (server) => {
    await deploy(server, { progressDeadlineSeconds: 1, minReadySeconds: 0 });
    await server.until(`${apps(server, 'deployments')}/a`, ({ body }) =>
      body.status.conditions?.some(({ reason }: { reason: string }) => reason === 'ProgressDeadlineExceeded'),
    );
    await recordSettled(server, 'timed out', everything(server));
  }),
  scenario('deployments', 'pods that may not be made are told of as a failure', async (server) => {
    const spec = template('a').spec;
    await deploy(server, { template: { ...template('a'), spec: { ...spec, serviceAccountName: 'nobody' } } });
    await recordSettled(server, 'refused', objects(server));
  }),
  scenario('deployments', 'a rollover leaves the set that was on its way', async (server) => {
    await deployed(server);
    await change(server, withImage('i:2'));
    await podCount(server, 4);
    await change(server, withImage('i:3'));
    await recordSettled(server, 'third template', objects(server));
    await makeReady(server);
    await recordSettled(server, 'next step', objects(server));
  }),
  scenario('deployments', 'the hash of a template with everything in it', async (server) => {
    const spec = {
      ...template('a').spec,
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ key: 'k', operator: 'Exists', tolerationSeconds: 5, effect: 'NoExecute' }],
      volumes: [
        { name: 'e', emptyDir: { sizeLimit: '1Gi' } },
        { name: 's', secret: { secretName: 's', items: [{ key: 'k', path: 'p', mode: 256 }] } },
        { name: 'p', projected: { sources: [{ serviceAccountToken: { path: 't' } }, { configMap: { name: 'c' } }] } },
      ],
      containers: [
        {
          name: 'c',
          image: 'i',
          env: [
            { name: 'A', value: '<&>' },
            { name: 'B', valueFrom: { secretKeyRef: { name: 's', key: 'k', optional: true } } },
            { name: 'C', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
          ],
          resources: { limits: { cpu: '1500m', memory: '1.5Gi' }, requests: { cpu: '0.5', memory: '128Mi' } },
          ports: [{ name: 'web', containerPort: 80 }],
          livenessProbe: { httpGet: { path: '/x', port: 'web' } },
          securityContext: { runAsUser: 1, capabilities: { drop: ['ALL'] } },
          volumeMounts: [{ name: 'e', mountPath: '/e' }],
        },
      ],
    };
    await deploy(server, { replicas: 0, template: { ...template('a'), spec } });
    await recordSettled(server, 'hashed', objects(server));
  }),
];

async function replicaSet(server: ScenarioServer, name: string, spec: object = {}): Promise<void> {
  const body = {
    metadata: { name },
    spec: { replicas: 2, selector: { matchLabels: { app: name } }, template: template(name), ...spec },
  };
  await server.post(apps(server, 'replicasets'), body, { unrecorded: true });
}

export const replicaSets = [
  scenario('replica sets', 'adopts what it selects and nobody owns', async (server) => {
    const { metadata, spec } = template('a');
    const pod = { metadata: { name: 'lonely', ...metadata }, spec };
    await server.post(core(server, 'pods'), pod, { unrecorded: true });
    await replicaSet(server, 'a');
    await recordSettled(server, 'adopted', [apps(server, 'replicasets'), core(server, 'pods'), core(server, 'events')]);
  }),
  scenario('replica sets', 'releases what it selects no more, and replaces it', async (server) => {
    await replicaSet(server, 'a', { replicas: 1 });
    await podCount(server, 1);
    const path = `${core(server, 'pods')}?labelSelector=app=a`;
    const [pod] = (await server.get(path, { unrecorded: true })).body.items;
    const labels = { metadata: { labels: { app: 'other' } } };
    await server.patch(`${core(server, 'pods')}/${pod.metadata.name}`, 'merge', labels, { unrecorded: true });
    await podCount(server, 2);
    await recordSettled(server, 'released', [apps(server, 'replicasets'), core(server, 'pods')]);
  }),
  scenario('replica sets', 'pods that are over are replaced, those not ready go first', async (server) => {
    await replicaSet(server, 'a', { replicas: 3 });
    await podCount(server, 3);
    const [first, second] = (await server.get(core(server, 'pods'), { unrecorded: true })).body.items;
    const write = (name: string, status: object) =>
      server.patch(`${core(server, 'pods')}/${name}/status`, 'merge', { status }, { unrecorded: true });
    await write(first.metadata.name, { phase: 'Failed' });
    await podCount(server, 4);
    await write(second.metadata.name, { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] });
    const patch = { spec: { replicas: 1 } };
    await server.patch(`${apps(server, 'replicasets')}/a`, 'merge', patch, { unrecorded: true });
    await recordSettled(server, 'scaled down', [apps(server, 'replicasets'), core(server, 'pods')]);
  }),
  scenario('replica sets', 'a replication controller does the same', async (server) => {
    const spec = { replicas: 2, selector: { app: 'a' }, template: template('a') };
    const path = core(server, 'replicationcontrollers');
    await server.post(path, { metadata: { name: 'a' }, spec }, { unrecorded: true });
    await podCount(server, 2);
    await makeReady(server);
    await recordSettled(server, 'ready', [path, core(server, 'pods'), core(server, 'events')]);
  }),
];
