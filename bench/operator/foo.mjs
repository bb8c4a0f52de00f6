// The Foo operator on Setpoint, with the same flags and lines as the others; runs in the project with the packed packages.
//   --concurrency=N    passes at a time
//   --metadata-only    caches the metadata of Pods only
//   --no-predicate     its own status writes come back as passes, as they do with the others
//   --race=N           N passes that write and read again at once, instead; prints how many saw an old object
//   --metrics=ADDRESS  serves metrics
//   --slices           looks for the longest stretch of its thread's CPU time between two turns of the timer
import { controller, defineKind, index, metadata, operator, watch } from 'setpoint';
import { loadConfig } from 'setpoint/client';
import { Pod } from 'setpoint/core/v1';
import { z } from 'zod';

// An import statement would read every export of node:util, most of which nobody needs.
const { values: flags } = process.getBuiltinModule('node:util').parseArgs({
  options: {
    concurrency: { type: 'string', default: '1' },
    'metadata-only': { type: 'boolean', default: false },
    'no-predicate': { type: 'boolean', default: false },
    race: { type: 'string' },
    metrics: { type: 'string', default: '0' },
    slices: { type: 'boolean', default: false },
  },
});
const maxConcurrentReconciles = Number(flags.concurrency);

const Foo = defineKind({
  group: 'bench.setpoint.dev',
  version: 'v1',
  kind: 'Foo',
  spec: z.object({ name: z.string() }),
  status: z.object({ happy: z.boolean().optional(), passes: z.number().int().optional() }),
});
const Friend = flags['metadata-only'] ? metadata(Pod) : Pod;
const foosByFriend = index(Foo, (foo) => foo.spec.name);
const podsByName = index(Friend, (pod) => pod.metadata.name);

let passes = 0;
const own = controller(Foo, {
  maxConcurrentReconciles,
  ...(flags['no-predicate'] ? { predicates: [] } : {}),
  reads: [podsByName],
  watches: [
    watch(Friend, {
      reads: [foosByFriend],
      enqueue: (pod, { cache }) => cache.lookup(foosByFriend, pod.metadata.name),
    }),
  ],
  async reconcile(foo, { cache, status }) {
    const happy = cache.lookup(podsByName, foo.spec.name).length > 0;
    await status.patch({ happy });
    passes++;
  },
});

const log = { info() {}, debug() {}, trace() {}, warn: console.error, error: console.error, child: () => log };
const limit = Number(flags.race ?? 0);
const controllers = limit > 0 ? [race()] : [own];
const config = await loadConfig();
const manager = operator({ name: 'foo', controllers }).manager({ config, log, metricsBindAddress: flags.metrics });
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
const running = manager.run(stop.signal);
if (limit === 0) await report();
await running;
process.exit(0);

/** Says when the caches are filled, and when every Foo was passed and nothing more came for half a second. */
async function report() {
  const longest = flags.slices ? watchSlices() : () => 0;
  await manager.started;
  const { promise, resolve } = Promise.withResolvers();
  console.log(`synced ${process.hrtime.bigint()}`);
  const wanted = Number(process.env.FOOS ?? 0);
  let seen = -1;
  let since = 0n;
  const timer = setInterval(() => {
    const now = process.hrtime.bigint();
    if (passes !== seen) {
      seen = passes;
      since = now;
    } else if (passes >= wanted && now - since >= 500_000_000n) {
      clearInterval(timer);
      console.log(`drained ${since} ${passes} ${longest()}`);
      resolve();
    }
  }, 10);
  stop.signal.addEventListener('abort', resolve);
  return promise;
}

function watchSlices() {
  let longest = 0;
  let used = process.threadCpuUsage();
  setInterval(() => {
    const { user, system } = process.threadCpuUsage(used);
    longest = Math.max(longest, (user + system) / 1000);
    used = process.threadCpuUsage();
  }, 1).unref();
  // What was needed to load the program is no slice of its work.
  setImmediate(() => {
    longest = 0;
  });
  return () => longest;
}

/** Counts how often a pass reads an object that is older than what it, or the pass before it, has written. */
function race() {
  const written = new Map();
  let done = 0;
  let atOnce = 0;
  let later = 0;
  return controller(Foo, {
    maxConcurrentReconciles,
    async reconcile(foo, { key, cache, status }) {
      if (done >= limit) return;
      const last = written.get(key.name) ?? 0;
      const found = foo.status?.passes ?? 0;
      if (found < last) later++;
      const wanted = Math.max(found, last) + 1;
      await status.patch({ passes: wanted });
      written.set(key.name, wanted);
      if ((cache.get(Foo, key)?.status?.passes ?? 0) < wanted) atOnce++;
      if (++done < limit) return { requeueAfter: 1 };
      console.log(`raced ${done} ${atOnce} ${later}`);
      stop.abort();
    },
  });
}
