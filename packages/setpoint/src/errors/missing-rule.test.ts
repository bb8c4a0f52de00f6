import { expect, test } from 'vitest';
import { ApiError } from './api-error.ts';

function refused(message: string, reason = 'Forbidden') {
  return new ApiError({
    request: { verb: 'patch', kind: 'Foo.example.com', namespace: 'a', name: 'x', subresource: 'status' },
    httpStatus: 403,
    status: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason, message },
  });
}

test('a refusal of the authorizer ends with the rule that it takes', () => {
  const account = 'system:serviceaccount:default:foo';
  const error = refused(
    `foos.example.com "x" is forbidden: User "${account}" cannot patch resource "foos/status" in API group "example.com" in the namespace "a"`,
  );
  expect(error.missingRule).toEqual({
    user: account,
    verb: 'patch',
    group: 'example.com',
    resource: 'foos/status',
    namespace: 'a',
  });
  expect(error.message).toBe(
    `cannot patch Foo.example.com a/x (status): foos.example.com "x" is forbidden: User "${account}" cannot patch resource "foos/status" in API group "example.com" in the namespace "a" (403 Forbidden); it takes the rule { apiGroups: ["example.com"], resources: ["foos/status"], verbs: ["patch"] } in a ClusterRole, or a Role in a: declare it in the controller (reads, watches, owns, writes, or permissions)`,
  );
});

test('at the cluster scope only a ClusterRole will do', () => {
  const error = refused(
    'nodes is forbidden: User "x" cannot list resource "nodes" in API group "" at the cluster scope',
  );
  expect(error.missingRule).toEqual({ user: 'x', verb: 'list', group: '', resource: 'nodes' });
  expect(error.message).toContain('verbs: ["list"] } in a ClusterRole: declare');
});

test('another refusal takes no rule', () => {
  const error = refused('configmaps "a" is forbidden: namespace b is being terminated');
  expect(error.missingRule).toBeUndefined();
  expect(error.message).toMatch(/\(403 Forbidden\)$/);
});
