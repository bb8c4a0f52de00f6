import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { usage } from '../lib/process.ts';
import type { Peer } from './peers.ts';

/** Nothing that is measured takes this long. */
const patience = 180_000;

/** An operator that runs. */
export interface Running extends AsyncDisposable {
  readonly pid: number;
  /** Seconds from the start of the process to the line, and the numbers behind its time. */
  said(
    word: 'synced' | 'drained' | 'raced',
  ): Promise<{ readonly seconds: number; readonly numbers: readonly number[] }>;
  readonly ended: boolean;
}

/** Starts an operator; it says `synced TIME` and `drained TIME COUNT` in nanoseconds of the monotonic clock. */
export function runPeer(peer: Peer, kubeconfig: string, env: Readonly<Record<string, string>> = {}): Running {
  const began = process.hrtime.bigint();
  const child = spawn(peer.command, peer.args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(peer.cwd ? { cwd: peer.cwd } : {}),
    env: { ...process.env, KUBECONFIG: kubeconfig, ...env },
  });
  const lines = new Map<string, PromiseWithResolvers<readonly string[]>>();
  const line = (word: string) => {
    const known = lines.get(word) ?? Promise.withResolvers<readonly string[]>();
    lines.set(word, known);
    return known;
  };
  createInterface({ input: child.stdout }).on('line', (text) => {
    const [word = '', ...rest] = text.split(' ');
    line(word).resolve(rest);
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-500);
  });
  // Whatever ends this process ends the operator.
  const end = () => void child.kill('SIGKILL');
  process.once('exit', end);
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      process.off('exit', end);
      resolve();
    });
  });
  return {
    pid: child.pid ?? 0,
    get ended() {
      return child.exitCode !== null || child.signalCode !== null;
    },
    async said(word) {
      const [time = '0', ...numbers] = await within(
        line(word).promise,
        gone,
        () => `${peer.name}: no "${word}"; ${errors}`,
      );
      return { seconds: Number(BigInt(time) - began) / 1e9, numbers: numbers.map(Number) };
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
        await gone;
        clearTimeout(timer);
      }
    },
  };
}

/** The promise, or an error once the process ended or nothing came for minutes. */
export async function within<T>(promise: Promise<T>, gone: Promise<void>, what: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what()} within ${patience / 1000} s`)), patience);
    // What it said last may still be on its way.
    void gone.then(() => setTimeout(() => reject(new Error(`${what()} before it ended`)), 200));
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export { usage };
