import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** Milliseconds from the start of the process to the line waited for. */
  readonly startMs: number;
  /** The line waited for. */
  readonly line: string;
}

/** Starts a program and waits for the line of its output that `matches`; it is ended with SIGTERM. */
export async function startProgram(
  command: string,
  args: readonly string[],
  matches: RegExp,
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Program> {
  const began = performance.now();
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(options.cwd ? { cwd: options.cwd } : {}),
    env: { ...process.env, ...options.env },
  });
  const line = await firstLine(child, matches);
  const startMs = performance.now() - began;
  return {
    pid: child.pid ?? 0,
    startMs,
    line,
    async [Symbol.asyncDispose]() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await gone;
    },
  };
}

function firstLine(child: ChildProcess, matches: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    if (!child.stdout) throw new Error('the program has no standard output');
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`the program ended early with code ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (matches.test(line)) resolve(line);
    });
  });
}

/** Memory and processor time of a running process, from /proc. */
export function usage(pid: number): { readonly rssMib: number; readonly peakMib: number; readonly cpuSeconds: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = (name: string) => Number(status.match(new RegExp(`${name}:\\s+(\\d+)`))?.[1] ?? Number.NaN);
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return {
    rssMib: kib('VmRSS') / 1024,
    peakMib: kib('VmHWM') / 1024,
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}
