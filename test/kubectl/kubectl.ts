import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'yaml';
import type { Step } from './script.ts';

export interface Output {
  readonly command: string;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Longer than any step takes; a command that hangs is a difference, not the end of the run. */
const patience = 20_000;

/** One person at one server: a home folder and caches of their own, a context with their namespace. */
export class Kubectl {
  readonly #program: string;
  readonly #environment: NodeJS.ProcessEnv;

  constructor(options: { binaries: string; kubeconfig: string; folder: string; namespace: string }) {
    const { binaries, folder } = options;
    mkdirSync(folder, { recursive: true });
    const kubeconfig = join(folder, 'kubeconfig');
    const config = parse(readFileSync(options.kubeconfig, 'utf8'));
    for (const { context } of config.contexts) context.namespace = options.namespace;
    writeFileSync(kubeconfig, JSON.stringify(config), { mode: 0o600 });
    this.#program = join(binaries, 'kubectl');
    this.#environment = {
      PATH: `${binaries}${delimiter}${process.env.PATH}`,
      HOME: folder,
      KUBECONFIG: kubeconfig,
      KUBECACHEDIR: join(folder, 'cache'),
      TMPDIR: folder,
      LC_ALL: 'C',
      // It ends before there is anything to collect.
      GOGC: 'off',
    };
  }

  /** The step's output, then those of what was done during it. */
  async play(step: Step): Promise<readonly Output[]> {
    const child = spawn(this.#program, words(step.command), { env: { ...this.#environment, ...step.environment } });
    const written = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        written[name] += chunk;
      });
    }
    child.stdin.on('error', () => undefined);
    child.stdin.end(step.stdin ?? '');
    const ended = new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve(code ?? -1));
    });
    const hung = setTimeout(() => child.kill('SIGKILL'), patience);
    const others: Output[] = [];
    if (step.during) {
      await quiet(() => written.stdout, true);
      for (const other of step.during) {
        others.push(...(await this.play(other)));
        await quiet(() => written.stdout, false);
      }
      child.kill('SIGKILL');
    }
    const code = await ended;
    clearTimeout(hung);
    return [{ command: `kubectl ${step.command}`, code, ...written }, ...others];
  }
}

/** Until nothing more was written for a while. */
async function quiet(read: () => string, somethingFirst: boolean): Promise<void> {
  const until = performance.now() + 5000;
  let last = read();
  while (somethingFirst && last === '' && performance.now() < until) {
    await delay(20);
    last = read();
  }
  for (;;) {
    await delay(250);
    const now = read();
    if (now === last) return;
    last = now;
  }
}

/** As a shell parts words, with quotes of both kinds and nothing else. */
export function words(command: string): string[] {
  return [...command.matchAll(/(?:[^\s'"]+|'[^']*'|"[^"]*")+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'),
  );
}
