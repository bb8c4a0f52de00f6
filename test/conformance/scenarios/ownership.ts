import { type ScenarioServer, scenario } from '../scenario.ts';
import { configMap, configMaps, crd, group, widget, widgets } from './fixtures.ts';

const area = 'managed fields';
const services = (server: ScenarioServer) => `/api/v1/namespaces/${server.namespace}/services`;
const pods = (server: ScenarioServer) => `/api/v1/namespaces/${server.namespace}/pods`;
const deployments = (server: ScenarioServer) => `/apis/apps/v1/namespaces/${server.namespace}/deployments`;

const query = (manager: string) => `?fieldManager=${manager}`;
const data = (data: object, metadata: object = {}) => ({
  ...configMap('a'),
  metadata: { name: 'a', ...metadata },
  data,
});

const entry = (manager: string, fields: object, more: object = {}) => ({
  manager,
  operation: 'Update',
  apiVersion: 'v1',
  time: '2020-01-01T00:00:00Z',
  fieldsType: 'FieldsV1',
  fieldsV1: fields,
  ...more,
});
const owned = (...names: readonly string[]) => ({
  'f:data': Object.fromEntries(names.map((name) => [`f:${name}`, {}])),
});

export const ownership = [
  scenario(area, 'a creation owns what it says and what the defaults add', async (server) => {
    const container = { name: 'web', image: 'i', ports: [{ containerPort: 80 }], env: [{ name: 'A', value: '1' }] };
    await server.post(pods(server), {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', labels: { a: 'b' }, annotations: {}, finalizers: ['example.com/a'] },
      spec: { containers: [container], tolerations: [{ key: 'k', operator: 'Exists' }], nodeSelector: { a: 'b' } },
      status: { phase: 'Running' },
    });
    await server.post(deployments(server), {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } },
      },
    });
    await server.post(services(server), {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's' },
      spec: { selector: { a: 'b' }, ports: [{ port: 80 }] },
    });
    await server.post(configMaps(server), { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'g-' } });
  }),
  scenario(area, 'the user agent names the manager', async (server) => {
    const make = (name: string, agent: string) =>
      server.post(configMaps(server), configMap(name, { data: { a: '1' } }), { headers: { 'user-agent': agent } });
    await make('a', 'program/v1.2 (linux)');
    await make('b', 'a program with words');
    await make('c', '/nothing');
    await make('d', `${'x'.repeat(140)}/1`);
    await make('e', 'tab\tbed/1');
    await make('f', 'caf\u00e9/1');
  }),
  scenario(area, 'updates own what they change', async (server) => {
    const path = `${configMaps(server)}/a`;
    await server.post(configMaps(server) + query('one'), data({ a: '1', b: '2' }));
    await server.put(path + query('two'), data({ a: '1', b: '3', c: '4' }));
    await server.put(path + query('two'), data({ a: '1', c: '4' }));
    await server.put(path + query('one'), data({ a: '1', c: '4' }, { labels: { a: 'b' } }));
    await server.patch(path + query('three'), 'merge', { data: { a: null } });
    await server.patch(path + query('three'), 'strategic', { data: { d: '5' } });
    await server.patch(path + query('four'), 'json', [{ op: 'add', path: '/data/e', value: '6' }]);
    await server.get(path);
  }),
  scenario(area, 'an update that changes nothing changes no owner', async (server) => {
    const path = `${configMaps(server)}/a`;
    await server.post(configMaps(server) + query('one'), data({ a: '1' }));
    await server.put(path + query('two'), data({ a: '1' }));
    await server.patch(path + query('two'), 'merge', { data: { a: '1' } });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await server.patch(path + query('one'), 'merge', { data: { a: '1' } });
    await server.patch(path + query('one'), 'merge', { data: { a: '2' } });
    await server.get(path);
  }),
  scenario(area, 'clients may change who owns what', async (server) => {
    const path = `${configMaps(server)}/a`;
    await server.post(configMaps(server) + query('one'), data({ a: '1', b: '2' }));
    await server.put(path + query('two'), data({ a: '1', b: '2' }, { managedFields: [entry('other', owned('a'))] }));
    await server.put(path + query('two'), data({ a: '1', b: '3' }, { managedFields: [entry('x', owned('a', 'b'))] }));
    await server.patch(path + query('two'), 'merge', { metadata: { managedFields: null } });
    await server.patch(path + query('two'), 'json', [
      { op: 'replace', path: '/metadata/managedFields/0/manager', value: 'renamed' },
    ]);
    await server.patch(path + query('two'), 'json', [{ op: 'remove', path: '/metadata/managedFields' }]);
    await server.post(configMaps(server) + query('one'), {
      ...configMap('b'),
      metadata: { name: 'b', managedFields: [entry('before', owned('a', 'z'))] },
      data: { a: '1' },
    });
  }),
  scenario(area, 'one empty entry, or none, ends the tracking', async (server) => {
    const path = `${configMaps(server)}/a`;
    await server.post(configMaps(server) + query('one'), data({ a: '1' }));
    await server.put(path + query('two'), data({ a: '1' }, { managedFields: [] }));
    await server.put(path + query('two'), data({ a: '2' }));
    await server.delete(path, { unrecorded: true });
    await server.post(configMaps(server) + query('one'), data({ a: '1' }));
    await server.patch(path + query('two'), 'merge', { metadata: { managedFields: [{}] } });
    await server.patch(path + query('two'), 'merge', { data: { a: '2' } });
    await server.delete(path, { unrecorded: true });
    await server.post(configMaps(server) + query('one'), data({ a: '1' }, { managedFields: [{}] }));
    await server.post(configMaps(server) + query('one'), {
      ...configMap('b'),
      metadata: { name: 'b', managedFields: [] },
    });
  }),
  scenario(area, 'managedFields that cannot be read are not taken', async (server) => {
    const path = `${configMaps(server)}/a`;
    await server.post(configMaps(server) + query('one'), data({ a: '1' }));
    const put = (...managedFields: readonly unknown[]) =>
      server.put(path + query('two'), data({ a: '1' }, { managedFields }));
    await put(entry('x', owned('a'), { operation: 'Other' }));
    await put(entry('x', owned('a'), { apiVersion: '' }));
    await put(entry('x', owned('a'), { fieldsType: '' }));
    await put(entry('x', owned('a'), { fieldsType: 'FieldsV2' }));
    await put(entry('x', { 'q:a': {} }));
    await put(entry('x', { data: {} }));
    await put(entry('x', { 'f:data': 1 }));
    await put(entry('x', { 'k:{': {} }));
    await put(entry('x', {}));
    await put({ manager: 'x', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1' });
    await put(entry('x', owned('a'), { time: 'yesterday' }));
    await put(entry('x', owned('a'), { time: '2020-01-01T01:00:00+01:00' }));
    await put(entry('x', owned('a'), { time: null }));
    await put('x');
    await put(entry('x'.repeat(129), owned('a')));
    await put(entry('x', owned('a'), { subresource: 's'.repeat(257) }));
    await put(entry('line\nbreak', owned('a')));
    await put(entry('x', owned('a'), { more: 1 }));
    await put(entry('x', owned('a'), { apiVersion: 'v2' }));
    await put(entry('x', owned('a'), { apiVersion: 'a/b/c' }));
    const managedFields = [entry('x'.repeat(129), owned('z'))];
    await server.post(configMaps(server), { ...configMap('b'), metadata: { name: 'b', managedFields } });
  }),
  scenario(area, 'managers of the other group of events are forgotten', async (server) => {
    const core = `/api/v1/namespaces/${server.namespace}/events`;
    const other = `/apis/events.k8s.io/v1/namespaces/${server.namespace}/events/e`;
    await server.post(core + query('one'), {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e' },
      involvedObject: { kind: 'Pod', namespace: server.namespace, name: 'p' },
      reason: 'Happened',
      type: 'Normal',
      message: 'm',
    });
    await server.patch(other + query('two'), 'merge', { metadata: { labels: { a: 'b' } } });
    await server.patch(`${core}/e${query('one')}`, 'merge', { count: 2 });
  }),
  scenario(area, 'owner references of objects that are there', async (server) => {
    const path = `${configMaps(server)}/a`;
    const { body } = await server.post(configMaps(server), configMap('owner'), { unrecorded: true });
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: body.metadata.uid };
    await server.post(configMaps(server) + query('one'), data({}, { ownerReferences: [owner] }));
    await server.patch(path + query('two'), 'strategic', {
      metadata: { ownerReferences: [{ ...owner, controller: true }] },
    });
  }),
  scenario(area, 'custom resources: managedFields of clients', async (server) => {
    await server.installCrd(crd(server));
    const path = `${widgets(server)}/a`;
    const made = await server.post(widgets(server) + query('one'), widget(server, 'a', { size: 1 }));
    const put = async (managedFields: unknown, spec: object = { size: 1 }) => {
      const { body } = await server.get(path, { unrecorded: true });
      const { resourceVersion } = body.metadata;
      await server.put(path + query('two'), {
        ...made.body,
        spec,
        metadata: { name: 'a', resourceVersion, managedFields },
      });
    };
    const mine = { apiVersion: `${group(server)}/v1` };
    await put([entry('x', { 'f:spec': { 'f:size': {} } }, mine)]);
    await put([entry('x', { 'f:spec': { 'f:size': {} } }, { ...mine, operation: 'Other' })]);
    await put([entry('x', { 'f:spec': { 'f:gone': {} } }, { apiVersion: `${group(server)}/v9` })], { size: 2 });
    await put(undefined, { size: 3 });
    await put('text');
    await put([1]);
    await put([]);
    await put([{}]);
    await put(undefined, { size: 4 });
  }),
  scenario(area, 'the eleventh manager that updates makes old ones ancient', async (server) => {
    const path = `${configMaps(server)}/a`;
    const update = (index: number) =>
      server.patch(path + query(`m${String(index).padStart(2, '0')}`), 'merge', { data: { [`k${index}`]: '1' } });
    await server.post(configMaps(server) + query('m00'), data({ a: '1' }));
    for (let index = 1; index < 14; index++) {
      await update(index);
      await new Promise((resolve) => setTimeout(resolve, 1010));
    }
    await server.patch(path + query('applier'), 'apply', data({ z: '1' }));
    await server.get(path);
  }),
  scenario(area, 'the status of a built-in kind and of a custom one', async (server) => {
    await server.installCrd(crd(server));
    await server.post(widgets(server) + query('one'), widget(server, 'a', { size: 1 }, { status: { phase: 'x' } }));
    const path = `${widgets(server)}/a`;
    await server.patch(`${path}/status${query('two')}`, 'merge', { status: { phase: 'y' }, spec: { size: 3 } });
    await server.patch(`${path}/status${query('two')}`, 'merge', { metadata: { labels: { a: 'b' } } });
    await server.patch(`${path}/status${query('one')}`, 'merge', {
      status: { phase: 'z' },
      metadata: { managedFields: [{}] },
    });
    await server.patch(path + query('two'), 'merge', { spec: { color: 'blue' }, status: { phase: 'q' } });
    await server.post(services(server) + query('one'), {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's' },
      spec: { ports: [{ port: 80 }], type: 'LoadBalancer' },
    });
    const ingress = [{ ip: '10.1.2.3' }];
    await server.patch(`${services(server)}/s/status${query('two')}`, 'merge', {
      status: { loadBalancer: { ingress } },
    });
    await server.patch(`${services(server)}/s${query('three')}`, 'merge', { spec: { type: 'ClusterIP' } });
  }),
  scenario(area, 'who creates by PUT', async (server) => {
    const lease = (spec: object) => ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'l' },
      spec,
    });
    const path = `/apis/coordination.k8s.io/v1/namespaces/${server.namespace}/leases/l`;
    await server.put(path + query('one'), lease({ holderIdentity: 'a', leaseDurationSeconds: 15 }));
    await server.put(
      path + query('two'),
      lease({ holderIdentity: 'b', leaseDurationSeconds: 15, renewTime: '2026-01-01T00:00:00.000001Z' }),
    );
    await server.patch(path + query('three'), 'strategic', { spec: { leaseTransitions: 1 } });
  }),
  scenario(area, 'dry runs show owners and keep none', async (server) => {
    const path = `${configMaps(server)}/a`;
    await server.post(`${configMaps(server)}?dryRun=All`, data({ a: '1' }));
    await server.post(configMaps(server) + query('one'), data({ a: '1' }));
    await server.put(`${path + query('two')}&dryRun=All`, data({ a: '2' }));
    await server.get(path);
  }),
  scenario(area, 'a finalizer that goes, and an object that does not', async (server) => {
    const path = `${configMaps(server)}/a`;
    await server.post(configMaps(server) + query('one'), data({}, { finalizers: ['example.com/a', 'example.com/b'] }));
    await server.delete(path);
    await server.patch(path + query('two'), 'json', [{ op: 'remove', path: '/metadata/finalizers/0' }]);
    await server.patch(path + query('three'), 'merge', { metadata: { finalizers: null } });
  }),
  scenario(area, 'partial objects and tables show owners as they are', async (server) => {
    await server.post(configMaps(server) + query('one'), data({ a: '1' }));
    const accept = (kind: string) => ({ headers: { accept: `application/json;as=${kind};g=meta.k8s.io;v=v1` } });
    await server.get(`${configMaps(server)}/a`, accept('PartialObjectMetadata'));
    await server.get(`${configMaps(server)}/a`, accept('Table'));
    await server.get(`${configMaps(server)}/a`, { headers: { accept: 'application/yaml' } });
  }),
];
