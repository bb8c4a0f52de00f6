import { FakeClock } from '@setpoint/apimachinery/clock';
import { beforeEach, describe, expect, test } from 'vitest';
import { type LogLine, recordingLog } from '../../test/fake/operator.ts';
import { Health } from './health.ts';

const clock = new FakeClock();
let lines: LogLine[];
let health: Health;
beforeEach(() => {
  lines = [];
  health = new Health(clock, recordingLog(lines));
});

const ask = async (path: string, signal = new AbortController().signal) => {
  const answer = await health.answer(new URL(path, 'http://probe'), signal);
  return answer && [answer.status, answer.body];
};
const broken = () => {
  throw new Error('the disk is full:\n  /secret/path');
};

describe('a probe', () => {
  test('is answered ok, and with verbose check by check', async () => {
    health.add('readyz', 'disk', () => undefined);
    health.add('readyz', 'database', async () => undefined);
    expect(await ask('/readyz')).toEqual([200, 'ok']);
    expect(await ask('/readyz?verbose')).toEqual([200, '[+]disk ok\n[+]database ok\nreadyz check passed\n']);
    expect(await ask('/healthz?verbose')).toEqual([200, '[+]ping ok\nhealthz check passed\n']);
  });

  test('of one check asks no other', async () => {
    health.add('readyz', 'disk', broken);
    health.add('readyz', 'database', () => undefined);
    expect(await ask('/readyz/database?verbose')).toEqual([200, '[+]database ok\nreadyz/database check passed\n']);
    expect(lines).toEqual([]);
    expect(await ask('/readyz/tape')).toEqual([404, 'there is no check tape; there are disk, database\n']);
    expect(await ask('/livez')).toBeUndefined();
  });

  test('leaves out what it is told to, and says of what it could not', async () => {
    health.add('readyz', 'disk', broken);
    expect(await ask('/readyz?verbose&exclude=disk&exclude=tape')).toEqual([
      200,
      '[+]disk excluded: ok\nwarn: some health checks cannot be excluded: no matches for tape\nreadyz check passed\n',
    ]);
  });

  test('says why a check failed where it may, and elsewhere only that it did', async () => {
    health.add('readyz', 'disk', broken);
    health.add('readyz', 'cache', broken, { reveal: true });
    expect(await ask('/readyz')).toEqual([
      500,
      '[-]disk failed: reason withheld\n[-]cache failed: the disk is full: /secret/path\nreadyz check failed\n',
    ]);
  });
});

test('the log has the reason, once for as long as it stays, and the recovery', async () => {
  let reason: string | undefined = 'one';
  health.add('readyz', 'disk', () => {
    if (reason) throw new Error(reason);
  });
  for (const next of ['one', 'one', 'two', undefined, undefined]) {
    reason = next;
    await ask('/readyz');
  }
  expect(lines.map(({ check, message, error }) => [check, message, error])).toEqual([
    ['disk', 'a readyz check failed', 'one'],
    ['disk', 'a readyz check failed', 'two'],
    ['disk', 'the readyz check is passed again', undefined],
  ]);
});

test('a check that does not answer fails after five seconds, the others are asked meanwhile', async () => {
  let ended: unknown;
  health.add('readyz', 'hanging', (signal) => {
    signal.addEventListener('abort', () => (ended = true));
    return new Promise(() => {});
  });
  health.add('readyz', 'disk', () => undefined);
  const asking = ask('/readyz');
  await clock.advance(5000);
  expect(await asking).toEqual([500, '[-]hanging failed: reason withheld\n[+]disk ok\nreadyz check failed\n']);
  expect([lines[0]?.error, ended]).toEqual(['no answer within 5 s', true]);
  expect(clock.nextDue()).toBeUndefined();
});

test('a check that hangs is named when whoever asked hangs up', async () => {
  health.add('healthz', 'hanging', () => new Promise(() => {}));
  const gone = new AbortController();
  const asking = ask('/healthz', gone.signal);
  gone.abort();
  await asking;
  expect(lines).toMatchObject([{ check: 'hanging', error: 'no answer before whoever asked had gone' }]);
});

test('a check needs a name of its own that can stand in a path', () => {
  health.add('healthz', 'disk', () => undefined);
  expect(() => health.add('healthz', 'disk', () => undefined)).toThrow('there is a check disk already');
  expect(() => health.add('healthz', 'a/b', () => undefined)).toThrow('a check cannot be named "a/b"');
});
