import { describe, expect, test } from 'vitest';
import { FakeApi, problem } from '../../test/fake/fake-api.ts';
import { Plain, plain, Widget } from '../../test/fake/kinds.ts';
import { TestOperator } from '../../test/fake/operator.ts';
import { TerminalError } from '../errors/index.ts';
import type { ReconcileReturn } from '../reconcile/index.ts';
import { controller } from './index.ts';

/** An operator whose passes do what the test says, and note their attempts. */
function start(pass: (attempt: number, pass: number) => ReconcileReturn | Promise<ReconcileReturn>) {
  const api = new FakeApi();
  api.create(Plain, plain('a'));
  const attempts: number[] = [];
  const operator = new TestOperator(
    [
      controller(Plain, {
        async reconcile(_, { attempt }) {
          attempts.push(attempt);
          return pass(attempt, attempts.length);
        },
      }),
    ],
    { api },
  );
  const activity = () => operator.manager.settledState().controllers.plain;
  return { api, operator, attempts, activity };
}

describe('the result of a pass', () => {
  test('nothing: done until something changes', async () => {
    const { api, operator, attempts, activity } = start(() => undefined);
    await using _ = operator;
    await operator.settle();
    await operator.clock.advance(3_600_000);
    expect(attempts).toEqual([1]);
    expect(activity()).toMatchObject({ waiting: 0, ready: 0 });
    api.edit(Plain, { namespace: 'default', name: 'a' }, (object) => {
      object.spec.size = 2;
    });
    await operator.settle();
    expect(attempts).toEqual([1, 1]);
  });

  test('requeueAfter: again after that time, with the back-off forgotten', async () => {
    const { operator, attempts } = start((_, pass) => {
      if (pass === 1) throw new Error('first');
      return { requeueAfter: '10s' };
    });
    await using _ = operator;
    await operator.settle();
    await operator.clock.advance(5);
    expect(attempts).toEqual([1, 2]);
    await operator.clock.advance(9_999);
    expect(attempts).toHaveLength(2);
    await operator.clock.advance(1);
    expect(attempts).toEqual([1, 2, 1]);
  });

  test('throw: again with a back-off that doubles, told as Warning ProcessingError', async () => {
    const { api, operator, attempts } = start((_, pass) => {
      if (pass < 4) throw new Error('the disk is full');
    });
    await using _ = operator;
    await operator.settle();
    await operator.clock.advance(4);
    expect(attempts).toEqual([1]);
    await operator.clock.advance(1);
    await operator.clock.advance(10);
    await operator.clock.advance(20);
    expect(attempts).toEqual([1, 2, 3, 4]);
    await operator.clock.advance(10_000);
    expect(attempts).toHaveLength(4);
    expect(operator.messages('error')).toContain('Reconciler error: the disk is full');
    expect(api.list({ kind: 'Event' })).toMatchObject([
      { type: 'Warning', reason: 'ProcessingError', note: 'the disk is full', series: { count: 2 } },
    ]);
  });

  test('conflict: quietly again, without an event and without a line of error', async () => {
    const { api, operator, attempts } = start((_, pass) => {
      if (pass === 1) throw problem(409, 'Conflict', 'modified');
    });
    await using _ = operator;
    await operator.settle();
    await operator.clock.advance(5);
    expect(attempts).toEqual([1, 2]);
    expect(operator.messages('error')).toEqual([]);
    expect(api.list({ kind: 'Event' })).toEqual([]);
  });

  test('TerminalError: not again, and the back-off stays', async () => {
    const { api, operator, attempts } = start((_, pass) => {
      throw pass === 1 ? new Error('once') : new TerminalError('never');
    });
    await using _ = operator;
    await operator.settle();
    await operator.clock.advance(3_600_000);
    expect(attempts).toEqual([1, 2]);
    api.edit(Plain, { namespace: 'default', name: 'a' }, (object) => {
      object.spec.size = 2;
    });
    await operator.settle();
    expect(attempts).toEqual([1, 2, 2]);
  });

  test('something that is no Error is an error all the same, and named', async () => {
    const { operator, attempts } = start((_, pass) => {
      if (pass === 1) throw { odd: 1 };
      if (pass === 2) throw undefined;
    });
    await using _ = operator;
    await operator.settle();
    await operator.clock.advance(100);
    expect(attempts).toEqual([1, 2, 3]);
    expect(operator.messages('error')).toEqual([
      'Reconciler error: reconcile threw {"odd":1}',
      'Reconciler error: reconcile threw undefined',
    ]);
  });

  test('an object that vanished is forgotten; its successor of the same name starts fresh', async () => {
    const { api, operator, attempts } = start(() => {
      throw new Error('always');
    });
    await using _ = operator;
    await operator.settle();
    await operator.clock.advance(5);
    await operator.clock.advance(10);
    expect(attempts).toEqual([1, 2, 3]);
    api.delete(Plain, { namespace: 'default', name: 'a' });
    api.create(Plain, plain('a'));
    await operator.settle();
    expect(attempts.at(-1)).toBe(1);
    await operator.clock.advance(4);
    const before = attempts.length;
    await operator.clock.advance(1);
    expect(attempts).toHaveLength(before + 1);
  });
});

test('the pass of an object that was deleted and made again meanwhile neither writes nor speaks of the new one', async () => {
  const api = new FakeApi();
  api.create(Widget, plain('a'));
  const results: unknown[] = [];
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow = controller(Widget, {
    async reconcile(widget, { status }) {
      if (widget.metadata.uid !== 'uid-1') return;
      await gate;
      results.push(await status.patch({ ready: true }));
    },
  });
  await using operator = new TestOperator([slow], { api });
  await operator.settle();
  api.delete(Widget, { namespace: 'default', name: 'a' });
  api.create(Widget, plain('a'));
  await operator.clock.advance(0);
  release();
  await operator.settle();
  expect(results).toEqual([false]);
  expect(api.object(Widget, { namespace: 'default', name: 'a' }).status?.ready).toBeUndefined();
});
