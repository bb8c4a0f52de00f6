import { expect, test } from 'vitest';
import type { ApiRequest } from '../http/index.ts';
import { createAuthenticator } from './authenticate.ts';

const tokens = new Map([['secret', { name: 'bob', groups: ['dev'] }]]);
const request = (more: Partial<ApiRequest>): ApiRequest => ({
  method: 'GET',
  url: '/',
  headers: {},
  body: new Uint8Array(),
  signal: new AbortController().signal,
  ...more,
});

test('a certificate or a token makes a caller one of the authenticated', () => {
  const authenticate = createAuthenticator({ tokens });
  expect(authenticate(request({ user: { name: 'alice', groups: ['a'] } }))).toEqual({
    name: 'alice',
    groups: ['a', 'system:authenticated'],
  });
  expect(authenticate(request({ headers: { authorization: 'Bearer secret' } }))).toEqual({
    name: 'bob',
    groups: ['dev', 'system:authenticated'],
  });
  expect(authenticate(request({ headers: { authorization: 'bearer secret' } }))?.name).toBe('bob');
});

test('wrong credentials are refused even where none would do', () => {
  const authenticate = createAuthenticator({ tokens, anonymous: true });
  expect(authenticate(request({ headers: { authorization: 'Bearer wrong' } }))).toBeUndefined();
  expect(authenticate(request({ certificateRejected: true }))).toBeUndefined();
  expect(authenticate(request({ certificateRejected: true, headers: { authorization: 'Bearer secret' } }))?.name).toBe(
    'bob',
  );
  expect(authenticate(request({}))).toEqual({ name: 'system:anonymous', groups: ['system:unauthenticated'] });
});

test('without credentials nobody comes in unless anonymous callers are let in', () => {
  expect(createAuthenticator({ tokens })(request({}))).toBeUndefined();
  expect(createAuthenticator()(request({ headers: { authorization: 'Basic x' } }))).toBeUndefined();
});
