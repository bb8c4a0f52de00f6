/** Rules of controllers that need a server, time and a slow wire to be seen. */
import { controller, defineKind, TerminalError, watch } from 'setpoint';
import { ConfigMap } from 'setpoint/core/v1';
import { conditions } from 'setpoint/zod';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { key, Task, task } from './kinds.ts';
import { Rig } from './rig.ts';

const hour = 3_600_000;

test('objects of the initial list stand behind what happens now', async () => {
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const slow = controller(Task, {
    async reconcile(object) {
      order.push(object.metadata.name);
      await gate.promise;
    },
  });
  await using rig = await Rig.start([], { kinds: [Task] });
  for (const name of ['a', 'b', 'c']) await rig.client.create(Task, task(name));
  await rig.run([slow]);
  await rig.client.create(Task, task('live'));
  await rig.turns();
  gate.resolve();
  await rig.settled();
  expect(order).toEqual(['a', 'live', 'b', 'c']);
});

test('a resync offers every object again, ten hours later, whatever the predicates', async () => {
  const passes: string[] = [];
  const picky = controller(Task, {
    predicates: [() => false],
    reconcile: (object) => void passes.push(object.metadata.name),
  });
  await using rig = await Rig.start([], { kinds: [Task] });
  await rig.client.create(Task, task('a'));
  await rig.run([picky]);
  await rig.client.create(Task, task('b'));
  await rig.settled();
  expect(passes).toEqual(['a']);
  await rig.clock.advance(8.9 * hour);
  expect(passes).toEqual(['a']);
  await rig.clock.advance(2.2 * hour);
  await rig.settled();
  expect(passes).toEqual(['a', 'a', 'b']);
});

test('what a relist finds changed bypasses predicates, since what happened in between is not known', async () => {
  const passes: string[] = [];
  const picky = controller(Task, {
    predicates: [() => false],
    reconcile: (object) => void passes.push(`${object.metadata.name}=${object.spec.size}`),
  });
  await using rig = await Rig.start([], { kinds: [Task] });
  for (const name of ['a', 'b']) await rig.client.create(Task, task(name));
  await rig.run([picky]);
  await rig.settled();
  passes.length = 0;
  rig.fault = ({ url }) => (url.includes('/tasks') ? { code: 503, reason: 'ServiceUnavailable' } : undefined);
  rig.cut();
  await rig.turns();
  await rig.client.patch(Task, key('b'), { type: 'merge', body: { spec: { size: 2 } } });
  rig.plane.compact();
  rig.fault = () => undefined;
  await rig.clock.advance(60_000);
  await rig.settled();
  expect(passes).toEqual(['b=2']);
});

test('mappers run only once everything they read is synced', async () => {
  const known: number[] = [];
  const mapped = controller(Task, {
    watches: [
      watch(Task, { reads: [ConfigMap], enqueue: (_, { cache }) => void known.push(cache.list(ConfigMap).length) }),
    ],
    reconcile() {},
  });
  await using rig = await Rig.start([], { kinds: [Task] });
  await rig.client.create(Task, task('a'));
  await rig.client.create(ConfigMap, { metadata: key('x') });
  rig.hold = /configmaps/;
  const manager = rig.launch([mapped]);
  await rig.turns(100);
  expect(known).toEqual([]);
  rig.release();
  await manager.started;
  await rig.settled();
  expect(known).toEqual([1]);
});

test('mappers and predicates see what the watch confirmed; reads see own writes before', async () => {
  const changes: string[] = [];
  const reads: unknown[] = [];
  const writer = controller(Task, {
    watches: [
      watch(Task, {
        predicates: [
          ({ old, new: now }) => {
            if (old) changes.push(`${old.status?.seen} to ${now?.status?.seen}`);
            return true;
          },
        ],
        enqueue: () => undefined,
      }),
    ],
    async reconcile(object, { cache, status }) {
      await status.patch({ seen: object.spec.size });
      reads.push(cache.get(Task, key('a'))?.status?.seen);
    },
  });
  await using rig = await Rig.start([writer], { kinds: [Task] });
  await rig.client.create(Task, task('a', 3));
  rig.hold = /tasks/;
  await rig.turns(50);
  rig.release();
  await rig.turns(50);
  rig.hold = /tasks/;
  await rig.client.patch(Task, key('a'), { type: 'merge', body: { spec: { size: 4 } } });
  await rig.turns(50);
  const [before, reading] = [[...changes], [...reads]];
  rig.release();
  await rig.settled();
  expect([before, reading]).toEqual([['undefined to 3'], [3]]);
  expect([changes, reads]).toEqual([
    ['undefined to 3', '3 to 3', '3 to 4'],
    [3, 4],
  ]);
});

test("the time of an outcome changes with its reason and the object's generation, and with nothing else", async () => {
  const Job = defineKind({
    group: 'test.setpoint.dev',
    version: 'v1',
    kind: 'Failing',
    spec: z.object({ size: z.number().int() }),
    status: z.object({ conditions: conditions() }),
  });
  let trouble: string | undefined = 'first';
  const failing = controller(Job, {
    backoff: { initial: '1h', maximum: '1h' },
    reconcile() {
      if (trouble) throw new Error(trouble);
    },
  });
  await using rig = await Rig.start([failing], { kinds: [Job] });
  await rig.client.create(Job, task('a'));
  await rig.settled();
  const outcome = async () => {
    const found = (await rig.client.get(Job, key('a'))).status?.conditions?.[0];
    return [found?.reason, found?.message, found?.lastTransitionTime?.slice(11, 16)];
  };
  expect(await outcome()).toEqual(['ReconcileError', 'first', '00:00']);
  trouble = 'second';
  await rig.clock.advance(hour);
  await rig.settled();
  expect(await outcome()).toEqual(['ReconcileError', 'second', '00:00']);
  await rig.client.patch(Job, key('a'), { type: 'merge', body: { spec: { size: 2 } } });
  await rig.settled();
  expect(await outcome()).toEqual(['ReconcileError', 'second', '01:00']);
  trouble = undefined;
  await rig.clock.advance(hour);
  await rig.settled();
  expect(await outcome()).toEqual(['ReconcileSuccess', '', '02:00']);
});

test('each outcome is counted under the names of controller-runtime', async () => {
  const misbehave: Record<string, () => unknown> = {
    fine: () => undefined,
    again: () => ({ requeueAfter: '1h' }),
    wrong: () => Promise.reject(new Error('wrong')),
    odd: () => Promise.reject('text'),
    final: () => Promise.reject(new TerminalError('never')),
    slow: () => new Promise(() => {}),
  };
  const varied = controller(Task, {
    maxConcurrentReconciles: 2,
    timeout: '1s',
    backoff: { initial: '1h', maximum: '1h' },
    watches: [
      watch(ConfigMap, {
        enqueue: () => {
          throw new Error('no key');
        },
      }),
    ],
    reconcile: (object) => misbehave[object.metadata.name]?.() as never,
  });
  await using rig = await Rig.start([], { kinds: [Task] });
  const manager = rig.launch([varied], { metricsBindAddress: '127.0.0.1:0' });
  await manager.started;
  for (const name of Object.keys(misbehave)) await rig.client.create(Task, task(name));
  await rig.client.create(ConfigMap, { metadata: key('x') });
  await rig.turns(100);
  await rig.clock.advance(10_000);
  const { port } = manager.addresses.metrics as { port: number };
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const figure = (name: string) => Number(text.match(new RegExp(`^${name}\\{[^}]*\\} (\\S+)`, 'm'))?.[1]);
  const total = (result: string) =>
    Number(text.match(new RegExp(`reconcile_total\\{controller="task",result="${result}"\\} (\\d+)`))?.[1]);
  expect(['success', 'requeue_after', 'requeue', 'error'].map(total)).toEqual([1, 1, 0, 4]);
  expect(figure('controller_runtime_reconcile_errors_total')).toBe(4);
  expect(figure('controller_runtime_terminal_reconcile_errors_total')).toBe(1);
  expect(figure('controller_runtime_reconcile_panics_total')).toBe(1);
  expect(figure('controller_runtime_reconcile_timeouts_total')).toBe(1);
  expect(figure('setpoint_abandoned_passes_total')).toBe(1);
  expect(figure('setpoint_mapper_errors_total')).toBeGreaterThanOrEqual(1);
  expect(figure('setpoint_cache_epochs_total')).toBe(0);
});

test('a finalizer that meets a change it has not seen is tried again quietly', async () => {
  const finalized = controller(Task, { finalize() {}, reconcile() {} });
  await using rig = await Rig.start([finalized], { kinds: [Task] });
  const answers: unknown[] = [];
  let meddling: Promise<unknown> | undefined;
  rig.before = async ({ method }) => {
    if (method !== 'PATCH') return;
    const body = { metadata: { finalizers: ['example.com/other'] } };
    meddling ??= rig.client.patch(Task, key('a'), { type: 'merge', body });
    await meddling;
    answers.push(method);
  };
  await rig.client.create(Task, task('a'));
  await rig.settled();
  expect(answers.length).toBeGreaterThan(1);
  const { finalizers } = (await rig.client.get(Task, key('a'))).metadata;
  expect(finalizers).toEqual(['example.com/other', 'test.setpoint.dev/task']);
  expect(rig.messages('error')).toEqual([]);
  expect(rig.requests.filter((request) => request.includes('/events'))).toEqual([]);
});

test('while passes drain, caches follow on and probes answer; both end after the last pass', async () => {
  const seen: unknown[] = [];
  const gate = Promise.withResolvers<void>();
  const draining = controller(Task, {
    async reconcile(_, { cache, signal }) {
      await gate.promise;
      seen.push(signal.aborted, cache.get(Task, key('a'))?.spec.size);
    },
  });
  await using rig = await Rig.start([], { kinds: [Task] });
  const manager = rig.launch([draining], { healthProbeBindAddress: '127.0.0.1:0' });
  await manager.started;
  const probe = `http://127.0.0.1:${manager.addresses['health probe']?.port}/readyz`;
  expect((await fetch(probe)).status).toBe(200);
  await rig.client.create(Task, task('a'));
  await rig.turns();
  manager.stop();
  await rig.client.patch(Task, key('a'), { type: 'merge', body: { spec: { size: 2 } } });
  await rig.client.create(Task, task('late'));
  await rig.turns();
  // Alive, and not ready any more.
  expect((await fetch(probe)).status).toBe(500);
  expect((await fetch(probe.replace('readyz', 'healthz'))).status).toBe(200);
  expect(manager.state.status).toBe('stopping');
  gate.resolve();
  await rig.ended[0];
  expect(seen).toEqual([true, 2]);
  await expect(fetch(probe)).rejects.toThrow();
});

test('own status writes lead to no further pass; a status that somebody else wrote does', async () => {
  const passes: unknown[] = [];
  const writer = controller(Task, {
    async reconcile(object, { status }) {
      passes.push(object.status?.seen);
      await status.patch({ seen: object.spec.size });
    },
  });
  await using rig = await Rig.start([writer], { kinds: [Task] });
  await rig.client.create(Task, task('a', 3));
  await rig.settled();
  expect(passes).toEqual([undefined]);
  await rig.client.patch(Task, key('a'), { type: 'merge', body: { status: { seen: 9 } } }, { subresource: 'status' });
  await rig.settled();
  expect(passes).toEqual([undefined, 9]);
  expect((await rig.client.get(Task, key('a'))).status).toEqual({ seen: 3 });
});

test('a pass that finds everything as it should be costs no request', async () => {
  const idle = controller(Task, {
    validate: () => [],
    default: () => undefined,
    reconcile: async (object, { status }) => void (await status.patch({ seen: object.spec.size })),
  });
  await using rig = await Rig.start([idle], { kinds: [Task] });
  await rig.client.create(Task, task('a', 3));
  await rig.settled();
  const before = rig.requests.length;
  await rig.client.patch(Task, key('a'), { type: 'merge', body: { metadata: { labels: { touched: 'yes' } } } });
  await rig.settled();
  expect(rig.requests.length).toBe(before);
});
