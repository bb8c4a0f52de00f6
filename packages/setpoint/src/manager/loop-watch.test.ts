import type { Clock } from '@setpoint/apimachinery/clock';
import { expect, test } from 'vitest';
import { type LogLine, recordingLog } from '../../test/fake/operator.ts';
import { Attribution, type Work } from '../reconcile/index.ts';
import { LoopWatch } from './loop-watch.ts';

/** A clock whose timers come late: what blocks the event loop does. */
class LateClock implements Clock {
  time = 0;
  #callback: (() => void) | undefined;
  now = () => this.time;
  monotonic = () => this.time;
  timer(_: number, callback: () => void) {
    this.#callback = callback;
    return { cancel: () => (this.#callback = undefined) };
  }
  fire(): void {
    this.#callback?.();
  }
}

const work: Work = { type: 'reconcile', of: 'foo', object: 'default/a', reconcileID: 'r' };

function setUp(running: readonly string[] = []) {
  const clock = new LateClock();
  const lines: LogLine[] = [];
  const blocked: [Work | undefined, number][] = [];
  const attribution = new Attribution(clock);
  let cpu = 0;
  const watch = new LoopWatch({
    clock,
    attribution,
    log: recordingLog(lines),
    blocked: (...given) => blocked.push(given),
    running: () => running,
    cpu: () => cpu,
  });
  watch.start();
  const pass = (milliseconds: number, cpuMilliseconds: number) => {
    clock.time += milliseconds;
    cpu += cpuMilliseconds * 1000;
  };
  return { clock, lines, blocked, attribution, watch, pass };
}

test('a pass that blocks the event loop for ten seconds is named', () => {
  const { clock, lines, blocked, attribution, pass } = setUp();
  attribution.run(work, () => pass(10_500, 10_000));
  clock.fire();
  expect(lines).toMatchObject([{ level: 'warn', controller: 'foo', object: 'default/a', seconds: 10 }]);
  expect(lines[0]?.message).toMatch(/^the pass of controller foo over default\/a blocked the event loop for 10 s: /);
  expect(blocked).toEqual([[work, 10]]);
});

test('nothing is said of what takes less than a second, or of a quiet time after it', () => {
  const { clock, lines, attribution, pass } = setUp();
  attribution.run(work, () => pass(1200, 1200));
  clock.fire();
  pass(500, 0);
  clock.fire();
  expect(lines).toEqual([]);
});

test('where nobody is known to have held the thread, what runs is listed', () => {
  const { clock, lines, blocked, pass } = setUp(['foo default/a', 'bar default/b']);
  pass(3500, 3000);
  clock.fire();
  expect(lines[0]?.message).toMatch(/blocked for 3 s: .*; passes were under way: foo default\/a, bar default\/b$/);
  expect(blocked).toEqual([[undefined, 3]]);
});

test('a process that stood still blames nobody', () => {
  const { clock, lines, blocked, attribution, pass } = setUp();
  attribution.run(work, () => pass(60_500, 10));
  clock.fire();
  expect(lines[0]?.message).toMatch(/^this process stood still for 60 s: /);
  expect(blocked).toEqual([]);
});

test('it ends', () => {
  const { clock, lines, watch, pass } = setUp();
  watch.stop();
  pass(9000, 9000);
  clock.fire();
  expect(lines).toEqual([]);
});
