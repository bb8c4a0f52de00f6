import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type CertificateMaterial,
  expiryOf,
  overlap,
  renewed,
  servingLifetime,
  splitBundle,
} from './certificate-material.ts';

const day = 24 * 3_600_000;
const start = Date.UTC(2026, 0, 1);
const at = (now: number, hosts: readonly string[] = ['a.b.svc', '127.0.0.1']) => ({ name: 'test', hosts, now });
const issuedBy = ({ serving, authorities }: CertificateMaterial) =>
  authorities.findIndex((one) => new X509Certificate(serving.certificate).verify(new X509Certificate(one).publicKey));

describe('certificates of an operator', () => {
  const first = renewed(undefined, at(start));

  it('are made for the hosts, and left alone until they are due', () => {
    const certificate = new X509Certificate(first.serving.certificate);
    expect(certificate.checkHost('a.b.svc')).toBe('a.b.svc');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(issuedBy(first)).toBe(0);
    expect(renewed(first, at(start + 59 * day))).toBe(first);
  });

  it('are served anew a month before they expire, by the same authority', () => {
    const next = renewed(first, at(start + 61 * day));
    expect(next.serving).not.toEqual(first.serving);
    expect(next.authorities).toEqual(first.authorities);
    expect(expiryOf(next.serving.certificate)).toBe(start + 61 * day + servingLifetime);
  });

  it('are served anew for other hosts', () => {
    expect(renewed(first, at(start, ['other.svc'])).serving).not.toEqual(first.serving);
  });

  it('trust a new authority beside the old one first, serve by it an hour later, and forget the old one when it expires', () => {
    const late = expiryOf(first.authorities[0] as string) - 2 * servingLifetime + 1000;
    const before = { ...first, serving: renewed(first, at(late - 10 * day)).serving };
    const both = renewed(before, at(late));
    expect(both.authorities).toHaveLength(2);
    expect(both.authorities[1]).toBe(first.authorities[0]);
    expect(both.serving).toEqual(before.serving);
    expect(renewed(both, at(late + overlap / 2))).toBe(both);
    const switched = renewed(both, at(late + overlap));
    expect(switched.authorities).toEqual(both.authorities);
    expect(issuedBy(switched)).toBe(0);
    const expired = renewed({ ...switched, serving: switched.serving }, at(late + 2 * servingLifetime));
    expect(expired.authorities).toEqual([both.authorities[0]]);
    expect(issuedBy(expired)).toBe(0);
  });

  it('never serve what has expired, and never outlive whom they are signed by', () => {
    let material = first;
    for (let now = start; now < start + 8 * 365 * day; now += 7 * day) {
      material = renewed(material, at(now));
      material = renewed(material, at(now + overlap));
      const left = expiryOf(material.serving.certificate) - now;
      expect(left).toBeGreaterThan(0);
      expect(expiryOf(material.authorities[issuedBy(material)] as string)).toBeGreaterThanOrEqual(now + left);
    }
  });

  it('are made anew of what cannot be read', () => {
    const { authorityKey, authorities } = renewed(undefined, at(start));
    const broken: CertificateMaterial[] = [
      { ...first, authorities: [] },
      { ...first, authorities: ['nonsense'] },
      { ...first, authorityKey: 'nonsense' },
      { ...first, authorityKey },
    ];
    for (const present of broken) expect(issuedBy(renewed(present, at(start)))).toBe(0);
    expect(renewed({ ...first, serving: { certificate: '', key: '' } }, at(start)).authorities).toEqual(
      first.authorities,
    );
    expect(splitBundle([...first.authorities, ...authorities].join(''))).toEqual([
      ...first.authorities,
      ...authorities,
    ]);
  });
});
