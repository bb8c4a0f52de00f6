import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { isIP, SocketAddress } from 'node:net';
import { systemClock } from '../clock/index.ts';
import * as der from './der.ts';

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Signs certificates that trust nobody else: each control plane and each operator has its own. */
export interface CertificateAuthority extends KeyPair {
  /** A certificate to serve with; `hosts` are DNS names and IP addresses. */
  issueServer(hosts: readonly string[]): KeyPair;
  /** A certificate to call with: the common name is the user, the organizations are its groups. */
  issueClient(user: string, groups: readonly string[]): KeyPair;
}

export interface CertificateOptions {
  /**
   * Wall time in milliseconds from which validity counts, less an hour for clocks that lag. Default: now, by the
   * system's clock, for clients judge certificates by theirs.
   */
  readonly now?: number;
  /** How long what is issued stays valid; one year unless told. The authority itself lives ten times as long. */
  readonly lifetime?: number;
}

const hour = 3_600_000;
const year = 365 * 24 * hour;

/**
 * Makes a certificate authority with a fresh P-256 key (RSA keys would take longer than everything else at start).
 * The certificates are written here rather than by a library because loading one costs more than the whole start may.
 */
export function createCertificateAuthority(name: string, options: CertificateOptions = {}): CertificateAuthority {
  const now = options.now ?? systemClock.now();
  const subject = distinguishedName(name, []);
  const keys = generateKeys();
  const certificate = createCertificate({
    issuer: { subject, keys },
    subject,
    keys,
    notBefore: now - hour,
    notAfter: now + 10 * (options.lifetime ?? year),
    extensions: authorityExtensions(),
  });
  return authorityOf(name, keys, certificate, options);
}

/**
 * An authority that `createCertificateAuthority` made earlier, under the same name: what it signed stays good.
 *
 * @throws Error where the key is none, or not that of the certificate
 */
export function restoreCertificateAuthority(
  name: string,
  pair: KeyPair,
  options: CertificateOptions = {},
): CertificateAuthority {
  const privateKey = createPrivateKey(pair.key);
  if (!new X509Certificate(pair.certificate).checkPrivateKey(privateKey)) {
    throw new Error('the key of the certificate authority does not belong to its certificate');
  }
  return authorityOf(name, { privateKey, publicKey: createPublicKey(privateKey) }, pair.certificate, options);
}

function authorityOf(name: string, keys: Keys, certificate: string, options: CertificateOptions): CertificateAuthority {
  const now = options.now ?? systemClock.now();
  const lifetime = options.lifetime ?? year;
  const authority = { subject: distinguishedName(name, []), keys };
  const issue = (profile: Omit<Profile, 'issuer' | 'notBefore'>) =>
    createCertificate({ ...profile, issuer: authority, notBefore: now - hour });
  return {
    certificate,
    key: exportKey(keys),
    issueServer(hosts) {
      const own = generateKeys();
      const extensions = leafExtensions('1.3.6.1.5.5.7.3.1', hosts);
      const profile = { subject: distinguishedName(name, []), keys: own, notAfter: now + lifetime, extensions };
      return { certificate: issue(profile), key: exportKey(own) };
    },
    issueClient(user, groups) {
      const own = generateKeys();
      const extensions = leafExtensions('1.3.6.1.5.5.7.3.2', []);
      const profile = {
        subject: distinguishedName(user, groups),
        keys: own,
        notAfter: now + lifetime,
        extensions,
      };
      return { certificate: issue(profile), key: exportKey(own) };
    },
  };
}

interface Keys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

interface Profile {
  readonly issuer: { readonly subject: Buffer; readonly keys: Keys };
  readonly subject: Buffer;
  readonly keys: Keys;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly extensions: readonly Buffer[];
}

function generateKeys(): Keys {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function exportKey(keys: Keys): string {
  return keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

const ecdsaWithSha256 = der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2'));

/** RFC 5280, section 4.1. */
function createCertificate(profile: Profile): string {
  const publicKey = profile.keys.publicKey.export({ type: 'spki', format: 'der' });
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(Buffer.of(2))),
    der.integer(serial),
    ecdsaWithSha256,
    profile.issuer.subject,
    der.sequence(der.time(profile.notBefore), der.time(profile.notAfter)),
    profile.subject,
    publicKey,
    der.explicit(
      3,
      der.sequence(
        ...profile.extensions,
        extension('2.5.29.14', der.octetString(keyIdentifier(profile.keys))),
        extension('2.5.29.35', der.sequence(der.implicit(0, keyIdentifier(profile.issuer.keys)))),
      ),
    ),
  );
  const signature = sign('sha256', toBeSigned, profile.issuer.keys.privateKey);
  const certificate = der.sequence(toBeSigned, ecdsaWithSha256, der.bitString(signature));
  return pem('CERTIFICATE', certificate);
}

function keyIdentifier(keys: Keys): Buffer {
  return createHash('sha1')
    .update(keys.publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
}

function distinguishedName(commonName: string, organizations: readonly string[]): Buffer {
  const attribute = (oid: string, value: string) => der.sequence(der.objectIdentifier(oid), der.utf8String(value));
  return der.sequence(
    ...organizations.map((organization) => der.set(attribute('2.5.4.10', organization))),
    der.set(attribute('2.5.4.3', commonName)),
  );
}

function extension(oid: string, value: Uint8Array, critical = false): Buffer {
  const flag = critical ? [der.boolean(true)] : [];
  return der.sequence(der.objectIdentifier(oid), ...flag, der.octetString(value));
}

function authorityExtensions(): Buffer[] {
  return [
    extension('2.5.29.19', der.sequence(der.boolean(true)), true),
    // keyCertSign, digitalSignature
    extension('2.5.29.15', der.bitString(Buffer.of(0b1000_0100), 2), true),
  ];
}

function leafExtensions(purpose: string, hosts: readonly string[]): Buffer[] {
  const names = hosts.map((host) =>
    isIP(host) ? der.implicit(7, addressBytes(host)) : der.implicit(2, Buffer.from(host)),
  );
  return [
    extension('2.5.29.19', der.sequence(), true),
    // digitalSignature
    extension('2.5.29.15', der.bitString(Buffer.of(0b1000_0000), 7), true),
    extension('2.5.29.37', der.sequence(der.objectIdentifier(purpose))),
    ...(names.length > 0 ? [extension('2.5.29.17', der.sequence(...names))] : []),
  ];
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  // SocketAddress brings any spelling into the canonical one, in which `::` stands for the missing zeros.
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address;
  const [head = '', tail = ''] = expandEmbedded(canonical).split('::');
  const words = (part: string) => (part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16)));
  const [front, back] = [words(head), words(tail)];
  const all = [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back];
  return Buffer.from(all.flatMap((word) => [word >> 8, word & 0xff]));
}

/** `::ffff:1.2.3.4` ends in an IPv4 address. */
function expandEmbedded(address: string): string {
  return address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    const word = (high: string, low: string) => (Number(high) * 256 + Number(low)).toString(16);
    return `${word(a, b)}:${word(c, d)}`;
  });
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
