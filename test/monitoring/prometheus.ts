// Prometheus and its promtool: on the path, in a cache outside the checkout, or fetched as a Debian package into it.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from '../free-port.ts';

export interface Programs {
  readonly prometheus: string;
  readonly promtool: string;
}

/** Undefined where there is none, and no way to get one. */
export function findPrometheus(): Programs | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const cache = process.env.SETPOINT_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'setpoint');
  const cached = join(cache, 'prometheus');
  return (
    within([...folders, join(cached, 'usr/bin')]) ??
    (fetchPackage(cached) ? within([join(cached, 'usr/bin')]) : undefined)
  );
}

function within(folders: readonly string[]): Programs | undefined {
  const find = (name: string) => folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
  const [prometheus, promtool] = [find('prometheus'), find('promtool')];
  return prometheus && promtool ? { prometheus, promtool } : undefined;
}

/** Unpacked, not installed: that needs no rights and starts no service. */
function fetchPackage(target: string): boolean {
  const work = `${target}.new`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    const options = { cwd: work, stdio: 'ignore', timeout: 120_000 } as const;
    if (spawnSync('apt-get', ['download', 'prometheus'], options).status !== 0) return false;
    const file = readdirSync(work).find((name) => name.endsWith('.deb'));
    if (!file || spawnSync('dpkg-deb', ['-x', file, '.'], options).status !== 0) return false;
    rmSync(join(work, file));
    rmSync(target, { recursive: true, force: true });
    renameSync(work, target);
    return true;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What promtool says of it; undefined where it finds nothing to complain of. */
export function promtool({ promtool: program }: Programs, args: readonly string[], input = ''): string | undefined {
  const { status, stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8' });
  return status === 0 ? undefined : `${stdout}${stderr}`;
}

/** A Prometheus that scrapes one address every second. */
export class RunningPrometheus implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #url: string;
  readonly #folder: string;

  private constructor(child: ChildProcess, url: string, folder: string) {
    this.#child = child;
    this.#url = url;
    this.#folder = folder;
  }

  static async start({ prometheus }: Programs, target: string, rules: string): Promise<RunningPrometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'setpoint-prometheus-'));
    const config = {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [rules],
      scrape_configs: [{ job_name: 'operator', static_configs: [{ targets: [target] }] }],
    };
    // JSON is YAML, too.
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
    const address = `127.0.0.1:${await freePort()}`;
    const flags = [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
    ];
    return new RunningPrometheus(spawn(prometheus, flags, { stdio: 'ignore' }), `http://${address}`, folder);
  }

  /** The `data` of an answer of its API. */
  async get(path: string): Promise<unknown> {
    const response = await fetch(`${this.#url}/api/v1/${path}`);
    const { status, data, error } = (await response.json()) as { status: string; data: unknown; error?: string };
    if (status !== 'success') throw new Error(`${path}: ${error}`);
    return data;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    await gone;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
