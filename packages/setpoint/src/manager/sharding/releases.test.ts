import { describe, expect } from 'vitest';
import { namespace, shards, test } from '../../../test/fake/replicas.ts';
import { Lease } from '../leader-election/parts.ts';
import { leaseSet } from './names.ts';
import { mayBegin, plan } from './plan.ts';
import { Sightings } from './view.ts';

describe('releases that divide the keys in different ways', () => {
  test('do not work side by side: the new one waits until the last replica of the old one has gone', async ({
    replicas,
  }) => {
    const { clock } = replicas;
    const old = [replicas.start('a'), replicas.start('b')];
    await clock.advance(5000);
    for (const name of ['c', 'd']) replicas.start(name, { controllers: [replicas.worker(name, { shards: 4 })] });
    await clock.advance(5000);
    expect(replicas.shares).toEqual({ a: 4, b: 4, c: 0, d: 0 });
    expect(replicas.messages('c')).toContain(
      'takes no shards yet: a release with 8 shards instead of 4 still has 8 of them (a, b)',
    );
    old[0]?.manager.stop();
    await clock.advance(3000);
    expect(replicas.shares).toEqual({ b: 8, c: 0, d: 0 });
    replicas.edit(3);
    old[1]?.manager.stop();
    await clock.advance(3000);
    expect(replicas.shares).toEqual({ c: 2, d: 2 });
    expect(replicas.undone).toEqual([]);
    // What the old release left goes.
    await clock.advance(60_000);
    expect(replicas.lease(0)).toBeUndefined();
    expect(replicas.lease(0, 4)).toBeDefined();
  });

  test('that start at the same moment agree on one', async ({ replicas }) => {
    const { clock } = replicas;
    replicas.start('a');
    replicas.start('b', { controllers: [replicas.worker('b', { shards: 4 })] });
    await clock.advance(10_000);
    expect(Object.values(replicas.shares).toSorted()).toEqual([0, expect.toSatisfy((share) => share > 0)]);
    expect(replicas.undone).toEqual([]);
  });

  test('from none to some: the leader of the old release works alone until it has gone', async ({ replicas }) => {
    const { clock } = replicas;
    const old = replicas.start('a', { controllers: [replicas.worker('a', { shards: undefined })] });
    await clock.advance(5000);
    replicas.start('b');
    replicas.start('c');
    await clock.advance(10_000);
    expect(replicas.shares).toEqual({ a: 0, b: 0, c: 0 });
    expect(replicas.messages('b')).toContain('takes no shards yet: a leads, of a release that does not share');
    old.manager.stop();
    await clock.advance(8000);
    expect(replicas.shares).toEqual({ b: 4, c: 4 });
  });

  test('from some to none: whoever shares stops when it sees that somebody leads who does not', async ({
    replicas,
  }) => {
    const { clock, api } = replicas;
    replicas.start('b');
    await clock.advance(5000);
    expect(replicas.shares).toEqual({ b: shards });
    api.edit(Lease, { namespace, name: 'test-leader' }, (lease) => {
      lease.spec.holderIdentity = 'old';
    });
    await clock.advance(50);
    expect(replicas.shares).toEqual({ b: 0 });
    expect(replicas.messages('b')).toContain('a shard was lost: old leads, of a release that does not share');
  });
});

describe('two releases that claim at once', () => {
  const member = (identity: string, number: number) => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name: `test-member-${identity}`,
      labels: { 'setpoint.dev/sharding': 'test', 'setpoint.dev/shards': String(number) },
      creationTimestamp: identity === 'a' ? '2026-01-01T00:00:00Z' : '2026-01-01T00:00:01Z',
    },
    spec: { holderIdentity: identity, leaseDurationSeconds: 15 },
  });
  const shard = (holder: string, number: number) => ({
    ...member(holder, number),
    metadata: { ...member(holder, number).metadata, name: `test-shard-0-of-${number}` },
  });
  const leader = { ...member('a', 8), metadata: { name: 'test-leader' } };
  const members = [member('a', 8), member('b', 4)];
  const seenBy = (number: number, ...leases: ReturnType<typeof member>[]) =>
    new Sightings(leaseSet('test', number), 15_000).view([...members, ...leases], leader, 0);
  const planOf = (identity: string, number: number, view: ReturnType<typeof seenBy>) =>
    plan(view, { set: leaseSet('test', number), identity, leaving: false, mine: new Map() });

  test('see each other afterwards, and neither begins', () => {
    for (const number of [8, 4]) {
      expect(mayBegin(seenBy(number), number)).toBe(true);
      expect(mayBegin(seenBy(number, shard('a', 8), shard('b', 4)), number)).toBe(false);
    }
  });

  test('leave it to the one that came first, when both have stepped back', () => {
    expect(planOf('a', 8, seenBy(8)).claim).toHaveLength(8);
    expect(planOf('b', 4, seenBy(4))).toMatchObject({
      claim: [],
      waitsFor: 'a, which came first, divides the keys into 8 shards instead of 4',
    });
  });
});
