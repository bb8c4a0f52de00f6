import { FakeClock } from '@setpoint/apimachinery/clock';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyedQueue, lowPriority, type QueueObserver, type RateLimit, slowBackoff } from './index.ts';

function make(
  options: {
    observer?: QueueObserver;
    backoff?: typeof slowBackoff;
    rateLimit?: RateLimit;
    accepts?: (id: string) => boolean;
  } = {},
) {
  const clock = new FakeClock();
  const queue = new KeyedQueue<string>({ clock, id: (item) => item, ...options });
  /** Takes all that is ready, in order, leaving it taken. */
  const drain = async () => {
    const items: string[] = [];
    while (queue.length > 0) {
      const taken = await queue.take();
      if (taken) items.push(taken.item);
    }
    return items;
  };
  return { clock, queue, drain };
}

describe('a keyed queue', () => {
  test('hands keys out in the order in which they came', async () => {
    const { queue, drain } = make();
    for (const key of ['c', 'a', 'b']) queue.add(key);
    expect(await drain()).toEqual(['c', 'a', 'b']);
  });

  test('holds a key once, however often it is added', async () => {
    const { queue, drain } = make();
    for (let i = 0; i < 5; i++) queue.add('a');
    expect(queue.length).toBe(1);
    expect(await drain()).toEqual(['a']);
  });

  test('never runs a key twice at once: adds while it runs are held until it is done', async () => {
    const { queue } = make();
    queue.add('a');
    await queue.take();
    queue.add('a');
    queue.add('b');
    let second: string | undefined;
    expect((await queue.take())?.item).toBe('b');
    const taking = queue.take().then((taken) => {
      second = taken?.item;
    });
    await Promise.resolve();
    expect(second).toBeUndefined();
    queue.done('a');
    await taking;
    expect(second).toBe('a');
  });

  test('a held key keeps its place in the line', async () => {
    const { queue, drain } = make();
    queue.add('a');
    await queue.take();
    queue.add('a');
    queue.add('b');
    queue.done('a');
    expect(await drain()).toEqual(['a', 'b']);
  });

  test('a higher priority runs first; a raised key goes to the end of its new line', async () => {
    const { queue, drain } = make();
    queue.add('resynced', { priority: lowPriority });
    queue.add('edited-late', { priority: lowPriority });
    queue.add('edited');
    queue.add('edited-late', { priority: 0 });
    queue.add('urgent', { priority: 5 });
    expect(await drain()).toEqual(['urgent', 'edited', 'edited-late', 'resynced']);
  });

  test('a duplicate keeps the highest priority, and the earliest time', async () => {
    const { clock, queue } = make();
    queue.add('a', { priority: 5, after: 1000 });
    queue.add('a', { priority: 1, after: 100 });
    queue.add('a', { priority: 1, after: 500 });
    await clock.advance(99);
    expect(queue.length).toBe(0);
    await clock.advance(1);
    expect(await queue.take()).toEqual({ item: 'a', priority: 5 });
    await clock.advance(2000);
    expect([queue.length, queue.waiting]).toEqual([0, 0]);
  });

  test('a live add raises a key of the initial list, one of the initial list lowers none', async () => {
    const { queue, drain } = make();
    for (const key of ['a', 'b', 'c']) queue.add(key, { priority: lowPriority });
    queue.add('c');
    queue.add('c', { priority: lowPriority });
    expect(queue.keys().map(({ item, priority }) => [item, priority])).toEqual([
      ['a', lowPriority],
      ['b', lowPriority],
      ['c', 0],
    ]);
    expect(await drain()).toEqual(['c', 'a', 'b']);
  });

  test('an immediate add brings a delayed key forward', async () => {
    const { clock, queue } = make();
    queue.add('a', { after: 1000 });
    queue.add('a');
    expect((await queue.take())?.item).toBe('a');
    expect(clock.nextDue()).toBeUndefined();
  });

  test('waiting keys do not count as ready; the earliest is known', async () => {
    const { clock, queue, drain } = make();
    queue.add('late', { after: 200 });
    queue.add('early', { after: 100 });
    expect([queue.length, queue.waiting, queue.nextDue]).toEqual([0, 2, 100]);
    await clock.advance(300);
    expect(await drain()).toEqual(['early', 'late']);
  });

  test('a delayed add that falls due while the key runs is held', async () => {
    const { clock, queue } = make();
    queue.add('a');
    await queue.take();
    queue.add('a', { after: 10 });
    await clock.advance(10);
    expect(queue.length).toBe(1);
    let again = false;
    const taking = queue.take().then(() => {
      again = true;
    });
    await clock.advance(10);
    expect(again).toBe(false);
    queue.done('a');
    await taking;
  });

  test('shutdown unblocks those who wait, drops what is queued and refuses what comes', async () => {
    const { clock, queue } = make();
    const waiting = [queue.take(), queue.take()];
    queue.shutDown();
    expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
    queue.add('a');
    queue.add('b', { after: 5 });
    expect([queue.length, queue.waiting]).toEqual([0, 0]);
    expect(await queue.take()).toBeUndefined();
    expect(clock.nextDue()).toBeUndefined();
  });
});

describe('back-off', () => {
  test('doubles from 5 ms to 1000 s for each key by itself', async () => {
    const { clock, queue } = make();
    const delays: number[] = [];
    for (let i = 0; i < 20; i++) {
      queue.addRateLimited('a', { uid: '1' });
      delays.push(queue.nextDue as number);
      await clock.advance(queue.nextDue as number);
      await queue.take();
      queue.done('a');
    }
    expect(delays.slice(0, 5)).toEqual([5, 10, 20, 40, 80]);
    expect(delays.slice(-2)).toEqual([1_000_000, 1_000_000]);
    queue.addRateLimited('b', { uid: '1' });
    expect(queue.nextDue).toBe(5);
  });

  test('goes from 1 s to 6 h as the article has it, as an option', async () => {
    const { queue } = make({ backoff: slowBackoff });
    queue.addRateLimited('a');
    expect(queue.nextDue).toBe(1000);
    const other = make({ backoff: slowBackoff });
    for (let i = 0; i < 30; i++) {
      other.queue.addRateLimited('a');
      await other.clock.advance(other.queue.nextDue as number);
      await other.queue.take();
      other.queue.done('a');
    }
    other.queue.addRateLimited('a');
    expect(other.queue.nextDue).toBe(6 * 3_600_000);
  });

  test('gives way to a time that the error asks for; the failure counts all the same', async () => {
    const { clock, queue } = make();
    for (const after of [undefined, 60_000]) {
      queue.addRateLimited('a', { uid: '1', after });
      if (after) expect(queue.nextDue).toBe(60_000);
      await clock.advance(60_000);
      await queue.take();
      queue.done('a');
    }
    queue.addRateLimited('a', { uid: '1' });
    expect([queue.nextDue, queue.failures('a', '1')]).toEqual([20, 3]);
  });

  test('is forgotten on success', async () => {
    const { clock, queue } = make();
    for (let i = 0; i < 2; i++) {
      queue.addRateLimited('a', { uid: '1' });
      await clock.advance(queue.nextDue as number);
      await queue.take();
      queue.done('a');
    }
    expect(queue.failures('a', '1')).toBe(2);
    queue.forget('a');
    expect(queue.failures('a', '1')).toBe(0);
  });

  test('is not used up by changes: what fails before its time is repeated when that comes', async () => {
    const { clock, queue } = make({ backoff: slowBackoff });
    const fail = async (milliseconds = 0) => {
      await queue.take();
      await clock.advance(milliseconds);
      queue.addRateLimited('a', { uid: '1' });
      queue.done('a');
    };
    queue.add('a');
    await fail();
    await clock.advance(1000);
    await fail();
    expect([queue.nextDue, queue.failures('a', '1')]).toEqual([2000, 2]);
    // A storm of changes, all of which fail.
    for (let i = 1; i <= 100; i++) {
      await clock.advance(10);
      queue.add('a');
      await fail();
      expect([queue.nextDue, queue.failures('a', '1')]).toEqual([2000 - 10 * i, 2]);
    }
    // One that takes so long that its time comes meanwhile is the attempt that was due.
    queue.add('a');
    await fail(1500);
    expect([queue.nextDue, queue.failures('a', '1')]).toEqual([4000, 3]);
    // Another object of that name has nothing to do with it.
    queue.add('a');
    await queue.take();
    queue.addRateLimited('a', { uid: '2' });
    queue.done('a');
    expect([queue.nextDue, queue.failures('a', '2')]).toEqual([1000, 1]);
  });

  test('belongs to the object that failed: another UID starts fresh', () => {
    const { queue } = make();
    for (let i = 0; i < 10; i++) queue.addRateLimited('a', { uid: 'first' });
    expect(queue.failures('a', 'second')).toBe(0);
    const other = make();
    for (let i = 0; i < 10; i++) other.queue.addRateLimited('a', { uid: 'first' });
    other.queue.shutDown();
    queue.addRateLimited('b', { uid: 'x' });
    expect(queue.nextDue).toBe(5);
  });
});

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
    const { clock, queue } = make();
    queue.add('resynced', { priority: lowPriority });
    await clock.advance(9_999);
    expect(await flood(queue, 100)).not.toContain('resynced');
    await clock.advance(1);
    const late = await flood(queue, 8);
    expect(late).toContain('resynced');
    expect(late.filter((item) => item.startsWith('live'))).toHaveLength(7);
  });

  test('a flood of low ones takes an eighth at most, however long it waits', async () => {
    const { clock, queue } = make();
    for (let i = 0; i < 100; i++) queue.add(`low-${i}`, { priority: lowPriority });
    await clock.advance(3_600_000);
    const items = await flood(queue, 80);
    expect(items.filter((item) => item.startsWith('low'))).toEqual(Array.from({ length: 10 }, (_, i) => `low-${i}`));
  });

  test('the longest wait decides between several low priorities', async () => {
    const { clock, queue } = make();
    queue.add('lower, and longer', { priority: -200 });
    await clock.advance(1);
    queue.add('low', { priority: lowPriority });
    await clock.advance(20_000);
    const items = (await flood(queue, 17)).filter((item) => !item.startsWith('live'));
    expect(items).toEqual(['lower, and longer', 'low']);
  });
});

describe('a rate limit', () => {
  test('spaces what is handed out of one key, after a burst, whatever adds it', async () => {
    const { clock, queue } = make({ rateLimit: { interval: 1000, burst: 2 } });
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
    const { clock, queue, drain } = make({ rateLimit: { interval: 1000, burst: 1 } });
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
    const { clock, queue } = make({
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
    const { clock, queue } = make({ observer: { depth: (_, change) => depth.push(change) } });
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

test('what the queue has can be looked at', async () => {
  const { clock, queue } = make();
  for (const key of ['running', 'again']) queue.add(key, { priority: 3 });
  await queue.take();
  await queue.take();
  queue.add('again');
  queue.add('ready', { priority: lowPriority });
  queue.addRateLimited('waiting', { uid: 'x', after: 60_000 });
  await clock.advance(400);
  expect(queue.keys()).toEqual([
    { item: 'running', state: 'running', priority: 3, milliseconds: 400, failures: 0 },
    { item: 'again', state: 'running', priority: 3, milliseconds: 400, failures: 0 },
    { item: 'again', state: 'held', priority: 0, milliseconds: 400, failures: 0 },
    { item: 'ready', state: 'ready', priority: lowPriority, milliseconds: 400, failures: 0 },
    { item: 'waiting', state: 'waiting', priority: 0, milliseconds: 59_600, failures: 1 },
  ]);
  expect(queue.keys(2)).toHaveLength(2);
});

test('ten thousand keys that wait share one timer', () => {
  const { clock, queue } = make();
  let timers = 0;
  const timer = clock.timer.bind(clock);
  clock.timer = (...args) => {
    timers++;
    return timer(...args);
  };
  for (let i = 0; i < 10_000; i++) queue.add(`key-${i}`, { after: 1000 + i });
  expect([queue.waiting, timers]).toEqual([10_000, 1]);
});

test('observers see depth by priority return to zero, and each time that is measured', async () => {
  const depth = new Map<number, number>();
  const seen = { added: 0, taken: [] as number[], done: [] as number[], retried: 0 };
  const { clock, queue } = make({
    observer: {
      depth: (priority, change) => depth.set(priority, (depth.get(priority) ?? 0) + change),
      added: () => seen.added++,
      taken: (ms) => seen.taken.push(ms),
      done: (ms) => seen.done.push(ms),
      retried: () => seen.retried++,
    },
  });
  queue.add('a', { priority: lowPriority });
  queue.add('a', { priority: 3 });
  expect([...depth]).toEqual([
    [lowPriority, 0],
    [3, 1],
  ]);
  await clock.advance(50);
  await queue.take();
  await clock.advance(20);
  expect(queue.running()).toEqual([20]);
  queue.done('a');
  queue.addRateLimited('a');
  expect(seen.added).toBe(1);
  await clock.advance(5);
  queue.add('b');
  queue.shutDown();
  expect([...depth.values()].every((value) => value === 0)).toBe(true);
  expect(seen).toEqual({ added: 3, taken: [50], done: [20], retried: 1 });
});

/** What a queue owes, in the simplest words: checked against random sequences of calls. */
test('whatever is done to it, no key runs twice at once, none is lost and the order is kept', async () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const action = fc.oneof(
    fc.record({
      do: fc.constant('add' as const),
      key,
      priority: fc.integer({ min: -1, max: 1 }),
      after: fc.constantFrom(0, 0, 5, 50),
    }),
    fc.record({ do: fc.constant('take' as const) }),
    fc.record({ do: fc.constant('done' as const), key }),
    fc.record({ do: fc.constant('advance' as const), by: fc.constantFrom(1, 10, 60) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
      const depths = new Map<number, number>();
      const { clock, queue } = make({
        observer: { depth: (priority, change) => depths.set(priority, (depths.get(priority) ?? 0) + change) },
      });
      const owed = new Map<string, { priority: number; due: number }>();
      const running = new Set<string>();
      const runnable = () => [...owed].filter(([k, { due }]) => due <= clock.monotonic() && !running.has(k));
      for (const step of actions) {
        if (step.do === 'add') {
          const before = owed.get(step.key) ?? { priority: -Infinity, due: Infinity };
          owed.set(step.key, {
            priority: Math.max(before.priority, step.priority),
            due: Math.min(before.due, clock.monotonic() + step.after),
          });
          queue.add(step.key, step);
        } else if (step.do === 'take' && runnable().length > 0) {
          const best = Math.max(...runnable().map(([, { priority }]) => priority));
          const taken = await queue.take();
          expect(running.has(taken?.item as string)).toBe(false);
          expect(taken?.priority).toBe(best);
          expect(owed.delete(taken?.item as string)).toBe(true);
          running.add(taken?.item as string);
        } else if (step.do === 'done') {
          running.delete(step.key);
          queue.done(step.key);
        } else if (step.do === 'advance') await clock.advance(step.by);
        const ready = [...owed.values()].filter(({ due }) => due <= clock.monotonic()).length;
        expect([queue.length, queue.waiting]).toEqual([ready, owed.size - ready]);
        expect([...depths.values()].every((depth) => depth >= 0)).toBe(true);
        expect([...depths.values()].reduce((sum, depth) => sum + depth, 0)).toBe(ready);
      }
      for (const k of running) queue.done(k);
      await clock.advance(100);
      expect(queue.length).toBe(owed.size);
    }),
    { numRuns: 150 },
  );
});

describe('a queue that shares its keys with others', () => {
  test('takes in what belongs to it, also of what failed or asks to come again', async () => {
    const ours = new Set(['a', 'b']);
    const { queue, drain, clock } = make({ accepts: (id) => ours.has(id) });
    for (const key of ['a', 'b', 'c']) queue.add(key);
    expect(await drain()).toEqual(['a', 'b']);
    ours.delete('a');
    queue.addRateLimited('a');
    queue.add('b', { after: 1000 });
    queue.done('a');
    queue.done('b');
    await clock.advance(1000);
    expect(await drain()).toEqual(['b']);
  });

  test('drops keys with their back-off, whatever they wait for, and keeps those that run', async () => {
    const depths: number[] = [];
    const { queue, drain, clock } = make({ observer: { depth: (_, change) => void depths.push(change) } });
    for (const key of ['held', 'ready', 'failed', 'other']) queue.add(key);
    await drain();
    for (const key of ['ready', 'failed', 'other']) queue.done(key);
    queue.add('held');
    queue.add('ready');
    queue.addRateLimited('failed');
    queue.add('later', { after: 5000 });
    queue.add('other', { after: 10_000 });
    queue.drop((id) => id !== 'other');
    expect([queue.length, queue.waiting, queue.failures('failed')]).toEqual([0, 1, 0]);
    expect(depths.reduce((sum, change) => sum + change, 0)).toBe(0);
    queue.done('held');
    await clock.advance(10_000);
    expect(await drain()).toEqual(['other']);
  });

  test('tells when none of some keys runs any more', async () => {
    const { queue, drain } = make();
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await drain();
    let ended = false;
    const ending = queue
      .ended((id) => id !== 'c')
      .then(() => {
        ended = true;
      });
    queue.done('a');
    await Promise.resolve();
    expect(ended).toBe(false);
    queue.done('b');
    await ending;
    await queue.ended((id) => id === 'x');
  });
});
