import { type ScenarioServer, scenario } from '../scenario.ts';
import { configMap, configMaps } from './fixtures.ts';

const deployments = (server: ScenarioServer) => `/apis/apps/v1/namespaces/${server.namespace}/deployments`;
const services = (server: ScenarioServer) => `/api/v1/namespaces/${server.namespace}/services`;
const pods = (server: ScenarioServer) => `/api/v1/namespaces/${server.namespace}/pods`;

const web = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', labels: { app: 'web' }, finalizers: ['example.com/a', 'example.com/b'] },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        volumes: [
          { name: 'data', emptyDir: {} },
          { name: 'more', emptyDir: {} },
        ],
        containers: [
          {
            name: 'web',
            image: 'nginx:1',
            args: ['-a', '-b'],
            env: [
              { name: 'A', value: '1' },
              { name: 'B', value: '2' },
              { name: 'C', value: '3' },
            ],
            ports: [{ containerPort: 80 }, { containerPort: 443, name: 'tls' }],
            volumeMounts: [{ name: 'data', mountPath: '/data' }],
          },
          { name: 'side', image: 'side:1' },
        ],
      },
    },
  },
};

/** The Deployment, and how to patch it and parts of it. */
async function deployed(server: ScenarioServer) {
  const path = `${deployments(server)}/web`;
  await server.post(deployments(server), web, { unrecorded: true });
  const patch = (body: unknown, query = '') => server.patch(`${path}${query}`, 'strategic', body);
  const spec = (body: object) => patch({ spec: { template: { spec: body } } });
  const container = (body: object) => spec({ containers: [{ name: 'web', ...body }] });
  return { path, patch, spec, container };
}

export const strategic = [
  scenario('strategic merge patch', 'objects merge, nulls delete, other lists are replaced', async (server) => {
    const { patch, container } = await deployed(server);
    await patch({ metadata: { labels: { tier: 'front' }, annotations: { note: 'x' } } });
    await patch({ metadata: { labels: { tier: null }, annotations: null } });
    await patch({ spec: { replicas: 3, minReadySeconds: null, paused: true } });
    await container({ args: ['-c'], resources: { limits: { cpu: '1000m', memory: '1024Mi' } } });
    await container({ args: null, resources: null, image: 'nginx:2' });
    await patch({});
    await patch(null);
  }),
  scenario('strategic merge patch', 'lists merge by their keys', async (server) => {
    const { spec, container } = await deployed(server);
    await container({ env: [{ name: 'B', value: 'two' }] });
    await container({ env: [{ name: 'D', value: '4' }] });
    await container({ env: [{ name: 'A', $patch: 'delete' }] });
    await container({ env: [{ $patch: 'replace' }, { name: 'E', value: '5' }] });
    await container({ ports: [{ containerPort: 80, name: 'http' }, { containerPort: 8080 }] });
    await container({ ports: [{ containerPort: 443, $patch: 'delete' }] });
    await container({ volumeMounts: [{ mountPath: '/more', name: 'more' }] });
    await container({ volumeMounts: [{ mountPath: '/data', readOnly: true }] });
    await spec({ containers: [{ name: 'new', image: 'new:1', env: [{ name: 'X', value: null }] }] });
    await spec({ containers: [{ name: 'side', $patch: 'delete' }] });
  }),
  scenario('strategic merge patch', 'the order of a list can be asked for', async (server) => {
    const { spec, container } = await deployed(server);
    const order = (...names: readonly string[]) => names.map((name) => ({ name }));
    await container({ '$setElementOrder/env': order('C', 'B', 'A') });
    await container({ '$setElementOrder/env': order('D', 'A'), env: [{ name: 'D', value: '4' }] });
    await container({
      '$setElementOrder/env': order('E', 'C'),
      env: [
        { name: 'E', value: '5' },
        { name: 'A', $patch: 'delete' },
      ],
    });
    await container({ '$setElementOrder/env': order('C'), env: [{ name: 'F', value: '6' }] });
    await spec({ '$setElementOrder/containers': order('side', 'web') });
    await spec({
      '$setElementOrder/volumes': order('more', 'data'),
      volumes: [{ name: 'more', emptyDir: { medium: 'Memory' } }],
    });
    await spec({ '$setElementOrder/nothing': [] });
    await spec({ '$setElementOrder/volumes': 'data' });
    await spec({ $setElementOrder: [] });
  }),
  scenario('strategic merge patch', 'lists of plain values', async (server) => {
    const { patch } = await deployed(server);
    const finalizers = (...given: readonly string[]) => ({ finalizers: given });
    await patch({ metadata: finalizers('example.com/c', 'example.com/a') });
    await patch({ metadata: { '$deleteFromPrimitiveList/finalizers': ['example.com/b', 'example.com/x'] } });
    await patch({
      metadata: {
        ...finalizers('example.com/d'),
        '$deleteFromPrimitiveList/finalizers': ['example.com/a'],
        '$setElementOrder/finalizers': ['example.com/d', 'example.com/c'],
      },
    });
    await patch({ metadata: { ...finalizers('example.com/e'), '$setElementOrder/finalizers': ['example.com/c'] } });
    await patch({ metadata: { $deleteFromPrimitiveList: ['example.com/c'] } });
    await patch({ metadata: { finalizers: [1] } });
    await patch({ metadata: { finalizers: null } });
  }),
  scenario('strategic merge patch', 'objects are replaced, emptied, or keep what is listed', async (server) => {
    const { patch, spec } = await deployed(server);
    const strategy = (body: object) => patch({ spec: { strategy: body } });
    await strategy({ $retainKeys: ['type'], type: 'Recreate' });
    await strategy({ $retainKeys: ['type', 'rollingUpdate'], type: 'RollingUpdate', rollingUpdate: { maxSurge: 2 } });
    await strategy({ $retainKeys: ['type'], rollingUpdate: { maxSurge: 2 } });
    await strategy({ $retainKeys: 'type' });
    await spec({ volumes: [{ name: 'data', $retainKeys: ['name', 'configMap'], configMap: { name: 'c' } }] });
    await patch({ metadata: { labels: { $patch: 'replace', only: 'this' } } });
    await patch({ metadata: { labels: { $patch: 'delete' } } });
    await patch({ metadata: { labels: { $patch: 'merge', x: 'y' } } });
    await patch({ $patch: 'delete' });
    await patch({ $patch: 'replace' });
    await patch({ $patch: 'frobnicate' });
  }),
  scenario('strategic merge patch', 'what cannot be merged is refused', async (server) => {
    const { patch, spec, container } = await deployed(server);
    for (const text of ['{', '[]', '"x"', '7', '']) await patch(text);
    await spec({ containers: [{ image: 'x' }] });
    await spec({ containers: ['x'] });
    await spec({ containers: [['x']] });
    await spec({ containers: [null] });
    await spec({ containers: [{ name: 'web', $patch: 'frobnicate' }] });
    await spec({ containers: [{ name: 'web', $patch: 'merge' }] });
    await spec({ containers: { name: 'web' } });
    await spec({ containers: 'web' });
    await container({ image: 5 });
    await container({ tty: 'yes' });
    await container({ ports: [{ containerPort: 'http' }] });
    await container({ resources: { limits: { cpu: 'much' } } });
    await container({ imagePullPolicy: true });
    await patch({ spec: { replicas: 'two' } });
    await patch({ spec: { replicas: 1.5 } });
    await patch({ spec: { replicas: 2.0 } });
    await patch({ spec: { paused: 1 } });
    await patch({ spec: [] });
    await patch({ metadata: { labels: { a: 1 } } });
    await patch({ metadata: { labels: ['a'] } });
    await patch({ metadata: { creationTimestamp: 5 } });
    await patch({ spec: { strategy: { rollingUpdate: { maxSurge: true } } } });
  }),
  scenario('strategic merge patch', 'the result is validated as that of any write', async (server) => {
    const { patch, container } = await deployed(server);
    await patch({ metadata: { name: 'other' } });
    await patch({ metadata: { namespace: 'other' } });
    await patch({ metadata: { uid: 'other' } });
    await patch({ metadata: { resourceVersion: '1' } });
    await patch({ kind: 'Pod', apiVersion: 'v1' });
    await patch({ spec: { selector: { matchLabels: { app: 'other' } } } });
    await patch({ spec: { replicas: -1 } });
    await container({ image: '' });
    await container({ env: [{ name: '', value: 'x' }] });
    await server.patch(`${deployments(server)}/missing`, 'strategic', { spec: { replicas: 1 } });
    await server.patch(`${deployments(server)}/missing`, 'strategic', '{');
  }),
  scenario('strategic merge patch', 'unknown and repeated fields', async (server) => {
    const { patch } = await deployed(server);
    const unknown = { zeta: 1, spec: { nope: 2, template: { spec: { containers: [{ name: 'web', what: 3 }] } } } };
    const repeated = '{"spec":{"paused":true,"paused":false,"zz":1},"metadata":{},"metadata":{}}';
    for (const query of ['', '?fieldValidation=Strict', '?fieldValidation=Warn', '?fieldValidation=Ignore']) {
      await patch(unknown, query);
      await patch(repeated, query);
    }
    await patch({ spec: { replicas: 7 } }, '?dryRun=All');
    await patch({ spec: { replicas: 7 } }, '?force=true');
  }),
  scenario('strategic merge patch', 'status and scale', async (server) => {
    const { path } = await deployed(server);
    const conditions = (...given: readonly object[]) => ({ status: { conditions: given } });
    const condition = (type: string, status: string) => ({ type, status, reason: 'R', message: 'm' });
    const status = (body: unknown) => server.patch(`${path}/status`, 'strategic', body);
    await status({ ...conditions(condition('Available', 'True')), spec: { replicas: 9 } });
    await status(conditions(condition('Progressing', 'True'), { type: 'Available', status: 'False' }));
    await status(conditions({ type: 'Available', $patch: 'delete' }));
    await status({ status: { replicas: 1, readyReplicas: 1 }, metadata: { labels: { from: 'status' } } });
    await status({ status: null });
    const scale = (body: unknown) => server.patch(`${path}/scale`, 'strategic', body);
    await scale({ spec: { replicas: 5 } });
    await scale({ spec: { replicas: 'five' } });
    await scale({ spec: { replicas: -1 } });
    await scale({ spec: null });
  }),
  scenario('strategic merge patch', 'services and config maps', async (server) => {
    const ports = [
      { port: 80, name: 'http' },
      { port: 443, name: 'https' },
    ];
    const spec = { selector: { app: 'web' }, ports };
    await server.post(services(server), { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec });
    const service = (body: object) => server.patch(`${services(server)}/s`, 'strategic', { spec: body });
    await service({ ports: [{ port: 80, targetPort: 'web' }] });
    await service({ ports: [{ port: 80, protocol: 'UDP', name: 'dns' }] });
    await service({ ports: [{ port: 443, $patch: 'delete' }] });
    await service({ selector: { app: null, tier: 'front' } });
    await server.post(configMaps(server), configMap('c', { data: { a: '1', b: '2' }, binaryData: { x: 'AA==' } }));
    const map = (body: object) => server.patch(`${configMaps(server)}/c`, 'strategic', body);
    await map({ data: { a: null, c: '3' } });
    await map({ data: { $patch: 'replace', d: '4' } });
    await map({ binaryData: { y: '!' } });
    await map({ binaryData: { y: '/w==' } });
    await map({ data: { n: 7 } });
    await map({ data: { n: { deep: 'x' } } });
    await map({ immutable: true });
    await map({ data: { d: '5' } });
  }),
  scenario('strategic merge patch', 'pods', async (server) => {
    const spec = { containers: [{ name: 'a', image: 'a:1' }], tolerations: [{ key: 'k', operator: 'Exists' }] };
    await server.post(
      pods(server),
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec },
      { unrecorded: true },
    );
    const patch = (body: object, part = '') => server.patch(`${pods(server)}/p${part}`, 'strategic', body);
    await patch({ spec: { containers: [{ name: 'a', image: 'a:2' }] } });
    await patch({ spec: { containers: [{ name: 'b', image: 'b:1' }] } });
    await patch({ spec: { activeDeadlineSeconds: 10 } });
    const ready = { type: 'Ready', status: 'True', lastTransitionTime: '2024-01-01T00:00:00Z' };
    await patch({ status: { phase: 'Running', podIPs: [{ ip: '10.0.0.1' }], conditions: [ready] } }, '/status');
    await patch({ status: { conditions: [{ type: 'Initialized', status: 'True' }], podIP: '10.0.0.1' } }, '/status');
    await patch({ status: { conditions: [{ type: 'Ready', $patch: 'delete' }] } }, '/status');
  }),
];
