import { sleep } from '@setpoint/apimachinery/clock';
import { describe, expect, test } from 'vitest';
import { FakeApi } from '../../test/fake/fake-api.ts';
import { Plain, plain } from '../../test/fake/kinds.ts';
import { TestOperator } from '../../test/fake/operator.ts';
import { isPassRevoked, isUnknownOutcome } from '../errors/index.ts';
import { controller } from './index.ts';

const key = { namespace: 'default', name: 'a' };

describe('the time-out of a pass', () => {
  test('aborts its signal, and every verb rejects with PassRevoked from then on', async () => {
    const api = new FakeApi();
    api.create(Plain, plain('a'));
    const errors: unknown[] = [];
    let passes = 0;
    const slow = controller(Plain, {
      timeout: '10s',
      async reconcile(object, { signal, clock, status, client, apply, delete: remove }) {
        if (passes++ > 0) return;
        await sleep(clock, 60_000, { signal }).catch(() => undefined);
        const verbs = [
          () => status.patch({ size: 1 }),
          () => client.get(Plain, key),
          () => apply(object as never),
          () => remove(object),
        ];
        for (const verb of verbs) errors.push(await verb().catch((error: unknown) => error));
      },
    });
    await using operator = new TestOperator([slow], { api });
    await operator.settle();
    await operator.clock.advance(10_000);
    await operator.settle();
    expect(errors).toHaveLength(4);
    expect(errors.every(isPassRevoked)).toBe(true);
    expect(api.writes.filter(({ kind }) => kind !== 'Event')).toEqual([]);
    expect(api.list({ kind: 'Event' })).toMatchObject([
      {
        type: 'Warning',
        reason: 'ProcessingError',
        note: 'the pass took longer than 10000 ms',
        regarding: { name: 'a' },
      },
    ]);
  });

  test('gives up a request that is on its way', async () => {
    const api = new FakeApi();
    api.create(Plain, plain('a'));
    api.fault = ({ subresource }) => (subresource === 'status' ? new Promise(() => {}) : undefined);
    const errors: unknown[] = [];
    const slow = controller(Plain, {
      timeout: '10s',
      reconcile: async (_, { status }) => {
        await status.patch({ size: 1 }).catch((error: unknown) => errors.push(error));
      },
    });
    await using operator = new TestOperator([slow], { api });
    await operator.settle();
    await operator.clock.advance(10_000);
    expect(errors.every(isPassRevoked)).toBe(true);
    expect(errors).toHaveLength(1);
  });

  test('lets the key go 5 s later even if the promise never settles, and counts and names the zombie', async () => {
    const api = new FakeApi();
    api.create(Plain, plain('a'));
    let passes = 0;
    const stuck = controller(Plain, {
      timeout: '10s',
      reconcile: () => {
        passes++;
        return passes === 1 ? new Promise<never>(() => {}) : undefined;
      },
    });
    await using operator = new TestOperator([stuck], { api });
    await operator.settle();
    await operator.clock.advance(14_999);
    expect(operator.manager.settledState().controllers.plain).toMatchObject({ zombies: 0, running: 1 });
    await operator.clock.advance(1);
    expect(operator.manager.settledState().controllers.plain).toMatchObject({ zombies: 1, running: 0 });
    const named = operator.lines.find(({ message }) => message.startsWith('the pass does not end'));
    expect(named).toMatchObject({ level: 'error', name: 'a', namespace: 'default', controller: 'plain' });
    await operator.clock.advance(5);
    await operator.settle();
    expect(passes).toBe(2);
  });

  test('is none by default, but five minutes are worth a warning', async () => {
    const api = new FakeApi();
    api.create(Plain, plain('a'));
    const stuck = controller(Plain, { reconcile: () => new Promise<never>(() => {}) });
    await using operator = new TestOperator([stuck], { api, gracefulShutdownTimeout: 0 });
    await operator.settle();
    await operator.clock.advance(5 * 60_000);
    expect(operator.messages('warn')).toContain(
      'this pass has been running for 5 minutes; set `timeout` to end such passes',
    );
    expect(operator.manager.settledState().controllers.plain?.running).toBe(1);
  });
});

test('a verb that nobody waited for is waited for, and said so', async () => {
  const api = new FakeApi();
  api.create(Plain, plain('a'));
  const hasty = controller(Plain, {
    reconcile(_, { status }) {
      void status.patch({ size: 4 });
    },
  });
  await using operator = new TestOperator([hasty], { api });
  await operator.settle();
  expect(api.object(Plain, key).status).toEqual({ size: 4 });
  expect(operator.messages('warn')[0]).toContain('await apply, delete and status.patch');
});

test('after its pass a context is of no use', async () => {
  const api = new FakeApi();
  api.create(Plain, plain('a'));
  let kept: (() => Promise<unknown>) | undefined;
  const leaky = controller(Plain, {
    reconcile(_, { status }) {
      kept ??= () => status.patch({ size: 4 });
    },
  });
  await using operator = new TestOperator([leaky], { api });
  await operator.settle();
  expect(await kept?.().catch(isPassRevoked)).toBe(true);
});

describe('a write whose answer is lost', () => {
  test.each(['lost-before', 'lost-after'] as const)(
    '(%s) holds the next pass until the cache has caught up',
    async (fault) => {
      const api = new FakeApi();
      api.create(Plain, plain('a'));
      let faults = 1;
      api.fault = ({ subresource }) => (subresource === 'status' && faults-- > 0 ? fault : undefined);
      const seen: unknown[] = [];
      const writer = controller(Plain, {
        async reconcile(_, { status, cache, key }) {
          seen.push(cache.get(Plain, key)?.status?.size);
          if (seen.length === 1) api.paused = true;
          const patched = await status
            .patch({ size: 3 })
            .catch((error) => isUnknownOutcome(error) && Promise.reject(error));
          seen.push(patched);
        },
      });
      await using operator = new TestOperator([writer], { api });
      await operator.settle();
      await operator.clock.advance(100);
      // The watch brings nothing: the pass must not run on what may be old.
      expect(seen).toEqual([undefined]);
      api.resume();
      await operator.clock.advance(100);
      await operator.settle();
      expect(seen).toEqual(fault === 'lost-after' ? [undefined, 3, false] : [undefined, undefined, true]);
      expect(api.object(Plain, key).status).toEqual({ size: 3 });
    },
  );
});
