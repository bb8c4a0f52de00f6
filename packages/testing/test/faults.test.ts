/** What happens to servers and to what they store, and what an operator makes of it; see docs/semantics.md. */
import { type AnyKind, controller, defineKind } from 'setpoint';
import { conditions } from 'setpoint/zod';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { key, Task, task } from './kinds.ts';
import { Rig } from './rig.ts';

const Lamp = defineKind({
  group: 'test.setpoint.dev',
  version: 'v1',
  kind: 'Lamp',
  spec: z.object({ size: z.number().int(), color: z.string().optional() }),
  status: z.object({ seen: z.number().int().optional(), conditions: conditions() }),
});
const minute = 60_000;

/** Keeps what it sees of each object, and writes it into the status. */
function follower(seen = new Map<string, number>()) {
  return controller(Task, {
    async reconcile(object, { status }) {
      seen.set(object.metadata.name, object.spec.size);
      await status.patch({ seen: object.spec.size });
    },
  });
}

const statusOf = async (rig: Rig, name: string) => (await rig.client.get(Task, key(name))).status;
/** Whole ones: to ask for one object is to ask how far the server is. */
const lists = (rig: Rig) => rig.requests.filter((request) => /sendInitialEvents=true|limit=500/.test(request));

type Stored = Record<string, unknown> & { readonly metadata: Record<string, unknown> };

/** Stores objects past all rules, as copies of one that is there. */
async function store(
  rig: Rig,
  names: readonly string[],
  change: (object: Stored) => void = () => undefined,
  kind: AnyKind = Task,
) {
  const { items } = await rig.client.list(kind, { namespace: 'default', limit: 1 });
  for (const [i, name] of names.entries()) {
    const object = structuredClone(items[0]) as unknown as Stored;
    const uid = `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
    Object.assign(object, { apiVersion: kind.apiVersion, kind: kind.kind });
    Object.assign(object.metadata, { name, uid, resourceVersion: undefined });
    change(object);
    rig.plane.storage.put(`${kind.group}/${kind.plural}/default/${name}`, Buffer.from(JSON.stringify(object)));
  }
}

const many = (count: number) => Array.from({ length: count }, (_, i) => `task-${i}`);

test('a server that is away for a minute and comes back as it was is followed on: nothing is listed again', async () => {
  await using rig = await Rig.start([follower()], { kinds: [Task] });
  await rig.client.create(Task, task('a'));
  await rig.settled();
  const before = lists(rig).length;
  rig.fault = () => 'lost-before';
  rig.cut();
  await rig.clock.advance(minute);
  await rig.client.patch(Task, key('a'), { type: 'merge', body: { spec: { size: 2 } } });
  await rig.client.create(Task, task('b', 3));
  rig.fault = () => undefined;
  await rig.clock.advance(minute);
  await rig.settled();
  expect([await statusOf(rig, 'a'), await statusOf(rig, 'b')]).toEqual([{ seen: 2 }, { seen: 3 }]);
  expect(lists(rig).length).toBe(before);
});

test('a server that is replaced by an empty one, without the kind, is waited for and served anew', async () => {
  const held: number[] = [];
  const observer = controller(Task, {
    async reconcile(object, { cache, status }) {
      held.push(cache.list(Task).length);
      await status.patch({ seen: object.spec.size });
    },
  });
  await using rig = await Rig.start([observer], { kinds: [Task] });
  for (const name of ['a', 'b', 'c']) await rig.client.create(Task, task(name));
  await rig.settled();
  await rig.replaceServer({});
  await rig.clock.advance(minute);
  expect(rig.messages('warn').join()).toMatch(/Install the CustomResourceDefinition tasks\.test\.setpoint\.dev/);
  await rig.install({ kinds: [Task] });
  await rig.client.create(Task, task('d', 4));
  await rig.clock.advance(minute);
  await rig.settled();
  expect(await statusOf(rig, 'd')).toEqual({ seen: 4 });
  expect(held.at(-1)).toBe(1);
});

test('a storm of 410 on every watch costs a bounded number of lists, and nothing is missed when it is over', async () => {
  await using rig = await Rig.start([follower()], { kinds: [Task] });
  await rig.client.create(Task, task('a'));
  await rig.settled();
  const expired = ({ url }: { readonly url: string }) =>
    url.includes('/tasks') && url.includes('watch=') ? ({ code: 410, reason: 'Expired' } as const) : undefined;
  rig.fault = expired;
  rig.cut();
  const before = rig.requests.length;
  await rig.clock.advance(10 * minute);
  expect(rig.requests.length - before).toBeLessThan(150);
  await rig.client.patch(Task, key('a'), { type: 'merge', body: { spec: { size: 2 } } });
  rig.fault = () => undefined;
  await rig.clock.advance(minute);
  await rig.settled();
  expect(await statusOf(rig, 'a')).toEqual({ seen: 2 });
});

test('a list whose next page has expired is read in one piece, and shows all', async () => {
  const seen = new Map<string, number>();
  await using rig = await Rig.start([], { kinds: [Task] });
  await rig.client.create(Task, task('first'));
  await store(rig, many(600));
  rig.fault = ({ url }) => {
    if (url.includes('sendInitialEvents=true')) return { code: 422, reason: 'Invalid' };
    return url.includes('continue=') ? { code: 410, reason: 'Expired' } : undefined;
  };
  await rig.run([controller(Task, { reconcile: (object) => void seen.set(object.metadata.name, object.spec.size) })]);
  await rig.settled();
  expect(seen.size).toBe(601);
});

test('a wall clock that jumps an hour ahead or back makes no pass early, late or lost', async () => {
  let passes = 0;
  const hourly = controller(Task, {
    reconcile() {
      passes++;
      return { requeueAfter: '10m' };
    },
  });
  await using rig = await Rig.start([hourly], { kinds: [Task] });
  await rig.client.create(Task, task('a'));
  await rig.settled();
  const { clock } = rig;
  const now = clock.now.bind(clock);
  for (const jump of [60 * minute, -60 * minute]) {
    const before = passes;
    clock.now = () => now() + jump;
    await clock.advance(9 * minute);
    expect(passes).toBe(before);
    await clock.advance(minute);
    await rig.settled();
    expect(passes).toBe(before + 1);
  }
  await rig.client.patch(Task, key('a'), { type: 'merge', body: { spec: { size: 2 } } });
  await rig.settled();
  expect(passes).toBe(4);
});

test('an object of 2 MB is reconciled as any other, and holds up none', async () => {
  const seen = new Map<string, number>();
  await using rig = await Rig.start([], { kinds: [Task] });
  await rig.client.create(Task, task('small'));
  await store(rig, ['large'], (object) => {
    object.metadata.annotations = { blob: 'x'.repeat(2 * 1024 * 1024) };
  });
  await rig.run([follower(seen)]);
  await rig.settled();
  expect(Object.fromEntries(seen)).toEqual({ small: 1, large: 1 });
  await rig.client.patch(Task, key('small'), { type: 'merge', body: { spec: { size: 2 } } });
  await rig.settled();
  expect(await statusOf(rig, 'small')).toEqual({ seen: 2 });
});

test('an object that breaks its own schema in storage fails by itself: the others go on', async () => {
  await using rig = await Rig.start([], { kinds: [Task] });
  await rig.client.create(Task, task('good'));
  await store(rig, ['bad'], (object) => {
    object.spec = { size: 'many' };
  });
  await rig.run([follower()]);
  await rig.settled();
  await rig.client.create(Task, task('later', 5));
  await rig.settled();
  expect([await statusOf(rig, 'good'), await statusOf(rig, 'later')]).toEqual([{ seen: 1 }, { seen: 5 }]);
  expect(rig.lines.filter(({ level, fields }) => level === 'error' && fields.name === 'bad').length).toBeGreaterThan(0);
});

test.each<[string, 'told' | 'right', (object: Stored) => void]>([
  ['no spec', 'told', (object) => delete object.spec],
  ['a spec that is a text', 'told', (object) => Object.assign(object, { spec: 'none' })],
  ['a status that is a text', 'right', (object) => Object.assign(object, { status: 'fine' })],
  ['a status that is a list', 'right', (object) => Object.assign(object, { status: [1] })],
  ['conditions that are a text', 'right', (object) => Object.assign(object, { status: { conditions: 'all True' } })],
  ['conditions without types', 'right', (object) => Object.assign(object, { status: { conditions: [null, 7, {}] } })],
  ['annotations that are numbers', 'told', (object) => Object.assign(object.metadata, { annotations: { a: 1 } })],
])(
  'an object with %s in storage (%s) holds up none: what is the framework’s is put right, and of what is not it tells',
  async (_, how, spoil) => {
    const teller = controller(Lamp, {
      ready: true,
      default: (lamp) => {
        lamp.spec.color ??= 'white';
      },
      async reconcile(lamp, { conditions, status }) {
        conditions.set({ type: 'Lit', status: 'True', reason: 'Lit', message: lamp.spec.color ?? '' });
        await status.patch({ seen: lamp.spec.size });
      },
    });
    await using rig = await Rig.start([], { kinds: [Lamp] });
    const create = (name: string) =>
      rig.client.create(Lamp, { metadata: { name, namespace: 'default' }, spec: { size: 1 } });
    await create('good');
    await store(rig, ['bad'], spoil, Lamp);
    await rig.run([teller]);
    await rig.settled({ horizon: 60_000 });
    await create('later');
    await rig.settled({ horizon: 60_000 });
    const conditionsOf = async (name: string) =>
      (await rig.client.get(Lamp, key(name))).status?.conditions?.map?.((one) => `${one?.type} ${one?.status}`);
    const all = ['Lit True', 'Reconciled True', 'Ready True'];
    expect([await conditionsOf('good'), await conditionsOf('later')]).toEqual([all, all]);
    if (how === 'right') expect(await conditionsOf('bad')).toEqual(expect.arrayContaining(all));
    else expect(rig.lines.some(({ level, fields }) => level === 'error' && fields.name === 'bad')).toBe(true);
    expect(rig.managers.map(({ state }) => state.status)).toEqual(['running']);
  },
);

test('two managers in one process know nothing of each other: one stops, the other works on', async () => {
  const [first, second] = [new Map<string, number>(), new Map<string, number>()];
  await using rig = await Rig.start([], { kinds: [Task] });
  const observe = (seen: Map<string, number>) =>
    controller(Task, { reconcile: (object) => void seen.set(object.metadata.name, object.spec.size) });
  const one = await rig.run([observe(first)]);
  await rig.run([observe(second)]);
  await rig.client.create(Task, task('a'));
  await rig.settled();
  one.stop();
  await rig.ended[0];
  await rig.client.create(Task, task('b'));
  await rig.settled();
  expect([[...first.keys()], [...second.keys()]]).toEqual([['a'], ['a', 'b']]);
});
