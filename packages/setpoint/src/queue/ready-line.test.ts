import { describe, expect, test } from 'vitest';
import { makeQueue } from '../../test/fake/queue.ts';
import { type KeyedQueue, lowPriority } from './index.ts';

describe('ageing', () => {
  /** Hands out `turns` keys while a new one of priority 0 is always there. */
  async function flood(queue: KeyedQueue<string>, turns: number) {
    const items: string[] = [];
    for (let i = 0; i < turns; i++) {
      queue.add(`live-${i}`);
      const taken = await queue.take();
      if (taken) queue.done(taken.item);
      items.push(taken?.item ?? '');
    }
    return items;
  }

  test('priorities are strict for ten seconds; then every eighth turn is for the one that waited longest', async () => {
    const { clock, queue } = makeQueue();
    queue.add('resynced', { priority: lowPriority });
    await clock.advance(9_999);
    expect(await flood(queue, 100)).not.toContain('resynced');
    await clock.advance(1);
    const late = await flood(queue, 8);
    expect(late).toContain('resynced');
    expect(late.filter((item) => item.startsWith('live'))).toHaveLength(7);
  });

  test('a flood of low ones takes an eighth at most, however long it waits', async () => {
    const { clock, queue } = makeQueue();
    for (let i = 0; i < 100; i++) queue.add(`low-${i}`, { priority: lowPriority });
    await clock.advance(3_600_000);
    const items = await flood(queue, 80);
    expect(items.filter((item) => item.startsWith('low'))).toEqual(Array.from({ length: 10 }, (_, i) => `low-${i}`));
  });

  test('the longest wait decides between several low priorities', async () => {
    const { clock, queue } = makeQueue();
    queue.add('lower, and longer', { priority: -200 });
    await clock.advance(1);
    queue.add('low', { priority: lowPriority });
    await clock.advance(20_000);
    const items = (await flood(queue, 17)).filter((item) => !item.startsWith('live'));
    expect(items).toEqual(['lower, and longer', 'low']);
  });
});
