import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';

/** The key that signs tokens of service accounts, and those that verify them; read when they are first needed. */
export interface SigningKey {
  /** A token of these claims. */
  sign(claims: object): string;
  /**
   * The claims of a token that one of the keys has signed.
   *
   * @throws Error saying what is wrong with a signature
   */
  verify(token: string): unknown;
  /** The public halves, as JSON web keys; the one that signs comes first. */
  publicKeys(): readonly Readonly<Record<string, string>>[];
}

/** A public key, by what it is called in tokens. */
interface VerificationKey {
  readonly id: string;
  readonly algorithm: Algorithm;
  readonly publicKey: KeyObject;
}

/**
 * @param pem the key that signs: EC on a NIST curve, or RSA
 * @param others public keys, certificates or private keys that verify beside it
 */
export function createSigningKey(pem: () => string, others: () => readonly string[] = () => []): SigningKey {
  let keys:
    | { readonly privateKey: KeyObject; readonly all: readonly [VerificationKey, ...VerificationKey[]] }
    | undefined;
  const load = () => {
    keys ??= loadKeys(pem(), others());
    return keys;
  };
  return {
    sign(claims) {
      const { privateKey, all } = load();
      const [{ id, algorithm }] = all;
      const head = base64url(JSON.stringify({ alg: algorithm.name, kid: id }));
      const signed = `${head}.${base64url(JSON.stringify(claims))}`;
      const signature = sign(algorithm.hash, Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return `${signed}.${signature.toString('base64url')}`;
    },
    verify(token) {
      const [head = '', payload = '', signature = ''] = token.split('.');
      const header = parseJson(head) as { kid?: unknown; alg?: unknown } | undefined;
      const named = typeof header?.kid === 'string' && header.kid !== '' ? header.kid : undefined;
      const candidates = load().all.filter(({ id }) => named === undefined || id === named);
      if (candidates.length === 0) throw new Error('invalid signature, no keys found');
      const bytes = Buffer.from(signature, 'base64url');
      const checked = Buffer.from(`${head}.${payload}`);
      const good =
        bytes.toString('base64url') === signature &&
        candidates.some(
          ({ algorithm, publicKey }) =>
            header?.alg === algorithm.name &&
            verify(algorithm.hash, checked, { key: publicKey, dsaEncoding: 'ieee-p1363' }, bytes),
        );
      if (!good) throw new Error('go-jose/go-jose: error in cryptographic primitive');
      return parseJson(payload);
    },
    publicKeys: () =>
      load().all.map(({ id, algorithm, publicKey }) => {
        const { kty = '', ...members } = publicKey.export({ format: 'jwk' }) as Record<string, string>;
        return { use: 'sig', kty, kid: id, ...curveFirst(members), alg: algorithm.name, ...members };
      }),
  };
}

/** Members stand as the real server writes them: the curve before the algorithm, numbers behind it. */
function curveFirst({ crv }: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return crv === undefined ? {} : { crv };
}

/** A fresh key, both halves as PEM. */
export function newSigningKey(): { readonly publicKey: string; readonly privateKey: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

interface Algorithm {
  readonly name: string;
  readonly hash: 'sha256' | 'sha384' | 'sha512';
}

const curves: Readonly<Record<string, Algorithm>> = {
  prime256v1: { name: 'ES256', hash: 'sha256' },
  secp384r1: { name: 'ES384', hash: 'sha384' },
  secp521r1: { name: 'ES512', hash: 'sha512' },
};

/** @throws Error for a key that no token can be signed with */
function algorithmOf(key: KeyObject): Algorithm {
  if (key.asymmetricKeyType === 'rsa') return { name: 'RS256', hash: 'sha256' };
  const algorithm = curves[key.asymmetricKeyDetails?.namedCurve ?? ''];
  if (!algorithm) throw new Error('a key of service accounts must be RSA, or EC on the curve P-256, P-384 or P-521');
  return algorithm;
}

function loadKeys(pem: string, others: readonly string[]) {
  const privateKey = createPrivateKey(pem);
  const signing = verificationKey(createPublicKey(privateKey));
  const blocks = others.flatMap((text) => text.match(/-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----/gs) ?? []);
  // The parameters of an EC key may stand before it, as openssl writes them.
  const keys = blocks.filter((block) => !block.includes('EC PARAMETERS')).map((block) => createPublicKey(block));
  const more = new Map(keys.map((key) => verificationKey(key)).map((key) => [key.id, key]));
  more.delete(signing.id);
  return { privateKey, all: [signing, ...more.values()] as const };
}

function verificationKey(publicKey: KeyObject): VerificationKey {
  const bytes = publicKey.export({ type: 'spki', format: 'der' });
  const id = createHash('sha256').update(bytes).digest('base64url');
  return { id, algorithm: algorithmOf(publicKey), publicKey };
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** A part of a token; undefined where it is none. */
export function parseJson(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
