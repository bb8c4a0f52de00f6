import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { planDeployment } from '../deployment/index.ts';
import { Failure, sentenceOf, UsageError } from '../failure.ts';
import { type Build, buildImages, type Compression, defaultBase, writeArchive } from '../image/index.ts';
import type { Output } from '../output.ts';
import { findProject, projectSettings } from '../project.ts';
import {
  formatReference,
  type ImageReference,
  openRegistries,
  type Platform,
  parseReference,
  type Registries,
} from '../registry/index.ts';

export interface ImageFlags {
  readonly project: string;
  /** The name of the image. @default that of the project's deployment */
  readonly tag?: string;
  readonly push?: boolean;
  /** The file to write an OCI archive to. */
  readonly output?: string;
  readonly base?: string;
  /** `os/architecture`, separated by commas. */
  readonly platform: string;
  readonly compression: Compression;
  readonly insecure?: boolean;
  /** Whether the program is joined with its packages. @default what package.json says */
  readonly bundle?: boolean;
}

/** Builds the image of the project without a daemon, and pushes it or writes it into a file. */
export async function image(flags: ImageFlags, output: Output, signal: AbortSignal): Promise<void> {
  const { push = false, output: file, base = defaultBase, compression } = flags;
  if (!push && file === undefined) throw new UsageError('say where the image goes: --push, or --output <file>');
  const platforms = flags.platform.split(',').map(platformOf);
  const named = flags.tag === undefined ? undefined : tagOf(flags.tag);
  const created = creationTime(process.env.SOURCE_DATE_EPOCH);
  const project = findProject(flags.project);
  if (file !== undefined) refuseUnwritable(file);
  const reference = named ?? referenceOf((await planDeployment(project)).settings.image);

  using registries = openRegistries({ signal, insecure: flags.insecure === true });
  const bundle = flags.bundle !== false && projectSettings(project.folder).bundle !== false;
  const options = { base, platforms, created, compression, bundle, registries, signal, progress: output.err };
  await using build = await buildImages(project, options);
  if (file !== undefined) {
    await writeArchive(resolve(file), reference, build, { mtime: created, signal });
    output.err(`${file} written: ${formatReference(reference)}\n`);
  }
  const { digest } = build.top.descriptor;
  if (push) {
    await pushImages(registries, reference, build, output);
    const { registry, repository } = reference;
    output.out(`${formatReference({ registry, repository, digest })}\n`);
  } else {
    output.out(`${digest}\n`);
  }
}

async function pushImages(
  registries: Registries,
  reference: ImageReference,
  { images, top }: Build,
  output: Output,
): Promise<void> {
  const repository = registries.repository(reference, 'pull,push');
  const done = new Set<string>();
  for (const { config, layers } of images) {
    for (const blob of [...layers, config]) {
      const { digest, size } = blob.descriptor;
      if (done.has(digest)) continue;
      done.add(digest);
      output.err(`${digest} ${await repository.pushBlob(blob)} (${size} bytes)\n`);
    }
  }
  if (images.length > 1) {
    for (const { manifest } of images) await repository.pushManifest(manifest, manifest.descriptor.digest);
  }
  await repository.pushManifest(top, reference.tag ?? 'latest');
}

function tagOf(text: string): ImageReference {
  try {
    return referenceOf(text);
  } catch (error) {
    throw new UsageError(sentenceOf(error), { cause: error });
  }
}

function referenceOf(text: string): ImageReference {
  const reference = parseReference(text);
  if (reference.digest !== undefined) {
    throw new Failure(`the image name ${JSON.stringify(text)} has a digest, which only the image itself can have`);
  }
  return reference;
}

function platformOf(text: string): Platform {
  const [, os, architecture, variant] = /^(\w+)\/(\w+)(?:\/(\w+))?$/.exec(text.trim()) ?? [];
  if (os !== 'linux' || architecture === undefined) {
    throw new UsageError(`${JSON.stringify(text)} is no platform: use linux/amd64 or linux/arm64`);
  }
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

/** The time of everything in the image, so that it does not depend on when it was built; reproducible-builds.org. */
function creationTime(seconds: string | undefined): Date {
  if (seconds === undefined || seconds === '') return new Date(0);
  const date = new Date(Number(seconds) * 1000);
  // Archives have eleven octal digits for it.
  if (!/^\d{1,10}$/.test(seconds)) throw new UsageError(`SOURCE_DATE_EPOCH=${seconds} is not a number of seconds`);
  return date;
}

/** Before anything is built, not after. */
function refuseUnwritable(file: string): void {
  const folder = dirname(resolve(file));
  if (!existsSync(folder)) throw new Failure(`${file} cannot be written: there is no folder ${folder}`);
  if (existsSync(file) && statSync(file).isDirectory()) throw new Failure(`${file} cannot be written: it is a folder`);
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new Failure(`${file} cannot be written: ${sentenceOf(error)}`, { cause: error });
  }
}
