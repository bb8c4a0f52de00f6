import { sleep } from '@setpoint/apimachinery/clock';
import { describe, expect } from 'vitest';
import { problem } from '../../../test/fake/fake-api.ts';
import { frozen } from '../../../test/fake/frozen.ts';
import { Plain, plain, Widget } from '../../../test/fake/kinds.ts';
import { names, namespace, shards, test } from '../../../test/fake/replicas.ts';
import { controller, source, watch } from '../../controller/index.ts';
import { isLeaseLost } from '../../errors/index.ts';
import { rulesFor } from '../../manifests/index.ts';
import { operator, operatorNeeds } from '../index.ts';
import { Lease } from '../leader-election/parts.ts';
import { shardOf } from './assignment.ts';

const shardOfObject = (name: string) => shardOf(`default/${name}`, shards);

describe('replicas that share a controller', () => {
  test('a single one works on everything, each object once', async ({ replicas }) => {
    const { clock } = replicas;
    replicas.start('a');
    await clock.advance(3000);
    expect(replicas.shares).toEqual({ a: shards });
    expect(replicas.seen.toSorted()).toEqual(names.map((name) => `a ${name}`).toSorted());
  });

  test('three have equal shares, and each works on the objects of its own shards alone', async ({ replicas }) => {
    const { clock } = replicas;
    for (const name of ['a', 'b', 'c']) replicas.start(name);
    await clock.advance(10_000);
    expect(Object.values(replicas.shares).toSorted()).toEqual([2, 3, 3]);
    const { holders } = replicas;
    replicas.seen.length = 0;
    replicas.edit(2);
    await clock.advance(1000);
    const expected = names.map((name) => `${holders[shardOfObject(name)]} ${name}`);
    expect(replicas.seen.toSorted()).toEqual(expected.toSorted());
  });

  test('one that comes gets its share within a second, and goes over what is in it', async ({ replicas }) => {
    const { clock } = replicas;
    replicas.start('a');
    await clock.advance(5000);
    replicas.seen.length = 0;
    replicas.start('b');
    await clock.advance(1000);
    expect(replicas.shares).toEqual({ a: 4, b: 4 });
    const theirs = names.filter((name) => replicas.holders[shardOfObject(name)] === 'b');
    expect(replicas.seen.toSorted()).toEqual(theirs.map((name) => `b ${name}`).toSorted());
  });

  test('one that stops is followed within a second', async ({ replicas }) => {
    const { clock } = replicas;
    const a = replicas.start('a');
    replicas.start('b');
    await clock.advance(5000);
    replicas.seen.length = 0;
    const theirs = names.filter((name) => replicas.holders[shardOfObject(name)] === 'a');
    a.manager.stop();
    await clock.advance(1000);
    expect(await a.ended).toBe('stopped');
    expect(replicas.shares).toEqual({ b: shards });
    expect(replicas.seen.toSorted()).toEqual(theirs.map((name) => `b ${name}`).toSorted());
  });

  test('one that comes back under its old name has a share again, and gave its Lease up when it went', async ({
    replicas,
  }) => {
    const { clock, api } = replicas;
    const a = replicas.start('a');
    replicas.start('b');
    await clock.advance(5000);
    a.manager.stop();
    await clock.advance(1000);
    expect(api.object(Lease, { namespace, name: 'test-member-a' }).spec.holderIdentity).toBe('');
    replicas.start('a');
    await clock.advance(5000);
    expect(replicas.shares).toEqual({ a: 4, b: 4 });
  });

  test('come and go under load, and no object is at two of them at once, nor forgotten', async ({ replicas }) => {
    const { clock } = replicas;
    for (let round = 0; round < 9; round++) {
      if (round % 3 !== 2) replicas.start(`r${round}`);
      else replicas.running[round / 3]?.manager.stop();
      replicas.edit(round + 2);
      await clock.advance(50 + 137 * (round % 4));
    }
    await clock.advance(8000);
    expect(replicas.undone).toEqual([]);
    expect(Object.values(replicas.shares).reduce((sum, share) => sum + share, 0)).toBe(shards);
  });
});

describe('a shard that moves', () => {
  test('is drained first: the pass that runs is asked to hurry, may write, and its shard goes when it has ended', async ({
    replicas,
  }) => {
    const { clock, api } = replicas;
    let told = 0;
    const slow = controller(Plain, {
      shards,
      maxConcurrentReconciles: names.length,
      async reconcile(object, { status, signal, clock: time }) {
        signal.addEventListener('abort', () => told++);
        await sleep(time, 20_000);
        await status.patch({ size: object.spec.size });
      },
    });
    replicas.start('a', { controllers: [slow] });
    await clock.advance(3000);
    replicas.start('b');
    await clock.advance(5000);
    // None of them has ended.
    expect(replicas.holders).toEqual(Array.from({ length: shards }, () => 'a'));
    expect(replicas.shares).toEqual({ a: 4, b: 0 });
    const moving = names.filter(
      (name) => replicas.running[0]?.manager.shards?.mine[shardOfObject(name)] === 'draining',
    );
    expect(told).toBe(moving.length);
    await clock.advance(17_000);
    expect(replicas.shares).toEqual({ a: 4, b: 4 });
    expect(moving.map((name) => api.object(Plain, { namespace: 'default', name }).status)).toEqual(
      moving.map(() => ({ size: 1 })),
    );
  });

  test('takes the rights of passes that do not end in time, and waits until nothing of them can be under way', async ({
    replicas,
  }) => {
    const { clock } = replicas;
    const outcomes: unknown[] = [];
    const stuck = controller(Plain, {
      shards,
      maxConcurrentReconciles: names.length,
      async reconcile(_, { status, clock: time }) {
        await sleep(time, 60_000);
        outcomes.push(await status.patch({ size: 99 }).catch((error) => error.code));
      },
    });
    replicas.start('a', { controllers: [stuck], patience: 10_000 });
    await clock.advance(3000);
    replicas.start('b');
    await clock.advance(24_000);
    expect(replicas.shares.b).toBe(0);
    expect(replicas.messages('a')).toContain('passes of a shard that moves did not finish in time and are abandoned');
    await clock.advance(5000);
    expect(replicas.shares).toEqual({ a: 4, b: 4 });
    await clock.advance(40_000);
    const moved = names.filter((name) => replicas.holders[shardOfObject(name)] === 'b').length;
    expect(outcomes.filter((outcome) => outcome === 'PassRevoked')).toHaveLength(moved);
    expect(replicas.lines.filter(({ message }) => message.startsWith('Reconciler error'))).toEqual([]);
  });

  test('is begun when the cache shows what was written before', async ({ replicas }) => {
    const { clock, api } = replicas;
    const sizes: unknown[] = [];
    const reader = controller(Plain, {
      shards,
      reconcile({ metadata, status }) {
        if (moved.includes(metadata.name)) sizes.push(status?.size);
      },
    });
    let moved: string[] = [];
    const a = replicas.start('a');
    await clock.advance(3000);
    const b = replicas.start('b', { controllers: [reader] });
    await clock.advance(3000);
    replicas.edit(7);
    await clock.advance(1);
    // What a writes from now on, b does not see for a while; that a is gone, it does.
    api.lag = ({ kind }) => kind === 'Plain';
    moved = names.filter((name) => replicas.holders[shardOfObject(name)] === 'a');
    await clock.advance(100);
    a.manager.stop();
    await clock.advance(600);
    expect(await a.ended).toBe('stopped');
    expect(replicas.holders).toEqual(Array.from({ length: shards }, () => 'b'));
    expect([sizes, b.manager.shards?.mine[shardOfObject(moved[0] as string)]]).toEqual([[], 'claimed']);
    api.lag = () => false;
    api.resume();
    await clock.advance(3000);
    expect(replicas.shares).toEqual({ b: shards });
    expect(sizes).toEqual(moved.map(() => 7));
  });

  test('leaves nothing behind: no delayed key, no back-off', async ({ replicas }) => {
    const { clock } = replicas;
    const failing = controller(Plain, {
      shards,
      backoff: { initial: '1m', maximum: '1m' },
      reconcile(object) {
        if (Number(object.metadata.name.slice(1)) % 2 === 0) throw new Error('no');
        return { requeueAfter: '1m' };
      },
    });
    const a = replicas.start('a', { controllers: [failing] });
    await clock.advance(3000);
    expect(a.manager.queued('plain')).toHaveLength(names.length);
    replicas.start('b');
    await clock.advance(2000);
    const left = names.filter((name) => replicas.holders[shardOfObject(name)] === 'a');
    expect(a.manager.queued('plain')).toHaveLength(left.length);
  });
});

describe('a replica that vanished', () => {
  test('is followed when its Lease has expired; awake again it writes nothing and ends with LeaseLost', async ({
    replicas,
  }) => {
    const { clock, api } = replicas;
    const stopped = frozen(clock);
    const a = replicas.start('a', { clock: stopped });
    replicas.start('b');
    await clock.advance(5000);
    expect(replicas.shares).toEqual({ a: 4, b: 4 });
    const theirs = names.filter((name) => replicas.holders[shardOfObject(name)] === 'a');
    stopped.freeze();
    await clock.advance(14_000);
    expect(theirs.map((name) => replicas.holders[shardOfObject(name)])).toEqual(theirs.map(() => 'a'));
    await clock.advance(8000);
    expect(replicas.holders).toEqual(Array.from({ length: shards }, () => 'b'));
    replicas.edit(5);
    await clock.advance(1000);
    expect(replicas.undone).toEqual([]);
    const before = api.writes.filter(({ kind }) => kind === 'Plain').length;
    stopped.thaw();
    await clock.advance(3000);
    expect(isLeaseLost(await a.ended)).toBe(true);
    expect(api.writes.filter(({ kind }) => kind === 'Plain')).toHaveLength(before);
    // The one that it had with its share is taken by whoever remains.
    await clock.advance(10_000);
    expect(replicas.running[1]?.manager.isLeader).toBe(true);
  });

  test('cannot come back once its Lease was taken from it, nor when that was swept', async ({ replicas }) => {
    const { clock, api } = replicas;
    const stopped = frozen(clock);
    const a = replicas.start('a', { clock: stopped });
    replicas.start('b');
    await clock.advance(5000);
    stopped.freeze();
    await clock.advance(60_000);
    expect(api.object(Lease, { namespace, name: 'test-member-a' })).toBeUndefined();
    stopped.thaw();
    await clock.advance(3000);
    expect(isLeaseLost(await a.ended)).toBe(true);
    expect(replicas.shares).toEqual({ b: shards });
  });
});

describe('what somebody does to the Leases', () => {
  test('a shard that is taken away is let go at once, and taken up again when it is free', async ({ replicas }) => {
    const { clock } = replicas;
    replicas.start('a');
    await clock.advance(5000);
    replicas.editLease(3, (lease) => {
      lease.spec = { holderIdentity: 'thief' };
    });
    await clock.advance(100);
    expect(replicas.shares).toEqual({ a: shards - 1 });
    expect(replicas.messages('a')).toContain('a shard was lost: thief holds it');
    // The thief has no Lease of its own: it is waited for as long as one would last.
    await clock.advance(20_000);
    expect(replicas.shares).toEqual({ a: shards });
  });

  test('a shard whose Lease is deleted, or loses its labels, stays where it is', async ({ replicas }) => {
    const { clock, api } = replicas;
    replicas.start('a');
    replicas.start('b');
    await clock.advance(5000);
    const { holders } = replicas;
    api.delete(Lease, { namespace, name: `test-shard-0-of-${shards}` });
    replicas.editLease(1, (lease) => {
      delete lease.metadata.labels;
    });
    await clock.advance(6000);
    expect(replicas.holders).toEqual(holders);
    expect(replicas.lease(1).metadata.labels).toMatchObject({ 'setpoint.dev/sharding': 'test' });
    expect(replicas.shares).toEqual({ a: 4, b: 4 });
  });

  test('a replica whose own Lease is deleted gives its shards up, and ends', async ({ replicas }) => {
    const { clock, api } = replicas;
    const a = replicas.start('a');
    replicas.start('b');
    await clock.advance(5000);
    api.delete(Lease, { namespace, name: 'test-member-a' });
    await clock.advance(5000);
    expect(isLeaseLost(await a.ended)).toBe(true);
    expect(replicas.shares).toEqual({ b: shards });
  });

  test('a permission that is missing is told with the rule to add, and it is tried again', async ({ replicas }) => {
    const { clock, api } = replicas;
    const refusal = problem(403, 'Forbidden', 'leases.coordination.k8s.io is forbidden: no');
    api.fault = ({ kind, name }) => (kind === 'Lease' && name !== 'test-leader' ? refusal : undefined);
    replicas.start('a');
    await clock.advance(20_000);
    const told = replicas.messages('a').filter((message) => message.includes('sharding takes the rule'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('verbs: ["create", "delete", "get", "list", "patch", "update", "watch"]');
    api.fault = () => undefined;
    await clock.advance(10_000);
    expect(replicas.shares).toEqual({ a: shards });
  });
});

describe('controllers', () => {
  test('that are not shared work where the leader is, beside those that are', async ({ replicas }) => {
    const { clock, api } = replicas;
    const seen: string[] = [];
    api.create(Widget, plain('w'));
    const led = (name: string) => controller(Widget, { reconcile: () => void seen.push(name) });
    for (const name of ['a', 'b']) replicas.start(name, { controllers: [replicas.worker(name), led(name)] });
    await clock.advance(10_000);
    const leaders = replicas.running.filter(({ manager }) => manager.isLeader).map(({ name }) => name);
    expect(seen).toEqual(leaders);
    expect(leaders).toHaveLength(1);
    expect(replicas.shares).toEqual({ a: 4, b: 4 });
  });

  test('with keys that are no objects take those of their watches', async ({ replicas }) => {
    const { clock } = replicas;
    const seen: string[] = [];
    const keyed = (replica: string) =>
      controller.keyed({
        name: 'sizes',
        shards,
        watches: [watch(Plain, { enqueue: ({ metadata }) => `key-${Number(metadata.name.slice(1)) % 6}` })],
        reconcile: (key) => void seen.push(`${replica} ${key}`),
      });
    for (const name of ['a', 'b']) replicas.start(name, { controllers: [keyed(name)] });
    await clock.advance(10_000);
    seen.length = 0;
    replicas.edit(2);
    await clock.advance(5000);
    const keys = Array.from({ length: 6 }, (_, i) => `key-${i}`);
    expect([...new Set(seen)].toSorted()).toEqual(
      keys.map((key) => `${replicas.holders[shardOf(key, shards)]} ${key}`).toSorted(),
    );
    replicas.running[0]?.manager.stop();
    seen.length = 0;
    const { holders } = replicas;
    await clock.advance(2000);
    const theirs = keys.filter((key) => holders[shardOf(key, shards)] === 'a');
    expect(seen.toSorted()).toEqual(theirs.map((key) => `b ${key}`).toSorted());
  });

  test('that are added while the operator runs share as well, in as many shards', async ({ replicas }) => {
    const { clock, api } = replicas;
    const { manager } = replicas.start('a');
    await clock.advance(5000);
    const seen: string[] = [];
    api.create(Widget, plain('w'));
    const more = (number: number) => controller(Widget, { shards: number, reconcile: () => void seen.push('w') });
    await expect(manager.addController(more(5))).rejects.toThrow('has 5 shards, but its controllers have 8');
    const added = manager.addController(more(shards));
    await clock.advance(1000);
    await added;
    expect(seen).toEqual(['w']);
  });

  test('work on everything without leader election', async ({ replicas }) => {
    const { api, clock } = replicas;
    const manager = operator({ name: 'test', controllers: [replicas.worker('alone')] }).manager({
      client: api.client,
      clock,
    });
    const running = manager.run();
    await clock.advance(1000);
    expect(replicas.seen).toHaveLength(names.length);
    expect(api.list({ kind: 'Lease' })).toEqual([]);
    manager.stop();
    await clock.advance(1000);
    await running;
  });

  test('need Leases of all names in the namespace of the operator, where they are shared', ({ replicas }) => {
    const rules = (...controllers: Parameters<typeof operatorNeeds>[0]['controllers'][number][]) =>
      rulesFor(operatorNeeds({ name: 'test', controllers }, { namespace, leaderElection: {} })).namespaces[namespace];
    const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };
    const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];
    expect(rules(replicas.worker('a'))).toContainEqual({ ...leases, verbs });
    expect(rules(replicas.worker('a', { shards: undefined }))).not.toContainEqual({ ...leases, verbs });
  });

  test('tell who has which shards', async ({ replicas }) => {
    const { clock } = replicas;
    const a = replicas.start('a');
    replicas.start('b');
    await clock.advance(5000);
    const { holders } = replicas;
    const mine = holders.flatMap((holder, shard) => (holder === 'a' ? [[shard, 'working']] : []));
    expect(a.manager.shards).toEqual({
      shards,
      identity: 'a',
      members: ['a', 'b'],
      mine: Object.fromEntries(mine),
      holders,
      waitsFor: null,
    });
  });

  test('are refused where sharing makes no sense', () => {
    const reconcile = () => undefined;
    expect(() => controller(Plain, { shards: 0, reconcile })).toThrow('shards is 0: give a whole number from 1 to 256');
    expect(() => controller(Plain, { shards: 4, needsLeaderElection: false, reconcile })).toThrow(
      'declare one of them',
    );
    const ticks = source<never, string>(async function* () {}, { enqueue: () => undefined });
    expect(() => controller.keyed({ name: 'x', shards: 4, sources: [ticks], reconcile })).toThrow(
      'nobody could say which keys a shard has',
    );
    const [four, eight] = [controller(Plain, { shards: 4, reconcile }), controller(Widget, { shards: 8, reconcile })];
    expect(() => operator({ controllers: [four, eight] })).toThrow('plain has 4 shards and widget has 8');
  });
});
