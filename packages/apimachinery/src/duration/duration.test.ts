import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Duration, DurationError, formatGoDuration, parseGoDuration, toMilliseconds } from './index.ts';

test.each<[Duration | string, number]>([
  [1500, 1500],
  ['30s', 30_000],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['1.5h', 5_400_000],
  ['100ms', 100],
  ['.5s', 500],
  ['-1m', -60_000],
  ['0', 0],
  ['1us', 0.001],
  ['+2s', 2000],
])('%s is %d ms', (duration, milliseconds) => {
  expect(toMilliseconds(duration)).toBe(milliseconds);
});

test.each([
  ['', 'time: invalid duration ""'],
  ['5', 'time: missing unit in duration "5"'],
  ['5d', 'time: unknown unit "d" in duration "5d"'],
  ['.s', 'time: invalid duration ".s"'],
  ['s', 'time: invalid duration "s"'],
  ['9999999h', 'time: invalid duration "9999999h"'],
])('%j is refused as Go refuses it', (text, message) => {
  expect(() => parseGoDuration(text)).toThrow(new DurationError(message));
});

test('a number that is not finite is no duration', () => {
  expect(() => toMilliseconds(Number.NaN)).toThrow(DurationError);
});

test.each([
  [0, '0s'],
  [1, '1ms'],
  [1500, '1.5s'],
  [60_000, '1m0s'],
  [3_600_000, '1h0m0s'],
  [90_061_001, '25h1m1.001s'],
  [0.0015, '1.5µs'],
  [-500, '-500ms'],
])('%d ms is written %s', (milliseconds, text) => {
  expect(formatGoDuration(milliseconds)).toBe(text);
});

test('what is written reads as the same length', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), (milliseconds) => {
      expect(toMilliseconds(formatGoDuration(milliseconds))).toBe(milliseconds);
    }),
  );
});
