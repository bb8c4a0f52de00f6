/** The cycle against a server that validates, prunes, collects and refuses as the real one does. */
import { contentChanged, controller, defineKind, generationChanged, matching, operator, watch } from 'setpoint';
import { ConfigMap, Namespace } from 'setpoint/core/v1';
import { Event } from 'setpoint/events.k8s.io/v1';
import { conditions } from 'setpoint/zod';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { testEnvironment } from '../src/index.ts';

const Box = defineKind({
  group: 'cycle.setpoint.dev',
  version: 'v1',
  kind: 'Box',
  spec: z.object({ size: z.number().int(), color: z.string().optional() }),
  status: z.object({ conditions: conditions().optional() }),
});
const Shelf = defineKind({
  group: 'cycle.setpoint.dev',
  version: 'v1',
  kind: 'Shelf',
  scope: 'Cluster',
  spec: z.object({ size: z.number().int() }),
});
const box = (name: string, size = 1, metadata: object = {}) => ({
  metadata: { name, namespace: 'default', ...metadata },
  spec: { size },
});
const key = (name: string) => ({ namespace: 'default', name });
const edit = (size: number) => ({ type: 'merge', body: { spec: { size } } }) as const;

async function start(...controllers: readonly ReturnType<typeof controller>[]) {
  const env = await testEnvironment({ kinds: [Box, Shelf] });
  const lines: string[] = [];
  const line = (first: unknown, second?: string) => void lines.push(String(second ?? first));
  const log = { debug() {}, info() {}, warn: line, error: line, child: () => log };
  const manager = await env.start(operator({ name: 'cycle', controllers }), { log, webhooks: false });
  const events = async (reason: string) =>
    (await env.client.list(Event)).items.filter((event) => event.reason === reason);
  const condition = async (name: string, type: string) =>
    (await env.client.get(Box, key(name))).status?.conditions?.find((entry) => entry.type === type);
  return { env, manager, lines, events, condition };
}

test('an object of the first pass to the last: finalizer, default, Ready, an edit, failure, invalidity, deletion', async () => {
  let broken = false;
  const seen: string[] = [];
  const { env, events, condition } = await start(
    controller(Box, {
      ready: true,
      predicates: [generationChanged],
      default: (draft) => {
        draft.spec.color ??= 'red';
      },
      validate: ({ spec }) => (spec.size < 0 ? ['size is negative'] : []),
      finalize: () => void seen.push('finalize'),
      reconcile({ spec, metadata }) {
        seen.push(`${spec.size} ${spec.color} generation ${metadata.generation}`);
        if (broken) throw new Error('the disk is full');
      },
    }),
  );
  await using _ = env;
  await env.client.create(Box, box('a'));
  await env.settled();
  // How often depends on when the watch shows the finalizer and the default; what is seen does not.
  expect([...new Set(seen.splice(0))]).toEqual(['1 red generation 2']);
  const ready = await condition('a', 'Ready');
  expect(ready).toMatchObject({ status: 'True', observedGeneration: 2 });
  await env.advance('1h');
  broken = true;
  await env.client.patch(Box, key('a'), edit(2));
  await env.settled({ horizon: 0 });
  expect(await condition('a', 'Ready')).toMatchObject({ status: 'False', reason: 'ReconcileError' });
  for (let i = 0; i < 5; i++) await env.advance('1m');
  expect(await events('ProcessingError')).toMatchObject([{ type: 'Warning', note: 'the disk is full' }]);
  await env.client.patch(Box, key('a'), edit(-1));
  await env.settled();
  expect(await condition('a', 'Ready')).toMatchObject({ reason: 'Invalid', message: 'size is negative' });
  seen.length = 0;
  await env.client.delete(Box, key('a'));
  await env.settled();
  expect(seen).toEqual(['finalize']);
  expect((await env.client.list(Box)).items).toEqual([]);
});

test('a deletion raises the generation, so that generationChanged lets it pass; a status write does not', async () => {
  const passes: (number | undefined)[] = [];
  const { env } = await start(
    controller(Box, {
      predicates: [generationChanged],
      reconcile: ({ metadata }) => void passes.push(metadata.generation),
    }),
  );
  await using _ = env;
  await env.client.create(Box, box('a', 1, { finalizers: ['example.com/other'] }));
  await env.settled();
  const watched = await env.client.get(Box, key('a'));
  await env.client.delete(Box, key('a'));
  await env.settled();
  const deleted = await env.client.get(Box, key('a'));
  expect(deleted.metadata.generation).toBe((watched.metadata.generation ?? 0) + 1);
  // An object that is being deleted is not reconciled; that its pass ran is seen in the outcome that it wrote.
  expect(passes).toEqual([1]);
  expect(deleted.status?.conditions).toMatchObject([{ type: 'Reconciled', observedGeneration: 2 }]);
});

test('contentChanged sees its key of a ConfigMap and no other', async () => {
  const passes: string[] = [];
  const { env } = await start(
    controller(Box, {
      watches: [watch(ConfigMap, { predicates: [contentChanged(".data['tls.crt']")], enqueue: () => key('a') })],
      reconcile: ({ metadata }) => void passes.push(metadata.name),
    }),
  );
  await using _ = env;
  await env.client.create(Box, box('a'));
  await env.client.create(ConfigMap, { metadata: { name: 'cert', namespace: 'default' }, data: { 'tls.crt': 'old' } });
  await env.settled();
  const change = async (data: object) => {
    passes.length = 0;
    await env.client.patch(ConfigMap, key('cert'), { type: 'merge', body: { data } });
    await env.settled();
    return passes.length;
  };
  expect([await change({ other: 'x' }), await change({ 'tls.crt': 'new' })]).toEqual([0, 1]);
});

test('several owners share a child, and none overwrites the entry of another; the last takes it along', async () => {
  const shared = (name: string) =>
    controller(Box, {
      name,
      writes: [ConfigMap],
      labelSelector: `by=${name}`,
      async reconcile(_, { apply }) {
        const child = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shared' }, data: { a: 'b' } } as const;
        await apply(child, { owner: 'owner' });
      },
    });
  const { env, lines } = await start(shared('one'), shared('two'));
  await using _ = env;
  for (const by of ['one', 'two']) await env.client.create(Box, box(by, 1, { labels: { by } }));
  await env.settled();
  const owners = async () =>
    (await env.client.get(ConfigMap, key('shared'))).metadata.ownerReferences?.map(({ name }) => name).sort();
  expect([await owners(), lines]).toEqual([['one', 'two'], []]);
  await env.client.delete(Box, key('one'));
  await env.settled();
  expect(await owners()).toEqual(['two']);
  await env.client.delete(Box, key('two'));
  await env.settled();
  expect(
    (await env.client.list(ConfigMap, { namespace: 'default', fieldSelector: 'metadata.name=shared' })).items,
  ).toEqual([]);
});

test('a cluster-scoped owner owns a child in a namespace; the other way round is refused before any request', async () => {
  const { env, lines } = await start(
    controller(Shelf, {
      owns: [ConfigMap],
      async reconcile(_, { apply }) {
        await apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'child', namespace: 'default' } });
      },
    }),
    controller(Box, {
      writes: [Shelf],
      async reconcile(_, { apply }) {
        const { apiVersion, kind } = Shelf;
        await apply({ apiVersion, kind, metadata: { name: 'mine' }, spec: { size: 1 } });
      },
    }),
  );
  await using _ = env;
  await env.client.create(Shelf, { metadata: { name: 's' }, spec: { size: 1 } });
  await env.client.create(Box, box('a'));
  await env.settled({ horizon: 0 });
  const child = await env.client.get(ConfigMap, key('child'));
  expect(child.metadata.ownerReferences).toMatchObject([{ kind: 'Shelf', name: 's', controller: true }]);
  expect(lines).toEqual([expect.stringContaining('a namespaced object cannot own a cluster-scoped one')]);
  expect((await env.client.list(Shelf)).items).toHaveLength(1);
});

test('two controllers of one child, which no cache shows, are refused by the server and the first keeps it', async () => {
  const claim = (name: string) =>
    controller(Box, {
      name,
      writes: [ConfigMap],
      labelSelector: `by=${name}`,
      async reconcile(_, { apply }) {
        await apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'claimed' } });
      },
    });
  const { env, lines } = await start(claim('one'), claim('two'));
  await using _ = env;
  await env.client.create(Box, box('one', 1, { labels: { by: 'one' } }));
  await env.settled();
  await env.client.create(Box, box('two', 1, { labels: { by: 'two' } }));
  await env.settled({ horizon: 0 });
  expect(lines[0]).toContain('Only one reference can have Controller set to true');
  const claimed = await env.client.get(ConfigMap, key('claimed'));
  expect(claimed.metadata.ownerReferences).toMatchObject([{ name: 'one' }]);
});

test('two operators at odds over a field are slowed down, and their objects say so', async () => {
  let passes = 0;
  const wants = (name: string, value: string) =>
    controller(Box, {
      name,
      owns: [ConfigMap],
      watches: [watch(ConfigMap, { predicates: [matching(() => true)], enqueue: () => key('a') })],
      async reconcile(_, { apply }) {
        passes++;
        const child = {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'contested' },
          data: { value },
        } as const;
        await apply(child, { owner: 'none' });
      },
    });
  const { env, events } = await start(wants('one', 'left'), wants('two', 'right'));
  await using _ = env;
  await env.client.create(Box, box('a'));
  await env.settled({ horizon: 0 });
  expect(passes).toBeLessThan(150);
  const [told] = await events('HotLoop');
  expect(told).toMatchObject({ type: 'Warning', regarding: { kind: 'Box', name: 'a' } });
  expect(told?.note).toContain('patch ConfigMap default/contested');
  const before = passes;
  for (let i = 0; i < 10; i++) await env.advance('1m');
  expect(passes - before).toBeLessThan(60);
});

test('a namespace that is being deleted makes no errors of the operator and no Events, and goes', async () => {
  const { env, lines, events } = await start(
    controller(Box, {
      writes: [ConfigMap],
      finalize: () => ({ requeueAfter: '30s' }),
      async reconcile({ metadata }, { apply }) {
        await apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${metadata.name}-child` } });
      },
    }),
    controller(Shelf, {
      writes: [ConfigMap],
      async reconcile(_, { apply }) {
        const metadata = { name: 'late', namespace: 'doomed' };
        await apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata }, { owner: 'none' });
      },
    }),
  );
  await using _ = env;
  await env.client.create(Namespace, { metadata: { name: 'doomed' } });
  await env.client.create(Box, { ...box('a'), metadata: { name: 'a', namespace: 'doomed' } });
  await env.settled();
  await env.client.delete(Namespace, { name: 'doomed' });
  await env.settled();
  await env.client.create(Shelf, { metadata: { name: 's' }, spec: { size: 1 } });
  await env.settled();
  expect(lines).toEqual([]);
  expect(await events('ProcessingError')).toEqual([]);
});

test('what `default` fills in and the schema prunes is said once, and not written for ever', async () => {
  const { env, lines } = await start(
    controller(Box, {
      default: (draft) => {
        (draft.spec as { tags?: string[] }).tags ??= ['x'];
      },
      reconcile() {},
    }),
  );
  await using _ = env;
  await env.client.create(Box, box('a'));
  await env.settled();
  await env.advance('1h');
  expect(lines).toEqual([
    'unknown field "spec.tags"',
    expect.stringContaining('the API server did not keep what `default` filled in (spec)'),
  ]);
});

test('a finalizer of an earlier release goes on sight, also from what is being deleted already', async () => {
  const { env } = await start(controller(Box, { retiredFinalizers: ['example.com/old'], reconcile() {} }));
  await using _ = env;
  await env.client.create(Box, box('a', 1, { finalizers: ['example.com/old', 'example.com/other'] }));
  await env.settled();
  expect((await env.client.get(Box, key('a'))).metadata.finalizers).toEqual(['example.com/other']);
  await env.client.create(Box, box('b', 1, { finalizers: ['example.com/old'] }));
  await env.client.delete(Box, key('b'));
  await env.settled();
  expect((await env.client.list(Box)).items.map(({ metadata }) => metadata.name)).toEqual(['a']);
});

test('what the server refuses to write down of a pass is told in an Event, and takes the place of what it said', async () => {
  let reason = 'FitsIn';
  const boxes = controller(Box, {
    ready: true,
    reconcile(_, { conditions }) {
      conditions.set({ type: 'Packed', status: 'True', reason });
    },
  });
  await using env = await testEnvironment({ kinds: [Box] });
  await env.start(operator({ name: 'unwritten', controllers: [boxes] }));
  await env.client.create(Box, box('a'));
  await env.settled();
  const conditionsNow = async () =>
    Object.fromEntries(
      (await env.client.get(Box, key('a'))).status?.conditions?.map(({ type, ...rest }) => [type, rest]) ?? [],
    );
  expect(await conditionsNow()).toMatchObject({ Ready: { status: 'True' }, Packed: { reason: 'FitsIn' } });
  reason = 'does not fit';
  await env.client.patch(Box, key('a'), edit(2));
  await env.settled();
  const failure = { status: 'False', reason: 'ReconcileError', observedGeneration: 2 };
  expect(await conditionsNow()).toMatchObject({ Ready: failure, Reconciled: failure, Packed: { reason: 'FitsIn' } });
  expect((await conditionsNow()).Ready?.message).toContain('conditions[0].reason');
  const { items } = await env.client.list(Event, { namespace: 'default' });
  const failed = items.filter((event) => event.reason === 'ProcessingError');
  expect(failed.map(({ type, note }) => [type, note?.includes('"does not fit"')])).toEqual([['Warning', true]]);
  reason = 'Fits';
  await env.client.patch(Box, key('a'), edit(3));
  await env.settled();
  expect(await conditionsNow()).toMatchObject({ Ready: { status: 'True' }, Packed: { reason: 'Fits' } });
});
