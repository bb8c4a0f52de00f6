import { describe, expect, test } from 'vitest';
import { makeQueue } from '../../test/fake/queue.ts';

describe('a rate limit', () => {
  test('spaces what is handed out of one key, after a burst, whatever adds it', async () => {
    const { clock, queue } = makeQueue({ rateLimit: { interval: 1000, burst: 2 } });
    const times: number[] = [];
    const start = clock.monotonic();
    const work = (async () => {
      for (let taken = await queue.take(); taken; taken = await queue.take()) {
        times.push(clock.monotonic() - start);
        queue.done(taken.item);
      }
    })();
    for (let i = 0; i < 39; i++) {
      queue.add('a', { priority: 5 });
      await clock.advance(100);
    }
    expect(times).toEqual([0, 100, 1000, 2000, 3000]);
    await clock.advance(10_000);
    for (let i = 0; i < 5; i++) {
      queue.add('a');
      await clock.advance(0);
    }
    expect(times.slice(5)).toEqual([4000, 13_900, 13_900]);
    queue.shutDown();
    await work;
  });

  test('is each key by itself, and remembers none for ever', async () => {
    const { clock, queue, drain } = makeQueue({ rateLimit: { interval: 1000, burst: 1 } });
    for (let i = 0; i < 3000; i++) queue.add(`key-${i}`);
    const items = await drain();
    expect(items).toHaveLength(3000);
    for (const item of items) queue.done(item);
    queue.add('key-0');
    expect([queue.length, queue.nextDue]).toEqual([0, 1000]);
    await clock.advance(1000);
    expect(await drain()).toEqual(['key-0']);
  });

  test('holds for a key that is added again while it runs', async () => {
    const depth: number[] = [];
    const { clock, queue } = makeQueue({
      rateLimit: { interval: 1000, burst: 1 },
      observer: { depth: (_, change) => depth.push(change) },
    });
    queue.add('a');
    await queue.take();
    queue.add('a');
    queue.done('a');
    expect([queue.length, queue.waiting, queue.nextDue]).toEqual([0, 1, 1000]);
    await clock.advance(1000);
    expect(queue.length).toBe(1);
    expect(depth).toEqual([1, -1, 1]);
  });
});

describe('a key that is held back', () => {
  test('waits though it was added, or is, until its time has come or it is released', async () => {
    const depth: number[] = [];
    const { clock, queue } = makeQueue({ observer: { depth: (_, change) => depth.push(change) } });
    const again = async (meanwhile: () => void) => {
      queue.add('a');
      expect(await queue.take()).toMatchObject({ item: 'a' });
      meanwhile();
      queue.hold('a', 1000);
      queue.done('a');
    };
    await again(() => queue.add('a'));
    expect([queue.length, queue.waiting, queue.nextDue]).toEqual([0, 1, 1000]);
    queue.add('a', { priority: 7 });
    expect(queue.length).toBe(0);
    await clock.advance(1000);
    await again(() => queue.add('a', { after: 5 }));
    expect(queue.nextDue).toBe(1000);
    queue.release('a');
    queue.add('a');
    expect(queue.length).toBe(1);
    expect(depth.reduce((sum, change) => sum + change, 0)).toBe(1);
  });
});
