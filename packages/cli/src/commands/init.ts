import { basename, relative, resolve } from 'node:path';
import manifest from '@setpoint/cli/package.json' with { type: 'json' };
import { Failure, sentenceOf, UsageError } from '../failure.ts';
import { type Output, terminal } from '../output.ts';
import {
  type ApiOptions,
  apiOptions,
  belongsToKubernetes,
  commandsOf,
  detectPackageManager,
  firstGroup,
  firstKind,
  namedPackageManager,
  nodePackages,
  type PackageManager,
  type PackageManagerName,
  type ProjectOptions,
  projectFiles,
  refuseOccupied,
  writeNewFolder,
} from '../scaffold/index.ts';
import type { StopSignal } from '../stop.ts';

/** What was said on the command line, or answered. */
export interface InitFlags {
  readonly name?: string;
  readonly domain?: string;
  /** Make a first kind. */
  readonly api: boolean;
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
  readonly packageManager?: PackageManagerName;
  readonly license?: 'apache2' | 'none';
  readonly owner?: string;
  readonly install?: boolean;
  readonly yes?: boolean;
}

export interface InitSurroundings {
  readonly output: Output;
  readonly stop: StopSignal;
}

/** Makes the project of an operator in a folder that is new or empty. */
export async function init(folder: string | undefined, flags: InitFlags, around: InitSurroundings): Promise<void> {
  const { output, stop } = around;
  const said = asks(flags, output)
    ? await (await import('./init-questions.ts')).askForInit(folder, flags)
    : { ...flags, folder: folder ?? '.' };
  const at = resolve(said.folder);
  refuseOccupied(at);
  const project = projectOptions(at, said);
  // From here on Ctrl-C waits until everything is written.
  const stopped = stop();
  write(at, project);
  const here = placeOf(at);
  if (said.install) await (await import('./install-packages.ts')).installPackages(at, project.manager, stopped, output);
  if (project.bringsNode) {
    output.out(`Node ${process.versions.node} is too old for it, so that it has a newer one among its packages.\n`);
  }
  output.out(`The operator ${project.name} is in ${here || 'this folder'}. Next:\n\n${nextSteps(here, project, said)}`);
}

/** Whether a person is there who can be asked, and wants to be. */
function asks({ yes }: InitFlags, output: Output): boolean {
  return !yes && output === terminal && process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/** @throws UsageError */
export function projectOptions(at: string, flags: InitFlags): ProjectOptions {
  const name = checkedName(flags.name ?? nameFrom(at));
  const domain = checkedDomain(flags.domain ?? defaultDomain);
  const agent = process.env.npm_config_user_agent;
  const bringsNode = needsNode();
  return {
    name,
    domain,
    version: manifest.version,
    manager: flags.packageManager ? namedPackageManager(flags.packageManager, agent) : detectPackageManager(at, agent),
    licence: flags.license === 'apache2' ? { license: 'apache2', owner: ownerOf(flags.owner, name) } : undefined,
    api: firstApi(flags, name, domain),
    bringsNode,
  };
}

export const defaultDomain = 'example.com';

/** @throws UsageError */
export function checkedName(name: string): string {
  if (!/^[a-z]([-a-z0-9]{0,40}[a-z0-9])?$/.test(name)) {
    throw new UsageError(
      `--name is at most 42 lower-case letters, digits and dashes, beginning with a letter, not ${JSON.stringify(name)}`,
    );
  }
  if (taken.has(name)) {
    const why = name === 'kube' ? 'its namespace would be kube-system' : 'a package that it needs has that name';
    throw new UsageError(`--name cannot be ${name}: ${why}; ${name}-operator would do`);
  }
  return name;
}

/** Packages cannot depend on what is called as they are. */
const taken: ReadonlySet<string> = new Set(['kube', 'setpoint', 'typescript', 'vitest', 'zod']);

/** @throws UsageError */
export function checkedDomain(domain: string): string {
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(domain)) {
    throw new UsageError(`--domain is a domain such as example.com, not ${JSON.stringify(domain)}`);
  }
  if (belongsToKubernetes(domain)) {
    throw new UsageError(`--domain cannot be ${domain}, which belongs to Kubernetes; use a domain of your own`);
  }
  return domain;
}

/** What a folder's name leaves of a name. */
export function nameFrom(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
    .slice(0, 42)
    .replace(/-+$/, '');
  if (taken.has(name)) return `${name}-operator`;
  return name === '' ? 'operator' : name;
}

/** @throws UsageError */
export function firstApi(flags: InitFlags, name: string, domain: string): ApiOptions | undefined {
  if (!flags.api) return undefined;
  const { group = firstGroup(name), version = 'v1', kind = firstKind(name) } = flags;
  return apiOptions({ group, version, kind, cluster: false, controller: true }, domain);
}

/** In a header of one line. @throws UsageError */
function ownerOf(owner: string | undefined, name: string): string {
  if (owner === undefined || owner === '') return `The ${name} authors`;
  if (/\p{Cc}/u.test(owner)) throw new UsageError('--owner is a name, on one line');
  return owner;
}

/** Whether this Node could not run an operator, while there is one that can be installed as a package. */
function needsNode(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  return (major < 22 || (major === 22 && minor < 19)) && `node-${platform}-${process.arch}` in nodePackages;
}

function write(at: string, project: ProjectOptions): void {
  try {
    writeNewFolder(at, projectFiles(project));
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const denied = code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
    throw new Failure(
      denied
        ? `cannot make ${at}: nothing can be written there (${code}); name another folder`
        : `cannot make ${at}: ${sentenceOf(error)}`,
      { cause: error },
    );
  }
}

/** As a person would name the folder from here; empty for this one. */
function placeOf(at: string): string {
  const near = relative('.', at);
  return near.startsWith('..') ? at : near;
}

function nextSteps(here: string, { manager, api }: ProjectOptions, { install }: InitFlags): string {
  const commands = commandsOf(manager);
  const steps = [
    ...(here === '' ? [] : [`cd ${/^[-\w./]+$/.test(here) ? here : JSON.stringify(here)}`]),
    ...(install ? [] : [commands.install]),
    ...(api ? [] : [`${commands.setpoint} create api --group … --version v1 --kind …`]),
    `${commands.run} dev`,
  ];
  return steps.map((step) => `  ${step}\n`).join('');
}

/** For the question. */
export function likelyManager(folder: string): PackageManager {
  return detectPackageManager(resolve(folder), process.env.npm_config_user_agent);
}
