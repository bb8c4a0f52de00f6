import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { Failure, sentenceOf } from '../failure.ts';
import type { Platform } from '../registry/index.ts';

/** What package.json says that matters here. */
export interface PackageManifest {
  readonly name?: string;
  readonly version?: string;
  readonly description?: string;
  readonly license?: string;
  readonly repository?: string | { readonly url?: string };
  readonly files?: readonly string[];
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** A package as it is installed, with what it finds when it imports the packages it declares. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** Where it really is; links are followed. */
  readonly folder: string;
  /** It does not lie in a `node_modules` but is linked from there: a workspace, or a folder beside the project. */
  readonly linked: boolean;
  readonly manifest: PackageManifest;
  readonly dependencies: ReadonlyMap<string, InstalledPackage>;
}

interface Draft extends InstalledPackage {
  readonly dependencies: Map<string, InstalledPackage>;
}

/** Node itself, as a package: an image has it from its base. */
const nodePackage = /^node(-bin-setup|-(linux|darwin|win)-\w+)?$/;

/**
 * What the project needs when it runs, from the packages that are installed: dependencies, and those of `optional` and
 * `peer` that are there and made for the platform. The way to each is Node's own (the nearest `node_modules`), so that it
 * does not matter who installed them, and how.
 *
 * @throws Failure for one that is declared and not installed, or installed for another platform only
 */
export function installedPackages(folder: string, platform: Platform): InstalledPackage {
  const byFolder = new Map<string, Draft>();
  const waiting: Draft[] = [];
  const load = (at: string): Draft => {
    const present = byFolder.get(at);
    if (present) return present;
    const manifest = readManifest(at);
    const { name = '', version = '0.0.0' } = manifest;
    const linked = !at.split(sep).includes('node_modules');
    const draft: Draft = { name, version, folder: at, linked, manifest, dependencies: new Map() };
    byFolder.set(at, draft);
    waiting.push(draft);
    return draft;
  };
  const root = load(realpathSync(folder));
  for (let draft = waiting.pop(); draft; draft = waiting.pop()) {
    for (const [name, at] of declaredBy(draft, root, platform)) draft.dependencies.set(name, load(at));
  }
  // What may be there and was not asked for: it has to be found if others brought it along.
  for (const draft of byFolder.values()) {
    for (const name of Object.keys(draft.manifest.peerDependencies ?? {})) {
      if (draft.dependencies.has(name)) continue;
      const present = byFolder.get(findPackage(name, draft.folder) ?? '');
      if (present) draft.dependencies.set(name, present);
    }
  }
  return root;
}

/** The folders of the packages that it has to find. */
function declaredBy(draft: Draft, root: Draft, platform: Platform): Map<string, string> {
  const { manifest, folder } = draft;
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
  const found = new Map<string, string>();
  const strange: StrangePackage[] = [];
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    if (nodePackage.test(name)) continue;
    const optional = name in optionalDependencies;
    const at = findPackage(name, folder);
    if (at === undefined) {
      if (!optional) throw notInstalled(name, draft, root);
      continue;
    }
    const manifestOfIt = readManifest(at);
    if (isFor(manifestOfIt, platform)) found.set(name, at);
    else strange.push({ name, optional, madeFor: madeFor(manifestOfIt) });
  }
  refuseStrange(draft, strange, found, platform);
  for (const name of Object.keys(peerDependencies)) {
    const at = peerDependenciesMeta[name]?.optional ? undefined : findPackage(name, folder);
    if (at !== undefined && !nodePackage.test(name)) found.set(name, at);
  }
  return found;
}

interface StrangePackage {
  readonly name: string;
  readonly optional: boolean;
  readonly madeFor: string;
}

/**
 * What comes as one package a platform (sharp, esbuild) is there for this machine only: the image would start, and then
 * miss its own. What only some platforms need (fsevents) is left out.
 */
function refuseStrange(
  { name, manifest }: Draft,
  strange: readonly StrangePackage[],
  found: ReadonlyMap<string, string>,
  platform: Platform,
): void {
  const { os, architecture } = platform;
  const cpu = cpuOf(platform);
  const missed = Object.keys(manifest.optionalDependencies ?? {}).some(
    (other) => other.includes(os) && other.includes(cpu) && !nodePackage.test(other) && !found.has(other),
  );
  const first = strange.find(({ optional }) => !optional || missed);
  if (first === undefined) return;
  throw new Failure(
    `${first.name}, which ${name === '' ? 'the project' : name} needs, is installed for ${first.madeFor} and not for ${os}/${architecture}: install for it with \`npm install --os=${os} --cpu=${cpu}\``,
  );
}

function notInstalled(name: string, { folder, name: by }: Draft, root: Draft): Failure {
  const install = `run \`${installCommand(root.folder)}\``;
  if (existsSync(join(root.folder, '.pnp.cjs'))) {
    return new Failure(
      `${root.folder} has Yarn's Plug'n'Play instead of node_modules: set \`nodeLinker: node-modules\` in .yarnrc.yml and run \`yarn install\``,
    );
  }
  if (folder === root.folder && !ancestors(folder).some((at) => existsSync(join(at, 'node_modules')))) {
    return new Failure(`${root.folder} has no node_modules: ${install}`);
  }
  return new Failure(`the package ${name}, which ${by === '' ? folder : by} depends on, is not installed: ${install}`);
}

/** Of whichever package manager left its lock file. */
function installCommand(folder: string): string {
  const locks = { 'pnpm-lock.yaml': 'pnpm', 'yarn.lock': 'yarn', 'bun.lock': 'bun', 'bun.lockb': 'bun' };
  for (const at of ancestors(folder)) {
    const lock = Object.entries(locks).find(([file]) => existsSync(join(at, file)));
    if (lock) return `${lock[1]} install`;
  }
  return 'npm install';
}

/** As Node looks for it: in the nearest `node_modules` upwards that has it. */
function findPackage(name: string, from: string): string | undefined {
  for (const at of ancestors(from)) {
    if (at.endsWith(`${sep}node_modules`)) continue;
    const folder = join(at, 'node_modules', name);
    if (existsSync(join(folder, 'package.json'))) return realpathSync(folder);
  }
  return undefined;
}

/** A folder and those it lies in, from the inside outwards. */
function ancestors(folder: string): string[] {
  const all = [folder];
  for (let at = folder; dirname(at) !== at; ) {
    at = dirname(at);
    all.push(at);
  }
  return all;
}

/** @throws Failure */
export function readManifest(folder: string): PackageManifest {
  const file = join(folder, 'package.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Failure(`cannot read ${file}: ${sentenceOf(error)}`, { cause: error });
  }
}

function isFor({ os, cpu }: PackageManifest, platform: Platform): boolean {
  return allows(os, platform.os) && allows(cpu, cpuOf(platform));
}

/** As Node and npm call it. */
function cpuOf({ architecture }: Platform): string {
  return { amd64: 'x64', '386': 'ia32' }[architecture] ?? architecture;
}

/** Lists of package.json: one of the names, or none of those with a `!`. */
function allows(list: readonly string[] | string | undefined, value: string): boolean {
  const names = typeof list === 'string' ? [list] : (list ?? []);
  if (names.includes(`!${value}`)) return false;
  const positive = names.filter((name) => !name.startsWith('!'));
  return positive.length === 0 || positive.includes(value) || positive.includes('any');
}

function madeFor({ os = [], cpu = [] }: PackageManifest): string {
  return [[os].flat().join(' or '), [cpu].flat().join(' or ')].filter((part) => part !== '').join('/');
}
