import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { createSigningKey, newSigningKey } from './signing-key.ts';

const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const p384 = generateKeyPairSync('ec', {
  namedCurve: 'P-384',
  privateKeyEncoding: { type: 'sec1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const headOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());

test.for([
  ['RS256', rsa.privateKey],
  ['ES384', p384.privateKey],
  ['ES256', newSigningKey().privateKey],
] as const)('%s tokens are signed, and verified by their public half', ([algorithm, pem]) => {
  const key = createSigningKey(() => pem);
  const token = key.sign({ sub: 'a' });
  const [published] = key.publicKeys();
  expect(headOf(token)).toEqual({ alg: algorithm, kid: published?.kid });
  expect(published).toMatchObject({ use: 'sig', alg: algorithm });
  expect(key.verify(token)).toEqual({ sub: 'a' });
  const [head, , signature] = token.split('.');
  const forged = [head, Buffer.from('{"sub":"b"}').toString('base64url'), signature].join('.');
  expect(() => key.verify(forged)).toThrow('error in cryptographic primitive');
});

test('keys beside the one that signs verify too, and each counts once', () => {
  const other = createSigningKey(() => rsa.privateKey);
  const key = createSigningKey(
    () => p384.privateKey,
    () => [`${rsa.publicKey}${p384.publicKey}`, rsa.publicKey],
  );
  expect(key.publicKeys().map(({ alg }) => alg)).toEqual(['ES384', 'RS256']);
  expect(key.verify(other.sign({ sub: 'a' }))).toEqual({ sub: 'a' });
  expect(() => other.verify(key.sign({ sub: 'a' }))).toThrow('no keys found');
});

test('a key of another kind is refused in words', () => {
  const { privateKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  expect(() => createSigningKey(() => privateKey).sign({})).toThrow('must be RSA, or EC on the curve');
});
