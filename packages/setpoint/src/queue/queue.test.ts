import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeQueue } from '../../test/fake/queue.ts';
import { lowPriority } from './index.ts';

describe('a keyed queue', () => {
  test('hands keys out in the order in which they came', async () => {
    const { queue, drain } = makeQueue();
    for (const key of ['c', 'a', 'b']) queue.add(key);
    expect(await drain()).toEqual(['c', 'a', 'b']);
  });

  test('holds a key once, however often it is added', async () => {
    const { queue, drain } = makeQueue();
    for (let i = 0; i < 5; i++) queue.add('a');
    expect(queue.length).toBe(1);
    expect(await drain()).toEqual(['a']);
  });

  test('never runs a key twice at once: adds while it runs are held until it is done', async () => {
    const { queue } = makeQueue();
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
    const { queue, drain } = makeQueue();
    queue.add('a');
    await queue.take();
    queue.add('a');
    queue.add('b');
    queue.done('a');
    expect(await drain()).toEqual(['a', 'b']);
  });

  test('a higher priority runs first; a raised key goes to the end of its new line', async () => {
    const { queue, drain } = makeQueue();
    queue.add('resynced', { priority: lowPriority });
    queue.add('edited-late', { priority: lowPriority });
    queue.add('edited');
    queue.add('edited-late', { priority: 0 });
    queue.add('urgent', { priority: 5 });
    expect(await drain()).toEqual(['urgent', 'edited', 'edited-late', 'resynced']);
  });

  test('a duplicate keeps the highest priority, and the earliest time', async () => {
    const { clock, queue } = makeQueue();
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
    const { queue, drain } = makeQueue();
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
    const { clock, queue } = makeQueue();
    queue.add('a', { after: 1000 });
    queue.add('a');
    expect((await queue.take())?.item).toBe('a');
    expect(clock.nextDue()).toBeUndefined();
  });

  test('waiting keys do not count as ready; the earliest is known', async () => {
    const { clock, queue, drain } = makeQueue();
    queue.add('late', { after: 200 });
    queue.add('early', { after: 100 });
    expect([queue.length, queue.waiting, queue.nextDue]).toEqual([0, 2, 100]);
    await clock.advance(300);
    expect(await drain()).toEqual(['early', 'late']);
  });

  test('a delayed add that falls due while the key runs is held', async () => {
    const { clock, queue } = makeQueue();
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
    const { clock, queue } = makeQueue();
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

test('what the queue has can be looked at', async () => {
  const { clock, queue } = makeQueue();
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
  const { clock, queue } = makeQueue();
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
  const { clock, queue } = makeQueue({
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
      const { clock, queue } = makeQueue({
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
    const { queue, drain, clock } = makeQueue({ accepts: (id) => ours.has(id) });
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
    const { queue, drain, clock } = makeQueue({ observer: { depth: (_, change) => void depths.push(change) } });
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
    const { queue, drain } = makeQueue();
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
