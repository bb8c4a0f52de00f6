import { type ScenarioServer, scenario } from '../scenario.ts';
import { configMap, configMaps } from './fixtures.ts';

const area = 'server-side apply';
const deployments = (server: ScenarioServer) => `/apis/apps/v1/namespaces/${server.namespace}/deployments`;
const services = (server: ScenarioServer) => `/api/v1/namespaces/${server.namespace}/services`;

/** Applies to `path` as `manager`. */
function applier(server: ScenarioServer, path: string) {
  return (manager: string, body: unknown, query = '') =>
    server.patch(`${path}?fieldManager=${manager}${query}`, 'apply', body);
}

/** Applies data of the ConfigMap `a`. */
function settings(server: ScenarioServer) {
  const path = `${configMaps(server)}/a`;
  const apply = applier(server, path);
  const data = (manager: string, data: object, query = '') => apply(manager, configMap('a', { data }), query);
  return { path, apply, data };
}

const deployment = (spec: object, metadata: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', ...metadata },
  spec,
});

const selector = { matchLabels: { app: 'web' } };
const template = (...containers: readonly object[]) => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers },
});
const web = (extra: object = {}) => ({ name: 'web', image: 'nginx:1', ...extra });

/** Applies the Deployment `web`. */
function deploying(server: ScenarioServer) {
  const path = `${deployments(server)}/web`;
  const apply = applier(server, path);
  const spec = (manager: string, spec: object, query = '') => apply(manager, deployment(spec), query);
  const containers = (manager: string, ...containers: readonly object[]) =>
    spec(manager, { selector, template: template(...containers) });
  return { path, apply, spec, containers };
}

export const apply = [
  scenario(area, 'what is not there is created, what is there is merged', async (server) => {
    const { path, data } = settings(server);
    await data('one', { a: '1' });
    await data('one', { a: '1', b: '2' });
    await data('one', { a: '1', b: '2' });
    await server.get(path);
    await data('one', { a: '2' });
    await server.get(path);
  }),
  scenario(area, 'fields that a manager no longer applies are removed, if nobody else owns them', async (server) => {
    const { path, data } = settings(server);
    await data('one', { a: '1', b: '2', c: '3' });
    await data('two', { b: '2' });
    await server.patch(`${path}?fieldManager=three`, 'merge', { data: { c: '3', d: '4' } });
    await data('one', { a: '1' });
    await data('two', {});
    await data('one', {});
  }),
  scenario(area, 'a second manager conflicts where it wants something else', async (server) => {
    const { path, data } = settings(server);
    await data('one', { a: '1', b: '2' });
    await data('two', { a: 'x' });
    await data('two', { a: 'x', b: 'y', c: 'z' });
    await data('two', { a: '1' });
    await data('three', { a: 'x', b: 'y' });
    await server.get(path);
  }),
  scenario(area, 'force takes the fields from the others', async (server) => {
    const { path, data } = settings(server);
    await data('one', { a: '1', b: '2' });
    await data('two', { a: 'x', b: '2' }, '&force=true');
    await data('three', { b: 'y' }, '&force=1');
    await data('four', { a: 'x', b: 'z' }, '&force=false');
    await data('one', {});
    await server.get(path);
  }),
  scenario(area, 'conflicts with managers that updated name their version and subresource', async (server) => {
    const { path, spec } = deploying(server);
    await server.post(deployments(server), deployment({ selector, template: template(web()) }), { unrecorded: true });
    await server.patch(`${path}?fieldManager=patcher`, 'merge', { spec: { paused: true } });
    await server.patch(`${path}/scale?fieldManager=scaler`, 'merge', { spec: { replicas: 5 } });
    await spec('one', { replicas: 7, paused: false, minReadySeconds: 3 });
    await spec('one', { replicas: 7 });
    await spec('one', { paused: false });
    await spec('one', { replicas: 7, paused: false }, '&force=true');
  }),
  scenario(area, 'items of a map list belong to whoever applied them', async (server) => {
    const { path, containers } = deploying(server);
    await containers('one', web({ env: [{ name: 'A', value: '1' }] }));
    await containers('two', { name: 'side', image: 'side:1' });
    await containers('three', web({ env: [{ name: 'B', value: '2' }] }));
    await containers('one', web());
    await containers('three', web({ image: 'nginx:2' }));
    await containers('two');
    await server.get(path);
  }),
  scenario(area, 'keys of a map list have defaults', async (server) => {
    const { path, containers } = deploying(server);
    await containers('one', web({ ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }] }));
    await containers('two', web({ ports: [{ containerPort: 80, protocol: 'TCP', name: 'http' }] }));
    await containers('one', web({ ports: [{ containerPort: 80, protocol: 'UDP' }] }));
    await server.get(path);
    await containers('one', web({ ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'TCP' }] }));
    await containers('one', web({ ports: [{ protocol: 'TCP' }] }));
  }),
  scenario(area, 'the order of a list follows what is applied', async (server) => {
    const { path, containers } = deploying(server);
    const env = (...names: readonly string[]) => names.map((name) => ({ name, value: name }));
    await containers('one', web({ env: env('A', 'B', 'C') }));
    await containers('one', web({ env: env('C', 'A') }));
    await containers('two', web({ env: env('X', 'A', 'Y') }));
    await containers('one', web({ env: env('Y', 'C', 'X', 'A') }));
    await containers('three', { name: 'first', image: 'i' }, web());
    await server.get(path);
  }),
  scenario(area, 'sets have no owner of the whole', async (server) => {
    const { path, apply } = settings(server);
    const finalizers = (manager: string, ...finalizers: readonly string[]) =>
      apply(manager, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', finalizers } });
    await finalizers('one', 'example.com/a', 'example.com/b');
    await finalizers('two', 'example.com/b', 'example.com/c');
    await finalizers('one', 'example.com/a');
    await finalizers('one', 'example.com/a', 'example.com/a');
    await finalizers('two');
    await finalizers('one');
    await server.get(path);
  }),
  scenario(area, 'atomic lists and maps have one owner', async (server) => {
    const { path, apply, containers } = deploying(server);
    await containers('one', web({ args: ['a', 'b'] }));
    await containers('two', web({ args: ['a'] }));
    await containers('two', web({ args: ['a', 'b'] }));
    await containers('one', web());
    const other = deployment({ selector: { matchLabels: { app: 'web', tier: 'x' } }, template: template() });
    await apply('three', other);
    await server.get(path);
  }),
  scenario(area, 'owner references merge by uid', async (server) => {
    const { path, apply } = settings(server);
    const owners = (manager: string, ...uids: readonly string[]) =>
      apply(manager, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: 'a',
          ownerReferences: uids.map((uid) => ({ apiVersion: 'v1', kind: 'Pod', name: `p${uid.slice(-1)}`, uid })),
        },
      });
    const uid = (last: string) => `00000000-0000-4000-8000-00000000000${last}`;
    await owners('one', uid('1'));
    await owners('two', uid('1'), uid('2'));
    await owners('one');
    await server.get(path);
  }),
  scenario(area, 'ports of a service merge by port and protocol', async (server) => {
    const apply = applier(server, `${services(server)}/web`);
    const ports = (manager: string, ...ports: readonly object[]) =>
      apply(manager, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web' },
        spec: { selector: { app: 'web' }, ports },
      });
    await ports('one', { name: 'http', port: 80 });
    await ports('two', { name: 'tls', port: 443, targetPort: 8443 });
    await ports('one', { name: 'http', port: 80, targetPort: 8080 });
    await ports('two');
  }),
  scenario(area, 'a second manager that wants the same owns it too', async (server) => {
    const { path, data } = settings(server);
    await data('one', { a: '1' });
    await data('two', { a: '1' });
    await data('one', { a: '2' });
    await data('one', { a: '2' }, '&force=true');
    await data('two', { a: '2' });
    await data('one', {});
    await server.get(path);
  }),
  scenario(area, 'an object that was made by update goes on belonging to whoever made it', async (server) => {
    const { path, data } = settings(server);
    await server.post(`${configMaps(server)}?fieldManager=maker`, configMap('a', { data: { a: '1', b: '2' } }));
    await data('one', { a: '1', c: '3' });
    await data('one', { a: '9' });
    await data('one', { a: '9' }, '&force=true');
    await server.put(`${path}?fieldManager=maker`, configMap('a', { data: { a: '8', b: '2' } }));
    await data('one', { a: '9' });
    await data('one', { b: '2' });
  }),
  scenario(area, 'what nobody tracked belongs to before-first-apply', async (server) => {
    const { path, data } = settings(server);
    await server.post(configMaps(server), configMap('a', { data: { a: '1', b: '2' } }));
    await server.patch(path, 'merge', { metadata: { managedFields: [{}] } });
    await server.patch(path, 'merge', { data: { c: '3' } });
    await data('one', { a: '1' });
    await data('one', { a: '2' });
    await data('one', { a: '2' }, '&force=true');
    await server.get(path);
  }),
  scenario(area, 'what the body says of itself must fit the request', async (server) => {
    const { path, apply, data } = settings(server);
    await apply('one', { kind: 'ConfigMap', metadata: { name: 'a' } });
    await apply('one', { apiVersion: 'v1', metadata: { name: 'a' } });
    await apply('one', { apiVersion: 'v2', kind: 'ConfigMap', metadata: { name: 'a' } });
    await apply('one', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } });
    await apply('one', configMap('b'));
    await apply('one', { apiVersion: 'v1', kind: 'ConfigMap' });
    await apply('one', { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} });
    await apply('one', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'other' } });
    await data('one', { a: '1' });
    await apply('one', configMap('b'));
    await apply('one', { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} });
    await apply('one', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'other' } });
    await apply('one', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: server.namespace } });
    await server.get(path);
  }),
  scenario(area, 'bodies that are none are refused', async (server) => {
    const { apply } = settings(server);
    await apply('one', '{');
    await apply('one', 'a: b: c');
    await apply('one', '[]');
    await apply('one', '"text"');
    await apply('one', 'null');
    await apply('one', '');
    await apply('one', '{"apiVersion":"v1"');
    await apply('one', '{"apiVersion":');
    await apply('one', '\u0000');
    await apply('one', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"1","a":"2"}}');
    await apply('one', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: "1"\n  a: "2"\n');
    await apply(
      'one',
      'data: {a: "1", a: "2"}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}',
      '&fieldValidation=Strict',
    );
    await apply(
      'one',
      'data: {a: "1", a: "2"}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}',
      '&fieldValidation=Ignore',
    );
  }),
  scenario(area, 'YAML is read as kubectl reads it', async (server) => {
    const { path, apply } = settings(server);
    await apply(
      'one',
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: "1"\n  b: |\n    x\n    y\n',
    );
    await apply('one', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: 1\n');
    await apply('one', '---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n---\nkind: Other\n');
    await server.get(path);
  }),
  scenario(area, 'fields that the kind does not have are refused', async (server) => {
    const { spec, containers } = deploying(server);
    await spec('one', { selector, template: template(web()), sise: 3 });
    await containers('one', web({ imag: 'x' }));
    await spec('one', { selector, template: template(web()), replicas: 'three' });
    await spec('one', { selector, template: template({ image: 'no-name' }) });
    await spec('one', { selector, template: template(web(), web()) });
    await spec('one', { selector: 'app=web', template: template(web()) });
    await spec('one', { selector, template: { spec: { containers: {} } } });
    await spec('one', { selector, template: template(web({ ports: [80] })) });
    await spec('one', { replicas: 1.5, selector, template: template(web()) });
    await spec('one', { selector, template: template(web({ resources: { limits: { cpu: true } } })) });
  }),
  scenario(area, 'what is applied is validated and gets its defaults', async (server) => {
    const { path, spec } = deploying(server);
    await spec('one', { template: template(web()) });
    await spec('one', { selector, template: template() });
    await spec('one', { replicas: -1, selector, template: template(web()) });
    await spec('one', {
      selector,
      template: template(web({ resources: { limits: { cpu: '1000m', memory: '1024Mi' } } })),
    });
    await spec('one', { selector, template: template(web({ resources: { limits: { cpu: 1 } } })) });
    await spec('two', { selector: { matchLabels: { app: 'other' } } }, '&force=true');
    await server.get(path);
  }),
  scenario(area, 'null and empty values', async (server) => {
    const { path, spec } = deploying(server);
    await spec('one', { replicas: null, selector, template: template(web({ args: null, env: [] })) });
    await spec('two', { replicas: 3, paused: false, minReadySeconds: 0 });
    await spec('two', { replicas: null });
    await spec('two', {});
    const { apply } = settings(server);
    await apply('one', { ...configMap('a'), data: {} });
    await apply('one', { ...configMap('a'), data: null });
    await apply('two', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', labels: {}, annotations: null } });
    await server.get(path);
  }),
  scenario(area, 'the options of the request', async (server) => {
    const { path, data } = settings(server);
    await server.patch(path, 'apply', configMap('a'));
    await server.patch(`${path}?fieldManager=`, 'apply', configMap('a'));
    await data('x'.repeat(129), { a: '1' });
    await data('line%0Abreak', { a: '1' });
    await data('one', { a: '1' }, '&dryRun=Some');
    await data('one', { a: '1' }, '&fieldValidation=Never');
    await data('a%20name%20with%20%C3%A4%20and%20%22', { a: '1' });
    await data('two', { a: '2' });
    await server.patch(`${path}?force=true`, 'merge', { data: { a: '2' } });
  }),
  scenario(area, 'a dry run shows what would be, conflicts included', async (server) => {
    const { path, data } = settings(server);
    await data('one', { a: '1' }, '&dryRun=All');
    await server.get(path);
    await data('one', { a: '1' });
    await data('two', { a: '2' }, '&dryRun=All');
    await data('two', { a: '2' }, '&dryRun=All&force=true');
    await data('one', { a: '3' }, '&dryRun=All');
    await server.get(path);
  }),
  scenario(area, 'a revision or uid in the body must be that of the object', async (server) => {
    const { apply, data } = settings(server);
    const withMeta = (metadata: object) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', ...metadata },
    });
    const uid = '00000000-0000-4000-8000-000000000001';
    await apply('one', withMeta({ uid }));
    await apply('one', withMeta({ resourceVersion: '1' }));
    await apply('one', withMeta({ uid }));
    const { body } = await data('one', { a: '1' });
    await apply('one', withMeta({ resourceVersion: '1' }));
    await apply('one', withMeta({ resourceVersion: body.metadata.resourceVersion }));
    await apply('one', withMeta({ uid }));
    await apply('one', withMeta({ uid: body.metadata.uid }));
    await apply('one', withMeta({ resourceVersion: 'x' }));
  }),
  scenario(area, 'managedFields may not be applied', async (server) => {
    const { apply, data } = settings(server);
    const withFields = (managedFields: unknown) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', managedFields },
    });
    await apply('one', withFields([]));
    await apply('one', withFields(null));
    await data('one', { a: '1' });
    await apply('one', withFields([{}]));
    await apply('one', withFields([{ manager: 'x' }]));
  }),
  scenario(area, 'an apply that changes nothing is no new revision', async (server) => {
    const { path, data } = settings(server);
    await data('one', { a: '1' });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await data('one', { a: '1' });
    await data('one', { a: '1' }, '&force=true');
    await data('two', { a: '1' });
    await server.get(path);
  }),
  scenario(area, 'watches see what was applied', async (server) => {
    const { data } = settings(server);
    const watch = await server.watch(configMaps(server));
    await data('one', { a: '1' });
    await data('one', { a: '1' });
    await data('two', { a: '1' });
    await data('one', {});
    await watch.events(3);
    await watch.close();
  }),
  scenario(area, 'metadata is owned like anything else', async (server) => {
    const { path, apply } = settings(server);
    const meta = (manager: string, metadata: object, query = '') =>
      apply(manager, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', ...metadata } }, query);
    await meta('one', { labels: { a: '1', b: '2' }, annotations: { note: 'x' } });
    await meta('two', { labels: { b: '2', c: '3' } });
    await meta('two', { labels: { a: 'x' } });
    await meta('one', { labels: { a: '1' } });
    await meta('one', { generateName: 'x-', creationTimestamp: '2020-01-01T00:00:00Z', generation: 7 });
    await meta('one', { deletionTimestamp: '2020-01-01T00:00:00Z' });
    await meta('one', { labels: { a: 'not a value!' } });
    await server.get(path);
  }),
  scenario(area, 'an object that is being deleted can be applied to', async (server) => {
    const { path, apply } = settings(server);
    const finalizers = (manager: string, ...finalizers: readonly string[]) =>
      apply(manager, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', finalizers } });
    await finalizers('one', 'example.com/a');
    await server.delete(path);
    await finalizers('two', 'example.com/a');
    await finalizers('two', 'example.com/b');
    await finalizers('two');
    await finalizers('one');
    await server.get(path);
  }),
];
