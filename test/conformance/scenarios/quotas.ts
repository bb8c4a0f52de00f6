import { type ScenarioServer, scenario } from '../scenario.ts';

const area = 'quotas';

const core = (server: ScenarioServer, plural: string) => `/api/v1/namespaces/${server.namespace}/${plural}`;

/** What a controller would do: nothing is used so far. */
async function quota(server: ScenarioServer, name: string, hard: Record<string, string>, more: object = {}) {
  const quotas = core(server, 'resourcequotas');
  await server.post(quotas, { metadata: { name }, spec: { hard, ...more } });
  const used = Object.fromEntries(Object.keys(hard).map((each) => [each, '0']));
  await server.patch(`${quotas}/${name}/status`, 'merge', { status: { hard, used } });
}

/** The plugin hears of a quota a moment after it was made. */
async function known(server: ScenarioServer, plural: string, body: object) {
  for (let attempt = 0; attempt < 600; attempt++) {
    const { status } = await server.post(`${core(server, plural)}?dryRun=All`, body, { unrecorded: true });
    if (status === 403) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const configMap = (name: string) => ({ metadata: { name } });

function pod(name: string, resources: object, more: object = {}): object {
  return { metadata: { name }, spec: { containers: [{ name: 'c', image: 'i', resources }], ...more } };
}

const show = (server: ScenarioServer, name: string) => server.get(`${core(server, 'resourcequotas')}/${name}`);

export const quotas = [
  scenario(area, 'count objects, by either name, and charge what they let pass', async (server) => {
    const maps = core(server, 'configmaps');
    await quota(server, 'q', { configmaps: '2', 'count/configmaps': '3', 'count/deployments.apps': '1' });
    await quota(server, 'full', { 'count/secrets': '0' });
    await known(server, 'secrets', configMap('s'));
    await server.post(maps, configMap('a'));
    await server.post(`${maps}?dryRun=All`, configMap('dry'));
    await show(server, 'q');
    await server.post(maps, { metadata: { generateName: 'b-' } });
    await server.post(maps, configMap('c'));
    await server.post(`${maps}?dryRun=All`, configMap('c'));
    await server.patch(`${maps}/d?fieldManager=m`, 'apply', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'd' },
    });
    await server.put(`${maps}/a`, { metadata: { name: 'a' }, data: { x: 'y' } });
    await show(server, 'q');
    const deployments = `/apis/apps/v1/namespaces/${server.namespace}/deployments`;
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const deployment = (name: string) => ({
      metadata: { name },
      spec: { selector: { matchLabels: { a: 'b' } }, template },
    });
    await server.post(deployments, deployment('a'));
    await server.post(deployments, deployment('b'));
    await show(server, 'q');
  }),
  scenario(area, 'limit what containers ask for', async (server) => {
    const pods = core(server, 'pods');
    const hard = {
      pods: '4',
      'requests.cpu': '1',
      'limits.memory': '1Gi',
      memory: '512Mi',
      'requests.example.com/gpu': '2',
    };
    await quota(server, 'q', hard);
    await known(server, 'pods', pod('none', {}));
    const all = (cpu: string, memory: string, limit: string) => ({
      requests: { cpu, memory },
      limits: { memory: limit },
    });
    await server.post(pods, pod('none', {}));
    await server.post(pods, pod('some', { requests: { cpu: '100m' } }));
    await server.post(pods, pod('good', all('300m', '100Mi', '200Mi')));
    await server.post(pods, pod('cpu', all('800m', '100Mi', '200Mi')));
    await server.post(pods, pod('both', all('0.75', '500Mi', '2Gi')));
    await server.post(
      pods,
      pod('first', all('100m', '1Mi', '1Mi'), {
        initContainers: [{ name: 'init', image: 'i', resources: all('750m', '1Mi', '1Mi') }],
      }),
    );
    const gpu = {
      requests: { cpu: '1m', memory: '1', 'example.com/gpu': '2' },
      limits: { memory: '1', 'example.com/gpu': '2' },
    };
    await server.post(pods, pod('gpu', gpu));
    await server.post(pods, pod('gpus', gpu));
    await server.post(pods, pod('last', all('1m', '1', '1')));
    await show(server, 'q');
    await server.post(pods, pod('toomany', all('1m', '1', '1')));
  }),
  scenario(area, 'are about some pods only', async (server) => {
    const pods = core(server, 'pods');
    await quota(server, 'besteffort', { pods: '1' }, { scopes: ['BestEffort'] });
    await quota(server, 'short', { pods: '1' }, { scopes: ['Terminating', 'NotBestEffort'] });
    const critical = { scopeName: 'PriorityClass', operator: 'In', values: ['system-cluster-critical'] };
    await quota(server, 'critical', { pods: '0' }, { scopeSelector: { matchExpressions: [critical] } });
    await quota(server, 'affine', { pods: '0' }, { scopes: ['CrossNamespacePodAffinity'] });
    await known(server, 'pods', pod('known', {}, { priorityClassName: 'system-cluster-critical' }));
    const cpu = { requests: { cpu: '1' } };
    await server.post(pods, pod('a', {}));
    await server.post(pods, pod('b', {}));
    await server.post(pods, pod('c', cpu));
    await server.post(pods, pod('d', cpu, { activeDeadlineSeconds: 10 }));
    await server.post(pods, pod('e', cpu, { activeDeadlineSeconds: 10 }));
    await server.patch(`${pods}/c`, 'merge', { spec: { activeDeadlineSeconds: 5 } });
    await server.post(pods, pod('f', cpu, { priorityClassName: 'system-cluster-critical' }));
    const term = { topologyKey: 'zone', namespaceSelector: {}, labelSelector: {} };
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    await server.post(pods, pod('g', cpu, { affinity }));
    await show(server, 'besteffort');
    await show(server, 'short');
  }),
  scenario(area, 'limit services and what they open', async (server) => {
    const services = core(server, 'services');
    await quota(server, 'q', { services: '3', 'services.nodeports': '1', 'services.loadbalancers': '0' });
    const service = (name: string, type: string, ports: number) => ({
      metadata: { name },
      spec: { type, ports: Array.from({ length: ports }, (_, index) => ({ name: `p${index}`, port: 80 + index })) },
    });
    await known(server, 'services', service('known', 'LoadBalancer', 1));
    await server.post(services, service('balanced', 'LoadBalancer', 1), { unrecorded: true });
    await server.post(services, service('two', 'NodePort', 2));
    await server.post(services, service('plain', 'ClusterIP', 1));
    await server.patch(`${services}/plain`, 'merge', { spec: { type: 'LoadBalancer' } });
    await server.patch(`${services}/plain`, 'merge', { metadata: { labels: { a: 'b' } } });
    await show(server, 'q');
  }),
  scenario(area, 'limit storage, and that of a class', async (server) => {
    const claims = core(server, 'persistentvolumeclaims');
    await quota(server, 'q', {
      persistentvolumeclaims: '3',
      'requests.storage': '10Gi',
      'gold.storageclass.storage.k8s.io/requests.storage': '3Gi',
      'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '1',
    });
    const claim = (name: string, storage: string, storageClassName?: string) => ({
      metadata: { name },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, storageClassName },
    });
    await known(server, 'persistentvolumeclaims', claim('known', '11Gi'));
    await server.post(claims, claim('a', '1Gi', 'gold'));
    await server.post(claims, claim('b', '1Gi', 'gold'));
    await server.post(claims, claim('c', '8Gi'));
    await server.post(claims, claim('d', '4Gi', 'silver'));
    await server.post(claims, claim('e', '1', ''));
    await show(server, 'q');
  }),
  scenario(area, 'nothing is created while it is not known what is used', async (server) => {
    const quotas = core(server, 'resourcequotas');
    await server.post(quotas, { metadata: { name: 'q' }, spec: { hard: { configmaps: '1', secrets: '1' } } });
    await server.post(core(server, 'configmaps'), configMap('before'));
    await server.patch(`${quotas}/q/status`, 'merge', { status: { hard: { configmaps: '1', secrets: '1' } } });
    await known(server, 'configmaps', configMap('known'));
    await server.post(core(server, 'configmaps'), configMap('after'));
    await server.post(core(server, 'secrets'), configMap('after'));
    await server.post(core(server, 'services'), { metadata: { name: 's' }, spec: { ports: [{ port: 1 }] } });
  }),
  scenario(area, 'count custom resources', async (server) => {
    const group = `${server.unique}.quotas.io`;
    await server.installCrd({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `things.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural: 'things', kind: 'Thing' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    });
    await quota(server, 'q', { [`count/things.${group}`]: '1' });
    await quota(server, 'full', { 'count/secrets': '0' });
    await known(server, 'secrets', configMap('s'));
    const things = `/apis/${group}/v1/namespaces/${server.namespace}/things`;
    const thing = (name: string) => ({ apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name } });
    await server.post(things, thing('a'));
    await server.post(things, thing('b'));
    await show(server, 'q');
  }),
];
