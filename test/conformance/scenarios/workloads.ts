import { type ScenarioServer, scenario } from '../scenario.ts';

const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } };
const selector = { matchLabels: { a: 'b' } };

function core(server: ScenarioServer, resource: string): string {
  return `/api/v1/namespaces/${server.namespace}/${resource}`;
}

export const workloads = [
  scenario('workloads', 'the status of a pod', async (server) => {
    const path = core(server, 'pods');
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: template.spec };
    await server.post(path, { ...pod, status: { phase: 'Running' } });
    const now = (await server.get(`${path}/p`, { unrecorded: true })).body;
    await server.put(`${path}/p/status`, {
      ...now,
      metadata: { ...now.metadata, labels: { l: 'm' } },
      spec: { ...now.spec, nodeName: 'ignored' },
      status: { phase: 'Running', podIP: '10.1.2.3', startTime: '2026-01-01T00:00:00Z' },
    });
    await server.patch(`${path}/p/status`, 'merge', { status: { phase: 'Sleeping' } });
    await server.patch(`${path}/p/status`, 'merge', { status: { phase: 7 } });
    await server.patch(`${path}/p/status`, 'merge', { status: null });
    await server.get(`${path}/p/status`);
    await server.get(`${path}?fieldSelector=status.phase%3DRunning`);
    await server.get(`${path}?fieldSelector=status.phase%3DPending`);
    await server.get(`${path}?fieldSelector=status.podIP%3D10.1.2.3`);
    await server.patch(`${path}/absent/status`, 'merge', {});
    await server.put(`${path}/p`, { ...now, metadata: { name: 'p', labels: { only: 'labels' } } });
    await server.patch(`${path}/p`, 'merge', { spec: { containers: [{ name: 'c', image: 'other' }] } });
    await server.patch(`${path}/p`, 'merge', { spec: { activeDeadlineSeconds: 60 } });
    await server.patch(`${path}/p`, 'merge', { spec: { containers: [] } });
  }),
  ...(['deployments', 'statefulsets', 'replicasets'] as const).map((resource) =>
    scenario('workloads', `scale and status of ${resource}`, async (server) => {
      const path = `/apis/apps/v1/namespaces/${server.namespace}/${resource}`;
      const kind = { deployments: 'Deployment', statefulsets: 'StatefulSet', replicasets: 'ReplicaSet' }[resource];
      const extra = resource === 'statefulsets' ? { serviceName: 's' } : {};
      const object = {
        apiVersion: 'apps/v1',
        kind,
        metadata: { name: 'w' },
        spec: { selector, template, replicas: 2, ...extra },
      };
      await server.post(path, object);
      const scale = (await server.get(`${path}/w/scale`)).body;
      await server.put(`${path}/w/scale`, { ...scale, spec: { replicas: 3 } });
      await server.put(`${path}/w/scale`, { ...scale, spec: { replicas: 4 } });
      await server.put(`${path}/w/scale`, {
        ...scale,
        metadata: { name: 'w', namespace: server.namespace },
        spec: { replicas: 0 },
      });
      await server.put(`${path}/w/scale`, { ...scale, metadata: { name: 'other' } });
      await server.put(`${path}/w/scale`, { ...scale, kind: 'Other' });
      await server.put(`${path}/w/scale`, { ...scale, apiVersion: 'v1' });
      await server.patch(`${path}/w/scale`, 'merge', { spec: { replicas: -1 } });
      await server.patch(`${path}/w/scale`, 'merge', { spec: { replicas: 'two' } });
      await server.patch(`${path}/w/scale`, 'merge', { spec: null });
      await server.patch(`${path}/w/scale`, 'json', [{ op: 'replace', path: '/spec/replicas', value: 6 }]);
      await server.get(`${path}/absent/scale`);
      await server.delete(`${path}/w/scale`);
      await server.post(`${path}/w/scale`, scale);
      await server.patch(`${path}/w/status`, 'merge', { status: { replicas: 6, observedGeneration: 9 } });
      await server.patch(`${path}/w/status`, 'merge', { status: { replicas: -6 } });
      await server.patch(`${path}/w/status`, 'merge', { spec: { replicas: 9 }, metadata: { labels: { l: 'm' } } });
      await server.get(`${path}/w/scale`);
      await server.patch(`${path}/w`, 'merge', { status: { replicas: 99 }, metadata: { labels: { z: 'y' } } });
    }),
  ),
  scenario('workloads', 'jobs and cron jobs', async (server) => {
    const jobs = `/apis/batch/v1/namespaces/${server.namespace}/jobs`;
    const job = (name: string, spec: object = {}) => ({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name },
      spec: { template: { spec: { ...template.spec, restartPolicy: 'Never' } }, ...spec },
    });
    await server.post(jobs, job('a'));
    await server.post(jobs, job('b', { suspend: true, completions: 2, parallelism: 3 }));
    await server.post(jobs, job('c', { template }));
    await server.post(jobs, job('c', { selector }));
    await server.post(jobs, job('c', { completions: -1, parallelism: -1, backoffLimit: -1 }));
    await server.post(jobs, job('c', { completionMode: 'Indexed' }));
    await server.post(jobs, job('c', { completionMode: 'Odd' }));
    await server.patch(`${jobs}/a`, 'merge', { spec: { parallelism: 2 } });
    await server.patch(`${jobs}/a`, 'merge', { spec: { completions: 5 } });
    await server.patch(`${jobs}/b`, 'merge', { spec: { suspend: false } });
    await server.get(`${jobs}?fieldSelector=status.successful%3D0`);
    await server.delete(`${jobs}/a`);
    await server.delete(`${jobs}/b?propagationPolicy=Background`);
    const crons = `/apis/batch/v1/namespaces/${server.namespace}/cronjobs`;
    const cron = (name: string, spec: object) => ({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name },
      spec: { schedule: '*/5 * * * *', jobTemplate: { spec: job('x').spec }, ...spec },
    });
    await server.post(crons, cron('a', {}));
    for (const schedule of ['', 'often', '* * * *', '61 * * * *', '@hourly', '@every 5m', 'TZ=UTC * * * * *']) {
      await server.post(`${crons}?dryRun=All`, cron('b', { schedule }));
    }
    await server.post(`${crons}?dryRun=All`, cron('b', { timeZone: 'Europe/Berlin' }));
    await server.post(`${crons}?dryRun=All`, cron('b', { timeZone: 'Mars/Olympus' }));
    await server.post(`${crons}?dryRun=All`, cron('b', { concurrencyPolicy: 'Maybe' }));
    await server.post(`${crons}?dryRun=All`, cron('n'.repeat(53), {}));
  }),
  scenario('workloads', 'services: ports of the nodes and changes of type', async (server) => {
    const path = core(server, 'services');
    const service = (name: string, spec: object) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { selector: { a: 'b' }, ports: [{ port: 80 }], ...spec },
    });
    await server.post(path, service('node', { type: 'NodePort' }));
    await server.post(path, service('asked', { type: 'NodePort', ports: [{ port: 80, nodePort: 31234 }] }));
    await server.post(path, service('again', { type: 'NodePort', ports: [{ port: 80, nodePort: 31234 }] }));
    await server.post(path, service('low', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] }));
    await server.post(path, service('cluster', { ports: [{ port: 80, nodePort: 31235 }] }));
    await server.post(path, service('balanced', { type: 'LoadBalancer' }));
    await server.patch(`${path}/node`, 'merge', { spec: { type: 'ClusterIP' } });
    await server.patch(`${path}/node`, 'merge', { spec: { clusterIP: '10.0.0.250' } });
    await server.patch(`${path}/node`, 'merge', { spec: { clusterIP: 'None' } });
    await server.patch(`${path}/node`, 'merge', { spec: { ports: null } });
    await server.patch(`${path}/node`, 'merge', { spec: { type: 'ExternalName', externalName: 'x.example.com' } });
    await server.patch(`${path}/balanced/status`, 'merge', {
      status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } },
    });
    await server.post(
      path,
      service('several', {
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 81, protocol: 'UDP' },
        ],
      }),
    );
    await server.post(
      path,
      service('same', {
        ports: [
          { name: 'a', port: 80 },
          { name: 'a', port: 80 },
        ],
      }),
    );
    await server.post(path, service('Bad', {}));
    await server.post(path, service('9lives', {}));
    await server.post(path, service('odd', { sessionAffinity: 'ClientIP' }));
    await server.post(path, service('odder', { sessionAffinity: 'Sometimes' }));
    for (const name of ['node', 'asked', 'balanced', 'several', 'odd']) {
      await server.delete(`${path}/${name}`, { unrecorded: true });
    }
    await server.delete(`${path}/absent`);
  }),
  scenario('workloads', 'leases', async (server) => {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${server.namespace}/leases`;
    const lease = (spec: object) => ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'l' },
      spec,
    });
    const taken = await server.post(
      path,
      lease({ holderIdentity: 'one', leaseDurationSeconds: 15, acquireTime: '2026-01-01T00:00:00.123456Z' }),
    );
    const now = taken.body;
    await server.put(`${path}/l`, { ...now, spec: { ...now.spec, renewTime: '2026-01-01T00:00:05.5Z' } });
    await server.put(`${path}/l`, { ...now, spec: { ...now.spec, holderIdentity: 'two' } });
    await server.put(`${path}/l`, lease({ holderIdentity: 'three' }));
    await server.put(`${path}/new`, { ...lease({ holderIdentity: 'x' }), metadata: { name: 'new' } });
    for (const spec of [
      { leaseDurationSeconds: 0 },
      { leaseDurationSeconds: -1 },
      { leaseTransitions: -1 },
      { renewTime: 'now' },
      { renewTime: '2026-01-01T00:00:00Z' },
      { renewTime: '2026-01-01T00:00:00+02:00' },
      { holderIdentity: '' },
      { strategy: 'OldestEmulationVersion' },
      {},
    ]) {
      await server.post(`${path}?dryRun=All`, { ...lease(spec), metadata: { name: 'z' } });
    }
    await server.patch(`${path}/l`, 'merge', { spec: { holderIdentity: '', renewTime: null } });
    await server.delete(`${path}/l`);
  }),
  scenario('workloads', 'events as they are recorded and repeated', async (server) => {
    const path = `/apis/events.k8s.io/v1/namespaces/${server.namespace}/events`;
    const event = (extra: object = {}) => ({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { generateName: 'e-' },
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'setpoint.dev/x',
      reportingInstance: 'x-1',
      action: 'Test',
      reason: 'Tested',
      type: 'Normal',
      regarding: { apiVersion: 'v1', kind: 'ConfigMap', name: 'c', namespace: server.namespace },
      ...extra,
    });
    const first = (await server.post(path, event())).body;
    const at = `${path}/${first.metadata.name}`;
    await server.patch(at, 'merge', { series: { count: 2, lastObservedTime: '2026-01-01T00:01:00.000000Z' } });
    await server.patch(at, 'merge', { reason: 'Other' });
    await server.patch(at, 'merge', { series: { count: 1, lastObservedTime: '2026-01-01T00:01:00.000000Z' } });
    for (const extra of [
      { eventTime: null },
      { reportingController: '' },
      { reportingController: 'not a name!' },
      { reportingInstance: '' },
      { action: '' },
      { action: 'x'.repeat(200) },
      { reason: 'x'.repeat(200) },
      { type: 'Strange' },
      { note: 'x'.repeat(1025) },
      { regarding: { kind: 'Node', name: 'n' } },
      { regarding: { kind: 'ConfigMap', name: 'c', namespace: 'elsewhere' } },
    ]) {
      await server.post(`${path}?dryRun=All`, event({ ...extra, metadata: { name: 'fixed' } }));
    }
    const old = core(server, 'events');
    const oldEvent = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'old' },
      involvedObject: { kind: 'Pod', name: 'p', namespace: server.namespace },
      reason: 'Old',
      message: 'said',
      source: { component: 'test' },
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
      count: 3,
      type: 'Warning',
    };
    await server.post(old, oldEvent);
    await server.get(`${path}/old`);
    await server.get(`${old}?fieldSelector=type%3DWarning,reason%3DOld,involvedObject.kind%3DPod`);
    await server.get(`${old}?fieldSelector=message%3Dsaid`);
    await server.post(old, { ...oldEvent, metadata: { name: 'odd' }, involvedObject: { kind: 'Pod', name: 'p' } });
  }),
  scenario('workloads', 'secrets by their types', async (server) => {
    const path = `${core(server, 'secrets')}`;
    const secret = (name: string, extra: object) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name },
      ...extra,
    });
    for (const type of [
      'kubernetes.io/tls',
      'kubernetes.io/dockerconfigjson',
      'kubernetes.io/basic-auth',
      'kubernetes.io/ssh-auth',
      'kubernetes.io/service-account-token',
      'bootstrap.kubernetes.io/token',
      'mine.example.com/type',
    ]) {
      await server.post(`${path}?dryRun=All`, secret('s', { type }));
    }
    const docker = (text: string) => ({
      type: 'kubernetes.io/dockerconfigjson',
      stringData: { '.dockerconfigjson': text },
    });
    await server.post(`${path}?dryRun=All`, secret('s', docker('{}')));
    await server.post(`${path}?dryRun=All`, secret('s', docker('{')));
    await server.post(path, secret('s', { stringData: { k: 'v' }, data: { k: 'b2xk' } }));
    await server.patch(`${path}/s`, 'merge', { type: 'other' });
    await server.patch(`${path}/s`, 'merge', { stringData: { l: 'm' } });
    await server.patch(`${path}/s`, 'merge', { data: { k: null } });
    await server.patch(`${path}/s`, 'merge', { data: { k: '***' } });
    await server.patch(`${path}/s`, 'merge', { immutable: true });
    await server.patch(`${path}/s`, 'merge', { data: { x: 'AAAA' } });
    await server.patch(`${path}/s`, 'merge', { metadata: { labels: { a: 'b' } } });
    await server.get(`${path}?fieldSelector=type%3DOpaque`);
    await server.post(path, secret('big', { stringData: { k: 'x'.repeat(1_100_000) } }));
  }),
  scenario('workloads', 'a namespace that is being deleted takes nothing new', async (server) => {
    const name = `${server.unique}-going`;
    const path = `/api/v1/namespaces/${name}`;
    const map = (one: string, finalizers: string[]) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: one, finalizers },
    });
    await server.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    await server.post(`${path}/configmaps`, map('kept', ['x.y/z']));
    await server.delete(path);
    await server.post(`${path}/configmaps`, map('late', []));
    await server.put(`${path}/configmaps/created-by-put`, map('created-by-put', []));
    await server.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    await server.patch(`${path}/configmaps/kept`, 'merge', { metadata: { finalizers: null } }, { unrecorded: true });
  }),
  scenario('workloads', 'namespaces: finalizers, labels and names', async (server) => {
    const namespace = (name: string, extra: object = {}) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
      ...extra,
    });
    const dry = '/api/v1/namespaces?dryRun=All';
    await server.post(dry, namespace(`${server.unique}-x`));
    await server.post(dry, namespace(`${server.unique}-x`, { spec: { finalizers: ['x.y/z'] } }));
    await server.post(dry, namespace(`${server.unique}-x`, { spec: { finalizers: ['bad one'] } }));
    await server.post(dry, namespace(`${server.unique}-x`, { status: { phase: 'Terminating' } }));
    await server.post(dry, namespace('a.b'));
    await server.post(dry, namespace('n'.repeat(64)));
    await server.post(dry, { ...namespace(''), metadata: { generateName: 'gen-' } });
    const path = `/api/v1/namespaces/${server.namespace}`;
    await server.patch(path, 'merge', { metadata: { labels: { 'kubernetes.io/metadata.name': 'other' } } });
    await server.patch(`${path}/status`, 'merge', { status: { conditions: [{ type: 'X', status: 'True' }] } });
    await server.put(
      `${path}/finalize`,
      namespace(server.namespace, { spec: { finalizers: ['kubernetes', 'a.b/c'] } }),
    );
    await server.put(`${path}/finalize`, namespace(server.namespace, { spec: { finalizers: ['kubernetes'] } }));
    await server.get(`/api/v1/namespaces/${server.namespace}`);
    await server.delete('/api/v1/namespaces');
  }),
];
