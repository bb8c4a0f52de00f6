import { FakeClock, type Random, seededRandom } from '@setpoint/apimachinery/clock';
import { expect, test } from 'vitest';
import { FakeApi } from '../../test/fake/fake-api.ts';
import { Plain, plain } from '../../test/fake/kinds.ts';
import { type LogLine, recordingLog } from '../../test/fake/operator.ts';
import { operator } from '../manager/index.ts';
import { controller } from './index.ts';

/** Chance that fails at the first and at the sixth name that is asked of it: a pass draws four for its own. */
function defectiveRandom(): Random {
  const random = seededRandom('test');
  let draws = 0;
  return {
    next: () => random.next(),
    integer(bound) {
      if (bound === 2 ** 32 && [1, 6].includes(++draws)) throw new Error('no room on the disk');
      return random.integer(bound);
    },
  };
}

test('a worker survives what goes wrong around a pass: it is logged, and the key retried with its back-off', async () => {
  const api = new FakeApi();
  const clock = new FakeClock();
  const lines: LogLine[] = [];
  const passes: string[] = [];
  for (const name of ['bad', 'good']) api.create(Plain, plain(name));
  const plainController = controller(Plain, { reconcile: (object) => void passes.push(object.metadata.name) });
  const manager = operator({ name: 'test', controllers: [plainController] }).manager({
    client: api.client,
    clock,
    random: defectiveRandom(),
    log: recordingLog(lines),
  });
  const ended = manager.run();
  for (let i = 0; i < 20; i++) await clock.advance(0);
  expect(passes).toEqual(['good']);
  await clock.advance(5);
  expect(passes).toEqual(['good']);
  await clock.advance(10);
  expect(passes).toEqual(['good', 'bad']);
  expect(lines.filter(({ level }) => level === 'error').map(({ message, key }) => [message, key])).toEqual([
    ['a pass broke off: no room on the disk', 'default/bad'],
    ['a pass broke off: no room on the disk', 'default/bad'],
  ]);
  expect(manager.settledState()).toMatchObject({ status: 'running', idle: true });
  manager.stop();
  await ended;
});
