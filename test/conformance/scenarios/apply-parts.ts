import { type ScenarioServer, scenario } from '../scenario.ts';
import { configMap, configMaps, crd, crds, group, widget, widgets } from './fixtures.ts';

const area = 'server-side apply';
const deployments = (server: ScenarioServer) => `/apis/apps/v1/namespaces/${server.namespace}/deployments`;

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const selector = { matchLabels: { app: 'web' } };
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx:1' }] } };

const deployment = (spec: object, extra: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec,
  ...extra,
});

const scale = (replicas: unknown, metadata: object = { name: 'web' }) => ({
  apiVersion: 'autoscaling/v1',
  kind: 'Scale',
  metadata,
  spec: { replicas },
});

const query = (manager: string, more = '') => `?fieldManager=${manager}${more}`;

/** The lists of the CRD: of every type that there is. */
const lists = {
  set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
  numbers: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'integer' } },
  map: {
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name', 'port'],
    items: {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string' }, port: { type: 'integer', default: 80 }, value: { type: 'string' } },
    },
  },
  atomic: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
  granular: { type: 'object', additionalProperties: { type: 'string' } },
  whole: { type: 'object', 'x-kubernetes-map-type': 'atomic', additionalProperties: { type: 'string' } },
  any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  color: { type: 'string', default: 'red' },
  size: { type: 'integer' },
  port: { 'x-kubernetes-int-or-string': true },
};

/** Installs the CRD with all lists, and applies specs of the widget `a`. */
async function widgeting(server: ScenarioServer, schema: object = lists) {
  await server.installCrd(crd(server, { schema }));
  const path = `${widgets(server)}/a`;
  const spec = (manager: string, spec: object, more = '') =>
    server.patch(path + query(manager, more), 'apply', widget(server, 'a', spec));
  return { path, spec };
}

export const applyParts = [
  scenario(area, 'status has managers of its own', async (server) => {
    const path = `${deployments(server)}/web`;
    const apply = (manager: string, body: object, subresource = '', more = '') =>
      server.patch(path + subresource + query(manager, more), 'apply', body);
    await apply('one', deployment({ selector, template }, { status: { replicas: 3 } }));
    await apply('one', deployment({ replicas: 7 }, { status: { replicas: 3, readyReplicas: 1 } }), '/status');
    await apply('two', deployment({}, { status: { replicas: 4 } }), '/status');
    await apply('two', deployment({}, { status: { replicas: 4 } }), '/status', '&force=true');
    const condition = { type: 'Available', status: 'True', reason: 'x', message: 'y' };
    await apply('two', deployment({}, { status: { conditions: [condition] } }), '/status');
    await apply('one', { ...deployment({}), metadata: { name: 'web', labels: { a: '1' } } }, '/status');
    await server.patch(`${path}/status${query('three')}`, 'merge', { status: { replicas: 5, observedGeneration: 1 } });
    await server.get(path);
  }),
  scenario(area, 'status of what is not there', async (server) => {
    const path = `${deployments(server)}/web/status${query('one')}`;
    await server.patch(path, 'apply', deployment({}, { status: { replicas: 3 } }));
    await server.patch(path, 'apply', deployment({ selector, template }, { status: { replicas: 3 } }));
  }),
  scenario(area, 'replicas are owned through scale as through the object', async (server) => {
    const path = `${deployments(server)}/web`;
    await server.patch(path + query('one'), 'apply', deployment({ replicas: 3, selector, template }));
    await server.patch(`${path}/scale${query('two')}`, 'apply', scale(3));
    await server.patch(`${path}/scale${query('two')}`, 'apply', scale(4));
    await server.patch(`${path}/scale${query('two', '&force=true')}`, 'apply', scale(4));
    await server.patch(path + query('one'), 'apply', deployment({ replicas: 3, selector, template }));
    await server.get(path);
    await server.patch(path + query('one'), 'apply', deployment({ selector, template }));
    await server.patch(`${path}/scale${query('two')}`, 'apply', scale(5));
    await server.get(path);
    await server.get(`${path}/scale`);
  }),
  scenario(area, 'a scale that is updated takes the replicas from whoever had them', async (server) => {
    const path = `${deployments(server)}/web`;
    await server.patch(path + query('one'), 'apply', deployment({ replicas: 3, selector, template }));
    await server.put(`${path}/scale${query('two')}`, scale(5));
    await server.get(path);
    await server.patch(`${path}/scale${query('three')}`, 'merge', { spec: { replicas: 6 } });
    await server.get(path);
    await server.put(`${path}/scale${query('two')}`, scale(6));
    await server.patch(path + query('one'), 'apply', deployment({ replicas: 3, selector, template }));
    await server.patch(`${path}/scale${query('four')}`, 'apply', scale(9));
    await server.get(path);
  }),
  scenario(area, 'scales that cannot be applied', async (server) => {
    const path = `${deployments(server)}/web`;
    await server.patch(`${path}/scale${query('one')}`, 'apply', scale(1));
    await server.patch(path + query('one'), 'apply', deployment({ selector, template }));
    const apply = (body: unknown) => server.patch(`${path}/scale${query('two')}`, 'apply', body);
    await apply(scale('three'));
    await apply(scale(-1));
    await apply({ ...scale(1), kind: 'Deployment' });
    await apply({ ...scale(1), apiVersion: 'apps/v1' });
    await apply(scale(1, { name: 'other' }));
    await apply(scale(1, {}));
    await apply({ ...scale(1), status: { replicas: 3 } });
    await apply({ ...scale(1), more: 3 });
    await server.get(path);
  }),
  scenario(area, 'kubectl takes over what it applied on its own side', async (server) => {
    const path = `${configMaps(server)}/a`;
    const config = { ...configMap('a', { data: { a: '1', b: '2' } }) };
    const annotations = { [lastApplied]: `${JSON.stringify(config)}\n` };
    const made = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', annotations },
      data: { a: '1', b: '2' },
    };
    await server.post(`${configMaps(server)}?fieldManager=kubectl-client-side-apply`, made);
    await server.patch(path + query('other'), 'apply', configMap('a', { data: { a: 'x' } }));
    await server.patch(path + query('kubectl'), 'apply', configMap('a', { data: { a: 'x' } }));
    await server.patch(`${path}?fieldManager=editor`, 'merge', { data: { b: '9' } });
    await server.patch(path + query('kubectl'), 'apply', configMap('a', { data: { a: 'y', b: '8' } }));
    await server.patch(path + query('kubectl', '&force=true'), 'apply', configMap('a', { data: { a: 'y', b: '8' } }));
    await server.get(path);
  }),
  scenario(area, 'last-applied is only believed of the same version and by kubectl', async (server) => {
    const path = `${configMaps(server)}/a`;
    const with_ = (text: string) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', annotations: { [lastApplied]: text } },
      data: { a: '1' },
    });
    await server.post(`${configMaps(server)}?fieldManager=maker`, with_('no json'));
    await server.patch(path + query('kubectl'), 'apply', configMap('a', { data: { a: '2' } }));
    const other = JSON.stringify({ ...configMap('a', { data: { a: '1' } }), apiVersion: 'v2' });
    await server.put(`${path}?fieldManager=maker`, with_(other));
    await server.patch(path + query('kubectl'), 'apply', configMap('a', { data: { a: '2' } }));
    await server.put(`${path}?fieldManager=maker`, with_(JSON.stringify(configMap('a', { data: { a: '1' } }))));
    await server.patch(path + query('kubectl'), 'apply', configMap('a', { data: { a: '2' } }));
    await server.patch(path + query('kubectl'), 'apply', with_('mine'));
    await server.get(path);
  }),
  scenario(area, 'custom resources: sets, maps, atomic and open fields', async (server) => {
    const { path, spec } = await widgeting(server);
    await spec('one', { set: ['a', 'b'], numbers: [1, 2], map: [{ name: 'x' }, { name: 'x', port: 81, value: 'v' }] });
    await spec('two', { set: ['b', 'c'], numbers: [2, 3], map: [{ name: 'x', port: 80, value: 'w' }, { name: 'y' }] });
    await spec('three', { atomic: [{ name: 'a' }], granular: { a: '1' }, whole: { a: '1' }, any: { a: { b: [1] } } });
    await spec('four', { atomic: [{ name: 'b' }], granular: { b: '1' }, whole: { b: '1' }, any: { a: { b: [2] } } });
    await spec('four', { granular: { b: '1' }, any: { a: { c: 1 } } });
    await spec('one', { set: ['a'] });
    await spec('three', {});
    await server.get(path);
  }),
  scenario(area, 'custom resources: mistakes in what is applied', async (server) => {
    const { spec } = await widgeting(server);
    await spec('one', { sise: 1 });
    await spec('one', { size: 'big' });
    await spec('one', { set: ['a', 'a'] });
    await spec('one', { map: [{ name: 'x' }, { name: 'x', port: 80 }] });
    await spec('one', { map: [{ value: 'x' }] });
    await spec('one', { set: 'a' });
    await spec('one', { set: [1] });
    await spec('one', { granular: ['a'] });
    await spec('one', { size: 1.5 });
    await spec('one', { port: true });
    await spec('one', { port: 'http' });
    await spec('two', { size: null, color: null });
  }),
  scenario(area, 'custom resources: the status subresource', async (server) => {
    const { path, spec } = await widgeting(server);
    const status = (manager: string, status: object, extra: object = {}, more = '') =>
      server.patch(`${path}/status${query(manager, more)}`, 'apply', {
        ...widget(server, 'a', {}, { status }),
        ...extra,
      });
    await status('two', { phase: 'Ready' });
    await spec('one', { size: 1 });
    await status('two', { phase: 'Ready', replicas: 1 });
    await status('three', { phase: 'Failed' });
    await status('three', { phase: 'Failed' }, { spec: { size: 9 } }, '&force=true');
    await server.patch(path + query('one'), 'apply', widget(server, 'a', { size: 1 }, { status: { phase: 'Main' } }));
    await status('two', {});
    await server.get(path);
  }),
  scenario(area, 'custom resources: scale', async (server) => {
    const scalePaths = { specReplicasPath: '.spec.size', statusReplicasPath: '.status.replicas' };
    await server.installCrd(crd(server, { schema: lists, scale: scalePaths }));
    const path = `${widgets(server)}/a`;
    const applyScale = (manager: string, replicas: number, more = '') =>
      server.patch(`${path}/scale${query(manager, more)}`, 'apply', scale(replicas, { name: 'a' }));
    await server.patch(path + query('one'), 'apply', widget(server, 'a', {}));
    await applyScale('two', 2);
    await server.patch(path + query('one'), 'apply', widget(server, 'a', { size: 1 }));
    await server.patch(path + query('one', '&force=true'), 'apply', widget(server, 'a', { size: 1 }));
    await applyScale('two', 2);
    await applyScale('two', 2, '&force=true');
    await server.put(`${path}/scale${query('three')}`, scale(3, { name: 'a' }));
    await server.get(path);
  }),
  scenario(area, 'custom resources: fields that anything may be', async (server) => {
    const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    const { path, spec } = await widgeting(server, open);
    await spec('one', { a: 1, list: [1, { x: 1 }], map: { a: 1, b: null } });
    await spec('two', { a: 1, list: [2], map: { c: 1 } });
    await spec('two', { map: { c: 1 } });
    await spec('one', { map: { a: 2 } });
    await server.get(path);
  }),
  scenario(area, 'custom resources: an integer that no double holds', async (server) => {
    const { path } = await widgeting(server);
    const body = `{"apiVersion":"${group(server)}/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"size":9007199254740993}}`;
    await server.patch(path + query('one'), 'apply', body);
    await server.patch(path + query('two'), 'apply', body.replace('993', '992'));
    await server.patch(path + query('two'), 'apply', body.replace('9007199254740993', '1e3'));
    await server.patch(path + query('two'), 'apply', body.replace('9007199254740993', '10.0'));
  }),
  scenario(area, 'custom resources: managers of several versions', async (server) => {
    const version = (name: string, storage: boolean, properties: object) => ({
      name,
      served: true,
      storage,
      schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } } },
    });
    const integer = { type: 'integer' };
    const versions = [
      version('v1', true, { a: integer, b: integer }),
      version('v2', false, { a: integer, b: integer }),
    ];
    await server.installCrd(crd(server, { versions }));
    const apply = (manager: string, version: string, spec: object, more = '') => {
      const body = { apiVersion: `${group(server)}/${version}`, kind: 'Widget', metadata: { name: 'a' }, spec };
      const path = `/apis/${group(server)}/${version}/namespaces/${server.namespace}/widgets/a`;
      return server.patch(path + query(manager, more), 'apply', body);
    };
    await apply('one', 'v1', { a: 1, b: 1 });
    await apply('two', 'v2', { a: 2 });
    await apply('two', 'v2', { a: 2 }, '&force=true');
    await apply('one', 'v2', { b: 1 });
    await apply('one', 'v1', {});
    await server.patch(`${widgets(server)}/a${query('three')}`, 'merge', { spec: { b: 3 } });
    await apply('three', 'v2', { b: 4 });
  }),
  scenario(area, 'custom resources: owners outlive a change of the schema', async (server) => {
    const items = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } };
    const list = { type: 'array', items };
    const { path, spec } = await widgeting(server, { gone: { type: 'string' }, list, whole: lists.granular });
    await spec('one', { gone: 'x', list: [{ name: 'a' }], whole: { a: '1' } });
    const map = { ...list, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] };
    const { spec: changed } = crd(server, { schema: { list: map, whole: lists.whole } }) as { spec: object };
    const definition = `${crds}/widgets.${group(server)}`;
    await server.patch(definition, 'merge', { spec: changed }, { unrecorded: true });
    await server.until(path, ({ body }) => body.spec?.gone === undefined);
    await server.get(path);
    await server.patch(path + query('two'), 'merge', { spec: { list: [{ name: 'a' }, { name: 'b' }] } });
    await spec('three', { list: [{ name: 'c' }], whole: { b: '1' } });
    await spec('three', { list: [{ name: 'c' }] });
    await spec('one', { list: [{ name: 'a' }] });
    await spec('one', { gone: 'x' });
  }),
  scenario(area, 'built-in definitions are applied too', async (server) => {
    const definition = crd(server, { schema: lists });
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group(server)}`;
    await server.patch(path + query('one'), 'apply', definition, { unrecorded: true });
    const established = (condition: { type: string; status: string }) =>
      condition.type === 'Established' && condition.status === 'True';
    await server.until(path, ({ body }) => body.status?.conditions?.some(established));
    await server.get(path);
    await server.patch(path + query('two'), 'apply', crd(server, { schema: { size: { type: 'string' } } }));
    await server.patch(path + query('one'), 'apply', crd(server, { schema: { ...lists, more: { type: 'string' } } }));
    await server.delete(path, { unrecorded: true });
  }),
  scenario(area, 'events of both groups', async (server) => {
    const event = (apiVersion: string, extra: object) => ({
      apiVersion,
      kind: 'Event',
      metadata: { name: 'e' },
      reason: 'Happened',
      type: 'Normal',
      ...extra,
    });
    const about = { kind: 'Pod', namespace: server.namespace, name: 'p' };
    const core = `/api/v1/namespaces/${server.namespace}/events/e`;
    const other = `/apis/events.k8s.io/v1/namespaces/${server.namespace}/events/e`;
    await server.patch(core + query('one'), 'apply', event('v1', { involvedObject: about, message: 'm' }));
    await server.patch(other + query('two'), 'apply', event('events.k8s.io/v1', { note: 'n' }));
    await server.patch(other + query('two', '&force=true'), 'apply', event('events.k8s.io/v1', { note: 'n' }));
    await server.get(core);
  }),
];
