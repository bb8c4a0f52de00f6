import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { npmHome } from './npm-home.ts';
import type { Registry } from './registry.ts';

/** A project made as a user would make it, with a cache that was empty. */
export interface CreatedProject extends AsyncDisposable {
  readonly folder: string;
  /** How long `npm create` took, in milliseconds. */
  readonly createdMs: number;
  /** Calls npm in the project. @throws Error if it fails */
  npm(...args: readonly string[]): Promise<void>;
  /** `npm run dev` until the sample was reconciled for the first time; milliseconds. */
  untilReconciled(): Promise<number>;
}

/** `npm create setpoint demo -- --yes`, and nothing of this machine's settings for npm. */
export async function createProject(registry: Registry): Promise<CreatedProject> {
  const home = npmHome(registry);
  const env = { ...process.env, ...home.environment };
  const folder = join(home.folder, 'demo');
  const began = performance.now();
  await run(home.folder, env, 'create', 'setpoint', 'demo', '--', '--yes');
  return {
    folder,
    createdMs: performance.now() - began,
    npm: (...args) => run(folder, env, ...args),
    untilReconciled: () => untilReconciled(folder, env),
    async [Symbol.asyncDispose]() {
      home[Symbol.dispose]();
    },
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

function run(cwd: string, env: Environment, ...args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`npm ${args.join(' ')} ended with code ${code}`));
    });
  });
}

/** At most half a minute. */
async function untilReconciled(cwd: string, env: Environment): Promise<number> {
  const began = performance.now();
  // A group of its own, so that what npm started ends with it.
  const child = spawn('npm', ['run', 'dev'], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const said: string[] = [];
  try {
    return await new Promise<number>((resolve, reject) => {
      const failed = () => reject(new Error(`nothing was reconciled:\n${said.join('\n')}`));
      const patience = setTimeout(failed, 30_000);
      void gone.then(() => {
        clearTimeout(patience);
        failed();
      });
      for (const input of [child.stdout, child.stderr]) {
        createInterface({ input }).on('line', (line) => {
          said.push(line);
          if (line.includes('reconciling demo')) resolve(performance.now() - began);
        });
      }
    });
  } finally {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
    await gone;
  }
}
