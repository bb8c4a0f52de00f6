import { createWriteStream, rmSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Failure, sentenceOf } from '../failure.ts';
import { type Blob, blobOf, formatReference, type ImageReference, jsonBytes, mediaTypes } from '../registry/index.ts';
import type { Image } from './document.ts';
import { type FileEntry, type TarEntry, tarBytes } from './tar.ts';
import { inOrder } from './tree.ts';

/**
 * Writes images as an OCI archive, which containerd, skopeo, podman, crane and `docker load` read. What is not finished
 * never stands under the file's name.
 *
 * @param top the manifest or index that the name stands for
 * @throws Failure
 */
export async function writeArchive(
  file: string,
  reference: ImageReference,
  { images, top }: { readonly images: readonly Image[]; readonly top: Blob },
  { mtime, signal }: { readonly mtime: Date; readonly signal: AbortSignal },
): Promise<void> {
  const unfinished = `${file}.unfinished`;
  try {
    await pipeline(tarBytes(archiveEntries(reference, images, top), mtime, signal), createWriteStream(unfinished), {
      signal,
    });
    await rename(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    if (signal.aborted || error instanceof Failure) throw error;
    throw new Failure(`${file} was not written: ${sentenceOf(error)}`, { cause: error });
  }
}

function archiveEntries(reference: ImageReference, images: readonly Image[], top: Blob): TarEntry[] {
  const name = formatReference(reference);
  const annotations = {
    // containerd goes by the first, all others by the second.
    'io.containerd.image.name': name,
    'org.opencontainers.image.ref.name': name,
  };
  const { mediaType, digest, size } = top.descriptor;
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [{ mediaType, digest, size, annotations }],
  };
  const blobs = new Map<string, Blob>();
  for (const { manifest, config, layers } of images) {
    for (const blob of [manifest, config, ...layers]) blobs.set(blob.descriptor.digest, blob);
  }
  blobs.set(digest, top);
  const [only] = images;
  return inOrder([
    bytesEntry('oci-layout', { imageLayoutVersion: '1.0.0' }),
    bytesEntry('index.json', index),
    ...(images.length === 1 && only ? [bytesEntry('manifest.json', [dockerManifest(only, name)])] : []),
    ...[...blobs.values()].map((blob) => blobEntry(pathOf(blob), blob)),
  ]);
}

/** What `docker load` of versions before 25 goes by. */
function dockerManifest({ config, layers }: Image, name: string): object {
  return { Config: pathOf(config), RepoTags: [name], Layers: layers.map(pathOf) };
}

function pathOf({ descriptor }: Blob): string {
  return `blobs/${descriptor.digest.replace(':', '/')}`;
}

function bytesEntry(path: string, value: unknown): FileEntry {
  return blobEntry(path, blobOf('application/json', jsonBytes(value)));
}

function blobEntry(path: string, { descriptor, open }: Blob): FileEntry {
  return { type: 'file', path, size: descriptor.size, executable: false, open };
}
