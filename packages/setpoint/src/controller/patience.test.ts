import { type Clock, FakeClock } from '@setpoint/apimachinery/clock';
import { expect, test } from 'vitest';
import type { Pass } from '../reconcile/index.ts';
import { Patience } from './patience.ts';

const minute = 60_000;

function setUp() {
  const clock = new FakeClock();
  const stop = new AbortController();
  const said: string[] = [];
  const timers = new Set<object>();
  const counting: Clock = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    timer(milliseconds, callback, options) {
      const timer = clock.timer(milliseconds, callback, options);
      const handle = {
        cancel() {
          timers.delete(handle);
          timer.cancel();
        },
      };
      timers.add(handle);
      return handle;
    },
  };
  const pass = (name: string) => ({ log: { warn: () => said.push(name) } }) as unknown as Pass;
  return { clock, stop, said, pass, timers, patience: new Patience(counting, stop.signal) };
}

test('each pass that runs for five minutes is named once, whenever it began', async () => {
  const { clock, said, pass, patience } = setUp();
  const [a, b, c] = [pass('a'), pass('b'), pass('c')];
  patience.begin(a);
  await clock.advance(2 * minute);
  patience.begin(b);
  patience.begin(c);
  patience.end(c);
  await clock.advance(3 * minute);
  expect(said).toEqual(['a']);
  await clock.advance(2 * minute);
  expect(said).toEqual(['a', 'b']);
  patience.end(a);
  await clock.advance(60 * minute);
  expect(said).toEqual(['a', 'b']);
});

test('no timer outlives the last pass of an operator that stops', async () => {
  const { stop, pass, timers, patience } = setUp();
  const a = pass('a');
  patience.begin(a);
  stop.abort();
  expect(timers.size).toBe(1);
  patience.end(a);
  expect(timers.size).toBe(0);
});
