import { expect, test } from 'vitest';
import { FakeClock, seededRandom, sleep } from './index.ts';

test('a six-hour sleep takes no time', async () => {
  const clock = new FakeClock();
  let awake = false;
  void sleep(clock, 6 * 3_600_000).then(() => {
    awake = true;
  });
  await clock.advance(6 * 3_600_000 - 1);
  expect(awake).toBe(false);
  await clock.advance(1);
  expect(awake).toBe(true);
});

test('timers run by due time, then by creation, and a timer may arm another on the way', async () => {
  const clock = new FakeClock();
  const seen: string[] = [];
  clock.timer(20, () => seen.push(`late ${clock.monotonic()}`));
  clock.timer(10, () => {
    seen.push(`first ${clock.monotonic()}`);
    clock.timer(5, () => seen.push(`armed ${clock.monotonic()}`));
  });
  clock.timer(10, () => seen.push('second'));
  await clock.advance(30);
  expect(seen).toEqual(['first 10', 'second', 'armed 15', 'late 20']);
});

test('thousands of timers run in their order, without those that were cancelled, before and after their time', async () => {
  const clock = new FakeClock();
  const random = seededRandom('timers');
  const ran: string[] = [];
  const timers = Array.from({ length: 5000 }, (_, i) => {
    const [due, kept] = [random.integer(100), random.next() < 0.5];
    const timer = clock.timer(due, () => ran.push(`${due} ${i}`), { background: i % 2 === 0 });
    return { due, i, kept, timer };
  });
  for (const { kept, timer } of timers) if (!kept) timer.cancel();
  const expected = timers.filter(({ kept }) => kept).toSorted((a, b) => a.due - b.due || a.i - b.i);
  const first = expected.find(({ i }) => i % 2 === 1);
  expect(clock.nextDue()).toBe(first?.due);
  await clock.advance(100);
  for (const { timer } of timers) timer.cancel();
  expect(ran).toEqual(expected.map(({ due, i }) => `${due} ${i}`));
  expect(clock.nextDue()).toBeUndefined();
});

test('an aborted sleep rejects with the reason and leaves no timer', async () => {
  const clock = new FakeClock();
  const controller = new AbortController();
  const sleeping = sleep(clock, 1000, { signal: controller.signal });
  controller.abort(new Error('stop'));
  await expect(sleeping).rejects.toThrow('stop');
  expect(clock.nextDue()).toBeUndefined();
});

test('the same seed gives the same sequence', () => {
  const draw = (seed: string) =>
    Array.from(
      { length: 5 },
      (
        (random) => () =>
          random.integer(1000)
      )(seededRandom(seed)),
    );
  expect(draw('a')).toEqual(draw('a'));
  expect(draw('a')).not.toEqual(draw('b'));
});
