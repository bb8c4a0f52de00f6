import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { unpackTar } from 'modern-tar/fs';
import { Failure, sentenceOf } from '../failure.ts';
import {
  type Blob,
  type Descriptor,
  formatReference,
  mediaTypes,
  type Platform,
  parseReference,
  type Registries,
  readAll,
  verified,
} from '../registry/index.ts';
import type { Base, ImageConfig, ImageIndex, ImageManifest } from './document.ts';

/** Node without a shell, a package manager or a user that may do much. */
export const defaultBase = 'gcr.io/distroless/nodejs24-debian12:nonroot';

/** Where the parts of a base come from. */
interface Source {
  /** For messages. */
  readonly name: string;
  /** Of a registry: what the base is called, and was when it was asked for. */
  readonly described?: { readonly name: string; readonly digest: string };
  readonly top: readonly Descriptor[];
  blob(descriptor: Descriptor): Blob;
  /** Manifests are asked for in another way than blobs are. */
  manifest(descriptor: Descriptor): Promise<Uint8Array>;
}

/**
 * Opens what an image is to stand on: the name of an image in a registry, a folder with an OCI layout, an OCI archive, or
 * `none`.
 *
 * @param folder for what has to be unpacked
 * @returns the base for a platform; each fails if there is none for it
 * @throws Failure
 */
export async function openBase(
  text: string,
  options: { readonly folder: string; readonly registries: Registries; readonly signal: AbortSignal },
): Promise<(platform: Platform) => Promise<Base>> {
  if (text === 'none') return async (platform) => emptyBase(platform);
  const source = await openSource(text, options);
  return (platform) => baseOf(source, platform);
}

function emptyBase({ os, architecture, variant }: Platform): Base {
  const rootfs = { type: 'layers', diff_ids: [] } as const;
  return { config: { os, architecture, ...(variant ? { variant } : {}), rootfs }, layers: [] };
}

async function openSource(
  text: string,
  { folder, registries, signal }: { folder: string; registries: Registries; signal: AbortSignal },
): Promise<Source> {
  const [, path = text, tag] = existsSync(text) ? [] : (/^(.+):([\w][\w.-]*)$/.exec(text) ?? []);
  if (existsSync(path)) {
    if (statSync(path).isDirectory()) return layoutSource(path, path, tag);
    const unpacked = join(folder, 'base');
    try {
      await pipeline(createReadStream(path), unpackTar(unpacked, { strict: true }), { signal });
    } catch (error) {
      if (signal.aborted) throw error;
      throw new Failure(`the base ${path} cannot be read as an archive: ${sentenceOf(error)}`, { cause: error });
    }
    return layoutSource(unpacked, path, tag);
  }
  if (/^[./~]|\.tar$/.test(text)) throw new Failure(`the base ${text} does not exist`);
  const reference = parseReference(text);
  const repository = registries.repository(reference);
  const found = await repository.resolve(reference.digest ?? reference.tag ?? 'latest');
  return {
    name: text,
    described: { name: formatReference(reference), digest: found.digest },
    top: [found],
    manifest: (descriptor) => repository.manifest(descriptor),
    blob: (descriptor) => repository.blob(descriptor),
  };
}

/** @param tag which of the images in it, if there are several */
function layoutSource(folder: string, name: string, tag: string | undefined): Source {
  const file = join(folder, 'index.json');
  if (!existsSync(file)) throw new Failure(`the base ${name} is no OCI layout: it has no index.json`);
  const { manifests = [] } = JSON.parse(readFileSync(file, 'utf8')) as ImageIndex;
  const nameOf = ({ annotations }: Descriptor) => annotations?.['org.opencontainers.image.ref.name'];
  const top = tag === undefined ? manifests : manifests.filter((each) => nameOf(each) === tag);
  if (top.length === 0) {
    throw new Failure(`the base ${name} has no image${tag === undefined ? '' : ` that is called ${tag}`}`);
  }
  const blob = (descriptor: Descriptor): Blob => {
    const path = join(folder, 'blobs', ...descriptor.digest.split(':'));
    if (!existsSync(path)) throw new Failure(`the base ${name} is not complete: ${descriptor.digest} is missing`);
    const open = (signal?: AbortSignal) => createReadStream(path, signal ? { signal } : {});
    return { descriptor, open: (signal) => verified(open(signal), descriptor, `${descriptor.digest} of ${name}`) };
  };
  return { name, top, blob, manifest: (descriptor) => readAll(blob(descriptor).open()) };
}

async function baseOf(source: Source, platform: Platform): Promise<Base> {
  const found = await manifestFor(source, platform);
  const { config: at, layers } = found;
  const config = json<ImageConfig>(await readAll(source.blob(at).open()), source, at);
  const wanted = `${platform.os}/${platform.architecture}`;
  if (config.os !== platform.os || config.architecture !== platform.architecture) {
    throw new Failure(
      `the base ${source.name} is for ${config.os}/${config.architecture} and not for ${wanted}; name another with --base, or its platform with --platform`,
    );
  }
  if (layers.length !== config.rootfs.diff_ids.length) {
    throw new Failure(
      `the base ${source.name} is not valid: its config and its manifest differ in the number of layers`,
    );
  }
  return { config, layers: layers.map((layer) => asOci(source.blob(layer))), ...source.described };
}

async function manifestFor(source: Source, platform: Platform): Promise<ImageManifest> {
  const seen: string[] = [];
  const waiting = [...source.top];
  for (let descriptor = waiting.shift(); descriptor; descriptor = waiting.shift()) {
    const { platform: its } = descriptor;
    if (its) seen.push(`${its.os}/${its.architecture}`);
    if (its && (its.os !== platform.os || its.architecture !== platform.architecture)) continue;
    const found = json<ImageIndex & ImageManifest>(await source.manifest(descriptor), source, descriptor);
    if (Array.isArray(found.layers)) return found;
    if (!Array.isArray(found.manifests)) {
      throw new Failure(`the base ${source.name} has neither an image nor a list of images at ${descriptor.digest}`);
    }
    waiting.unshift(...found.manifests);
  }
  const has = [...new Set(seen)].filter((name) => !name.includes('unknown')).join(', ');
  throw new Failure(`the base ${source.name} has no image for ${platform.os}/${platform.architecture}, but for ${has}`);
}

function json<T>(bytes: Uint8Array, { name }: Source, { digest }: Descriptor): T {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    throw new Failure(`the base ${name} is not valid: ${digest} is no JSON`, { cause: error });
  }
}

/** What Docker calls its layers; the bytes are the same. */
const ociNames: Readonly<Record<string, string>> = {
  'application/vnd.docker.image.rootfs.diff.tar.gzip': `${mediaTypes.layer}+gzip`,
  'application/vnd.docker.image.rootfs.diff.tar': mediaTypes.layer,
  'application/vnd.docker.image.rootfs.diff.tar.zstd': `${mediaTypes.layer}+zstd`,
};

function asOci(blob: Blob): Blob {
  const mediaType = ociNames[blob.descriptor.mediaType];
  return mediaType ? { ...blob, descriptor: { ...blob.descriptor, mediaType } } : blob;
}
