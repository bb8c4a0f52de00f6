import { FakeClock } from '@setpoint/apimachinery/clock';
import { expect, test } from 'vitest';
import { Store } from '../store/index.ts';
import { createSigningKey, newSigningKey } from './signing-key.ts';
import { ServiceAccountTokens, type TokenRequestFacts } from './tokens.ts';

const uid = '11111111-1111-4111-8111-111111111111';
const hour = 3600;

function cluster() {
  const clock = new FakeClock();
  const store = new Store();
  const put = (storageKey: string, key: string, object: object | undefined) => {
    const [name = '', namespace = ''] = key.split('/').reverse();
    const metadata = { name, namespace, uid };
    store.collection(storageKey).commit(key, undefined, object && ({ metadata, ...object } as never));
  };
  put('/serviceaccounts', 'a/robot', {});
  const tokens = new ServiceAccountTokens({
    key: createSigningKey(() => newSigningKey().privateKey),
    clock,
    store: () => store,
  });
  const issue = (more: Partial<TokenRequestFacts> = {}) =>
    tokens.issue({
      namespace: 'a',
      account: { name: 'robot', uid },
      audiences: tokens.audiences,
      expiresIn: hour,
      id: 'x',
      ...more,
    });
  return { clock, put, tokens, issue };
}

test('a token makes its bearer the account, with its groups', () => {
  const { tokens, issue } = cluster();
  expect(tokens.judge(issue())).toEqual({
    user: {
      name: 'system:serviceaccount:a:robot',
      uid,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:a', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': ['JTI=x'] },
    },
    audiences: ['https://kubernetes.default.svc'],
  });
});

test('it ends with its time, a minute late, by the clock', async () => {
  const { clock, tokens, issue } = cluster();
  const token = issue();
  await clock.advance((hour + 59) * 1000);
  expect(tokens.judge(token)).toHaveProperty('user');
  await clock.advance(2000);
  expect(tokens.judge(token)).toEqual({ error: 'service account token has expired' });
});

test('it ends with its account, and is not good for another of that name', () => {
  const { put, tokens, issue } = cluster();
  const token = issue();
  expect(tokens.judge(token)).toHaveProperty('user');
  put('/serviceaccounts', 'a/robot', undefined);
  expect(tokens.judge(token)).toEqual({ error: 'serviceaccounts "robot" not found' });
  put('/serviceaccounts', 'a/robot', { metadata: { name: 'robot', namespace: 'a', uid: 'other' } });
  expect(tokens.judge(token)).toEqual({ error: `service account UID (other) does not match claim (${uid})` });
});

test('it ends with what it is bound to', () => {
  const { put, tokens, issue } = cluster();
  put('/pods', 'a/p', {});
  const token = issue({ pod: { name: 'p', uid }, node: { name: 'n' } });
  expect(tokens.judge(token)).toMatchObject({
    user: {
      extra: {
        'authentication.kubernetes.io/pod-name': ['p'],
        'authentication.kubernetes.io/pod-uid': [uid],
        'authentication.kubernetes.io/node-name': ['n'],
      },
    },
  });
  put('/pods', 'a/p', { metadata: { name: 'p', namespace: 'a', uid: 'other' } });
  expect(tokens.judge(token)).toHaveProperty('error');
  put('/pods', 'a/p', undefined);
  expect(tokens.judge(token)).toEqual({ error: 'service account token has been invalidated' });
});

test('a token for others is not taken, and says for whom it is', () => {
  const { tokens, issue } = cluster();
  const token = issue({ audiences: ['vault'] });
  expect(tokens.judge(token)).toEqual({
    error: 'token audiences ["vault"] is invalid for the target audiences ["https://kubernetes.default.svc"]',
  });
  expect(tokens.judge(token, ['vault', 'x'])).toMatchObject({ audiences: ['vault'] });
});

test('what was changed, signed by another, or is no token is nobody', () => {
  const { tokens, issue } = cluster();
  const token = issue();
  const [head, payload = '', signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const changed = Buffer.from(JSON.stringify({ ...claims, sub: 'system:admin' })).toString('base64url');
  const wrong = { error: 'go-jose/go-jose: error in cryptographic primitive' };
  expect(tokens.judge(`${head}.${changed}.${signature}`)).toEqual(wrong);
  expect(tokens.judge(`${token}A`)).toEqual(wrong);
  const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
  expect(tokens.judge(`${unsigned}.${payload}.`)).toEqual(wrong);
  expect(tokens.judge(cluster().issue())).toEqual({ error: 'invalid signature, no keys found' });
  for (const other of ['', 'a', 'a.b', 'a.b.c', '..', `${head}.e30.${signature}`]) {
    expect(tokens.judge(other)).toBeUndefined();
  }
});

test('a token in a Secret is good while the Secret holds it', () => {
  const { put, tokens } = cluster();
  const token = tokens.issueForSecret('a', { name: 'robot', uid }, 's');
  expect(tokens.judge(token)).toEqual({ error: 'Token has been invalidated' });
  put('/secrets', 'a/s', { data: { token: Buffer.from(token).toString('base64') } });
  expect(tokens.judge(token)).toMatchObject({ user: { name: 'system:serviceaccount:a:robot' } });
  put('/secrets', 'a/s', { data: { token: '' } });
  expect(tokens.judge(token)).toEqual({ error: "Token does not match server's copy" });
});
