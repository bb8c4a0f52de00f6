import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress, constants as zlib } from 'node:zlib';
import { type Blob, mediaTypes } from '../registry/index.ts';
import { gzipBytes } from './gzip.ts';
import { type TarEntry, tarBytes } from './tar.ts';

/** A layer of an image, and what its config has to say of it. */
export interface Layer {
  readonly blob: Blob;
  /** The digest of the archive without compression. */
  readonly diffId: string;
  /** For whoever asks what it is. */
  readonly comment: string;
}

/**
 * What is done to the archive of a layer. By `gzip`, the default, all machines come to the same bytes; what `zstd` makes
 * depends on the version that Node has.
 */
export type Compression = 'gzip' | 'zstd' | 'none';

export interface LayerOptions {
  /** Where the layer stays as long as it is needed. */
  readonly folder: string;
  readonly name: string;
  readonly comment: string;
  readonly mtime: Date;
  readonly compression: Compression;
  readonly signal: AbortSignal;
}

/** Writes entries as a layer; files pass through in pieces. */
export async function writeLayer(entries: readonly TarEntry[], options: LayerOptions): Promise<Layer> {
  const { folder, name, comment, mtime, compression, signal } = options;
  const file = join(folder, `${name}.tar`);
  const [whole, written] = [createHash('sha256'), createHash('sha256')];
  let size = 0;
  const archive = hashed(tarBytes(entries, mtime, signal), whole);
  const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of hashed(chunks, written)) {
      size += chunk.length;
      yield chunk;
    }
  };
  const target = createWriteStream(file);
  if (compression === 'none') await pipeline(archive, counted, target, { signal });
  else if (compression === 'gzip') await pipeline(archive, gzipBytes, counted, target, { signal });
  else await pipeline(archive, createZstdCompress(zstd), counted, target, { signal });
  const descriptor = { mediaType: mediaTypeOf(compression), digest: digestOf(written), size };
  const open = (reading?: AbortSignal) =>
    createReadStream(file, { highWaterMark: 256 * 1024, ...(reading ? { signal: reading } : {}) });
  return { blob: { descriptor, open }, diffId: digestOf(whole), comment };
}

const zstd = { params: { [zlib.ZSTD_c_compressionLevel]: 6 } };

function mediaTypeOf(compression: Compression): string {
  return compression === 'none' ? mediaTypes.layer : `${mediaTypes.layer}+${compression}`;
}

async function* hashed(chunks: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

function digestOf(hash: Hash): string {
  return `sha256:${hash.digest('hex')}`;
}
