import { expect, test } from 'vitest';
import { decodeMicroTime, decodeTime } from './time.ts';
import { cronProblem } from './validation/cron.ts';

test('times are written in UTC with seconds, micro times with six digits', () => {
  expect(decodeTime('2026-01-02T03:04:05.999+01:00')).toBe('2026-01-02T02:04:05Z');
  expect(decodeMicroTime('2026-01-02T03:04:05.123456-01:00')).toBe('2026-01-02T04:04:05.123456Z');
});

test.each([
  ['2026-01-02', 'parsing time "2026-01-02" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'],
  ['2026-13-02T03:04:05Z', 'parsing time "2026-13-02T03:04:05Z": month out of range'],
  ['2026-02-30T03:04:05Z', 'parsing time "2026-02-30T03:04:05Z": day out of range'],
  ['2026-01-02T03:04:05Zx', 'parsing time "2026-01-02T03:04:05Zx": extra text: "x"'],
])('%s is refused in the words of Go', (text, message) => {
  expect(() => decodeTime(text)).toThrow(message);
});

test('schedules are judged as the parser of the server judges them', () => {
  for (const schedule of ['*/5 * * * *', '0 0 1 JAN mon-fri', '@every 5m', 'TZ=Etc/UTC 0 0 * * *', '1,2-9/3 * ? * *']) {
    expect(cronProblem(schedule)).toBeUndefined();
  }
  expect(cronProblem('* * * *')).toBe('expected exactly 5 fields, found 4: [* * * *]');
  expect(cronProblem('a * * * *')).toBe('failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax');
  expect(cronProblem('5-1 * * * *')).toBe('beginning of range (5) beyond end of range (1): 5-1');
  expect(cronProblem('*/0 * * * *')).toBe('step of range should be a positive number: */0');
  expect(cronProblem('@often')).toBe('unrecognized descriptor: @often');
});
