import { expect, test } from 'vitest';
import { Store } from '../store/index.ts';
import { attributesOf } from './attributes.ts';
import { RbacAuthorizer, rbacKey } from './rbac.ts';

const bob = { name: 'bob', groups: ['dev', 'system:authenticated'] };

function cluster() {
  let store = new Store();
  const put = (resource: string, key: string, object: object | undefined) => {
    const [name, namespace] = key.split('/').reverse();
    const metadata = { name, ...(namespace ? { namespace } : {}) };
    store.collection(rbacKey(resource)).commit(key, undefined, object && ({ metadata, ...object } as never));
  };
  const authorizer = new RbacAuthorizer(() => store);
  const ask = (namespace: string, verb = 'get', user = bob) =>
    authorizer.authorize(attributesOf({ user, verb, resource: 'pods', namespace }));
  return { put, ask, authorizer, renew: () => (store = new Store()) };
}

const rules = (...verbs: string[]) => ({ rules: [{ verbs, apiGroups: [''], resources: ['pods'] }] });
const bound = (kind: string, name: string, ...subjects: object[]) => ({ roleRef: { kind, name }, subjects });

test('every change of a role or binding counts from the next question on', () => {
  const { put, ask } = cluster();
  expect(ask('a')).toEqual({ allowed: false, reason: '' });
  put('rolebindings', 'a/b', bound('Role', 'r', { kind: 'User', name: 'bob' }));
  expect(ask('a')).toEqual({ allowed: false, reason: 'RBAC: role.rbac.authorization.k8s.io "r" not found' });
  put('roles', 'a/r', rules('get'));
  expect(ask('a')).toEqual({ allowed: true, reason: 'RBAC: allowed by RoleBinding "b/a" of Role "r" to User "bob"' });
  expect(ask('b').allowed).toBe(false);
  put('rolebindings', 'a/b', bound('Role', 'r', { kind: 'User', name: 'ann' }));
  expect(ask('a').allowed).toBe(false);
  put('rolebindings', 'a/b', bound('Role', 'r', { kind: 'Group', name: 'dev' }));
  expect(ask('a').allowed).toBe(true);
  put('roles', 'a/r', rules('list'));
  expect(ask('a').allowed).toBe(false);
  put('rolebindings', 'a/b', undefined);
  expect(ask('a', 'list').allowed).toBe(false);
});

test('a service account of the namespace need not say which', () => {
  const { put, ask } = cluster();
  put('clusterroles', 'r', rules('get'));
  put('rolebindings', 'a/b', bound('ClusterRole', 'r', { kind: 'ServiceAccount', name: 'x' }));
  put('clusterrolebindings', 'c', bound('ClusterRole', 'r', { kind: 'ServiceAccount', name: 'y' }));
  const account = (name: string) => ({ name: `system:serviceaccount:a:${name}`, groups: [] });
  expect(ask('a', 'get', account('x'))).toEqual({
    allowed: true,
    reason: 'RBAC: allowed by RoleBinding "b/a" of ClusterRole "r" to ServiceAccount "x/a"',
  });
  expect(ask('b', 'get', account('x')).allowed).toBe(false);
  expect(ask('a', 'get', account('y')).allowed).toBe(false);
});

test('several roles that are not there are all named, each once', () => {
  const { put, ask } = cluster();
  for (const [name, to] of [
    ['a', 'r'],
    ['b', 's'],
    ['c', 'r'],
  ] as const) {
    put('clusterrolebindings', name, bound('ClusterRole', to, { kind: 'User', name: 'bob' }));
  }
  const missing = (name: string) => `clusterrole.rbac.authorization.k8s.io "${name}" not found`;
  expect(ask('').reason).toBe(`RBAC: [${missing('r')}, ${missing('s')}]`);
});

test('after a reset nothing of before counts', () => {
  const { put, ask, renew } = cluster();
  put('clusterroles', 'r', rules('get'));
  put('clusterrolebindings', 'b', bound('ClusterRole', 'r', { kind: 'User', name: 'bob' }));
  expect(ask('').allowed).toBe(true);
  renew();
  expect(ask('').allowed).toBe(false);
});
