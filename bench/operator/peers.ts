import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** One way to run the Foo operator. */
export interface Peer {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** For one that is measured for comparison only. @default all */
  readonly mostRounds?: number;
}

export interface Programs {
  /** As an image runs it: joined with its packages by `setpoint build`. */
  readonly setpoint: Peer;
  readonly notBundled: Peer;
  readonly controllerRuntime: Peer;
  /** Undefined without Rust. */
  readonly kubeRs: Peer | undefined;
}

/**
 * Of the flags in the Deployment that `setpoint manifests` writes, the one that does not depend on a container's limit; and
 * what `operator().run()` sets, which is not what these programs call.
 */
export const asDeployed: readonly string[] = ['--max-semi-space-size=4', '--no-parallel-scavenge'];

/** The operators; those of the others are built once for each state of their sources, outside the checkout. */
export function programs(project: string): Programs {
  const source = 'src/main.mjs';
  const program = bundled(project, source);
  const hasRust = spawnSync('cargo', ['--version'], { stdio: 'ignore' }).status === 0;
  if (!hasRust) console.log('Rust is not installed: kube-rs is left out.');
  return {
    setpoint: {
      name: 'setpoint',
      command: process.execPath,
      args: [...asDeployed, '--enable-source-maps', program],
      cwd: project,
    },
    notBundled: {
      name: 'setpoint, not bundled',
      command: process.execPath,
      args: [...asDeployed, source],
      cwd: project,
    },
    controllerRuntime: { name: 'controller-runtime', command: controllerRuntime(), args: [] },
    kubeRs: hasRust ? { name: 'kube-rs', command: kubeRs(), args: [], mostRounds: 2 } : undefined,
  };
}

/** The Foo operator in a project, with all that it needs in few files; answers which one to run. */
function bundled(project: string, source: string): string {
  mkdirSync(join(project, 'src'), { recursive: true });
  cpSync(join(import.meta.dirname, 'foo.mjs'), join(project, source));
  const manifest = join(project, 'package.json');
  const said = { ...JSON.parse(readFileSync(manifest, 'utf8')), setpoint: { operator: source } };
  writeFileSync(manifest, JSON.stringify(said));
  const setpoint = join(project, 'node_modules/@setpoint/cli/bin/setpoint.js');
  const built = execFileSync(process.execPath, [setpoint, 'build', '--project', project], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return built.trim();
}

/** The same operator with other flags. */
export function variant(peer: Peer, name: string, ...args: readonly string[]): Peer {
  return { ...peer, name: name === '' ? peer.name : `${peer.name}, ${name}`, args: [...peer.args, ...args] };
}

function controllerRuntime(): string {
  return built('controller-runtime', (source, target) => ({
    command: 'go',
    args: ['build', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w', '-o', target, '.'],
    cwd: source,
    env: { CGO_ENABLED: '0' },
    result: target,
  }));
}

function kubeRs(): string {
  const targets = join(tmpdir(), 'setpoint-bench-rust');
  return built('kube-rs', (source) => ({
    command: 'cargo',
    args: ['build', '--release', '--locked'],
    cwd: source,
    env: { CARGO_TARGET_DIR: targets },
    result: join(targets, 'release', 'foo-kube-rs'),
  }));
}

interface Build {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly result: string;
}

function built(name: string, plan: (source: string, target: string) => Build): string {
  const source = join(import.meta.dirname, name);
  const hash = createHash('sha256');
  for (const file of globSync('**/*.{go,mod,sum,rs,toml,lock}', { cwd: source }).sort()) {
    hash.update(`${file}\n`).update(readFileSync(join(source, file)));
  }
  const cache = process.env.SETPOINT_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'setpoint');
  const folder = join(cache, 'bench-operator');
  const target = join(folder, `${name}-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(target)) return target;
  mkdirSync(folder, { recursive: true });
  console.log(`building ${name} …`);
  const { command, args, cwd, env, result } = plan(source, `${target}.new`);
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit', env: { ...process.env, ...env } });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed; its message is above`);
  // Built beside it and renamed, so that an interrupted build leaves no half a program behind.
  if (result !== `${target}.new`) cpSync(result, `${target}.new`);
  renameSync(`${target}.new`, target);
  return target;
}
