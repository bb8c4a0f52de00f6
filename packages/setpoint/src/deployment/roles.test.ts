import { expect, test } from 'vitest';
import { Pod } from '../kinds/builtin/core/v1.ts';
import { metadata } from '../kinds/index.ts';
import type { RbacNeed } from '../manifests/index.ts';
import { accountManifests } from './index.ts';

const needs: readonly RbacNeed[] = [
  { kind: metadata(Pod), verbs: ['list', 'watch'] },
  { kind: Pod, verbs: ['delete'], namespace: 'batch' },
];
const named = (watchNamespaces: readonly string[] = []) =>
  accountManifests({ name: 'foo', needs: () => needs }, { namespace: 'foo-system', watchNamespaces });

test('the rules are bound to the account of the operator, everywhere and where they are needed only there', () => {
  const objects = named();
  expect(objects.map(({ kind, metadata: { name, namespace } }) => [kind, namespace, name])).toEqual([
    ['ServiceAccount', 'foo-system', 'foo'],
    ['ClusterRole', undefined, 'foo-role'],
    ['ClusterRoleBinding', undefined, 'foo-rolebinding'],
    ['Role', 'batch', 'foo-own-role'],
    ['RoleBinding', 'batch', 'foo-own-rolebinding'],
  ]);
  expect(objects[4]).toMatchObject({
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'foo-own-role' },
    subjects: [{ kind: 'ServiceAccount', name: 'foo', namespace: 'foo-system' }],
  });
});

test('an operator that watches some namespaces has a Role in each instead', () => {
  const objects = named(['a', 'b']);
  expect(objects.filter(({ kind }) => kind === 'Role').map(({ metadata }) => metadata.namespace)).toEqual([
    'a',
    'b',
    'batch',
  ]);
  expect(objects.some(({ kind }) => kind === 'ClusterRole')).toBe(false);
});
