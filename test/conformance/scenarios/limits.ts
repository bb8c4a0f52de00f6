import { type ScenarioServer, scenario } from '../scenario.ts';

const area = 'limits of a namespace';

const inNamespace = (server: ScenarioServer, plural: string) => `/api/v1/namespaces/${server.namespace}/${plural}`;

function pod(name: string, resources: object, more: object = {}): object {
  return { metadata: { name }, spec: { containers: [{ name: 'c', image: 'i', resources }], ...more } };
}

function limitRange(server: ScenarioServer, limit: object) {
  return server.post(inNamespace(server, 'limitranges'), { metadata: { name: 'l' }, spec: { limits: [limit] } });
}

export const limits = [
  scenario(area, 'fill in what containers do not say', async (server) => {
    await limitRange(server, {
      type: 'Container',
      default: { cpu: '500m', memory: '1Gi' },
      defaultRequest: { cpu: '0.1', memory: '128Mi' },
    });
    const pods = inNamespace(server, 'pods');
    await server.post(pods, pod('none', {}));
    await server.post(pods, pod('some', { requests: { cpu: '200m' } }));
    await server.post(
      pods,
      pod('all', { requests: { cpu: '1m', memory: '1Mi' }, limits: { cpu: '2m', memory: '2Mi' } }),
    );
    await server.post(pods, pod('first', {}, { initContainers: [{ name: 'a', image: 'i' }] }));
  }),
  scenario(area, 'refuse containers out of range', async (server) => {
    await limitRange(server, {
      type: 'Container',
      min: { cpu: '100m' },
      max: { cpu: '1' },
      maxLimitRequestRatio: { cpu: '4' },
    });
    const pods = inNamespace(server, 'pods');
    const cpu = (requests: string, limits: string) => ({ requests: { cpu: requests }, limits: { cpu: limits } });
    for (const [name, resources] of Object.entries({
      good: cpu('200m', '500m'),
      little: cpu('50m', '150m'),
      much: cpu('500m', '1.5'),
      apart: cpu('100m', '0.7'),
    })) {
      await server.post(pods, pod(name, resources));
    }
  }),
  scenario(area, 'refuse whole pods and claims out of range', async (server) => {
    const pods = inNamespace(server, 'pods');
    await limitRange(server, { type: 'Pod', max: { memory: '1Gi' } });
    const memory = (amount: string) => ({ limits: { memory: amount } });
    const container = (name: string, amount: string) => ({ name, image: 'i', resources: memory(amount) });
    await server.post(pods, pod('good', memory('1Gi')));
    await server.post(pods, pod('none', {}));
    await server.post(pods, {
      metadata: { name: 'sum' },
      spec: { containers: [container('a', '600Mi'), container('b', '600Mi')] },
    });
    await server.post(pods, pod('first', memory('1Mi'), { initContainers: [container('a', '2Gi')] }));
    await server.post(inNamespace(server, 'limitranges'), {
      metadata: { name: 'claims' },
      spec: { limits: [{ type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '5Gi' } }] },
    });
    for (const storage of ['512Mi', '2Gi', '6Gi']) {
      const name = storage.toLowerCase();
      const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } };
      await server.post(inNamespace(server, 'persistentvolumeclaims'), { metadata: { name }, spec });
    }
  }),
  scenario(area, 'claims grow where their class allows it', async (server) => {
    const classes = '/apis/storage.k8s.io/v1/storageclasses';
    const claims = inNamespace(server, 'persistentvolumeclaims');
    const names = [`${server.unique}-fixed`, `${server.unique}-growing`];
    for (const name of names) {
      const allowVolumeExpansion = name.endsWith('growing');
      await server.post(classes, { metadata: { name }, provisioner: 'x.y/z', allowVolumeExpansion });
      const spec = {
        accessModes: ['ReadWriteOnce'],
        storageClassName: name,
        resources: { requests: { storage: '1Gi' } },
      };
      await server.post(claims, { metadata: { name }, spec: { ...spec, volumeName: 'v' } });
      const grow = () =>
        server.patch(`${claims}/${name}`, 'merge', { spec: { resources: { requests: { storage: '2Gi' } } } });
      await grow();
      await server.patch(`${claims}/${name}/status`, 'merge', { status: { phase: 'Bound' } });
      await server.until('/api', () => true);
      await grow();
    }
    for (const name of names) await server.delete(`${classes}/${name}`);
  }),
];
