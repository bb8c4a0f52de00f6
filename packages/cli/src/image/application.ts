import { existsSync, globSync } from 'node:fs';
import { basename, dirname, join, posix, relative, sep } from 'node:path';
import { type Bundle, bundleFolder, bundleProgram } from '../bundle/index.ts';
import { Failure } from '../failure.ts';
import { type Project, projectSettings } from '../project.ts';
import type { Platform } from '../registry/index.ts';
import { refuseForeignModules } from './native.ts';
import { type InstalledPackage, installedPackages, type PackageManifest, readManifest } from './packages.ts';
import { allPlaces, type Place, placePackages } from './placement.ts';
import type { TarEntry } from './tar.ts';
import { inOrder, treeEntries } from './tree.ts';

/** What is put upon a base. */
export interface Application {
  readonly manifest: PackageManifest;
  /** The program, relative to the working directory, with `/`. */
  readonly program: string;
  /** What Node is to be told. */
  readonly nodeFlags: readonly string[];
  /** What of it changes seldom: the packages it needs. */
  readonly dependencies: readonly TarEntry[];
  /** The project itself, and folders linked into it. */
  readonly sources: readonly TarEntry[];
}

/** Where the project lies in an image. */
export const workingDirectory = '/app';

/**
 * All files that the operator of a project needs when it runs, and none that it does not: no development dependencies, no
 * tests, no Node.
 *
 * @throws Failure
 */
export function gatherApplication(project: Project, platform: Platform, bundle?: Bundle): Application {
  const { folder } = project;
  const manifest = readManifest(folder);
  const program = programOf(project);
  const installed = installedPackages(folder, platform);
  const top = placePackages(bundle ? leftOutside(installed, bundle) : installed, workingDirectory.slice(1));
  const { places, links } = allPlaces(top);
  const dependencies: TarEntry[] = [];
  const sources: TarEntry[] = [...projectEntries(folder, program, manifest)];
  for (const { name, text, own } of bundle?.files ?? []) {
    (own ? sources : dependencies).push(textEntry(`${workingDirectory.slice(1)}/${bundleFolder}/${name}`, text));
  }
  for (const place of places) {
    if (place === top) continue;
    (place.installed.linked ? sources : dependencies).push(...packageEntries(place, platform));
  }
  for (const { path, to } of links) {
    const target = posix.relative(posix.dirname(path), to.path);
    (to.installed.linked ? sources : dependencies).push({ type: 'symlink', path, target });
  }
  const layers = { dependencies: inOrder(dependencies), sources: inOrder(sources) };
  if (!bundle) return { manifest, program, nodeFlags: [], ...layers };
  return { manifest, program: bundle.program, nodeFlags: ['--enable-source-maps'], ...layers };
}

/**
 * The program of a project and its packages in few files.
 *
 * @throws Unbundleable if it would not run as it does from its sources
 * @throws Failure
 */
export function bundleProject(project: Project, platform: Platform): Promise<Bundle> {
  const { folder } = project;
  const { external = [] } = projectSettings(folder);
  const program = programOf(project);
  const beside = listedFiles(folder, readManifest(folder));
  return bundleProgram({ folder, program, root: installedPackages(folder, platform), external, beside });
}

/** The project with nothing but the packages that a bundle imports; they bring their own. */
function leftOutside(root: InstalledPackage, { outside }: Bundle): InstalledPackage {
  const byFolder = new Map<string, InstalledPackage>();
  const pending = [root];
  for (let one = pending.pop(); one; one = pending.pop()) {
    if (byFolder.has(one.folder)) continue;
    byFolder.set(one.folder, one);
    pending.push(...one.dependencies.values());
  }
  const dependencies = [...outside].flatMap(([name, { folder }]) => {
    const found = byFolder.get(folder);
    return found === undefined ? [] : [[name, found] as const];
  });
  return { ...root, dependencies: new Map(dependencies) };
}

function textEntry(path: string, text: string): TarEntry {
  const bytes = Buffer.from(text);
  const open = async function* () {
    yield bytes;
  };
  return { type: 'file', path, executable: false, size: bytes.length, open };
}

/** The program beside the operator's module: it runs `operator.main()`. */
function programOf({ folder, entry }: Project): string {
  const beside = dirname(entry);
  const program = ['main.ts', 'main.js', 'main.mjs'].find((name) => existsSync(join(beside, name)));
  if (program === undefined) {
    throw new Failure(
      `there is no ${join(beside, 'main.ts')}, which an image runs: write \`import operator from './${basename(entry)}'; await operator.main();\``,
    );
  }
  return toPosix(relative(folder, join(beside, program)));
}

/** package.json, the folder of the program, and what package.json lists under `files`. */
function projectEntries(folder: string, program: string, manifest: PackageManifest): TarEntry[] {
  const [first = program] = program.split('/');
  const roots = new Set(['package.json', first, ...listedFiles(folder, manifest)]);
  const at = workingDirectory.slice(1);
  const entries = [...roots].flatMap((root) => treeEntries(join(folder, root), `${at}/${root}`, notOfProject, folder));
  // Of an earlier `setpoint build`.
  return entries.filter(({ path }) => !`${path}/`.startsWith(`${at}/${bundleFolder}/`));
}

function listedFiles(folder: string, { files = [] }: PackageManifest): readonly string[] {
  return files.flatMap((pattern) => globSync(pattern.replace(/^\.?\//, ''), { cwd: folder })).map(toPosix);
}

function packageEntries({ installed, path }: Place, platform: Platform): TarEntry[] {
  const { folder, linked, name } = installed;
  const omitted = linked ? notOfLinked : (inside: string) => inside === 'node_modules';
  const entries = treeEntries(folder, path, omitted);
  const native = entries.flatMap((entry) =>
    entry.type === 'file' && entry.path.endsWith('.node') ? [join(folder, entry.path.slice(path.length + 1))] : [],
  );
  refuseForeignModules(name, native, platform);
  return entries;
}

/** Hidden files, packages (which have a place of their own) and tests. */
function notOfProject(_path: string, name: string): boolean {
  return name === 'node_modules' || name.startsWith('.') || /\.(test|spec)\.[cm]?[jt]sx?$/.test(name);
}

function notOfLinked(path: string, name: string): boolean {
  return path === 'test' || path === 'tests' || notOfProject(path, name);
}

function toPosix(path: string): string {
  return path.split(sep).join('/');
}
