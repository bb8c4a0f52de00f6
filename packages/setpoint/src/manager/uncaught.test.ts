import { expect, test, vi } from 'vitest';
import { FakeApi } from '../../test/fake/fake-api.ts';
import { Plain, plain, Widget } from '../../test/fake/kinds.ts';
import { type LogLine, recordingLog, TestOperator } from '../../test/fake/operator.ts';
import { controller, watch } from '../controller/index.ts';
import { Attribution, type Work } from '../reconcile/index.ts';
import { handleUncaught, type UncaughtPolicy } from './uncaught.ts';

function take(policy: UncaughtPolicy, work: Work | undefined) {
  const attribution = new Attribution({} as never);
  vi.spyOn(attribution, 'current', 'get').mockReturnValue(work);
  const lines: LogLine[] = [];
  const counted: (string | undefined)[] = [];
  const failures: Error[] = [];
  const fail = (error: Error) => void failures.push(error);
  const error = new Error('lost');
  handleUncaught(error, { policy, attribution, log: recordingLog(lines), counted: (of) => counted.push(of), fail });
  return { lines, counted, failures, error };
}

test('an error of a controller is named, counted and given to its pass', () => {
  const given: unknown[] = [];
  const work: Work = { type: 'reconcile', of: 'foo', object: 'default/a', uncaught: (error) => given.push(error) };
  const { lines, counted, failures, error } = take('continue', work);
  expect(lines).toMatchObject([{ level: 'error', controller: 'foo', object: 'default/a', err: error }]);
  expect(lines[0]?.message).toContain('the pass of controller foo over default/a: an error that nobody caught: lost');
  expect([counted, given, failures]).toEqual([['foo'], [error], []]);
});

test('an error that belongs to nobody ends the operator', () => {
  const { counted, failures, error } = take('continue', undefined);
  expect(failures).toMatchObject([{ message: 'the operator: an error that nobody caught: lost', cause: error }]);
  expect(counted).toEqual([undefined]);
});

test('with exit, so does every error', () => {
  const work: Work = { type: 'webhook', of: '/validate-x', object: undefined };
  expect(take('exit', work).failures).toMatchObject([{ message: expect.stringContaining('the webhook /validate-x') }]);
});

test('a pass whose code throws where nobody catches it has failed, is told so and repeated', async () => {
  const api = new FakeApi();
  api.create(Plain, plain('a'));
  let passes = 0;
  const leaky = controller(Plain, {
    async reconcile(_, { clock }) {
      if (passes++ > 0) return;
      // What a handler of unhandledRejection would do.
      setImmediate(() => run.manager.handleUncaught(new Error('lost')));
      await new Promise<void>((resolve) => clock.timer(10, resolve));
    },
  });
  await using run = new TestOperator([leaky], { api });
  await run.clock.advance(60_000);
  expect(passes).toBe(2);
  expect(run.messages('error')).toContain('Reconciler error: lost');
  expect(run.lines.find(({ err }) => err)).toMatchObject({ controller: 'plain', object: 'default/a' });
});

test('a pass that is over when its code throws is repeated after a minute', async () => {
  const api = new FakeApi();
  api.create(Plain, plain('a'));
  let passes = 0;
  const leaky = controller(Plain, {
    reconcile() {
      if (passes++ === 0) setImmediate(() => run.manager.handleUncaught(new Error('late')));
    },
  });
  await using run = new TestOperator([leaky], { api });
  await run.clock.advance(59_000);
  expect(passes).toBe(1);
  await run.clock.advance(2000);
  expect(passes).toBe(2);
});

test('code of enqueue is known, too', async () => {
  const api = new FakeApi();
  const mapper = controller(Plain, {
    watches: [watch(Widget, { enqueue: () => void setImmediate(() => run.manager.handleUncaught(new Error('x'))) })],
    reconcile() {},
  });
  await using run = new TestOperator([mapper], { api });
  await run.settle();
  api.create(Widget, plain('w'));
  await run.clock.advance(100);
  expect(run.messages('error')[0]).toMatch(/^enqueue of controller plain for Widget.*default\/w: /);
});
