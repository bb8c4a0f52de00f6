import { basename } from 'node:path';
import { type Blob, blobOf, type Descriptor, jsonBytes, mediaTypes, type Platform } from '../registry/index.ts';
import { type Application, workingDirectory } from './application.ts';
import type { Layer } from './layer.ts';
import type { PackageManifest } from './packages.ts';

/** What of an image's config is read and written here; the OCI image specification, config.md. */
export interface ImageConfig {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly created?: string;
  readonly config?: {
    readonly User?: string;
    readonly Env?: readonly string[];
    readonly Entrypoint?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
    readonly WorkingDir?: string;
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly [setting: string]: unknown;
  };
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly string[] };
  readonly history?: readonly {
    readonly created?: string;
    readonly created_by?: string;
    readonly [more: string]: unknown;
  }[];
}

export interface ImageManifest {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface ImageIndex {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly manifests: readonly Descriptor[];
}

/** What an image stands on. */
export interface Base {
  readonly config: ImageConfig;
  readonly layers: readonly Blob[];
  /** What it was called when it was asked for, and what it was then; nothing for a base of no registry. */
  readonly name?: string;
  readonly digest?: string;
}

/** An image for one platform: all that belongs to it, and the manifest that says so. */
export interface Image {
  readonly platform: Platform;
  readonly manifest: Blob;
  readonly config: Blob;
  readonly layers: readonly Blob[];
}

/** Whom the image runs as; the user `nonroot` of distroless images, and the one of the generated Deployment. */
const nonRoot = '65532:65532';

/** The user may add arguments, as the generated Deployment does: the program is part of the entry point. */
export function imageOf(base: Base, application: Application, layers: readonly Layer[], created: Date): Image {
  const { os, architecture, variant } = base.config;
  const platform = { os, architecture, ...(variant ? { variant } : {}) };
  const config = blobOf(mediaTypes.config, jsonBytes(configOf(base, application, layers, timestamp(created))));
  const blobs = [...base.layers, ...layers.map(({ blob }) => blob)];
  const annotations = annotationsOf(base);
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: config.descriptor,
    layers: blobs.map(({ descriptor: { mediaType, digest, size } }) => ({ mediaType, digest, size })),
    ...(annotations ? { annotations } : {}),
  };
  return { platform, manifest: blobOf(mediaTypes.manifest, jsonBytes(manifest)), config, layers: blobs };
}

/** Images of several platforms under one name. */
export function indexOf(images: readonly Image[]): Blob {
  const manifests = images.map(({ platform, manifest }) => ({ ...manifest.descriptor, platform }));
  return blobOf(mediaTypes.index, jsonBytes({ schemaVersion: 2, mediaType: mediaTypes.index, manifests }));
}

function configOf(
  { config: base }: Base,
  { manifest, program, nodeFlags }: Application,
  layers: readonly Layer[],
  created: string,
): ImageConfig {
  const { os, architecture, variant, config = {}, rootfs, history = [] } = base;
  const labels = Object.entries({ ...config.Labels, ...labelsOf(manifest) }).sort(([a], [b]) => (a < b ? -1 : 1));
  const { Entrypoint, Cmd: _, Labels: __, Healthcheck: ___, ...rest } = config;
  return {
    created,
    architecture,
    ...(variant ? { variant } : {}),
    os,
    config: {
      ...rest,
      User: nonRoot,
      Env: withVariable(withPath(config.Env ?? []), 'NODE_ENV', 'production'),
      Entrypoint: [nodeOf(Entrypoint ?? []), ...nodeFlags, program],
      WorkingDir: workingDirectory,
      Labels: Object.fromEntries(labels),
    },
    rootfs: { type: 'layers', diff_ids: [...rootfs.diff_ids, ...layers.map(({ diffId }) => diffId)] },
    history: [...history, ...layers.map(({ comment }) => ({ created, created_by: 'setpoint image', comment }))],
  };
}

/** Distroless images name their Node as the entry point; in others it is on the path. */
function nodeOf(entrypoint: readonly string[]): string {
  const [first] = entrypoint;
  return first !== undefined && entrypoint.length === 1 && basename(first) === 'node' ? first : 'node';
}

function withPath(variables: readonly string[]): readonly string[] {
  if (variables.some((variable) => variable.startsWith('PATH='))) return variables;
  return ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...variables];
}

function withVariable(variables: readonly string[], name: string, value: string): readonly string[] {
  return [...variables.filter((variable) => !variable.startsWith(`${name}=`)), `${name}=${value}`];
}

function labelsOf({ name, version, description, license, repository }: PackageManifest): Record<string, string> {
  const source = typeof repository === 'string' ? repository : repository?.url;
  const values = { title: name, version, description, licenses: license, source: source?.replace(/^git\+/, '') };
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) =>
      typeof value === 'string' && value !== '' ? [[`org.opencontainers.image.${key}`, value]] : [],
    ),
  );
}

function annotationsOf({ name, digest }: Base): Readonly<Record<string, string>> | undefined {
  if (name === undefined || digest === undefined) return undefined;
  return { 'org.opencontainers.image.base.digest': digest, 'org.opencontainers.image.base.name': name };
}

/** RFC 3339, in whole seconds. */
function timestamp(date: Date): string {
  return date.toISOString().replace('.000Z', 'Z');
}
