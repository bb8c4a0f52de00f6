import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';

/** The key that signs tokens of service accounts, ES256; made when it is first needed. */
export interface SigningKey {
  /** A token of these claims. */
  sign(claims: object): string;
  /**
   * The claims of a token that this key has signed.
   *
   * @throws Error saying what is wrong with a signature
   */
  verify(token: string): unknown;
  /** The public half, as a JSON web key. */
  publicKey(): Readonly<Record<string, string>>;
}

/** @param pem a P-256 key in PKCS#8 */
export function createSigningKey(pem: () => string): SigningKey {
  let keys: { privateKey: KeyObject; publicKey: KeyObject; id: string } | undefined;
  const load = () => {
    keys ??= loadKeys(pem());
    return keys;
  };
  return {
    sign(claims) {
      const { privateKey, id } = load();
      const head = base64url(JSON.stringify({ alg: 'ES256', kid: id }));
      const signed = `${head}.${base64url(JSON.stringify(claims))}`;
      const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return `${signed}.${signature.toString('base64url')}`;
    },
    verify(token) {
      const { publicKey, id } = load();
      const [head = '', payload = '', signature = ''] = token.split('.');
      const header = parseJson(head) as { kid?: unknown; alg?: unknown } | undefined;
      if (typeof header?.kid === 'string' && header.kid !== '' && header.kid !== id) {
        throw new Error('invalid signature, no keys found');
      }
      const bytes = Buffer.from(signature, 'base64url');
      const checked = Buffer.from(`${head}.${payload}`);
      const good =
        header?.alg === 'ES256' &&
        bytes.length === 64 &&
        bytes.toString('base64url') === signature &&
        verify('sha256', checked, { key: publicKey, dsaEncoding: 'ieee-p1363' }, bytes);
      if (!good) throw new Error('go-jose/go-jose: error in cryptographic primitive');
      return parseJson(payload);
    },
    publicKey() {
      const { publicKey, id } = load();
      const { kty = '', crv = '', x = '', y = '' } = publicKey.export({ format: 'jwk' });
      return { use: 'sig', kty, kid: id, crv, alg: 'ES256', x, y };
    },
  };
}

/** A fresh key, both halves as PEM. */
export function newSigningKey(): { readonly publicKey: string; readonly privateKey: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function loadKeys(pem: string) {
  const privateKey = createPrivateKey(pem);
  const publicKey = createPublicKey(privateKey);
  const id = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  return { privateKey, publicKey, id };
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
