/**
 * An operator under 200 changes a second whose watches are cut every few seconds and whose requests fail by the dice,
 * on an embedded control plane: what it has made of the objects in the end, and what its memory does meanwhile.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { seededRandom, sleep, systemClock } from '@setpoint/apimachinery/clock';
import { type ControlPlane, createControlPlane } from '@setpoint/controlplane';
import { controller, operator } from 'setpoint';
import { CustomResourceDefinition } from 'setpoint/apiextensions.k8s.io/v1';
import { type Client, createClient, inProcessTransport } from 'setpoint/client';
import { ConfigMap } from 'setpoint/core/v1';
import { crdManifest } from 'setpoint/manifests';
import { key, Task, task } from '../kinds.ts';
import { type FaultyTransport, faultyTransport } from './faulty-transport.ts';

export interface SoakOptions {
  readonly seconds: number;
  readonly changesPerSecond: number;
  /** Tasks at most. */
  readonly objects: number;
  /** Seconds between two cuts of all watches. */
  readonly cutEvery: number;
  readonly seed: string | number;
}

export interface SoakReport {
  readonly changes: number;
  readonly passes: number;
  readonly faults: Readonly<Record<string, number>>;
  /** What is not as it should be once the trouble is over, in words. */
  readonly wrong: readonly string[];
  /** MiB in use after a collection, over the time. */
  readonly heap: readonly number[];
  readonly rss: readonly number[];
}

/** Changes between two turns of the event loop at most. */
const atOnce = 20;
/** How long the operator may take to put everything right once the trouble is over. */
const patience = 60_000;

export async function soak(options: SoakOptions): Promise<SoakReport> {
  const random = seededRandom(options.seed);
  await using plane = createControlPlane({ historySize: 1000, seed: options.seed });
  await using admin = createClient({ transport: inProcessTransport(plane.handle) });
  await admin.create(CustomResourceDefinition, crdManifest(Task) as never);
  const chances = { refused: 0.01, timedOut: 0.01 };
  const transport = faultyTransport(inProcessTransport(plane.handle), random, chances);
  let passes = 0;
  const manager = operator({ name: 'soak', controllers: [copier(() => passes++)] }).manager({ transport, random });
  const stop = new AbortController();
  const running = manager.run(stop.signal);
  try {
    await manager.started;
    const load = await makeTrouble({ ...options, plane, admin, transport, random });
    transport.chances = { refused: 0, timedOut: 0 };
    const wrong = await whatIsWrong(admin, load.wanted);
    return { ...load.figures, passes, wrong, faults: Object.fromEntries(transport.faults) };
  } finally {
    stop.abort();
    await running;
  }
}

/** Copies the size of a Task into its status and into a ConfigMap of its own. */
function copier(passed: () => void) {
  return controller(Task, {
    owns: [ConfigMap],
    maxConcurrentReconciles: 8,
    backoff: { initial: '5ms', maximum: '5s' },
    async reconcile(object, { apply, status }) {
      passed();
      const { name, namespace } = object.metadata;
      const data = { size: String(object.spec.size) };
      await apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data });
      await status.patch({ seen: object.spec.size });
    },
  });
}

interface Trouble extends SoakOptions {
  readonly plane: ControlPlane;
  readonly admin: Client;
  readonly transport: FaultyTransport;
  readonly random: ReturnType<typeof seededRandom>;
}

async function makeTrouble({ admin, transport, random, ...options }: Trouble) {
  const wanted = new Map<string, number>();
  const heap: number[] = [];
  const rss: number[] = [];
  const began = systemClock.monotonic();
  const elapsed = () => systemClock.monotonic() - began;
  let changes = 0;
  let missed = 0;
  let cuts = 1;
  let looks = 1;
  while (elapsed() < options.seconds * 1000) {
    // A machine that is slow makes fewer: to make up for what is behind would leave the operator no turn.
    const behind = Math.floor((elapsed() / 1000) * options.changesPerSecond) - changes - missed;
    const now = Math.min(behind, atOnce);
    missed += behind - now;
    for (let i = 0; i < now; i++, changes++) await change(admin, wanted, random, options.objects);
    if (elapsed() > cuts * options.cutEvery * 1000) {
      cuts++;
      transport.cut();
    }
    if (elapsed() > (looks * options.seconds * 1000) / 20) {
      looks++;
      heap.push(heapInUse());
      rss.push(process.memoryUsage().rss / 1024 ** 2);
    }
    await sleep(systemClock, 5);
  }
  return { wanted, figures: { changes, heap, rss } };
}

/** Creates, edits and deletes, the more of the one the fewer there are. */
async function change(admin: Client, wanted: Map<string, number>, random: Trouble['random'], objects: number) {
  const name = `task-${random.integer(objects)}`;
  const size = random.integer(1_000_000);
  if (!wanted.has(name)) {
    await admin.create(Task, task(name, size));
    wanted.set(name, size);
  } else if (random.next() < 0.1) {
    await admin.delete(Task, key(name));
    wanted.delete(name);
  } else {
    await admin.patch(Task, key(name), { type: 'merge', body: { spec: { size } } });
    wanted.set(name, size);
  }
}

/** Nothing, as soon as all is right; else what is wrong still when patience ends. */
async function whatIsWrong(admin: Client, wanted: ReadonlyMap<string, number>): Promise<string[]> {
  const began = systemClock.monotonic();
  for (;;) {
    const wrong = await compare(admin, wanted);
    if (wrong.length === 0 || systemClock.monotonic() - began > patience) return wrong;
    await sleep(systemClock, 250);
  }
}

async function compare(admin: Client, wanted: ReadonlyMap<string, number>): Promise<string[]> {
  const tasks = await admin.list(Task, { namespace: 'default' });
  const maps = await admin.list(ConfigMap, { namespace: 'default' });
  const copies = new Map(maps.items.map((map) => [map.metadata.name, map.data?.size]));
  copies.delete('kube-root-ca.crt');
  const wrong: string[] = [];
  for (const { metadata, spec, status } of tasks.items) {
    const size = wanted.get(metadata.name);
    if (size !== spec.size) wrong.push(`${metadata.name} has size ${spec.size} instead of ${size}`);
    if (status?.seen !== size) wrong.push(`the status of ${metadata.name} says ${status?.seen} instead of ${size}`);
    if (copies.get(metadata.name) !== String(size)) wrong.push(`the copy of ${metadata.name} is wrong or missing`);
    copies.delete(metadata.name);
  }
  if (tasks.items.length !== wanted.size) wrong.push(`${tasks.items.length} Tasks instead of ${wanted.size}`);
  return [...wrong, ...Array.from(copies.keys(), (name) => `${name} was left behind`)];
}

let collect: (() => void) | undefined;

/** MiB, after a collection. */
function heapInUse(): number {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  return process.memoryUsage().heapUsed / 1024 ** 2;
}

/** By how much per sample the later half grows: least squares. */
export function slope(samples: readonly number[]): number {
  const later = samples.slice(samples.length >> 1);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(later.map((_, i) => i)), mean(later)];
  const over = later.reduce((sum, value, i) => sum + (i - x) * (value - y), 0);
  return over / later.reduce((sum, _, i) => sum + (i - x) ** 2, 0);
}
