import { FakeClock } from '@setpoint/apimachinery/clock';
import { expect, test } from 'vitest';
import { FakeApi } from '../../test/fake/fake-api.ts';
import { Plain, plain } from '../../test/fake/kinds.ts';
import { type LogLine, recordingLog } from '../../test/fake/operator.ts';
import { operator } from '../manager/index.ts';
import { controller } from './index.ts';

/** A controller that is defective itself when its first and its third pass are over. */
function defective(sound: ReturnType<typeof controller>): ReturnType<typeof controller> {
  let looks = 0;
  return Object.defineProperty({ ...sound }, 'hotLoopDetection', {
    get: () => {
      if ([1, 3].includes(++looks)) throw new Error('no room on the disk');
      return true;
    },
  });
}

test('a worker survives what goes wrong around a pass: it is logged, and the key retried with its back-off', async () => {
  const api = new FakeApi();
  const clock = new FakeClock();
  const lines: LogLine[] = [];
  const passes: string[] = [];
  for (const name of ['bad', 'good']) api.create(Plain, plain(name));
  const plainController = controller(Plain, { reconcile: (object) => void passes.push(object.metadata.name) });
  const manager = operator({ name: 'test', controllers: [defective(plainController)] }).manager({
    client: api.client,
    clock,
    log: recordingLog(lines),
  });
  const ended = manager.run();
  for (let i = 0; i < 20; i++) await clock.advance(0);
  expect(passes).toEqual(['bad', 'good']);
  await clock.advance(5);
  expect(passes).toEqual(['bad', 'good', 'bad']);
  await clock.advance(10);
  expect(passes).toEqual(['bad', 'good', 'bad', 'bad']);
  expect(lines.filter(({ level }) => level === 'error').map(({ message, key }) => [message, key])).toEqual([
    ['a pass broke off: no room on the disk', 'default/bad'],
    ['a pass broke off: no room on the disk', 'default/bad'],
  ]);
  expect(manager.settledState()).toMatchObject({ status: 'running', idle: true });
  manager.stop();
  await ended;
});
