import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Blob, mediaTypes } from '../registry/index.ts';
import { type TarEntry, tarBytes } from './tar.ts';

/** A layer of an image, and what its config has to say of it. */
export interface Layer {
  readonly blob: Blob;
  /** The digest of the archive without compression. */
  readonly diffId: string;
}

/**
 * Writes entries as a layer into `folder`, where it stays as long as the layer is needed.
 *
 * Not compressed, on purpose: what zlib makes of the same bytes depends on its version and on the processor, so the
 * digest would be another on another machine.
 */
export async function writeLayer(
  entries: readonly TarEntry[],
  options: { readonly folder: string; readonly name: string; readonly mtime: Date; readonly signal: AbortSignal },
): Promise<Layer> {
  const { folder, name, mtime, signal } = options;
  const file = join(folder, `${name}.tar`);
  const hash = createHash('sha256');
  let size = 0;
  await pipeline(
    tarBytes(entries, mtime, signal),
    async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(file),
    { signal },
  );
  const digest = `sha256:${hash.digest('hex')}`;
  return {
    diffId: digest,
    blob: {
      descriptor: { mediaType: mediaTypes.layer, digest, size },
      open: (reading) => createReadStream(file, { highWaterMark: 256 * 1024, ...(reading ? { signal: reading } : {}) }),
    },
  };
}
