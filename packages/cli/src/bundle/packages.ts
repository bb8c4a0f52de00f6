import { globSync } from 'node:fs';
import { join, sep } from 'node:path';

/** What is known of an installed package; `image/` finds it. */
export interface AnyPackage {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  readonly linked: boolean;
  readonly manifest: {
    readonly optionalDependencies?: Readonly<Record<string, string>>;
    readonly os?: readonly string[];
    readonly cpu?: readonly string[];
  };
}

export interface BundledPackage<P> extends AnyPackage {
  readonly dependencies: ReadonlyMap<string, P>;
}

/**
 * They ask where they lie only for what Setpoint makes no use of: workers that write logs, a stack that is cut short.
 * Others may use all of them: by the package that asks, those that may need it and still have it joined.
 */
const harmless: Readonly<Record<string, readonly string[]>> = {
  pino: ['setpoint'],
  'thread-stream': ['pino'],
  undici: ['setpoint'],
};

/** Which package a file is of, and which packages stay outside. */
export class Packages<P extends BundledPackage<P>> {
  readonly root: P;
  readonly #byFolder = new Map<string, P>();
  readonly #owners = new Map<string, P | undefined>();
  readonly #outside = new Map<P, string | undefined>();
  readonly #external: readonly string[];
  #late = 0;

  constructor(root: P, external: readonly string[]) {
    this.root = root;
    this.#external = external;
    const pending = [root];
    for (let one = pending.pop(); one; one = pending.pop()) {
      if (this.#byFolder.has(one.folder)) continue;
      this.#byFolder.set(one.folder, one);
      pending.push(...one.dependencies.values());
    }
  }

  /** How many were joined before they were seen to belong outside. */
  get late(): number {
    return this.#late;
  }

  /** Undefined for what the program may not import when it runs: packages for development, files of others. */
  ownerOf(file: string): P | undefined {
    if (this.#owners.has(file)) return this.#owners.get(file);
    let folder = file;
    while (folder !== '' && !this.#byFolder.has(folder)) {
      const end = folder.lastIndexOf(sep);
      // What lies in a package that is not ours belongs to nobody here.
      const name = folder.slice(end + 1);
      folder = name === 'node_modules' || end < 0 ? '' : folder.slice(0, end);
    }
    const owner = this.#byFolder.get(folder);
    this.#owners.set(file, owner);
    return owner;
  }

  /** Why it stays outside; undefined if it does not. */
  whyOutside(one: P): string | undefined {
    if (one === this.root) return undefined;
    if (!this.#outside.has(one)) {
      const listed = this.#external.includes(one.name);
      this.#outside.set(one, listed ? 'package.json leaves it outside' : nativeParts(one));
    }
    return this.#outside.get(one);
  }

  /** Takes note of the code of a package. */
  read(one: P, code: string): void {
    if (one === this.root || this.whyOutside(one) !== undefined || !asksForPlace.test(code)) return;
    const mayNeedIt = harmless[one.name];
    if (mayNeedIt && this.#thatNeed(one).every(({ name }) => mayNeedIt.includes(name))) return;
    this.#outside.set(one, 'it asks where it lies');
    this.#late++;
  }

  #thatNeed(one: P): readonly P[] {
    return [...this.#byFolder.values()].filter((other) => [...other.dependencies.values()].includes(one));
  }
}

const asksForPlace =
  /\b__(?:dirname|filename)\b|\bimport\.meta\.(?:url|dirname|filename|resolve)\b|\brequire\.resolve\b|\bcreateRequire\b/;

function nativeParts({ folder, manifest }: AnyPackage): string | undefined {
  const { optionalDependencies = {}, os, cpu } = manifest;
  const platforms = Object.keys(optionalDependencies).some((name) => /\b(linux|darwin|win32)\b/.test(name));
  const native = os !== undefined || cpu !== undefined || platforms;
  if (native || globSync(['**/*.node', 'binding.gyp'], { cwd: folder, exclude: isPackages }).length > 0) {
    return 'it has parts that are no JavaScript';
  }
  return undefined;
}

function isPackages(path: string): boolean {
  return path === 'node_modules' || path.startsWith(join('node_modules', sep));
}
