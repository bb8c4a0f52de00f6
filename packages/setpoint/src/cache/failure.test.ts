import { expect, test } from 'vitest';
import { ConfigError, ConnectionError, RequestError, WatchIdleError } from '../errors/index.ts';
import { dynamicKind } from '../kinds/index.ts';
import { failureOf, failureOfStatus } from './failure.ts';
import { apiError } from './testing/fake-api.ts';
import { Foo, Pod } from './testing/setup.ts';

const list = { kind: Pod, verb: 'list', namespace: 'ns' } as const;

test.each([
  ['Unauthorized', 401, 'unauthorized', 'cannot list pods in namespace ns: said. Check the credentials'],
  [
    'Forbidden',
    403,
    'forbidden',
    'said. Add the rule { apiGroups: [""], resources: ["pods"], verbs: ["list", "watch"] } to a Role in namespace ns',
  ],
  ['NotFound', 404, 'missing', 'Check that this version of Kubernetes serves v1 pods'],
  ['TooManyRequests', 429, 'throttled', 'cannot list pods in namespace ns: said'],
  ['ServiceUnavailable', 503, 'unreachable', 'cannot list pods in namespace ns: said'],
  ['Expired', 410, 'expired', 'cannot list pods in namespace ns: said'],
  ['Gone', 410, 'expired', 'cannot list pods in namespace ns: said'],
  ['InternalError', 500, 'refused', 'cannot list pods in namespace ns: said'],
  ['Invalid', 422, 'refused', 'cannot list pods in namespace ns: said'],
])('an answer %s (%i) is read as %s', (reason, code, expected, sentence) => {
  const failure = failureOf(apiError(code, reason, 'said'), list);
  expect(failure.reason).toBe(expected);
  expect(failure.message).toContain(sentence);
});

test('a server that does not stream lists says so in several ways', () => {
  for (const [code, reason] of [
    [400, 'BadRequest'],
    [405, 'MethodNotAllowed'],
    [422, 'Invalid'],
    [501, 'NotImplemented'],
  ] as const) {
    expect(failureOf(apiError(code, reason, 'no'), list, { watchList: true }).reason).toBe('unsupported');
  }
  expect(failureOf(apiError(403, 'Forbidden', 'no'), list, { watchList: true }).reason).toBe('forbidden');
});

test('how long the server wants to be left alone is kept, in milliseconds', () => {
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, code: 429, reason: 'TooManyRequests' } as const;
  const failure = failureOfStatus({ ...status, details: { retryAfterSeconds: 7 } }, list);
  expect(failure).toMatchObject({ reason: 'throttled', retryAfter: 7000 });
});

test('errors below HTTP are told apart, and no sentence is begun twice', () => {
  const lost = new ConnectionError('ConnectionLost', 'the connection was lost', { requestSent: true });
  expect(failureOf(lost, list)).toEqual({
    reason: 'unreachable',
    message: 'cannot list pods in namespace ns: the connection was lost',
  });
  const refused = new ConnectionError('ConnectFailed', 'cannot connect to x', { requestSent: false });
  expect(failureOf(refused, list).message).toBe('cannot connect to x');
  expect(failureOf(new ConfigError('CredentialsFailed', 'no token'), list).reason).toBe('unauthorized');
  expect(failureOf(new WatchIdleError('watch Pod', 150_000), list)).toEqual({
    reason: 'idle',
    message: 'watch Pod was silent for 150 s and was given up',
  });
  expect(failureOf('no Error at all', list).message).toBe('cannot list pods in namespace ns: no Error at all');
});

test('a kind that may be absent is missing, not refused, where the client knows before it asks', () => {
  const Route = dynamicKind({ group: 'route.openshift.io', version: 'v1', kind: 'Route' });
  const unknown = new RequestError('the server has no kind Route');
  expect(failureOf(unknown, { kind: Route, verb: 'watch' }).reason).toBe('missing');
  expect(failureOf(unknown, { kind: Foo, verb: 'watch' }).reason).toBe('refused');
});

test('who may not read a kind is named with the rule to add, whatever the scope', () => {
  const said =
    'foos.my.domain is forbidden: User "system:serviceaccount:tools:op" cannot list resource "foos" in API group "my.domain" at the cluster scope';
  expect(failureOf(apiError(403, 'Forbidden', said), { kind: Foo, verb: 'list' }).message).toBe(
    'cannot list foos.my.domain: the ServiceAccount tools/op may not. Add the rule { apiGroups: ["my.domain"], resources: ["foos"], verbs: ["list", "watch"] } to a ClusterRole that is bound to it; it is tried again until then',
  );
});
