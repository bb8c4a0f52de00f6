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
