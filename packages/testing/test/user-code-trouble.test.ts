/** What an operator does with code that throws, never ends, or is overtaken: on the embedded control plane. */
import { sleep } from '@setpoint/apimachinery/clock';
import { controller, index, watch } from 'setpoint';
import { ConfigMap } from 'setpoint/core/v1';
import { isPassRevoked } from 'setpoint/errors';
import { crdManifest } from 'setpoint/manifests';
import { expect, test, vi } from 'vitest';
import { key, Task, type Task as TaskObject, task } from './kinds.ts';
import { Rig } from './rig.ts';

const statusOf = async (rig: Rig, name: string) => (await rig.client.get(Task, key(name))).status;

test.each([
  ['throws an Error', () => Promise.reject(new Error('no luck')), 'no luck'],
  ['throws text', () => Promise.reject('no luck'), 'no luck'],
  ['throws nothing', () => Promise.reject(undefined), 'reconcile threw undefined'],
  [
    'throws what cannot be made text',
    () => Promise.reject(Object.create(null, { toJSON: { get: boom } })),
    'type object',
  ],
  ['throws an error without a message', () => Promise.reject(new RangeError()), 'RangeError'],
  ['never resolves', () => new Promise<void>(() => {}), 'the pass does not end'],
])('reconcile that %s is said in one sentence, and holds up no other object', async (_, misbehave, said) => {
  const troubled = controller(Task, {
    maxConcurrentReconciles: 2,
    timeout: '10s',
    async reconcile(object, { status }) {
      if (object.metadata.name === 'bad') await misbehave();
      await status.patch({ seen: object.spec.size });
    },
  });
  await using rig = await Rig.start([troubled], { kinds: [Task] });
  for (const name of ['bad', 'a', 'b']) await rig.client.create(Task, task(name));
  await rig.turns(200);
  await rig.clock.advance(16_000);
  expect([await statusOf(rig, 'a'), await statusOf(rig, 'b')]).toEqual([{ seen: 1 }, { seen: 1 }]);
  const errors = rig.lines.filter(({ level }) => level === 'error');
  expect(errors.length).toBeGreaterThan(0);
  for (const { message, fields } of errors) {
    expect(message).toContain(said);
    expect(fields).toMatchObject({ controller: 'task', kind: 'Task', namespace: 'default', name: 'bad' });
  }
});

function boom(): never {
  throw new Error('boom');
}

test('a pass that outlives its object neither writes into its successor nor speaks of it', async () => {
  const uids: (string | undefined)[] = [];
  const slow = controller(Task, {
    async reconcile(object, { status, clock }) {
      uids.push(object.metadata.uid);
      await sleep(clock, 60_000);
      if (uids.length > 1) return;
      expect(await status.patch({ seen: object.spec.size })).toBe(false);
    },
  });
  await using rig = await Rig.start([slow], { kinds: [Task] });
  await rig.client.create(Task, task('a', 1));
  await rig.turns();
  await rig.client.delete(Task, key('a'));
  const successor = await rig.client.create(Task, task('a', 2));
  await rig.turns();
  await rig.clock.advance(60_000);
  await rig.turns();
  expect(await statusOf(rig, 'a')).toBeUndefined();
  expect(uids[1]).toBe(successor.metadata.uid);
  expect(rig.messages('error')).toEqual([]);
});

/** The kind as a careless person would install it: whatever stands in spec is taken. */
function looseDefinition(): object {
  const definition = structuredClone(crdManifest(Task)) as unknown as {
    spec: { versions: { schema: { openAPIV3Schema: { properties: Record<string, object>; required?: string[] } } }[] };
  };
  const { openAPIV3Schema } = definition.spec.versions[0]?.schema ?? { openAPIV3Schema: { properties: {} } };
  openAPIV3Schema.properties.spec = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  delete openAPIV3Schema.required;
  return definition;
}

test('an object that the types do not expect stops no other: not in the list, not in an index, not in a mapper', async () => {
  const byFriend = index(Task, (object) => (object.spec.friend as string).toLowerCase());
  const found: string[] = [];
  const mapped: string[] = [];
  const reader = controller(Task, {
    reads: [byFriend],
    watches: [
      watch(Task, {
        enqueue: (object) => {
          mapped.push((object.spec.friend as string).toLowerCase());
          return [];
        },
      }),
    ],
    async reconcile(object, { cache, status }) {
      found.push(...cache.lookup(byFriend, 'jack').map(({ metadata }) => metadata.name));
      await status.patch({ seen: object.spec.size });
    },
  });
  await using rig = await Rig.start([], { definitions: [looseDefinition()] });
  const odd = { metadata: { name: 'odd', namespace: 'default' }, spec: { friend: 3 } };
  await rig.client.create(Task, odd as never);
  await rig.client.create(Task, { metadata: { name: 'none', namespace: 'default' } } as never);
  await rig.client.create(Task, { ...task('good'), spec: { size: 4, friend: 'Jack' } });
  await rig.run([reader]);
  await rig.turns(100);
  expect(await statusOf(rig, 'good')).toEqual({ seen: 4 });
  expect([new Set(found), mapped]).toEqual([new Set(['good']), ['jack', 'jack', 'jack']]);
  expect(rig.messages('error').join()).toMatch(/an index of tasks.* failed: the object is missing from that index/);
  expect(rig.messages('error')).toContain('enqueue threw: it is asked again later');
});

test('a mapper that throws, or answers with what is no key, is asked again until it makes sense', async () => {
  const answers: (() => unknown)[] = [boom, () => [undefined], () => 7n, () => [key('a')]];
  const passes: string[] = [];
  const mapped = controller(Task, {
    watches: [watch(ConfigMap, { enqueue: () => (answers.shift() ?? (() => []))() as never })],
    reconcile: (object) => void passes.push(object.metadata.name),
  });
  await using rig = await Rig.start([], { kinds: [Task] });
  await rig.client.create(Task, task('a'));
  await rig.run([mapped]);
  await rig.settled();
  passes.length = 0;
  await rig.client.create(ConfigMap, { metadata: key('x') });
  await rig.settled({ horizon: '1m' });
  expect(passes).toEqual(['a']);
  expect(answers).toEqual([]);
});

test('a mapper that never works is given up after ten hours, and nothing is held on to', async () => {
  const mapped = controller(Task, { watches: [watch(ConfigMap, { enqueue: boom })], reconcile() {} });
  await using rig = await Rig.start([mapped], { kinds: [Task] });
  await rig.client.create(ConfigMap, { metadata: key('x') });
  await rig.settled();
  expect(rig.managers[0]?.settledState().controllers.task?.mapperRetries).toBe(1);
  await rig.settled({ horizon: '14h', timeout: '15s' });
  expect(rig.managers[0]?.settledState().controllers.task?.mapperRetries).toBe(0);
});

test('an Event that cannot be told or sent fails no pass', async () => {
  const teller = controller(Task, {
    async reconcile(object, { events, status }) {
      events.normal('Told', undefined as never);
      events.normal('Told', 'this one is well-formed');
      await status.patch({ seen: object.spec.size });
    },
  });
  await using rig = await Rig.start([teller], { kinds: [Task] });
  rig.fault = ({ url }) => (url.includes('/events') ? { code: 500, reason: 'InternalError' } : undefined);
  await rig.client.create(Task, task('a'));
  await rig.settled();
  expect(await statusOf(rig, 'a')).toEqual({ seen: 1 });
  expect(rig.messages('warn')).toEqual(['an event could not be told', 'an event could not be sent']);
  expect(rig.messages('error')).toEqual([]);
});

test.each(['lost-before', 'lost-after'] as const)(
  'a write whose answer is lost (%s): the next pass sees what became of it, and writes once at most',
  async (fault) => {
    const read: unknown[] = [];
    const counting = controller(Task, {
      async reconcile(object, { status }) {
        read.push(object.status?.passes);
        if (object.status?.passes === undefined) await status.patch({ passes: 1 });
      },
    });
    await using rig = await Rig.start([counting], { kinds: [Task] });
    let lose = true;
    rig.fault = ({ method, url }) => {
      if (!lose || method !== 'PATCH' || !url.includes('/status')) return undefined;
      lose = false;
      return fault;
    };
    await rig.client.create(Task, task('a'));
    await rig.settled({ horizon: '20s' });
    expect(read).toEqual(fault === 'lost-after' ? [undefined, 1] : [undefined, undefined]);
    expect(await statusOf(rig, 'a')).toEqual({ passes: 1 });
    const writes = rig.requests.filter((request) => request.startsWith('PATCH') && request.includes('/status'));
    expect(writes).toHaveLength(fault === 'lost-after' ? 1 : 2);
  },
);

test('after deleteCollection the next pass of the key waits until the cache knows what went', async () => {
  const counts: number[] = [];
  const sweeper = controller(Task, {
    reads: [ConfigMap],
    async reconcile(_, { cache, client }) {
      counts.push(cache.list(ConfigMap, { namespace: 'default' }).length);
      if (counts.length > 1) return;
      await client.deleteCollection(ConfigMap, { namespace: 'default', all: true });
      return { requeueAfter: 1 };
    },
  });
  await using rig = await Rig.start([sweeper], { kinds: [Task] });
  for (const name of ['x', 'y', 'z']) await rig.client.create(ConfigMap, { metadata: key(name) });
  await rig.settled();
  rig.hold = /configmaps/;
  await rig.client.create(Task, task('a'));
  await rig.turns();
  await rig.clock.advance(10_000);
  expect(counts).toEqual([3]);
  rig.release();
  await rig.settled({ horizon: '30s' });
  expect(counts).toEqual([3, 0]);
});

test('an abort during the start ends it at once, wherever it stands', async () => {
  await using rig = await Rig.start([], { kinds: [Task] });
  rig.fault = ({ url }) => (url.includes('/tasks') ? 'never' : undefined);
  const manager = rig.launch([controller(Task, { reconcile() {} })]);
  const started = manager.started.catch((error: Error) => error.message);
  await rig.turns(10);
  manager.stop();
  await rig.ended[0];
  expect([manager.state.status, await started]).toEqual(['stopped', expect.stringContaining('stopped')]);
});

test('an abort during a pass lets it write and end; what it does afterwards is refused', async () => {
  const late: unknown[] = [];
  const patient = controller(Task, {
    async reconcile(object, { signal, status, clock, client }) {
      await sleep(clock, 60_000, { signal }).catch(() => undefined);
      await status.patch({ seen: object.spec.size });
      void sleep(clock, 1000)
        .then(() => client.get(Task, key('a')))
        .catch((error: unknown) => late.push(error));
    },
  });
  await using rig = await Rig.start([patient], { kinds: [Task] });
  await rig.client.create(Task, task('a', 3));
  await rig.turns(50);
  rig.managers[0]?.stop();
  await rig.ended[0];
  await rig.clock.advance(2000);
  expect(await statusOf(rig, 'a')).toEqual({ seen: 3 });
  expect(late.map(isPassRevoked)).toEqual([true]);
});

test('nothing is left behind by an operator that stopped: no timer, no watch, no request', async () => {
  const busy = controller(Task, {
    watches: [watch(ConfigMap, { enqueue: boom })],
    async reconcile(object, { events, status }) {
      events.warning('Something', 'to remember');
      await status.patch({ seen: object.spec.size });
      if (object.metadata.name === 'b') throw new Error('no luck');
      return { requeueAfter: '1h' };
    },
  });
  await using rig = await Rig.start([], { kinds: [Task] });
  const quiet = rig.clock.nextDue();
  await rig.run([busy]);
  for (const name of ['a', 'b']) await rig.client.create(Task, task(name));
  await rig.client.create(ConfigMap, { metadata: key('x') });
  await rig.settled();
  rig.managers[0]?.stop();
  await rig.ended[0];
  const requests = rig.requests.length;
  expect(rig.clock.nextDue()).toBe(quiet);
  await rig.clock.advance(24 * 3_600_000);
  expect(rig.requests.length).toBe(requests);
  expect(rig.plane.activity()).toEqual({ requests: 0, undelivered: 0, controllers: 0 });
});

test('what is remembered of an object goes with it: its successor of the same name is new in every respect', async () => {
  const attempts: number[] = [];
  const strict = controller(Task, {
    validate: (object: TaskObject) => (object.spec.size > 5 ? ['spec.size is more than 5'] : []),
    reconcile(_, { attempt }) {
      attempts.push(attempt);
      throw new Error('no luck');
    },
  });
  await using rig = await Rig.start([strict], { kinds: [Task] });
  const told = () => rig.requests.filter((request) => request.startsWith('POST') && request.includes('/events')).length;
  for (const round of [1, 2]) {
    await rig.client.create(Task, task('a', 9));
    await rig.settled();
    expect(told()).toBe(round);
    await rig.client.delete(Task, key('a'));
    await rig.settled();
  }
  await rig.client.create(Task, task('b'));
  await rig.settled();
  expect(attempts.slice(0, 3)).toEqual([1, 2, 3]);
  await rig.client.delete(Task, key('b'));
  await rig.settled({ horizon: '1h' });
  attempts.length = 0;
  await rig.client.create(Task, task('b'));
  await rig.settled();
  expect(attempts[0]).toBe(1);
});

test('a pass leaves nothing on the signal of its operator, which outlives it', async () => {
  const any = vi.spyOn(AbortSignal, 'any');
  const add = vi.spyOn(AbortSignal.prototype, 'addEventListener');
  const remove = vi.spyOn(AbortSignal.prototype, 'removeEventListener');
  const patient = controller(Task, {
    async reconcile(object, { signal, clock, status }) {
      await sleep(clock, 10, { signal });
      await status.patch({ seen: object.spec.size });
    },
  });
  await using rig = await Rig.start([patient], { kinds: [Task] });
  await rig.client.create(Task, task('a', 0));
  await rig.settled();
  for (const spy of [any, add, remove]) spy.mockClear();
  for (let size = 1; size <= 20; size++) {
    await rig.client.patch(Task, key('a'), { type: 'merge', body: { spec: { size } } });
    await rig.settled();
  }
  expect(await statusOf(rig, 'a')).toEqual({ seen: 20 });
  expect(any).not.toHaveBeenCalled();
  // Per signal: added and not removed. Those of a pass or request go with it; one that lives on would gather them.
  const open = new Map<unknown, number>();
  for (const signal of add.mock.contexts) open.set(signal, (open.get(signal) ?? 0) + 1);
  for (const signal of remove.mock.contexts) open.set(signal, (open.get(signal) ?? 0) - 1);
  const left = [...open].filter(([signal]) => !(signal as AbortSignal).aborted).map(([, count]) => count);
  expect(Math.max(0, ...left)).toBeLessThan(5);
  vi.restoreAllMocks();
});

test('an abort at any moment of a start or a pass ends the operator, and leaves nothing behind', async () => {
  const busy = controller(Task, {
    finalize() {},
    default: (draft) => {
      draft.spec.friend ??= 'jack';
    },
    async reconcile(object, { events, status }) {
      events.normal('Seen', 'once');
      await status.patch({ seen: object.spec.size });
      throw new Error('no luck');
    },
  });
  for (let moment = 0; moment < 40; moment++) {
    await using rig = await Rig.start([], { kinds: [Task] });
    await rig.client.create(Task, task('a'));
    const quiet = rig.clock.nextDue();
    const manager = rig.launch([busy]);
    const started = manager.started.catch(() => undefined);
    await rig.turns(moment);
    manager.stop();
    await Promise.all([rig.ended[0], started]);
    await rig.turns();
    expect([moment, rig.clock.nextDue(), rig.plane.activity()]).toEqual([
      moment,
      quiet,
      { requests: 0, undelivered: 0, controllers: 0 },
    ]);
    expect(rig.messages('error').every((message) => message.endsWith('no luck'))).toBe(true);
  }
});
