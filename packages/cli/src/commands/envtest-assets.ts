import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { Failure } from '../failure.ts';
import type { Output } from '../output.ts';

/** Programs that test environments look for by name. */
const programs = ['etcd', 'kube-apiserver'] as const;

/** Prints the folder for KUBEBUILDER_ASSETS, on a line of its own, and sees to it that the programs are in it. */
export function envtestAssets(output: Output): void {
  if (process.platform === 'win32')
    throw new Failure('the launchers are shell scripts, which this system cannot run; use WSL');
  output.out(`${makeAssets({ cache: cacheFolder(), node: process.execPath, path: process.env.PATH ?? '' })}\n`);
}

/** SETPOINT_CACHE, else XDG_CACHE_HOME/setpoint, else ~/.cache/setpoint. */
function cacheFolder(): string {
  const { SETPOINT_CACHE, XDG_CACHE_HOME } = process.env;
  return resolve(SETPOINT_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'setpoint'));
}

interface AssetsOptions {
  readonly cache: string;
  /** The Node that starts them; what runs this command is new enough. */
  readonly node: string;
  /** Where to look for kubectl. */
  readonly path: string;
}

/**
 * A folder of scripts that name this installation and its Node by their absolute paths, since a test suite may start
 * them with any environment. What they say decides the folder's name: one that is there is complete, and never changes.
 */
export function makeAssets({ cache, node, path }: AssetsOptions): string {
  const starter = resolve(import.meta.dirname, ...starterFrom(import.meta.dirname));
  const kubectl = findOnPath('kubectl', path);
  const script = (program: string) => `#!/bin/sh\nexec ${quote(node)} ${quote(starter)} ${program} "$@"\n`;
  const digest = createHash('sha256')
    .update(JSON.stringify([node, starter, kubectl]))
    .digest('hex')
    .slice(0, 12);
  const folder = join(cache, 'envtest-assets', digest);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${process.pid}`;
  try {
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    for (const program of programs) writeFileSync(join(unfinished, program), script(program), { mode: 0o755 });
    if (kubectl !== undefined) symlinkSync(kubectl, join(unfinished, 'kubectl'));
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // Somebody else was faster with the same.
    if (existsSync(folder)) return folder;
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(`${folder} cannot be made (${code}); name another folder with SETPOINT_CACHE`, { cause: error });
  }
  return folder;
}

/** Sources lie two folders deep; what is published lies in dist or in its chunks. */
function starterFrom(here: string): readonly string[] {
  const candidates = [
    ['..', '..', 'bin', 'launch.js'],
    ['..', 'bin', 'launch.js'],
  ];
  const found = candidates.find((candidate) => existsSync(resolve(here, ...candidate)));
  if (!found) throw new Failure('bin/launch.js is missing from this installation of @setpoint/cli; install it again');
  return found;
}

function findOnPath(program: string, path: string): string | undefined {
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue;
    const file = resolve(folder, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not there.
    }
  }
  return undefined;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
