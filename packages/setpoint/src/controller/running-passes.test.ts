import { type Clock, FakeClock } from '@setpoint/apimachinery/clock';
import { expect, test } from 'vitest';
import type { Pass } from '../reconcile/index.ts';
import { RunningPasses } from './running-passes.ts';

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
  return { clock, stop, said, pass, timers, running: new RunningPasses(counting, stop.signal) };
}

test('each pass that runs for five minutes is named once, whenever it began', async () => {
  const { clock, said, pass, running } = setUp();
  const [a, b, c, d] = [pass('a'), pass('b'), pass('c'), pass('d')];
  running.add(a);
  await clock.advance(2 * minute);
  running.add(b);
  running.add(c);
  running.remove(c);
  await clock.advance(3 * minute);
  expect(said).toEqual(['a']);
  await clock.advance(2 * minute);
  expect(said).toEqual(['a', 'b']);
  running.remove(a);
  await clock.advance(60 * minute);
  expect(said).toEqual(['a', 'b']);
  running.add(d);
  await clock.advance(5 * minute);
  expect(said).toEqual(['a', 'b', 'd']);
});

test('those that have ended are not among them', () => {
  const { pass, running } = setUp();
  const [a, b, c] = [pass('a'), pass('b'), pass('c')];
  for (const one of [a, b, c]) running.add(one);
  running.remove(a);
  expect([running.size, running.has(a), running.has(b)]).toEqual([2, false, true]);
  expect(new Set(running)).toEqual(new Set([b, c]));
});

test('no timer outlives the last pass of an operator that stops', () => {
  const { stop, pass, timers, running } = setUp();
  const a = pass('a');
  running.add(a);
  stop.abort();
  expect(timers.size).toBe(1);
  running.remove(a);
  expect(timers.size).toBe(0);
});
