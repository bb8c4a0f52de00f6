import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { sleep, systemClock } from '@setpoint/apimachinery/clock';
import type { Output } from '../output.ts';
import type { Identity } from './account.ts';
import { supervised } from './run.ts';

export interface SupervisorOptions {
  readonly project: string;
  readonly kubeconfig: string;
  /** Whom the operator is. */
  readonly as: Identity;
  /** Whether the project's samples are applied before it starts. */
  readonly samples: boolean;
  readonly operatorFlags: readonly string[];
  /** Errors of the operator are shown with their stacks. */
  readonly debug: boolean;
  readonly output: Output;
}

/** After the last change of a file, before the operator is restarted: an editor saves several files at once. */
const quiet = 150;
/** How long the operator may take to drain before it is killed. */
const patience = 5000;

/**
 * Keeps one operator process in step with its sources: stops and starts it at each change, and waits for the next
 * change when it ends by itself. One start or stop at a time; changes meanwhile lead to one more restart.
 */
export class Supervisor implements AsyncDisposable {
  readonly #options: SupervisorOptions;
  #child: ChildProcess | undefined;
  #settling: AbortController | undefined;
  #restarting: Promise<void> | undefined;
  #again = false;
  #closed = false;
  readonly #killChild = () => void this.#child?.kill('SIGKILL');

  constructor(options: SupervisorOptions) {
    this.#options = options;
    // A second Ctrl-C ends this process at once; the operator must not stay behind.
    process.on('exit', this.#killChild);
  }

  start(): void {
    this.#child = this.#spawn();
  }

  /** A source was written; the operator is restarted once the writing is over. */
  changed(file: string): void {
    this.#settling?.abort();
    const settling = new AbortController();
    this.#settling = settling;
    sleep(systemClock, quiet, { signal: settling.signal }).then(
      () => {
        this.#options.output.err(`setpoint dev: ${file} has changed; restarting the operator\n`);
        this.#restart();
      },
      () => undefined,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#settling?.abort();
    await this.#restarting;
    await this.#stop();
    process.off('exit', this.#killChild);
  }

  #restart(): void {
    if (this.#restarting) {
      this.#again = true;
      return;
    }
    this.#restarting = this.#stop().then(() => {
      this.#restarting = undefined;
      if (this.#closed) return;
      this.start();
      if (this.#again) this.#restart();
      this.#again = false;
    });
  }

  #spawn(): ChildProcess {
    const { project, kubeconfig, as, samples, operatorFlags, debug, output } = this.#options;
    const who = as === 'administrator' ? [] : ['--as', as];
    const asked = [...who, ...(samples ? ['--samples'] : []), ...(debug ? ['--debug'] : [])];
    const flags = [
      '--install',
      '--webhooks',
      '--project',
      project,
      '--kubeconfig',
      kubeconfig,
      ...asked,
      '--',
      ...operatorFlags,
    ];
    const child = spawn(process.execPath, [...nodeFlags(), program(), 'run', ...flags], {
      // The channel ends the operator should this process be killed.
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // Ctrl-C is for this process alone: it then asks the operator to end, once.
      detached: process.platform !== 'win32',
      env: { ...process.env, KUBECONFIG: kubeconfig, [supervised]: '1' },
    });
    void exitOf(child).then((code) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      output.err(`setpoint dev: the operator ended with code ${code}; waiting for a change\n`);
    });
    return child;
  }

  async #stop(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const gone = exitOf(child);
    // Its end is no news any more; it is still killed with this process.
    this.#child = undefined;
    const kill = () => void child.kill('SIGKILL');
    process.on('exit', kill);
    child.kill('SIGTERM');
    const timer = systemClock.timer(patience, kill);
    await gone;
    timer.cancel();
    process.off('exit', kill);
  }
}

/** The command itself: this module may be a part of a bundle. */
function program(): string {
  const manifest = createRequire(import.meta.url).resolve('@setpoint/cli/package.json');
  return join(dirname(manifest), 'bin', 'setpoint.js');
}

/** A debugger's port can be used by one process only. */
function nodeFlags(): string[] {
  return process.execArgv.filter((flag) => !flag.startsWith('--inspect'));
}

function exitOf(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode ?? 1);
  return new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
