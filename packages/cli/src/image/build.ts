import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bundle, Unbundleable } from '../bundle/index.ts';
import { Failure } from '../failure.ts';
import type { Project } from '../project.ts';
import type { Blob, Platform, Registries } from '../registry/index.ts';
import { type Application, bundleProject, gatherApplication } from './application.ts';
import { openBase } from './base.ts';
import { type Image, imageOf, indexOf } from './document.ts';
import { type Compression, type Layer, writeLayer } from './layer.ts';
import type { TarEntry } from './tar.ts';

export interface BuildOptions {
  readonly base: string;
  readonly platforms: readonly Platform[];
  /** The time of all that is in the image. */
  readonly created: Date;
  readonly compression: Compression;
  /** Whether the program and its packages are joined into few files, where that can be done. */
  readonly bundle: boolean;
  readonly registries: Registries;
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
}

/** What was built; its files go with it. */
export interface Build extends AsyncDisposable {
  readonly images: readonly Image[];
  /** What a name stands for: the manifest of the only image, or the index of all. */
  readonly top: Blob;
}

/**
 * Builds the image of a project for each platform. The same project, packages, base and time give the same digests, on
 * whichever machine.
 *
 * @throws Failure
 */
export async function buildImages(project: Project, options: BuildOptions): Promise<Build> {
  const folder = await mkdtemp(join(tmpdir(), 'setpoint-image-'));
  const dispose = () => rm(folder, { recursive: true, force: true });
  try {
    const { platforms, created, compression, signal, progress } = options;
    // What a person can mend here is said before anything is fetched.
    const bundle = options.bundle ? await bundleIfPossible(project, options) : undefined;
    const applications = platforms.map((platform) => gatherApplication(project, platform, bundle));
    const baseFor = await openBase(options.base, { folder, registries: options.registries, signal });
    const images: Image[] = [];
    for (const [i, platform] of platforms.entries()) {
      const application = applications[i] as Application;
      const base = await baseFor(platform);
      const name = `${platform.os}-${platform.architecture}`;
      const write = async (comment: string, entries: readonly TarEntry[]) => {
        const at = { folder, name: `${name}-${comment}`, comment };
        const layer = await writeLayer(entries, { ...at, mtime: created, compression, signal });
        progress(`${platform.os}/${platform.architecture} ${comment}: ${entries.length} entries, ${size(layer)}\n`);
        return layer;
      };
      const layers = [
        await write('dependencies', application.dependencies),
        await write('sources', application.sources),
      ];
      images.push(imageOf(base, application, layers, created));
    }
    const [only] = images;
    if (only === undefined) throw new Failure('name at least one platform');
    const top = images.length === 1 ? only.manifest : indexOf(images);
    return { images, top, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** An image of the sources starts later and is larger, and does all the same. */
async function bundleIfPossible(project: Project, { platforms, progress }: BuildOptions): Promise<Bundle | undefined> {
  const [first] = platforms;
  if (first === undefined) return undefined;
  try {
    return await bundleProject(project, first);
  } catch (error) {
    if (!(error instanceof Unbundleable)) throw error;
    progress(`not bundled: ${error.message}\n`);
    return undefined;
  }
}

function size({ blob }: Layer): string {
  const { size } = blob.descriptor;
  return size < 1_000_000 ? `${Math.ceil(size / 1000)} kB` : `${(size / 1_000_000).toFixed(1)} MB`;
}
