import { type ScenarioServer, scenario } from '../scenario.ts';

const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } };
const selector = { matchLabels: { a: 'b' } };

/** Minimal objects of the kinds an operator touches; what comes back shows every default. */
const minimal: readonly (readonly [string, string, object])[] = [
  [
    'v1',
    'pods',
    {
      kind: 'Pod',
      spec: {
        containers: [
          {
            name: 'c',
            image: 'nginx',
            ports: [{ containerPort: 80 }],
            resources: { limits: { cpu: '1000m', memory: '1024Mi' } },
          },
        ],
      },
    },
  ],
  ['v1', 'services', { kind: 'Service', spec: { selector: { a: 'b' }, ports: [{ port: 80 }] } }],
  ['v1', 'secrets', { kind: 'Secret', stringData: { k: 'v' }, data: { d: 'AAAA' } }],
  ['v1', 'serviceaccounts', { kind: 'ServiceAccount' }],
  [
    'v1',
    'persistentvolumeclaims',
    {
      kind: 'PersistentVolumeClaim',
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1024Mi' } } },
    },
  ],
  ['v1', 'endpoints', { kind: 'Endpoints', subsets: [{ addresses: [{ ip: '10.1.1.1' }], ports: [{ port: 80 }] }] }],
  ['apps/v1', 'deployments', { kind: 'Deployment', spec: { selector, template } }],
  ['apps/v1', 'statefulsets', { kind: 'StatefulSet', spec: { selector, template, serviceName: 's' } }],
  ['apps/v1', 'daemonsets', { kind: 'DaemonSet', spec: { selector, template } }],
  ['apps/v1', 'replicasets', { kind: 'ReplicaSet', spec: { selector, template } }],
  [
    'batch/v1',
    'cronjobs',
    {
      kind: 'CronJob',
      spec: {
        schedule: '* * * * *',
        jobTemplate: { spec: { template: { spec: { ...template.spec, restartPolicy: 'Never' } } } },
      },
    },
  ],
  [
    'networking.k8s.io/v1',
    'ingresses',
    { kind: 'Ingress', spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } } },
  ],
  ['networking.k8s.io/v1', 'networkpolicies', { kind: 'NetworkPolicy', spec: { podSelector: {} } }],
  ['policy/v1', 'poddisruptionbudgets', { kind: 'PodDisruptionBudget', spec: { minAvailable: 1, selector } }],
  [
    'autoscaling/v2',
    'horizontalpodautoscalers',
    {
      kind: 'HorizontalPodAutoscaler',
      spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' } },
    },
  ],
  [
    'rbac.authorization.k8s.io/v1',
    'roles',
    { kind: 'Role', rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
  ],
  [
    'rbac.authorization.k8s.io/v1',
    'rolebindings',
    { kind: 'RoleBinding', roleRef: { kind: 'ClusterRole', name: 'view' }, subjects: [{ kind: 'User', name: 'jane' }] },
  ],
  [
    'coordination.k8s.io/v1',
    'leases',
    {
      kind: 'Lease',
      spec: { holderIdentity: 'me', leaseDurationSeconds: 15, renewTime: '2026-01-01T00:00:00.000000Z' },
    },
  ],
  [
    'discovery.k8s.io/v1',
    'endpointslices',
    { kind: 'EndpointSlice', addressType: 'IPv4', endpoints: [{ addresses: ['10.1.1.1'] }], ports: [{ port: 80 }] },
  ],
];

function collection(server: ScenarioServer, apiVersion: string, resource: string): string {
  const prefix = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${prefix}/namespaces/${server.namespace}/${resource}`;
}

export const builtin = [
  ...minimal.map(([apiVersion, resource, object]) =>
    scenario(
      'built-in kinds',
      `${resource}: defaults, wrong types, unknown fields, update and status`,
      async (server) => {
        const path = collection(server, apiVersion, resource);
        const full = { apiVersion, metadata: { name: 'a' }, ...object };
        await server.post(path, full);
        await server.post(`${path}?fieldValidation=Strict`, { ...full, metadata: { name: 'b' }, bogus: 1 });
        await server.patch(`${path}/a`, 'merge', { metadata: { labels: { x: 'y' } } });
        await server.patch(`${path}/a`, 'merge', { metadata: { labels: 'y' } });
        await server.get(`${path}/a`);
      },
    ),
  ),
  scenario('built-in kinds', 'what a Deployment is refused for', async (server) => {
    const path = collection(server, 'apps/v1', 'deployments');
    const deployment = (spec: object) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec });
    await server.post(path, deployment({}));
    await server.post(path, deployment({ selector: { matchLabels: { a: 'other' } }, template }));
    await server.post(path, deployment({ selector, template: { ...template, spec: { containers: [] } } }));
    await server.post(path, deployment({ selector, template, replicas: -1 }));
    await server.post(path, deployment({ selector, template, replicas: 'three' }));
    await server.post(path, deployment({ selector, template: { ...template, spec: { containers: [{ name: 'c' }] } } }));
    await server.post(path, deployment({ selector, template }));
    await server.patch(`${path}/d`, 'merge', { spec: { selector: { matchLabels: { a: 'b', c: 'd' } } } });
    await server.patch(`${path}/d`, 'merge', { spec: { replicas: 3 } });
    await server.get(`${path}/d/scale`);
    await server.patch(`${path}/d/scale`, 'merge', { spec: { replicas: 4 } });
    await server.patch(`${path}/d/status`, 'merge', { status: { replicas: 2, readyReplicas: 1 } });
  }),
  scenario('built-in kinds', 'what a Pod is refused for', async (server) => {
    const path = collection(server, 'v1', 'pods');
    const pod = (spec: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec });
    await server.post(path, pod({}));
    await server.post(
      path,
      pod({
        containers: [
          { name: 'c', image: 'i' },
          { name: 'c', image: 'i' },
        ],
      }),
    );
    await server.post(path, pod({ containers: [{ name: 'Bad_Name', image: 'i' }] }));
    await server.post(path, pod({ containers: [{ name: 'c', image: 'i' }], restartPolicy: 'Sometimes' }));
    await server.post(path, pod({ containers: [{ name: 'c', image: 'i', resources: { limits: { cpu: 'lots' } } }] }));
    await server.post(path, pod({ containers: [{ name: 'c', image: 'i' }] }));
    await server.patch(`${path}/p`, 'merge', { spec: { nodeName: 'n' } });
    await server.patch(`${path}/p`, 'merge', { spec: { hostNetwork: true } });
    await server.patch(`${path}/p/status`, 'merge', {
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    });
    await server.get(`${path}/p`);
  }),
  scenario('built-in kinds', 'immutable config maps and secrets', async (server) => {
    const path = collection(server, 'v1', 'configmaps');
    await server.post(path, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
      immutable: true,
      data: { k: 'v' },
    });
    await server.patch(`${path}/a`, 'merge', { data: { k: 'w' } });
    await server.patch(`${path}/a`, 'merge', { immutable: false });
    await server.post(path, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'b' },
      data: { 'bad key!': 'v' },
    });
    await server.post(collection(server, 'v1', 'secrets'), {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      data: { k: 'not base64!' },
    });
  }),
  scenario('built-in kinds', 'events in both their views', async (server) => {
    const path = collection(server, 'events.k8s.io/v1', 'events');
    const event = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'e' },
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'setpoint.dev/x',
      reportingInstance: 'x-1',
      action: 'Test',
      reason: 'Tested',
      type: 'Normal',
      note: 'a note',
      regarding: { apiVersion: 'v1', kind: 'ConfigMap', name: 'c', namespace: server.namespace },
    };
    await server.post(path, event);
    await server.post(path, { ...event, metadata: { name: 'f' }, reason: undefined });
    await server.get(`${collection(server, 'v1', 'events')}/e`);
    await server.get(`${path}/e`);
    await server.get(`${collection(server, 'v1', 'events')}?fieldSelector=involvedObject.name%3Dc`);
    await server.get(`${collection(server, 'v1', 'events')}?fieldSelector=involvedObject.name%3Dnone`);
  }),
  scenario('built-in kinds', 'services: cluster IPs', async (server) => {
    const path = collection(server, 'v1', 'services');
    const service = (name: string, spec: object) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { ports: [{ port: 80 }], ...spec },
    });
    await server.post(path, service('headless', { clusterIP: 'None' }));
    await server.post(path, service('taken', { clusterIP: '10.0.0.1' }));
    await server.post(path, service('outside', { clusterIP: '192.168.1.1' }));
    await server.post(path, service('nonsense', { clusterIP: 'x' }));
    await server.post(path, service('none', { ports: [] }));
    await server.post(path, service('twice', { ports: [{ port: 80 }, { port: 81 }] }));
    await server.post(path, service('type', { type: 'Sometimes' }));
    await server.post(path, service('external', { type: 'ExternalName', externalName: 'example.com' }));
  }),
  scenario('built-in kinds', 'a namespace', async (server) => {
    await server.get(`/api/v1/namespaces/${server.namespace}`);
    await server.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'Bad_Name' } });
    await server.post('/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: server.namespace },
    });
    await server.patch(`/api/v1/namespaces/${server.namespace}`, 'merge', { metadata: { labels: { x: 'y' } } });
  }),
];
