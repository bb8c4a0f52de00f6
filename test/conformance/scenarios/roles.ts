import { type ScenarioServer, scenario } from '../scenario.ts';
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

/** Somebody who may write roles and bindings, and do little else. */
async function keeper(server: ScenarioServer, ...more: readonly object[]) {
  await allow(server, 'keeper', rule('create,get,update,patch,delete', roleGroup, 'roles,rolebindings'), ...more);
  return as('keeper');
}

const roleGroup = 'rbac.authorization.k8s.io';

export const roleScenarios = [
  scenario('roles', 'nobody grants what they do not have', async (server) => {
    const me = await keeper(server, rule('get', 'core', 'configmaps'));
    await server.post(roles(server), role('ok', rule('get', 'core', 'configmaps')), me);
    await server.post(roles(server), role('a', rule('get,list', 'core', 'configmaps')), me);
    await server.post(roles(server), role('b', rule('*', '*', '*')), me);
    await server.post(roles(server), role('c', rule('get', 'core', 'configmaps,secrets', 'x,y')), me);
    await server.post(roles(server), role('d', rule('delete,create,watch', 'core,apps', 'pods,deployments/scale')), me);
  }),
  scenario('roles', 'nobody extends a role beyond what they have', async (server) => {
    const me = await keeper(server);
    await server.post(roles(server), role('a', rule('get', 'core', 'secrets')));
    await server.put(
      `${roles(server)}/a`,
      role('a', rule('get', 'core', 'secrets'), rule('list', 'core', 'secrets')),
      me,
    );
    await server.patch(`${roles(server)}/a`, 'merge', { metadata: { labels: { a: 'b' } } }, me);
    await server.patch(`${roles(server)}/a`, 'merge', { metadata: { finalizers: ['example.com/x'] } }, me);
    await server.patch(`${roles(server)}/a`, 'merge', { metadata: { finalizers: null } }, me);
    await server.patch(`${roles(server)}/a`, 'merge', { rules: [] }, me);
    await server.put(`${roles(server)}/new`, role('new', rule('list', 'core', 'secrets')), me);
  }),
  scenario('roles', 'nobody binds a role that allows more than they have', async (server) => {
    const me = await keeper(server, rule('get', 'core', 'configmaps'));
    await server.post(roles(server), role('more', rule('get', 'core', 'secrets')));
    await server.post(roles(server), role('same', rule('get', 'core', 'configmaps')));
    await untilAllowed(server, 'keeper', { namespace: server.namespace, verb: 'get', resource: 'configmaps' });
    await server.post(bindings(server), binding('a', 'Role', 'more', user('x')), me);
    await server.post(bindings(server), binding('b', 'Role', 'same', user('x')), me);
    await server.post(bindings(server), binding('c', 'ClusterRole', 'cluster-admin', user('x')), me);
    await server.post(bindings(server), binding('d', 'Role', 'missing', user('x')), me);
    await server.post(bindings(server), binding('e', 'ClusterRole', `${server.unique}-missing`, user('x')), me);
    await server.patch(`${bindings(server)}/b`, 'merge', { subjects: [group('y')] }, me);
  }),
  scenario('roles', 'who may bind or escalate may', async (server) => {
    const me = await keeper(
      server,
      rule('bind', roleGroup, 'roles', 'more'),
      rule('bind', roleGroup, 'clusterroles', 'view'),
      rule('escalate', roleGroup, 'roles', 'lifted'),
    );
    await server.post(roles(server), role('more', rule('get', 'core', 'secrets')));
    await server.post(roles(server), role('lifted'));
    await server.post(bindings(server), binding('a', 'Role', 'more', user('x')), me);
    await server.post(bindings(server), binding('b', 'ClusterRole', 'view', user('x')), me);
    await server.post(bindings(server), binding('c', 'ClusterRole', 'edit', user('x')), {
      ...me,
      unrecorded: true,
    });
    await server.put(`${roles(server)}/lifted`, role('lifted', rule('*', '*', '*')), me);
    await server.post(roles(server), role('fresh', rule('*', '*', '*')), me);
  }),
  scenario('roles', 'paths and gathering roles are granted by who has everything', async (server) => {
    const name = `${server.unique}-keeper`;
    const made = `${server.unique}-made`;
    await server.post(
      `${rbac}/clusterroles`,
      clusterRole(name, rule('*', roleGroup, 'clusterroles'), { verbs: ['get'], nonResourceURLs: ['/a/*'] }),
    );
    // Verbs with a star hold `escalate` as well, which would make the rest of this pointless.
    await server.put(
      `${rbac}/clusterroles/${name}`,
      clusterRole(name, rule('create,update', roleGroup, 'clusterroles'), {
        verbs: ['get'],
        nonResourceURLs: ['/a/*'],
      }),
    );
    await server.post(`${rbac}/clusterrolebindings`, clusterBinding(name, name, user(name)));
    await untilAllowed(server, name, { verb: 'create', group: roleGroup, resource: 'clusterroles' });
    const nonResource = (...nonResourceURLs: string[]) => ({ verbs: ['get'], nonResourceURLs });
    await server.post(`${rbac}/clusterroles`, clusterRole(made, nonResource('/a/b', '/c', '/a*')), as(name));
    await server.post(`${rbac}/clusterroles`, clusterRole(made, nonResource('/a/b')), as(name));
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { [server.unique]: 'nothing' } }] };
    await server.post(`${rbac}/clusterroles`, { ...clusterRole(`${made}-2`), aggregationRule }, as(name));
    for (const one of [name, made]) await server.delete(`${rbac}/clusterroles/${one}`, { unrecorded: true });
    await server.delete(`${rbac}/clusterrolebindings/${name}`, { unrecorded: true });
  }),
  scenario('roles', 'a binding keeps its role', async (server) => {
    await server.post(roles(server), role('a'));
    await server.post(bindings(server), binding('b', 'Role', 'a', user('x')));
    await server.put(`${bindings(server)}/b`, binding('b', 'Role', 'other', user('x')));
    await server.put(`${bindings(server)}/b`, binding('b', 'Role', 'a', user('y'), group('z')));
    await server.patch(`${bindings(server)}/b`, 'merge', { roleRef: { name: 'c' } });
  }),
  scenario('roles', 'subjects and references are checked', async (server) => {
    const account = (more: object) => ({ kind: 'ServiceAccount', name: 'x', ...more });
    await server.post(bindings(server), binding('a', 'Role', 'r', account({})));
    await server.post(bindings(server), binding('b', 'Role', 'r', account({ apiGroup: 'x' }), { kind: 'User' }));
    await server.post(bindings(server), binding('c', 'Role', 'r', { kind: 'Robot', name: 'x' }));
    await server.post(bindings(server), {
      ...binding('d', 'Role', ''),
      roleRef: { apiGroup: 'x', kind: 'Y', name: '' },
    });
    await server.post(`${rbac}/clusterrolebindings`, clusterBinding(`${server.unique}-e`, 'r', account({})));
    await server.post(bindings(server), binding('f', 'Role', 'r/x', user('x')));
    await server.post(roles(server), role('g', { verbs: ['get'], nonResourceURLs: ['/x'] }));
    await server.post(roles(server), role('h', { verbs: [], apiGroups: [''], resources: ['pods'] }));
  }),
  scenario('roles', 'the refusal stands before the checks of the object', async (server) => {
    const me = await keeper(server);
    await server.post(roles(server), role('Not A Name', rule('get', 'core', 'secrets')), me);
    await server.post(roles(server), role('a', { verbs: ['get'], apiGroups: [''], resources: [] }), me);
    await server.post(bindings(server), binding('Not A Name', 'ClusterRole', 'view', user('x')), {
      ...me,
      unrecorded: true,
    });
    await server.post(`${roles(server)}?dryRun=All`, role('b', rule('get', 'core', 'secrets')), me);
    await server.post(`${roles(server)}?dryRun=All`, role('c'), me);
  }),
];
