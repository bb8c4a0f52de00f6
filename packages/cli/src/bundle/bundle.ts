import { globSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { compareBytes } from '@setpoint/apimachinery/json';
import { type OutputChunk, rolldown } from 'rolldown';
import { Failure, sentenceOf } from '../failure.ts';
import { groupsOf } from './chunks.ts';
import { licencesOf } from './licences.ts';
import { packagesImportedBy } from './own-source.ts';
import { type BundledPackage, Packages } from './packages.ts';
import { resolving } from './resolving.ts';
import { mapOfSources, type SourceMap } from './source-map.ts';
import { Unbundleable } from './unbundleable.ts';

/** Where a bundle lies in a project, which a map of it and the places of sources depend on. */
export const bundleFolder = 'dist/operator';

export interface BundledFile {
  /** Relative to `bundleFolder`. */
  readonly name: string;
  readonly text: string;
  /** It has sources of the project in it, and is another one when they change. */
  readonly own: boolean;
}

/** A program with all that it needs in few files. */
export interface Bundle {
  readonly files: readonly BundledFile[];
  /** The file that is the program, relative to the project. */
  readonly program: string;
  /** Packages that have to lie beside it, by the name under which it imports them, and why. */
  readonly outside: ReadonlyMap<string, { readonly folder: string; readonly why: string }>;
}

export interface BundleOptions<P extends BundledPackage<P>> {
  readonly folder: string;
  /** Relative to the folder. */
  readonly program: string;
  /** The project itself, with all packages that it may import. */
  readonly root: P;
  /** Packages that stay outside whatever they look like. */
  readonly external: readonly string[];
  /** Sources beside the program's, relative to the folder, that may be run by themselves. */
  readonly beside: readonly string[];
}

/**
 * Joins the program of a project with the packages that it needs. Names are kept, and lines of the project's own sources
 * are those of its sources for who reads the maps (`--enable-source-maps`). Packages stay outside that have parts which
 * are no JavaScript, or ask where they lie.
 *
 * @throws Unbundleable if the program would not run as it does from its sources
 * @throws Failure for sources that cannot be read
 */
export async function bundleProgram<P extends BundledPackage<P>>(options: BundleOptions<P>): Promise<Bundle> {
  const packages = new Packages(options.root, options.external);
  // What asks for its place is found only when it is read: then everything is joined anew, without it.
  for (;;) {
    const made = await joined(options, packages);
    if (made !== undefined) return made;
  }
}

async function joined<P extends BundledPackage<P>>(
  { folder, program, beside }: BundleOptions<P>,
  packages: Packages<P>,
): Promise<Bundle | undefined> {
  const root = packages.root.folder;
  const target = join(root, bundleFolder);
  const before = packages.late;
  const { plugin, reached, found, failure } = resolving({ packages, program: join(root, program), target });
  try {
    await using build = await rolldown({
      input: { main: join(root, program) },
      cwd: root,
      platform: 'node',
      tsconfig: false,
      // What a package does not have is found missing when it is asked for, as it is without a bundle.
      onLog: () => undefined,
      transform: { typescript: { onlyRemoveTypeImports: true } },
      preserveEntrySignatures: 'allow-extension',
      experimental: { attachDebugInfo: 'none' },
      plugins: [plugin],
    });
    const { output } = await build.generate({
      dir: target,
      format: 'esm',
      entryFileNames: 'main.mjs',
      chunkFileNames: '[name]-[hash].mjs',
      sourcemap: true,
      strictExecutionOrder: true,
      comments: false,
      codeSplitting: { groups: groupsOf((id) => packages.ownerOf(id) === packages.root) },
    });
    if (packages.late > before) return undefined;
    const chunks = output.filter((one) => one.type === 'chunk');
    refuseWhatIsNotReached(root, { program, beside, reached });
    const licences = licencesOf(
      chunks.flatMap(({ moduleIds }) => moduleIds.flatMap((id) => packages.ownerOf(id) ?? [])),
    );
    const files = [...chunks.flatMap((chunk) => filesOf(chunk)), ...licences];
    return {
      files: files.sort((a, b) => compareBytes(a.name, b.name)),
      program: `${bundleFolder}/main.mjs`,
      outside: new Map([...found].sort(([a], [b]) => compareBytes(a, b))),
    };
  } catch (error) {
    const { reason = error } = failure;
    if (reason instanceof Failure) throw reason;
    throw new Failure(`cannot join the sources of ${folder}: ${sentenceOf(reason)}`, { cause: reason });
  }
}

/** A file, and the map of what of it the project itself wrote. */
function filesOf({ fileName, code, map, isEntry }: OutputChunk): BundledFile[] {
  const text = code.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '\n');
  const own = map === null ? undefined : mapOfSources(map as SourceMap, isOwn);
  // The program itself names others by what is in them.
  if (own === undefined) return [{ name: fileName, text, own: isEntry }];
  const name = `${fileName}.map`;
  return [
    { name: fileName, text: `${text}//# sourceMappingURL=${name}\n`, own: true },
    { name, text: `${JSON.stringify({ ...own, file: fileName })}\n`, own: true },
  ];
}

/** Below the project, and no package. */
function isOwn(source: string): boolean {
  const levels = bundleFolder
    .split('/')
    .map(() => '..')
    .join('/');
  return source.startsWith(`${levels}/`) && !source.startsWith(`${levels}/..`) && !source.includes('node_modules/');
}

/** What Node is told to load beside the program (`--import`) would miss its packages. */
function refuseWhatIsNotReached(
  root: string,
  of: { readonly program: string; readonly beside: readonly string[]; readonly reached: ReadonlySet<string> },
): void {
  const { program, beside, reached } = of;
  const folder = dirname(program);
  const exclude = (path: string) => /(^|[\\/])(node_modules|\..+)$|\.(test|spec)\.\w+$|\.d\.\w?ts$/.test(path);
  const around = folder === '.' ? [] : globSync('**/*', { cwd: join(root, folder), exclude });
  const all = [...around.map((path) => join(folder, path)), ...beside].map((path) => path.split(sep).join('/'));
  for (const name of [...new Set(all)].sort(compareBytes)) {
    const file = join(root, name);
    if (!/\.[cm]?[jt]s$/.test(name) || name.startsWith(`${bundleFolder}/`) || reached.has(file)) continue;
    const [needed] = packagesImportedBy(readFileSync(file, 'utf8'));
    if (needed === undefined) continue;
    throw new Unbundleable(`${name} imports ${needed}, and ${program} does not import ${name}`);
  }
}
