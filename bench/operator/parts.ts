import { setTimeout as delay } from 'node:timers/promises';
import { median } from '../lib/process.ts';
import type { Cluster } from './cluster.ts';
import type { Peer } from './peers.ts';
import { runPeer, usage } from './run.ts';

/** What one run of one operator came to, by the names of the figures. */
export type Sample = Readonly<Record<string, number>>;

/** Everything is stored and every status is right: from the start of the process until all Foos were passed. */
export async function cold(cluster: Cluster, peer: Peer, foos: number): Promise<Sample> {
  let writes = 0;
  const end = await cluster.watchFoos(() => writes++);
  try {
    await using running = runPeer(peer, cluster.kubeconfig, { FOOS: String(foos) });
    const synced = await running.said('synced');
    const { seconds, numbers } = await running.said('drained');
    const { cpuSeconds } = usage(running.pid);
    await delay(1500);
    const { peakMib, rssMib } = usage(running.pid);
    const [passes = 0, slice = 0] = numbers;
    if (passes !== foos) throw new Error(`${peer.name}: ${passes} passes for ${foos} Foos`);
    if (writes > 0) throw new Error(`${peer.name} wrote ${writes} times where nothing was to be written`);
    return { cpu: cpuSeconds, peak: peakMib, settled: rssMib, synced: synced.seconds, drained: seconds, slice };
  } finally {
    end();
  }
}

/** So many Foos are created by all clients at once, while the operator runs; until each has its status. */
export async function creates(cluster: Cluster, peer: Peer, foos: number): Promise<Sample> {
  await cluster.clear();
  await using running = runPeer(peer, cluster.kubeconfig);
  await running.said('drained');
  let events = 0;
  const seen = new Set<string>();
  const all = Promise.withResolvers<void>();
  const end = await cluster.watchFoos((line) => {
    events++;
    if (!line.includes('"happy":')) return;
    seen.add(nameOf(line));
    if (seen.size === foos) all.resolve();
  });
  try {
    const before = usage(running.pid).cpuSeconds;
    const began = performance.now();
    let next = 0;
    await Promise.all(
      cluster.connections.map(async (connection) => {
        while (next < foos) {
          const name = `foo-${String(next++).padStart(6, '0')}`;
          await cluster.createFoo(name, `pod-of-${name}`, connection);
        }
      }),
    );
    const timer = setTimeout(() => all.reject(new Error(`${seen.size} of ${foos} Foos have a status`)), 180_000);
    await all.promise.finally(() => clearTimeout(timer));
    const wall = (performance.now() - began) / 1000;
    // What comes behind the last status belongs to the price.
    await delay(1500);
    const { cpuSeconds, peakMib } = usage(running.pid);
    return { cpu: cpuSeconds - before, peak: peakMib, wall, writes: events - foos };
  } finally {
    end();
  }
}

/** One Pod at a time: from the answer to its POST until a watch sees its Foo happy. */
export async function latency(cluster: Cluster, peer: Peer, pods: number): Promise<Sample> {
  await cluster.clear();
  for (let i = 0; i < pods; i++) await cluster.createFoo(`waiting-${i}`, `awaited-${i}`);
  await using running = runPeer(peer, cluster.kubeconfig, { FOOS: String(pods) });
  await running.said('drained');
  const happy = new Map<string, (at: number) => void>();
  const end = await cluster.watchFoos((line) => {
    if (line.includes('"happy":true')) happy.get(nameOf(line))?.(performance.now());
  });
  try {
    const taken: number[] = [];
    const before = usage(running.pid).cpuSeconds;
    for (let i = 0; i < pods; i++) {
      const seen = new Promise<number>((resolve) => happy.set(`waiting-${i}`, resolve));
      await cluster.createPod(`awaited-${i}`);
      const answered = performance.now();
      taken.push((await Promise.race([seen, delay(20_000, Number.NaN, { ref: false })])) - answered);
      await delay(10);
    }
    if (taken.some(Number.isNaN)) throw new Error(`${peer.name}: a Foo was not happy after 20 s`);
    const sorted = taken.toSorted((a, b) => a - b);
    const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
    return { p50: median(taken), p99, cpu: usage(running.pid).cpuSeconds - before };
  } finally {
    end();
  }
}

/** Nothing is stored: until the caches are filled, and what it takes to rest, metrics served. */
export async function start(cluster: Cluster, peer: Peer, restMs: number): Promise<Sample> {
  await using running = runPeer(peer, cluster.kubeconfig);
  const { seconds } = await running.said('synced');
  await delay(5000);
  const before = usage(running.pid);
  await delay(restMs);
  const idle = (usage(running.pid).cpuSeconds - before.cpuSeconds) / (restMs / 1000);
  return { started: seconds * 1000, settled: before.rssMib, cpu: idle * 100 };
}

/** Passes that write and read again at once: how many saw an old object. */
export async function race(cluster: Cluster, peer: Peer, foos: number): Promise<Sample> {
  await cluster.clear();
  for (let i = 0; i < foos; i++) await cluster.createFoo(`racing-${i}`, 'nobody');
  await using running = runPeer(peer, cluster.kubeconfig);
  const { numbers } = await running.said('raced');
  const [atOnce = Number.NaN, later = Number.NaN] = numbers;
  return { atOnce, later };
}

/** Of a Foo in an event: nothing before it has a member `name` that is a text. */
function nameOf(line: string): string {
  return /"name":"([^"]*)"/.exec(line)?.[1] ?? '';
}
