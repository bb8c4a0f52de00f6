// Runs in the project with the packed packages: an operator that does 20,000 passes, each with a read under a signal
// that outlives it and a listener that it forgets, and says how its heap grew in the second half.
import { setTimeout as delay } from 'node:timers/promises';
import { createControlPlane } from '@setpoint/controlplane';
import { controller, operator } from 'setpoint';
import { createClient, loadConfig } from 'setpoint/client';
import { ConfigMap } from 'setpoint/core/v1';

const objects = 20;
const passes = 10_000;
const [kubeconfig] = process.argv.slice(2);
await using controlPlane = createControlPlane();
await controlPlane.listen({ kubeconfig });
const config = await loadConfig({ kubeconfig });
await using client = createClient({ config });
for (let i = 0; i < objects; i++) {
  const metadata = { name: `parent-${i}`, namespace: 'default', labels: { bench: 'parent' } };
  await client.create(ConfigMap, { metadata });
}

let done = 0;
const turns = new Map();
const long = new AbortController().signal;
const own = controller(ConfigMap, {
  labelSelector: 'bench=parent',
  maxConcurrentReconciles: 4,
  async reconcile(map, { client, signal }) {
    done++;
    signal.addEventListener('abort', () => map);
    await client.get(ConfigMap, { name: map.metadata.name, namespace: 'default' }, { signal: long });
    // Always at once would be a hot loop, and slowed down.
    const turn = (turns.get(map.metadata.name) ?? 0) + 1;
    turns.set(map.metadata.name, turn);
    return { requeueAfter: turn % 40 === 0 ? 100 : 1 };
  },
});
const log = { info() {}, debug() {}, trace() {}, warn: console.error, error: console.error, child: () => log };
const manager = operator({ name: 'passes', controllers: [own] }).manager({ config, log });
const stop = new AbortController();
const running = manager.run(stop.signal);
await manager.started;

/** The least of several looks: what weak references held goes only in a later turn, and passes go on meanwhile. */
const heap = async () => {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 8; look++) {
    await delay(20);
    global.gc();
    least = Math.min(least, process.memoryUsage().heapUsed);
  }
  return least;
};
while (done < passes) await delay(5);
const before = await heap();
const from = done;
while (done < from + passes) await delay(5);
const to = done;
console.log(JSON.stringify({ bytesPerPass: ((await heap()) - before) / (to - from) }));
stop.abort();
await running;
process.exit(0);
