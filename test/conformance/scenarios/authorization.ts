import { scenario } from '../scenario.ts';
import {
  allow,
  as,
  binding,
  bindings,
  clusterBinding,
  clusterRole,
  group,
  rbac,
  role,
  roles,
  rule,
  untilAllowed,
  user,
} from './access.ts';
import { configMap, configMaps } from './fixtures.ts';

export const authorization = [
  scenario('authorization', 'nobody may do anything by default, for every verb', async (server) => {
    const bob = as('bob');
    await server.get(configMaps(server), bob);
    await server.get(`${configMaps(server)}/a`, bob);
    await server.get(`${configMaps(server)}?watch=1`, bob);
    await server.post(configMaps(server), configMap('a'), bob);
    await server.put(`${configMaps(server)}/a`, configMap('a'), bob);
    await server.patch(`${configMaps(server)}/a`, 'merge', {}, bob);
    await server.delete(`${configMaps(server)}/a`, bob);
    await server.delete(configMaps(server), bob);
  }),
  scenario('authorization', 'who creates by an update or an apply must be allowed to create', async (server) => {
    const leases = `/apis/coordination.k8s.io/v1/namespaces/${server.namespace}/leases`;
    const lease = (name: string) => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name } });
    await allow(server, 'bob', rule('update,patch', 'coordination.k8s.io', 'leases'));
    await server.put(`${leases}/a`, lease('a'), as('bob'));
    await server.patch(`${leases}/a?fieldManager=m`, 'apply', lease('a'), as('bob'));
    await server.patch(`${leases}/a`, 'merge', {}, as('bob'));
    await server.put(`${leases}/a`, lease('a'));
    await server.put(`${leases}/a`, lease('a'), as('bob'));
  }),
  scenario('authorization', 'cluster-scoped resources and lists over all namespaces', async (server) => {
    const bob = as('bob');
    await server.get('/api/v1/configmaps', bob);
    await server.get('/api/v1/nodes', bob);
    await server.get('/api/v1/nodes/x', bob);
    await server.get('/api/v1/namespaces', bob);
    await server.get(`/api/v1/namespaces/${server.namespace}`, bob);
    await server.put(`/api/v1/namespaces/${server.namespace}/finalize`, {}, bob);
    await server.put(`/api/v1/namespaces/${server.namespace}/status`, {}, bob);
    await server.get('/apis/apps/v1/deployments', bob);
  }),
  scenario('authorization', 'subresources have names of their own', async (server) => {
    const bob = as('bob');
    const pods = `/api/v1/namespaces/${server.namespace}/pods`;
    await server.get(`${pods}/x/log`, bob);
    await server.get(`${pods}/x/status`, bob);
    await server.patch(`${pods}/x/status`, 'merge', {}, bob);
    await server.get(`${pods}/x/proxy/any/path`, bob);
    await server.post(`${pods}/x/eviction`, {}, bob);
    await server.get(`${pods}/x/nosuch`, bob);
    await server.get(`/apis/apps/v1/namespaces/${server.namespace}/deployments/x/scale`, bob);
  }),
  scenario('authorization', 'what is not served is forbidden before it is not found', async (server) => {
    const bob = as('bob');
    await server.get('/api/v1/nosuchthings', bob);
    await server.get('/apis/no.such.group/v1/things', bob);
    await server.get('/apis/no.such.group/v1/namespaces/x/things/y', bob);
    await server.get('/apis/apps/v9/deployments', bob);
    await server.get('/nothing/here', bob);
    await server.get('/', bob);
    await server.get('/metrics', bob);
    await server.post('/healthz', {}, bob);
    await server.delete('/apis', bob);
    await server.request('OPTIONS', configMaps(server), bob);
  }),
  scenario('authorization', 'odd names stand in refusals as they were asked for', async (server) => {
    const odd = as('<b>bob & "co"');
    await server.get(configMaps(server), odd);
    await server.get('/a<b>', odd);
    await server.get('/a%20b', odd);
    await server.get('/api/v1/namespaces/%3Cx%3E/pods', odd);
  }),
  scenario('authorization', 'legacy watch paths', async (server) => {
    const bob = as('bob');
    await server.get(`/api/v1/watch/namespaces/${server.namespace}/configmaps`, bob);
    await server.get(`/api/v1/watch/namespaces/${server.namespace}/configmaps/a`, bob);
    await server.get('/api/v1/watch/configmaps', bob);
    await server.get('/apis/apps/v1/watch/deployments', bob);
  }),
  scenario('authorization', 'a list of one name is a request for that name', async (server) => {
    await allow(server, 'named', rule('get,list,watch', 'core', 'configmaps', 'a'));
    await server.post(configMaps(server), configMap('a'));
    const named = as('named');
    await server.get(configMaps(server), named);
    await server.get(`${configMaps(server)}?fieldSelector=metadata.name%3Da`, named);
    await server.get(`${configMaps(server)}?fieldSelector=metadata.name%3Db`, named);
    await server.get(`${configMaps(server)}?fieldSelector=metadata.name!%3Da`, named);
    await server.get(
      `${configMaps(server)}?fieldSelector=metadata.name%3Da&watch=true&timeoutSeconds=1&resourceVersion=9`,
      {
        ...named,
        unrecorded: true,
      },
    );
    await server.get(`${configMaps(server)}/a`, named);
    await server.get(`${configMaps(server)}/b`, named);
    await server.delete(`${configMaps(server)}?fieldSelector=metadata.name%3Da`, named);
  }),
  scenario('authorization', 'verbs of a role and no others', async (server) => {
    await allow(server, 'reader', rule('get,list', 'core', 'configmaps'));
    const reader = as('reader');
    await server.post(configMaps(server), configMap('a'));
    await server.get(configMaps(server), reader);
    await server.get(`${configMaps(server)}/a`, reader);
    await server.get(`${configMaps(server)}?watch=1`, reader);
    await server.patch(`${configMaps(server)}/a`, 'merge', { data: { a: '1' } }, reader);
    await server.get('/api/v1/namespaces/default/configmaps', reader);
    await server.get('/api/v1/configmaps', reader);
    await server.get(`/api/v1/namespaces/${server.namespace}/secrets`, reader);
  }),
  scenario('authorization', 'stars in verbs, groups and resources', async (server) => {
    await allow(server, 'star', rule('*', 'core', 'configmaps'), rule('get', '*', 'leases'), rule('list', 'apps', '*'));
    const star = as('star');
    await server.post(configMaps(server), configMap('a'), star);
    await server.delete(configMaps(server), star);
    await server.get(`/apis/coordination.k8s.io/v1/namespaces/${server.namespace}/leases/x`, star);
    await server.get(`/apis/coordination.k8s.io/v1/namespaces/${server.namespace}/leases`, star);
    await server.get(`/apis/apps/v1/namespaces/${server.namespace}/deployments`, star);
    await server.get(`/apis/apps/v1/namespaces/${server.namespace}/deployments/x/status`, star);
  }),
  scenario('authorization', 'subresources are allowed by their whole name or behind a star', async (server) => {
    await allow(
      server,
      'sub',
      rule('get', 'apps', '*/scale'),
      rule('get', 'core', 'pods/status'),
      rule('get', 'core', 'services'),
    );
    const sub = as('sub');
    const apps = `/apis/apps/v1/namespaces/${server.namespace}`;
    const core = `/api/v1/namespaces/${server.namespace}`;
    await server.get(`${apps}/deployments/x/scale`, sub);
    await server.get(`${apps}/statefulsets/x/scale`, sub);
    await server.get(`${apps}/deployments/x`, sub);
    await server.get(`${core}/pods/x/status`, sub);
    await server.get(`${core}/pods/x`, sub);
    await server.get(`${core}/services/x`, sub);
    await server.get(`${core}/services/x/status`, sub);
  }),
  scenario('authorization', 'resource names hold for requests that name an object', async (server) => {
    await allow(server, 'named', rule('get,update,delete,create', 'core', 'configmaps', 'a,b'));
    const named = as('named');
    await server.post(configMaps(server), configMap('a'), named);
    await server.post(configMaps(server), configMap('a'));
    await server.get(`${configMaps(server)}/a`, named);
    await server.get(`${configMaps(server)}/c`, named);
    await server.put(`${configMaps(server)}/a`, configMap('a', { data: { x: '1' } }), named);
    await server.delete(configMaps(server), named);
    await server.delete(`${configMaps(server)}/a`, named);
  }),
  scenario('authorization', 'groups are bound as users are', async (server) => {
    const name = `${server.unique}-team`;
    await server.post(roles(server), role('r', rule('list', 'core', 'configmaps')));
    await server.post(bindings(server), binding('b', 'Role', 'r', group(name)));
    await server.post(bindings(server), binding('c', 'Role', 'r', user('lone')));
    await untilAllowed(server, 'lone', { namespace: server.namespace, verb: 'list', resource: 'configmaps' });
    await server.get(configMaps(server), as('ann', { 'impersonate-group': name }));
    await server.get(configMaps(server), as('ann', { 'impersonate-group': 'other' }));
    await server.get(configMaps(server), as('lone'));
  }),
  scenario('authorization', 'a role of the cluster is bound in one namespace', async (server) => {
    const name = `${server.unique}-reader`;
    await server.post(`${rbac}/clusterroles`, clusterRole(name, rule('list', 'core', 'configmaps,nodes')));
    await server.post(bindings(server), binding('b', 'ClusterRole', name, user('ann')));
    await untilAllowed(server, 'ann', { namespace: server.namespace, verb: 'list', resource: 'configmaps' });
    await server.get(configMaps(server), as('ann'));
    await server.get('/api/v1/nodes', as('ann'));
    await server.get('/api/v1/configmaps', as('ann'));
    await server.delete(`${rbac}/clusterroles/${name}`);
  }),
  scenario('authorization', 'a role of the cluster is bound for all of it', async (server) => {
    const name = `${server.unique}-reader`;
    const nonResource = { verbs: ['get'], nonResourceURLs: ['/nothing/*', '/exactly'] };
    await server.post(`${rbac}/clusterroles`, clusterRole(name, rule('list', 'core', 'configmaps,nodes'), nonResource));
    await server.post(`${rbac}/clusterrolebindings`, clusterBinding(name, name, user(name)));
    await untilAllowed(server, name, { verb: 'list', resource: 'nodes' });
    await server.get(configMaps(server), as(name));
    await server.get('/nothing/here', as(name));
    await server.get('/nothing', as(name));
    await server.get('/exactly', as(name));
    await server.get('/exactly/not', as(name));
    await server.post('/exactly', {}, as(name));
    await server.delete(`${rbac}/clusterrolebindings/${name}`);
    await server.delete(`${rbac}/clusterroles/${name}`);
    await untilAllowed(server, name, { verb: 'list', resource: 'nodes' }, false);
    await server.get(configMaps(server), as(name));
  }),
  scenario('authorization', 'a binding to a role that is not there is said to be one', async (server) => {
    await server.post(bindings(server), binding('a', 'Role', 'missing', user('lost')));
    await server.post(bindings(server), binding('b', 'ClusterRole', `${server.unique}-missing`, user('lost2')));
    await server.post(bindings(server), binding('c', 'Role', 'here', user('lost2')));
    await server.post(roles(server), role('here', rule('list', 'core', 'secrets')));
    await untilAllowed(server, 'lost2', { namespace: server.namespace, verb: 'list', resource: 'secrets' });
    await server.get(configMaps(server), as('lost'));
    await server.get(configMaps(server), as('lost2'));
    await server.get(`/api/v1/namespaces/${server.namespace}/secrets`, as('lost2'));
  }),
  scenario('authorization', 'every user may discover and review themselves', async (server) => {
    const bob = as('bob');
    await server.get('/version', { ...bob, unrecorded: true });
    const statuses = [
      '/version',
      '/healthz',
      '/livez',
      '/readyz',
      '/api',
      '/apis',
      '/apis/apps/v1',
      '/openapi/v3',
      '/readyz/ping',
    ];
    for (const path of statuses) {
      const { status } = await server.get(path, { ...bob, unrecorded: true });
      if (status !== 200) await server.get(path, bob);
    }
    await server.get('/healthz', bob);
    await server.get('/livez/ping', bob);
    await server.get('/.well-known/openid-configuration', bob);
    await server.get('/openid/v1/jwks', bob);
    await server.get('/logs', bob);
  }),
  scenario('authorization', 'custom resources are allowed by their group', async (server) => {
    const plural = 'gizmos';
    const groupName = `${server.unique}.conformance.setpoint.dev`;
    await server.installCrd({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.${groupName}` },
      spec: {
        group: groupName,
        scope: 'Namespaced',
        names: { plural, singular: 'gizmo', kind: 'Gizmo', listKind: 'GizmoList' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            subresources: { status: {} },
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        ],
      },
    });
    await allow(server, 'ann', rule('create,get', groupName, plural));
    const path = `/apis/${groupName}/v1/namespaces/${server.namespace}/${plural}`;
    const gizmo = { apiVersion: `${groupName}/v1`, kind: 'Gizmo', metadata: { name: 'a' } };
    await server.post(path, gizmo, as('ann'));
    await server.get(`${path}/a`, as('ann'));
    await server.get(path, as('ann'));
    await server.patch(`${path}/a/status`, 'merge', { status: { ok: true } }, as('ann'));
    await server.delete(`${path}/a`, as('ann'));
    await server.get(`/apis/${groupName}/v2/namespaces/${server.namespace}/${plural}/a`, as('ann'));
    await server.get(`/apis/${groupName}/v1/namespaces/${server.namespace}/others`, as('ann'));
  }),
];
