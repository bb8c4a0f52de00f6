import { createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto';

/** What is of use in a request for a certificate (PKCS #10, RFC 2986). */
export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations: readonly string[];
}

/** One element of DER: its tag, its content, and all of it. */
interface Element {
  readonly tag: number;
  readonly content: Buffer;
  readonly whole: Buffer;
}

const sequenceTag = 0x30;
const bitStringTag = 0x03;

const organization = '55040a';
const commonName = '550403';

/** Hashes of signature algorithms, by their object identifiers in hex; Ed25519 hashes by itself. */
const hashes: Readonly<Record<string, string | null>> = {
  '2a864886f70d010105': 'sha1',
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2a8648ce3d0401': 'sha1',
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
  '2b6570': null,
};

/**
 * Reads a request and checks that who made it has the key.
 *
 * @param pem the text
 * @throws Error in the real server's words where they are known
 */
export function readCertificateRequest(pem: string): CertificateRequest {
  const block = pemBlocks(pem)[0];
  if (block?.type !== 'CERTIFICATE REQUEST') throw new Error('PEM block type must be CERTIFICATE REQUEST');
  const [info, algorithm, signature] = members(only(block.bytes));
  if (!info || !algorithm || signature?.tag !== bitStringTag) throw malformed();
  const [, subject, publicKey] = members(info);
  if (!subject || !publicKey) throw malformed();
  checkSignature(info.whole, algorithm, signature.content.subarray(1), publicKey.whole);
  const names = members(subject).flatMap(members).map(members);
  const said = (identifier: string) =>
    names
      .filter(([type]) => type?.content.toString('hex') === identifier)
      .map(([, value]) => value?.content.toString('utf8') ?? '');
  return { commonName: said(commonName)[0] ?? '', organizations: said(organization) };
}

function checkSignature(signed: Buffer, algorithm: Element, signature: Buffer, publicKey: Buffer): void {
  const identifier = members(algorithm)[0]?.content.toString('hex') ?? '';
  if (!Object.hasOwn(hashes, identifier)) {
    throw new Error('x509: cannot verify signature: algorithm unimplemented');
  }
  const hash = hashes[identifier] ?? null;
  if (hash === 'sha1') {
    const name = identifier.startsWith('2a864886') ? 'SHA1-RSA' : 'ECDSA-SHA1';
    throw new Error(`x509: cannot verify signature: insecure algorithm ${name}`);
  }
  let key: KeyObject;
  let isRight: boolean;
  try {
    key = createPublicKey({ key: publicKey, format: 'der', type: 'spki' });
    isRight = verify(hash, signed, key, signature);
  } catch {
    throw malformed();
  }
  if (isRight) return;
  const words: Readonly<Record<string, string>> = {
    rsa: 'crypto/rsa: verification error',
    ec: 'x509: ECDSA verification failure',
  };
  throw new Error(words[key.asymmetricKeyType ?? ''] ?? 'x509: Ed25519 verification failure');
}

/**
 * What is wrong with the certificates of an answer; undefined for good ones.
 */
export function certificatesProblem(pem: string): string | undefined {
  if (pem === '') return undefined;
  const blocks = pemBlocks(pem);
  for (const { type, headers, bytes } of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`;
    if (headers) return 'no PEM block headers are permitted';
    if (bytes.length === 0) return 'found CERTIFICATE PEM block containing 0 certificates';
    try {
      new X509Certificate(bytes);
    } catch {
      return 'x509: malformed certificate';
    }
  }
  return blocks.length === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined;
}

interface PemBlock {
  readonly type: string;
  readonly headers: boolean;
  readonly bytes: Buffer;
}

function pemBlocks(text: string): PemBlock[] {
  const found = text.matchAll(/-----BEGIN ([^\n-]+)-----[ \t]*\r?\n([\s\S]*?)-----END \1-----/g);
  return [...found].map(([, type = '', body = '']) => {
    const lines = body.split(/\r?\n/);
    const headers = lines.some((line) => line.includes(':'));
    const encoded = lines.filter((line) => !line.includes(':')).join('');
    return { type, headers, bytes: Buffer.from(encoded, 'base64') };
  });
}

function malformed(): Error {
  return new Error('asn1: structure error: malformed certificate request');
}

/** @throws Error unless the bytes are one sequence */
function only(bytes: Buffer): Element {
  const [element, ...more] = elements(bytes);
  if (element?.tag !== sequenceTag || more.length > 0) throw malformed();
  return element;
}

function members(element: Element): Element[] {
  return elements(element.content);
}

function elements(bytes: Buffer): Element[] {
  const found: Element[] = [];
  for (let start = 0; start < bytes.length; ) {
    const tag = bytes[start] as number;
    const first = bytes[start + 1];
    if (first === undefined) throw malformed();
    const more = first < 0x80 ? 0 : first - 0x80;
    if (more > 4 || start + 2 + more > bytes.length || first === 0x80) throw malformed();
    const length = more === 0 ? first : bytes.readUIntBE(start + 2, more);
    const end = start + 2 + more + length;
    if (end > bytes.length) throw malformed();
    found.push({ tag, content: bytes.subarray(start + 2 + more, end), whole: bytes.subarray(start, end) });
    start = end;
  }
  return found;
}
