import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Access,
  accessesOf,
  actorOf,
  allows,
  compareRights,
  describeAccess,
  minimalRights,
  type RecordedRequest,
  type Rights,
  refusedAccesses,
  rightsOf,
  roleManifests,
} from './index.ts';

const user = { username: 'system:serviceaccount:default:foo' };

function request(verb: string, objectRef: RecordedRequest['objectRef'], more: Partial<RecordedRequest> = {}) {
  return { verb, requestURI: '/apis', user, objectRef, responseStatus: { code: 200 }, ...more };
}

const deployment = { resource: 'deployments', apiGroup: 'apps', namespace: 'a', name: 'x' };

describe('what a request took', () => {
  it('is the verb on the resource, with its subresource, in its namespace', () => {
    expect(accessesOf(request('patch', { ...deployment, subresource: 'scale' }))).toEqual([
      { verb: 'patch', group: 'apps', resource: 'deployments/scale', namespace: 'a', name: 'x' },
    ]);
    expect(accessesOf(request('list', { resource: 'pods' }))).toEqual([{ verb: 'list', group: '', resource: 'pods' }]);
  });

  it('is the creation, too, where an apply made its object', () => {
    const made = request('patch', deployment, { responseStatus: { code: 201 } });
    expect(accessesOf(made).map(describeAccess)).toEqual([
      'patch deployments.apps x in a',
      'create deployments.apps x in a',
    ]);
  });

  it('is the list, too, of who watches', () => {
    expect(accessesOf(request('watch', { resource: 'pods' })).map(describeAccess)).toEqual(['watch pods', 'list pods']);
  });

  it('is what a refusal says was missing, whoever noticed it', () => {
    const message =
      'deployments.apps "x" is forbidden: User "u" cannot create resource "deployments" in API group "apps" in the namespace "a"';
    const refused = request('patch', deployment, {
      responseStatus: { code: 403, message },
      annotations: { 'authorization.k8s.io/decision': 'allow' },
    });
    expect(refusedAccesses(refused).map(describeAccess)).toEqual(['create deployments.apps in a']);
    expect(accessesOf(refused).map(describeAccess)).toEqual([
      'patch deployments.apps x in a',
      'create deployments.apps in a',
    ]);
    const admission = { code: 403, message: 'pods "x" is forbidden: violates PodSecurity "restricted:latest"' };
    expect(refusedAccesses(request('create', { resource: 'pods' }, { responseStatus: admission }))).toEqual([]);
    const forbid = { 'authorization.k8s.io/decision': 'forbid' };
    expect(refusedAccesses(request('get', undefined, { requestURI: '/metrics', annotations: forbid }))).toEqual([
      { verb: 'get', path: '/metrics' },
    ]);
  });

  it('is nothing where everybody may', () => {
    const reason = 'RBAC: allowed by ClusterRoleBinding "x" of ClusterRole "y" to Group "system:authenticated"';
    const open = request('get', undefined, { annotations: { 'authorization.k8s.io/reason': reason } });
    expect(accessesOf(open)).toEqual([]);
    expect(accessesOf(request('get', undefined, { requestURI: '/apis/apps/v1?timeout=1s' }))).toEqual([]);
    const review = { resource: 'selfsubjectaccessreviews', apiGroup: 'authorization.k8s.io' };
    expect(accessesOf(request('create', review))).toEqual([]);
    expect(accessesOf(request('get', undefined, { requestURI: '/metrics?x' }))).toEqual([
      { verb: 'get', path: '/metrics' },
    ]);
  });

  it('is nothing for the question of which cluster it is, which an operator that may not ask does without', () => {
    const message = 'User "u" cannot get resource "namespaces" in API group "" in the namespace "kube-system"';
    const asked = request('get', { resource: 'namespaces', namespace: 'kube-system', name: 'kube-system' });
    expect(accessesOf(asked)).toHaveLength(1);
    const refused = { ...asked, responseStatus: { code: 403, message } };
    expect([...accessesOf(refused), ...refusedAccesses(refused)]).toEqual([]);
  });

  it('is asked of whom the request is to be taken to come from', () => {
    expect(actorOf(request('get', deployment))).toBe('system:serviceaccount:default:foo');
    expect(actorOf(request('get', deployment, { impersonatedUser: { username: 'jane' } }))).toBe('jane');
  });

  it('of a Namespace is in no namespace, and of a shell in a container is two verbs', () => {
    expect(accessesOf(request('get', { resource: 'namespaces', namespace: 'a', name: 'a' }))).toEqual([
      { verb: 'get', group: '', resource: 'namespaces', name: 'a' },
    ]);
    const exec = { resource: 'pods', subresource: 'exec', namespace: 'a', name: 'x' };
    expect(accessesOf(request('get', exec)).map(({ verb }) => verb)).toEqual(['get', 'create']);
  });
});

const access = (verb: string, resource: string, namespace?: string, name?: string): Access => ({
  verb,
  group: resource.startsWith('d') ? 'apps' : '',
  resource,
  ...(namespace ? { namespace } : {}),
  ...(name ? { name } : {}),
});

describe('minimal rights', () => {
  it('have one rule for the resources of a group that are used in the same way, all sorted', () => {
    const { cluster } = minimalRights([
      access('watch', 'services'),
      access('list', 'services'),
      access('watch', 'pods'),
      access('list', 'pods'),
      access('list', 'deployments'),
      { verb: 'get', path: '/metrics' },
    ]);
    expect(cluster).toEqual([
      { apiGroups: [''], resources: ['pods', 'services'], verbs: ['list', 'watch'] },
      { apiGroups: ['apps'], resources: ['deployments'], verbs: ['list'] },
      { nonResourceURLs: ['/metrics'], verbs: ['get'] },
    ]);
  });

  it('are everywhere for what is watched everywhere or seen in two namespaces, and else a Role; exactly, on request', () => {
    const seen = [
      access('watch', 'deployments'),
      access('patch', 'deployments', 'a', 'x'),
      access('get', 'secrets', 'a', 's'),
      access('get', 'pods', 'a', 'p'),
      access('get', 'pods', 'b', 'p'),
    ];
    expect(minimalRights(seen)).toEqual({
      cluster: [
        { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
        { apiGroups: ['apps'], resources: ['deployments'], verbs: ['patch', 'watch'] },
      ],
      namespaces: { a: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }] },
    });
    expect(Object.keys(minimalRights(seen, { exact: true }).namespaces)).toEqual(['a', 'b']);
    const declared: Rights = { cluster: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }], namespaces: {} };
    expect(minimalRights(seen, { declared }).namespaces).toEqual({});
  });

  it('name the objects, on request, where every request named one', () => {
    const seen = [
      access('get', 'secrets', 'a', 'two'),
      access('get', 'secrets', 'a', 'one'),
      access('create', 'secrets', 'a'),
    ];
    expect(minimalRights(seen, { resourceNames: true }).namespaces).toEqual({
      a: [
        { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
        { apiGroups: [''], resourceNames: ['one', 'two'], resources: ['secrets'], verbs: ['get'] },
      ],
    });
  });

  it('name the objects where the declared rules do', () => {
    const rule = { apiGroups: [''], resourceNames: ['one'], resources: ['secrets'], verbs: ['get'] };
    const declared: Rights = { cluster: [], namespaces: { a: [rule] } };
    expect(minimalRights([access('get', 'secrets', 'a', 'one')], { declared }).namespaces).toEqual({ a: [rule] });
    const other = [access('get', 'secrets', 'a', 'one'), access('get', 'secrets', 'a', 'two')];
    expect(minimalRights(other, { declared }).namespaces.a).toEqual([
      { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
    ]);
  });

  it('become a ClusterRole and a Role in each namespace', () => {
    const rights = minimalRights([access('list', 'pods'), access('get', 'secrets', 'a')]);
    expect(roleManifests('foo', rights).map(({ kind, metadata }) => [kind, metadata.namespace])).toEqual([
      ['ClusterRole', undefined],
      ['Role', 'a'],
    ]);
  });

  it('allow all that was done, and exactly that', () => {
    const one = fc.oneof(
      fc.record(
        {
          verb: fc.constantFrom('get', 'list', 'patch'),
          group: fc.constantFrom('', 'apps'),
          resource: fc.constantFrom('pods', 'pods/status', 'deployments'),
          namespace: fc.constantFrom('a', 'b'),
          name: fc.constantFrom('x', 'y'),
        },
        { requiredKeys: ['verb', 'group', 'resource'] },
      ),
      fc.record({ verb: fc.constantFrom('get', 'post'), path: fc.constantFrom('/metrics', '/other') }),
    );
    fc.assert(
      fc.property(fc.array(one), fc.boolean(), fc.boolean(), one, (seen, exact, resourceNames, probe) => {
        const rights = minimalRights(seen, { exact, resourceNames });
        const { missing, surplus } = compareRights(rights, seen);
        expect(missing).toEqual([]);
        expect(surplus).toEqual([]);
        if (!exact || !resourceNames || 'path' in probe || !allows(rights, probe)) return;
        const same = (other: Access) =>
          !('path' in other) &&
          other.verb === probe.verb &&
          other.group === probe.group &&
          other.resource === probe.resource;
        expect(seen.some(same)).toBe(true);
      }),
    );
  });
});

describe('compared with what is declared', () => {
  const objects = [
    {
      kind: 'ClusterRole',
      metadata: { name: 'foo-role' },
      rules: [
        { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list'] },
        { apiGroups: ['apps'], resources: ['*'], verbs: ['*'] },
        { apiGroups: ['example.com'], resources: ['foos/finalizers'], verbs: ['update'] },
      ],
    },
    {
      kind: 'ClusterRole',
      metadata: { name: 'for-people' },
      rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
    },
    {
      kind: 'ClusterRoleBinding',
      metadata: { name: 'b' },
      roleRef: { kind: 'ClusterRole', name: 'foo-role' },
      subjects: [{ kind: 'ServiceAccount', name: 'foo', namespace: 'default' }],
    },
    {
      kind: 'Role',
      metadata: { name: 'own', namespace: 'a' },
      rules: [{ apiGroups: [''], resourceNames: ['cert'], resources: ['secrets'], verbs: ['get', 'update'] }],
    },
    {
      kind: 'RoleBinding',
      metadata: { name: 'own', namespace: 'a' },
      roleRef: { kind: 'Role', name: 'own' },
      subjects: [{ kind: 'ServiceAccount', name: 'foo', namespace: 'default' }],
    },
  ].map((object) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', ...object }));

  it('rules that nothing used are surplus, and what no rule allows is missing, each once', () => {
    const { missing, surplus } = compareRights(rightsOf(objects, 'foo'), [
      access('list', 'pods'),
      access('get', 'pods', 'a', 'x'),
      access('delete', 'deployments', 'a', 'x'),
      access('get', 'secrets', 'a', 'cert'),
      access('get', 'secrets', 'b', 'cert'),
      access('delete', 'pods', 'a', 'x'),
      access('delete', 'pods', 'a', 'y'),
    ]);
    expect(missing.map(describeAccess)).toEqual(['get secrets in b', 'delete pods in a']);
    expect(surplus.map(describeAccess)).toEqual(['get pods/log', 'list pods/log', 'update secrets cert in a']);
  });

  it('what is bound to others is not counted', () => {
    expect(rightsOf(objects, 'bar')).toEqual({ cluster: [], namespaces: {} });
  });
});
