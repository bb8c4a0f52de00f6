import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { certificatesProblem, readCertificateRequest } from './certificate-request.ts';

const pem = (type: string, bytes: Uint8Array) =>
  `-----BEGIN ${type}-----\n${Buffer.from(bytes).toString('base64')}\n-----END ${type}-----\n`;

test('what is no request for a certificate is refused in words, however it is broken', () => {
  expect(() => readCertificateRequest('')).toThrow('PEM block type must be CERTIFICATE REQUEST');
  expect(() => readCertificateRequest(pem('CERTIFICATE', Buffer.of(0x30, 0)))).toThrow('PEM block type must be');
  const broken = [[], [0x30], [0x30, 0x80], [0x30, 0x05, 0x00], [0x30, 0x84, 0xff, 0xff, 0xff, 0xff], [0x30, 0x00]];
  for (const bytes of broken) {
    expect(() => readCertificateRequest(pem('CERTIFICATE REQUEST', Buffer.from(bytes)))).toThrow('asn1');
  }
});

test('an answer holds certificates and nothing else', () => {
  const { publicKey } = generateKeyPairSync('ed25519');
  const key = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  expect(certificatesProblem('')).toBeUndefined();
  expect(certificatesProblem('text')).toBe('must contain at least one CERTIFICATE PEM block');
  expect(certificatesProblem(key)).toBe('only CERTIFICATE PEM blocks are allowed, found "PUBLIC KEY"');
  expect(certificatesProblem(pem('CERTIFICATE', Buffer.of(0x30, 0)))).toBe('x509: malformed certificate');
});
