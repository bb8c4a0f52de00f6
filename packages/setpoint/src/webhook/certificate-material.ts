import { createPrivateKey, X509Certificate } from 'node:crypto';
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type KeyPair,
  restoreCertificateAuthority,
} from '@setpoint/apimachinery/certificates';

/** What replicas share: whom API servers are to trust, who signs, and what is served with. All PEM. */
export interface CertificateMaterial {
  /** The newest authority first; older ones as long as they are good. */
  readonly authorities: readonly string[];
  /** Of the newest authority. */
  readonly authorityKey: string;
  readonly serving: KeyPair;
}

const hour = 3_600_000;
const day = 24 * hour;

/** A serving certificate; its authority lives ten times as long. */
export const servingLifetime = 90 * day;
const servingReserve = 30 * day;
/** An authority must outlive whatever it signs. */
const authorityReserve = 2 * servingLifetime;
/** For so long everybody may learn of a new authority before anything that it signed is served. */
export const overlap = hour;
/** What is made is good from an hour before. */
const backdated = hour;

/** What certificates are made for. */
export interface MaterialOptions {
  /** Names the authority. */
  readonly name: string;
  /** DNS names and addresses by which the server is called. */
  readonly hosts: readonly string[];
  /** Wall time in milliseconds. */
  readonly now: number;
}

/**
 * What should be served and trusted now, of what is; the same object if nothing is due. Rotation is several steps: a new
 * authority is trusted beside the old one first, and an hour later something that it has signed is served; the old one
 * is trusted until it expires. What cannot be read counts as not there.
 */
export function renewed(present: CertificateMaterial | undefined, options: MaterialOptions): CertificateMaterial {
  const { now } = options;
  const usable = present && withoutExpired(present, now);
  if (!usable) return fresh(options);
  const [newest = ''] = usable.authorities;
  const due = expiryOf(newest) - now < authorityReserve;
  const trusted = due ? withNewAuthority(usable, options) : usable;
  if (!servingIsDue(trusted, options))
    return trusted === usable && usable.authorities === present.authorities ? present : trusted;
  const [certificate = ''] = trusted.authorities;
  const authority = restore({ certificate, key: trusted.authorityKey }, options);
  return { ...trusted, serving: authority.issueServer(options.hosts) };
}

function fresh({ name, hosts, now }: MaterialOptions): CertificateMaterial {
  const authority = createCertificateAuthority(name, { now, lifetime: servingLifetime });
  return { authorities: [authority.certificate], authorityKey: authority.key, serving: authority.issueServer(hosts) };
}

function restore(pair: KeyPair, { name, now }: MaterialOptions): CertificateAuthority {
  return restoreCertificateAuthority(name, pair, { now, lifetime: servingLifetime });
}

function withNewAuthority(material: CertificateMaterial, { name, now }: MaterialOptions): CertificateMaterial {
  const authority = createCertificateAuthority(name, { now, lifetime: servingLifetime });
  return {
    ...material,
    authorities: [authority.certificate, ...material.authorities],
    authorityKey: authority.key,
  };
}

/** Whether there is anything to go on with; what cannot be read, or has expired, is nothing. */
export function isUsable(material: CertificateMaterial, now: number): boolean {
  return withoutExpired(material, now) !== undefined;
}

/** Undefined if the newest authority is of no use any more, or the key is not its own. */
function withoutExpired(material: CertificateMaterial, now: number): CertificateMaterial | undefined {
  try {
    const good = material.authorities.filter((certificate) => expiryOf(certificate) > now);
    const [newest] = good;
    if (newest === undefined || newest !== material.authorities[0]) return undefined;
    if (!new X509Certificate(newest).checkPrivateKey(createPrivateKey(material.authorityKey))) return undefined;
    return good.length === material.authorities.length ? material : { ...material, authorities: good };
  } catch {
    return undefined;
  }
}

function servingIsDue({ authorities, serving }: CertificateMaterial, { hosts, now }: MaterialOptions): boolean {
  let issuer: number;
  let left: number;
  try {
    const certificate = new X509Certificate(serving.certificate);
    if (!certificate.checkPrivateKey(createPrivateKey(serving.key))) return true;
    if (!hosts.every((host) => certificate.checkHost(host) ?? certificate.checkIP(host))) return true;
    issuer = authorities.findIndex((authority) => certificate.verify(new X509Certificate(authority).publicKey));
    left = Date.parse(certificate.validTo) - now;
  } catch {
    return true;
  }
  if (issuer < 0 || left <= 0) return true;
  if (issuer === 0) return left < servingReserve;
  const known = now - (Date.parse(new X509Certificate(authorities[0] as string).validFrom) + backdated);
  return known >= overlap;
}

/** Until when a certificate is good, in milliseconds since 1970. */
export function expiryOf(certificate: string): number {
  return Date.parse(new X509Certificate(certificate).validTo);
}

/** The certificates of a bundle, each by itself. */
export function splitBundle(bundle: string): readonly string[] {
  const blocks = bundle.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => `${block}\n`);
}
