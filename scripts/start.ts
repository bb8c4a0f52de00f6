// `npm start`: the embedded control plane with the Foo operator on it, until Ctrl-C.
// `npm start -- --once` plays the four steps of the tutorial and checks each through the API.
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { systemClock } from '@setpoint/apimachinery/clock';
import { createControlPlane } from '@setpoint/controlplane';
import { createLog } from 'setpoint';
import { CustomResourceDefinition } from 'setpoint/apiextensions.k8s.io/v1';
import { type Client, createClient, loadConfig } from 'setpoint/client';
import { installAccount } from 'setpoint/manager';
import { crdManifest } from 'setpoint/manifests';
import { Foo } from '../operators/foo/src/api/v1/foo.ts';
import operator from '../operators/foo/src/operator.ts';
import { play } from './lib/play.ts';
import { walkThrough } from './lib/walk-through.ts';

const usage = 'usage: npm start [-- --once]\n';
/** How long the operator may take to bring about what a step expects. */
const patience = 5000;
/** What shells make of a program that Ctrl-C ended. */
const interrupted = 130;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const unknown = argv.find((argument) => argument !== '--once');
  if (unknown !== undefined) {
    process.stderr.write(`unknown argument ${unknown}; ${usage}`);
    return 2;
  }
  const once = argv.includes('--once');
  const { signal } = stopOnSignals();
  try {
    return await demonstrate(once, signal);
  } catch (error) {
    // Nothing was left undone by a stop that was asked for, except the check that was asked for.
    if (signal.aborted) return once ? interrupted : 0;
    process.stderr.write(`npm start has failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function stopOnSignals(): AbortController {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(1);
      stop.abort(new Error(`${name} was received`));
    });
  }
  return stop;
}

async function demonstrate(once: boolean, signal: AbortSignal): Promise<number> {
  mkdirSync('build', { recursive: true });
  const kubeconfig = resolve('build/kubeconfig');
  await using controlPlane = createControlPlane();
  const { url } = await controlPlane.listen({ kubeconfig });
  console.log(`embedded control plane: ${url}`);

  const config = await loadConfig({ kubeconfig });
  await using client = createClient({ config, userAgent: 'start' });
  const crd = crdManifest(Foo);
  await client.create(CustomResourceDefinition, crd as never);
  console.log(`installed ${crd.metadata.name}`);

  const log = await createLog({ level: 'info', format: 'auto', clock: systemClock });
  // With the rights that it declares, as it would have them in a cluster.
  const { user } = await installAccount(client, operator);
  const manager = operator.manager({ config: { ...config, impersonate: { user: user.name } }, log });
  const running = manager.run(signal);
  // Its end is awaited below; until then a failure is told by `started`.
  running.catch(() => undefined);
  try {
    await manager.started;
    return await show(client, once, { running, signal, kubeconfig });
  } finally {
    manager.stop();
    await running;
  }
}

interface Shown {
  readonly running: Promise<void>;
  readonly signal: AbortSignal;
  readonly kubeconfig: string;
}

async function show(client: Client, once: boolean, { running, signal, kubeconfig }: Shown): Promise<number> {
  const options = { patience, signal, out: console.log, err: console.error };
  if (once) return (await play(client, walkThrough, options)) ? 0 : 1;
  if (!(await play(client, walkThrough.slice(0, 1), { ...options, out: () => {} }))) return 1;
  explain(kubeconfig);
  await running;
  return 0;
}

function explain(kubeconfig: string): void {
  console.log(`
The operator runs, and two Foos look for a friend: foo-1 for jack, foo-2 for joe. In another terminal:

  export KUBECONFIG=${quoted(kubeconfig)}

  kubectl get foos
  kubectl run jack --image=ubuntu:latest --command -- sleep infinity
  kubectl describe foo foo-1

Ctrl-C ends it.
`);
}

/** As a shell reads it: a folder's name may have spaces. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
