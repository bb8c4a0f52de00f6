import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { createCertificateAuthority } from './certificates.ts';

const now = Date.now();
const authority = createCertificateAuthority('setpoint', { now });
const root = new X509Certificate(authority.certificate);

test('the authority signs itself and may sign others', () => {
  expect(root.ca).toBe(true);
  expect(root.verify(root.publicKey)).toBe(true);
  expect(root.subject).toBe('CN=setpoint');
});

test('a server certificate names its hosts, addresses of both kinds included', () => {
  const certificate = new X509Certificate(
    authority.issueServer(['localhost', '127.0.0.1', '::1', '::ffff:1.2.3.4']).certificate,
  );
  expect(certificate.checkIssued(root)).toBe(true);
  expect(certificate.verify(root.publicKey)).toBe(true);
  expect(certificate.ca).toBe(false);
  for (const address of ['127.0.0.1', '::1', '::ffff:1.2.3.4']) expect(certificate.checkIP(address)).toBeDefined();
  expect(certificate.checkHost('localhost')).toBe('localhost');
  expect(certificate.checkHost('example.com')).toBeUndefined();
});

test('a client certificate carries the user and its groups', () => {
  const { certificate, key } = authority.issueClient('ädmin', ['system:masters', 'b']);
  const parsed = new X509Certificate(certificate);
  expect(parsed.toLegacyObject().subject).toEqual({ CN: 'ädmin', O: ['system:masters', 'b'] });
  expect(parsed.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(key).toContain('BEGIN PRIVATE KEY');
});

test('validity begins an hour ago and lasts as long as asked', () => {
  const short = createCertificateAuthority('x', { now, lifetime: 60_000 });
  const certificate = new X509Certificate(short.issueServer([]).certificate);
  expect(Math.abs(certificate.validFromDate.getTime() - (now - 3_600_000))).toBeLessThan(1000);
  expect(Math.abs(certificate.validToDate.getTime() - (now + 60_000))).toBeLessThan(1000);
  const far = createCertificateAuthority('x', { now, lifetime: 50 * 365 * 86_400_000 });
  expect(new X509Certificate(far.certificate).validToDate.getUTCFullYear()).toBeGreaterThan(2400);
});

test('no two certificates share a serial number', () => {
  const serials = Array.from(
    { length: 20 },
    () => new X509Certificate(authority.issueClient('a', []).certificate).serialNumber,
  );
  expect(new Set(serials).size).toBe(20);
});
