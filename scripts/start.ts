// `npm start`: the embedded control plane with the Foo operator on it, until Ctrl-C.
// `npm start -- --once` plays the four steps of the tutorial and checks each through the API.
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '@setpoint/apimachinery/clock';
import { createControlPlane } from '@setpoint/controlplane';
import { createLog } from 'setpoint';
import { CustomResourceDefinition } from 'setpoint/apiextensions.k8s.io/v1';
import { type Client, createClient, loadConfig } from 'setpoint/client';
import { crdManifest } from 'setpoint/manifests';
import { Foo } from '../operators/foo/src/api/v1/foo.ts';
import operator from '../operators/foo/src/operator.ts';
import { happiness, type WalkThroughStep, walkThrough } from './lib/walk-through.ts';

const usage = 'usage: npm start [-- --once]\n';
/** How long the operator may take to bring about what a step expects. */
const patience = 5000;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const unknown = argv.find((argument) => argument !== '--once');
  if (unknown) {
    process.stderr.write(`unknown argument ${unknown}; ${usage}`);
    return 2;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(1);
      stop.abort(new Error(`${signal} was received`));
    });
  }
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
  const manager = operator.manager({ config, log });
  const running = manager.run(stop.signal);
  try {
    await manager.started;
    if (argv.includes('--once')) return await play(client);
    const samples = walkThrough[0] as WalkThroughStep;
    await samples.act(client);
    await untilHappy(client, samples.happy);
    explain(kubeconfig);
    await running;
    return 0;
  } finally {
    manager.stop();
    await running;
  }
}

async function play(client: Client): Promise<number> {
  for (const [i, step] of walkThrough.entries()) {
    await step.act(client);
    const seen = await untilHappy(client, step.happy);
    if (JSON.stringify(seen) !== JSON.stringify(step.happy)) {
      console.error(`step ${i + 1} failed: ${step.title}\n  expected ${say(step.happy)}\n  seen     ${say(seen)}`);
      return 1;
    }
    console.log(`step ${i + 1} of ${walkThrough.length} ok: ${step.title}`);
  }
  return 0;
}

/** What the API says once it is what is expected, or when patience ends. */
async function untilHappy(client: Client, expected: WalkThroughStep['happy']) {
  const deadline = performance.now() + patience;
  for (;;) {
    const seen = await happiness(client);
    if (JSON.stringify(seen) === JSON.stringify(expected) || performance.now() > deadline) return seen;
    await delay(20);
  }
}

function say(happy: Readonly<Record<string, boolean | undefined>>): string {
  return Object.entries(happy)
    .map(([name, value]) => `${name} ${value === undefined ? 'without a status' : value ? 'happy' : 'not happy'}`)
    .join(', ');
}

function explain(kubeconfig: string): void {
  console.log(`
The operator runs. In another terminal:

  export KUBECONFIG=${kubeconfig}

  kubectl get foos
  kubectl run jack --image=ubuntu:latest --command -- sleep infinity
  kubectl describe foo foo-1

Ctrl-C ends it.
`);
}
