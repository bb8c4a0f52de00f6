import { expect, test } from 'vitest';
import { humanDuration, timestampAge } from './index.ts';

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];

test.each<[number, string]>([
  [-2 * second, '<invalid>'],
  [-1.9 * second, '0s'],
  [0, '0s'],
  [999, '0s'],
  [119 * second, '119s'],
  [2 * minute, '2m'],
  [2 * minute + 5 * second, '2m5s'],
  [9 * minute + 59 * second, '9m59s'],
  [10 * minute + 30 * second, '10m'],
  [179 * minute, '179m'],
  [3 * hour, '3h'],
  [7 * hour + 59 * minute, '7h59m'],
  [8 * hour + 30 * minute, '8h'],
  [47 * hour, '47h'],
  [48 * hour, '2d'],
  [7 * day + 23 * hour, '7d23h'],
  [8 * day + 5 * hour, '8d'],
  [729 * day, '729d'],
  [730 * day, '2y'],
  [731 * day, '2y1d'],
  [8 * 365 * day + 3 * day, '8y'],
])('%d ms read as %s', (milliseconds, text) => {
  expect(humanDuration(milliseconds)).toBe(text);
});

test('an age without a timestamp is unknown', () => {
  const now = Date.parse('2026-01-01T00:01:00Z');
  expect(timestampAge('2026-01-01T00:00:00Z', now)).toBe('60s');
  expect(timestampAge(undefined, now)).toBe('<unknown>');
  expect(timestampAge('yesterday', now)).toBe('<invalid>');
});
