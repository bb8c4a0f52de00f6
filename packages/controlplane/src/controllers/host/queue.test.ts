import { FakeClock } from '@setpoint/apimachinery/clock';
import { expect, test } from 'vitest';
import { WorkQueue } from './queue.ts';

function makeQueue(reconcile: (key: string) => void | Promise<void>, workers?: number) {
  const clock = new FakeClock();
  const state = { pending: 0, failures: [] as string[] };
  const queue = new WorkQueue({
    clock,
    reconcile,
    ...(workers === undefined ? {} : { workers }),
    pendingChanged: (by) => {
      state.pending += by;
    },
    failed: (_, key) => void state.failures.push(key),
  });
  return { clock, queue, state };
}

const turns = async (count = 3) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

test('a key that is added twice is looked at once, in a later turn', async () => {
  const seen: string[] = [];
  const { queue, state } = makeQueue((key) => void seen.push(key));
  queue.add('a');
  queue.add('b');
  queue.add('a');
  expect(seen).toEqual([]);
  expect(state.pending).toBe(2);
  await turns();
  expect(seen).toEqual(['a', 'b']);
  expect(state.pending).toBe(0);
});

test('a key is never worked on twice at once, and comes again when it was added meanwhile', async () => {
  let finish = () => {};
  let runs = 0;
  const { queue, state } = makeQueue(() => {
    runs++;
    return new Promise<void>((resolve) => {
      finish = resolve;
    });
  });
  queue.add('a');
  await turns();
  queue.add('a');
  await turns();
  expect(runs).toBe(1);
  finish();
  await turns();
  expect(runs).toBe(2);
  expect(state.pending).toBe(1);
  finish();
  await turns();
  expect(state.pending).toBe(0);
});

test('a failure is reported and the key comes again after 5 ms, 10 ms, 20 ms', async () => {
  const { clock, queue, state } = makeQueue(() => {
    throw new Error('no');
  });
  queue.add('a');
  await turns();
  expect(state.failures).toHaveLength(1);
  expect(state.pending).toBe(0);
  await clock.advance(5);
  expect(state.failures).toHaveLength(2);
  await clock.advance(9);
  expect(state.failures).toHaveLength(2);
  await clock.advance(1);
  expect(state.failures).toHaveLength(3);
  expect(clock.nextDue()).toBe(20);
});

test('many keys leave turns of the event loop to others', async () => {
  let seen = 0;
  const { queue } = makeQueue(() => void seen++);
  for (let i = 0; i < 1000; i++) queue.add(`k${i}`);
  await turns(1);
  expect(seen).toBeGreaterThan(0);
  expect(seen).toBeLessThan(1000);
  await turns(100);
  expect(seen).toBe(1000);
});

test('of several times the earliest counts', async () => {
  const { clock, queue } = makeQueue(() => {});
  queue.addAfter('a', 100);
  queue.addAfter('a', 50);
  queue.addAfter('a', 200);
  expect(clock.nextDue()).toBe(50);
});

test('a closed queue leaves no timer, no count and does nothing more', async () => {
  const seen: string[] = [];
  const { clock, queue, state } = makeQueue((key) => void seen.push(key));
  queue.add('a');
  queue.addAfter('b', 10);
  queue.close();
  queue.add('c');
  await turns();
  expect(seen).toEqual([]);
  expect(state.pending).toBe(0);
  expect(clock.nextDue()).toBeUndefined();
});
