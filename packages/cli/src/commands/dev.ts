import { type ChildProcess, spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join, resolve } from 'node:path';
import { sleep, systemClock } from '@setpoint/apimachinery/clock';
import { createControlPlane } from '@setpoint/controlplane';
import type { Output } from '../output.ts';
import { findProject, type Project } from '../project.ts';
import { untilStopped } from '../stop.ts';

export interface DevFlags {
  readonly project: string;
  readonly securePort: number;
  readonly kubeconfig: string;
}

/** After the last change of a file, before the operator is restarted: an editor saves several files at once. */
const quiet = 150;
/** How long the operator may take to drain before it is killed. */
const patience = 10_000;

/**
 * The control plane stays up while the operator is restarted at each change of a source file: as a process of its own,
 * so that it sees its new sources, and so that an endless loop in it does not stop anything here.
 */
export async function dev(flags: DevFlags, output: Output): Promise<void> {
  const project = findProject(flags.project);
  const kubeconfig = resolve(flags.kubeconfig);
  await using controlPlane = createControlPlane();
  const { url } = await controlPlane.listen({ securePort: flags.securePort, kubeconfig });
  output.out(`ready ${url}\nKUBECONFIG=${kubeconfig}\n`);

  const operator = supervise(project, kubeconfig, output);
  const watcher = watch(join(project.folder, 'src'), { recursive: true }, () => operator.changed());
  await operator.start();
  await untilStopped();
  watcher.close();
  await operator.stop();
}

function supervise(project: Project, kubeconfig: string, output: Output) {
  let child: ChildProcess | undefined;
  let pending: AbortController | undefined;
  let turn: Promise<void> = Promise.resolve();

  const command = (...args: string[]) =>
    spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...args], {
      stdio: 'inherit',
      env: { ...process.env, KUBECONFIG: kubeconfig },
    });
  const start = async () => {
    const code = await exitOf(command('install', '--project', project.folder, '--kubeconfig', kubeconfig));
    if (code !== 0) {
      output.err('the CRDs could not be installed; waiting for a change\n');
      return;
    }
    const started = command('run', '--project', project.folder, '--', '--kubeconfig', kubeconfig);
    child = started;
    void exitOf(started).then((exit) => {
      if (child !== started) return;
      child = undefined;
      output.err(`the operator ended with code ${exit}; waiting for a change\n`);
    });
  };
  const stop = async () => {
    const running = child;
    child = undefined;
    if (!running) return;
    const gone = exitOf(running);
    running.kill('SIGTERM');
    const timer = systemClock.timer(patience, () => running.kill('SIGKILL'));
    await gone;
    timer.cancel();
  };
  /** One start or stop at a time, in the order they were asked for. */
  const inTurn = (action: () => Promise<void>) => {
    turn = turn.then(action);
    return turn;
  };
  return {
    start: () => inTurn(start),
    stop: () => {
      pending?.abort();
      return inTurn(stop);
    },
    changed() {
      pending?.abort();
      const waiting = new AbortController();
      pending = waiting;
      sleep(systemClock, quiet, { signal: waiting.signal }).then(
        () => {
          output.err('a source changed; restarting the operator\n');
          return inTurn(async () => {
            await stop();
            await start();
          });
        },
        () => {},
      );
    },
  };
}

function exitOf(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode ?? 1);
  return new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
