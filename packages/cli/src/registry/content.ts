import { createHash } from 'node:crypto';

/** What is known of some bytes before they are read; the descriptor of the OCI image specification. */
export interface Descriptor {
  readonly mediaType: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
  readonly platform?: Platform;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What a machine has to be; `amd64` and `arm64` are the names that images use. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** Bytes that can be read as often as needed. */
export interface Blob {
  readonly descriptor: Descriptor;
  /** Where a registry has them already, to be taken over without passing through here. */
  readonly origin?: { readonly registry: string; readonly repository: string };
  open(signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/** By whom an image is described. */
export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
} as const;

export function sha256(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Bytes that are at hand. */
export function blobOf(mediaType: string, bytes: Uint8Array): Blob {
  return {
    descriptor: { mediaType, digest: sha256(bytes), size: bytes.length },
    async *open() {
      yield bytes;
    },
  };
}

/** JSON as it is stored and digested: no spaces, members in the order given. */
export function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/** All of something small. */
export async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

/**
 * Passes bytes on, and fails at their end unless they are those that were promised.
 *
 * @param what they are, for the message
 */
export async function* verified(
  chunks: AsyncIterable<Uint8Array>,
  { digest, size }: Descriptor,
  what: string,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let seen = 0;
  for await (const chunk of chunks) {
    seen += chunk.length;
    if (seen > size) break;
    hash.update(chunk);
    yield chunk;
  }
  if (seen !== size) throw new Error(`${what} should have ${size} bytes and has ${seen > size ? 'more' : seen}`);
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== digest) throw new Error(`${what} should have the digest ${digest} and has ${found}`);
}
