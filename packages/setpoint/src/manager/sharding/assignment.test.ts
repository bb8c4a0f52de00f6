import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assign, shardOf } from './assignment.ts';

describe('the shard of a key', () => {
  test.each([
    ['default/foo-1', 1, 11, 27],
    ['/zone-a', 1, 3, 35],
    ['team-a/db', 0, 4, 4],
    ['ns/ünïcode', 6, 7, 55],
    ['', 4, 11, 11],
  ])('of %j is the same in every release: %i of 7, %i of 16, %i of 64', (id, ofSeven, ofSixteen, ofSixtyFour) => {
    expect([7, 16, 64].map((shards) => shardOf(id, shards))).toEqual([ofSeven, ofSixteen, ofSixtyFour]);
  });

  test.each([2, 3, 16, 31])('spreads names that are alike evenly over %i', (shards) => {
    const counts = Array.from({ length: shards }, () => 0);
    const total = 20_000;
    for (let i = 0; i < total; i++) {
      const shard = shardOf(`tenant-${i % 50}/foo-${i}`, shards);
      counts[shard] = (counts[shard] ?? 0) + 1;
    }
    const mean = total / shards;
    // Five standard deviations.
    for (const count of counts) expect(Math.abs(count - mean)).toBeLessThan(5 * Math.sqrt(mean));
  });
});

describe('the owners of shards', () => {
  const names = fc.uniqueArray(fc.stringMatching(/^foo-[a-z0-9]{5}_[a-f0-9]{6}$/), { minLength: 1, maxLength: 12 });
  const shards = fc.integer({ min: 1, max: 128 });

  test('are the same whatever the order in which members are seen, and no one has two more than another', () => {
    fc.assert(
      fc.property(names, shards, (members, count) => {
        const owners = assign(members, count);
        expect(owners).toHaveLength(count);
        expect(assign(members.toReversed(), count)).toEqual(owners);
        const loads = members.map((member) => owners.filter((owner) => owner === member).length);
        expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('change little when a member comes: its share moves, and few others', () => {
    fc.assert(
      fc.property(names, fc.stringMatching(/^bar-[a-z0-9]{5}$/), shards, (members, newcomer, count) => {
        const [before, after] = [assign(members, count), assign([...members, newcomer], count)];
        const moved = before.filter((owner, shard) => owner !== after[shard]).length;
        const share = Math.ceil(count / (members.length + 1));
        expect(moved).toBeLessThanOrEqual(2 * share + members.length);
      }),
    );
  });

  test('move not much more than the share of the newcomer, on average', () => {
    const members = (round: number, count: number) => Array.from({ length: count }, (_, i) => `pod-${round}-${i}`);
    for (const [count, others] of [
      [16, 2],
      [32, 4],
      [64, 8],
    ] as const) {
      let moved = 0;
      for (let round = 0; round < 100; round++) {
        const before = assign(members(round, others), count);
        const after = assign(members(round, others + 1), count);
        moved += before.filter((owner, shard) => owner !== after[shard]).length;
      }
      expect(moved / 100).toBeLessThan(count / (others + 1) + others / 2);
    }
  });
});
