import { describe, expect, test } from 'vitest';
import { FakeApi, problem } from '../../test/fake/fake-api.ts';
import { Plain, plain, Widget } from '../../test/fake/kinds.ts';
import { TestOperator } from '../../test/fake/operator.ts';
import { ApiError, RetryError } from '../errors/index.ts';
import { slowBackoff } from '../queue/index.ts';
import type { ReconcileContext, ReconcileReturn } from '../reconcile/index.ts';
import { type ControllerOptions, controller, matching, watch } from './index.ts';

const key = { namespace: 'default', name: 'a' };

/** An operator whose passes do what the test says, and note when they are, in milliseconds. */
function start(
  pass: (pass: number, context: ReconcileContext) => ReconcileReturn | Promise<ReconcileReturn>,
  options: ControllerOptions = {},
) {
  const api = new FakeApi();
  api.create(Plain, plain('a'));
  const times: number[] = [];
  const operator = new TestOperator(
    [
      controller(Plain, {
        ...options,
        async reconcile(_, context) {
          times.push(operator.clock.monotonic() - begin);
          return pass(times.length, context as never);
        },
      }),
    ],
    { api },
  );
  const begin = operator.clock.monotonic();
  const events = (reason: string) => api.list({ kind: 'Event' }).filter((event) => event.reason === reason);
  return { api, operator, times, events };
}

const failing = (properties: object) => Object.assign(new Error('no'), properties);

describe('an error', () => {
  test('with retryAfter decides when the pass is repeated; the failure counts all the same', async () => {
    const { operator, times } = start((pass) => {
      if (pass === 1) throw new RetryError('the quota is used up', '30s');
      if (pass === 2) throw failing({ retryAfter: 0 });
      if (pass === 3) throw new Error('as ever');
    });
    await using _ = operator;
    await operator.settle();
    await operator.clock.advance(29_999);
    expect(times).toEqual([0]);
    await operator.clock.advance(1);
    await operator.clock.advance(19);
    expect(times).toEqual([0, 30_000, 30_000]);
    await operator.clock.advance(1);
    expect(times).toEqual([0, 30_000, 30_000, 30_020]);
  });

  test('whose retryAfter is no duration has the ordinary back-off, and a warning', async () => {
    const { operator, times } = start((pass) => {
      if (pass === 1) throw failing({ retryAfter: 'soon' });
    });
    await using _ = operator;
    await operator.settle();
    await operator.clock.advance(5);
    expect(times).toEqual([0, 5]);
    expect(operator.messages('warn')[0]).toContain('retryAfter of the error is passed over');
  });

  test('of the API server with Retry-After is not repeated earlier than that', async () => {
    const busy = new ApiError({
      request: { verb: 'create', kind: 'Plain' },
      httpStatus: 429,
      status: problem(429, 'TooManyRequests', 'later').status,
      retryAfterSeconds: 2,
    });
    const { operator, times } = start((pass) => {
      if (pass <= 1) throw busy;
    });
    await using _ = operator;
    await operator.settle();
    await operator.clock.advance(1999);
    expect(times).toEqual([0]);
    await operator.clock.advance(1);
    expect(times).toEqual([0, 2000]);
  });

  test('does not keep an object waiting that changes meanwhile', async () => {
    const { api, operator, times } = start((pass) => {
      if (pass === 1) throw failing({ retryAfter: '1h' });
    });
    await using _ = operator;
    await operator.settle();
    await operator.clock.advance(60_000);
    api.edit(Plain, key, (object) => {
      object.spec.size = 2;
    });
    await operator.settle();
    expect(times).toEqual([0, 60_000]);
  });
});

describe('retries', () => {
  test('never end: after the threshold a Warning BackOff says so once, and they go on', async () => {
    const { operator, times, events } = start(
      () => {
        throw new Error('the disk is full');
      },
      { failureThreshold: 3, backoff: { initial: '1s', maximum: '4s' } },
    );
    await using _ = operator;
    await operator.settle();
    for (let i = 0; i < 60; i++) await operator.clock.advance(1000);
    await operator.settle();
    expect(times.length).toBeGreaterThan(15);
    expect(events('BackOff')).toMatchObject([
      { type: 'Warning', note: '3 passes in a row have not succeeded; it is tried on: the disk is full' },
    ]);
    expect(events('BackOff')[0].series).toBeUndefined();
    expect(operator.messages('warn')).toHaveLength(1);
  });

  test('that changes lead to meanwhile use the back-off up no faster, and are told no more often', async () => {
    const { api, operator, times, events } = start(
      () => {
        throw new Error('the disk is full');
      },
      { failureThreshold: 2, backoff: slowBackoff },
    );
    await using _ = operator;
    await operator.settle();
    for (let i = 2; i < 30; i++) {
      await operator.clock.advance(100);
      api.edit(Plain, key, (object) => {
        object.spec.size = i;
      });
      await operator.settle();
    }
    // Due after 1 s and 3 s, and next after 7 s: 28 changes within 2.8 s have not made it hours.
    expect(times.length).toBeGreaterThan(28);
    expect(operator.manager.queued('plain')).toMatchObject([{ state: 'waiting', failures: 2 }]);
    await operator.clock.advance(200);
    expect(operator.manager.queued('plain')).toMatchObject([{ state: 'waiting', failures: 3, milliseconds: 4000 }]);
    expect(events('BackOff')).toHaveLength(1);
    expect(events('BackOff')[0].series).toBeUndefined();
  });

  test('of conflicts are quiet, but not for ever', async () => {
    const { operator, events } = start(
      (pass) => {
        if (pass < 20) throw problem(409, 'Conflict', 'modified');
      },
      { failureThreshold: 5 },
    );
    await using _ = operator;
    await operator.settle();
    await operator.clock.advance(5 + 10 + 20);
    expect(events('BackOff')).toEqual([]);
    await operator.clock.advance(40 + 80);
    await operator.settle();
    expect(events('BackOff')).toHaveLength(1);
    expect(operator.messages('error')).toEqual([]);
  });

  test('go from 1 s to 6 h with slowBackoff, in the times of a fake clock', async () => {
    const { operator, times } = start(
      () => {
        throw new Error('always');
      },
      { backoff: slowBackoff },
    );
    await using _ = operator;
    await operator.settle();
    while (times.length < 20) await operator.clock.advance(operator.manager.settledState().nextDue ?? 0);
    const gaps = times.slice(1).map((time, i) => (time - (times[i] as number)) / 1000);
    expect(gaps.slice(0, 4)).toEqual([1, 2, 4, 8]);
    expect(gaps[14]).toBe(16_384);
    // A resync that comes by in between fails as well, and moves nothing.
    const since = times.map((time) => (time - (times[0] as number)) / 1000);
    expect(since).toEqual(expect.arrayContaining([32_767, 32_767 + 21_600]));
    expect(Math.max(...gaps)).toBeLessThan(21_600);
  });
});

test('a requeue has the priority that the pass gives it', async () => {
  const { operator } = start((pass) => (pass === 1 ? { requeueAfter: '1m', priority: 7 } : undefined));
  await using _ = operator;
  await operator.settle();
  expect(operator.manager.queued('plain')).toMatchObject([
    { item: key, state: 'waiting', priority: 7, milliseconds: 60_000, failures: 0 },
  ]);
});

test('a rate limit spaces the passes of an object, whatever leads to them', async () => {
  const { api, operator, times } = start(() => undefined, { rateLimit: { interval: '10s', burst: 2 } });
  await using _ = operator;
  await operator.settle();
  for (let size = 2; size < 31; size++) {
    api.edit(Plain, key, (object) => {
      object.spec.size = size;
    });
    await operator.clock.advance(1000);
  }
  expect(times).toEqual([0, 0, 10_000, 20_000]);
});

test('a rate limit that lets nothing run is refused', () => {
  expect(() => controller(Plain, { rateLimit: { interval: '1s', burst: 0 }, reconcile() {} })).toThrow(
    'rateLimit.burst',
  );
});

describe('hot loops', () => {
  test('of two controllers at odds over a field are told, counted and slowed down, until somebody edits the object', async () => {
    const api = new FakeApi();
    api.create(Widget, plain('a'));
    api.create(Plain, plain('child'));
    const passes = { one: 0, two: 0 };
    const wants = (name: 'one' | 'two', size: number) =>
      controller(Widget, {
        name,
        predicates: [matching(() => true)],
        watches: [watch(Plain, { enqueue: () => key })],
        async reconcile(_, { client, cache }) {
          passes[name]++;
          const child = cache.get(Plain, { namespace: 'default', name: 'child' });
          if (child?.spec.size === size) return;
          await client.patch(
            Plain,
            { namespace: 'default', name: 'child' },
            { type: 'merge', body: { spec: { size } } },
          );
        },
      });
    await using operator = new TestOperator([wants('one', 10), wants('two', 20)], { api });
    await operator.settle();
    await operator.clock.advance(100);
    const soon = passes.one;
    expect(soon).toBeLessThan(100);
    await operator.clock.advance(600_000);
    expect(passes.one - soon).toBeLessThan(40);
    const told = api.list({ kind: 'Event' }).filter(({ reason }) => reason === 'HotLoop');
    expect(told.length).toBeGreaterThan(0);
    expect(told[0]).toMatchObject({ type: 'Warning', regarding: { kind: 'Widget', name: 'a' } });
    expect(told[0].note).toContain('wrote the same (patch Plain.test.example.com default/child)');
    const before = passes.one + passes.two;
    api.edit(Widget, key, (object) => {
      object.spec.size = 3;
    });
    await operator.clock.advance(0);
    expect(passes.one + passes.two).toBeGreaterThan(before);
  });

  test('of passes that only ask to be run again at once are slowed down', async () => {
    const { operator, times, events } = start(() => ({ requeueAfter: 1 }));
    await using _ = operator;
    await operator.settle();
    for (let i = 0; i < 2000; i++) await operator.clock.advance(1);
    expect(times.length).toBeLessThan(60);
    expect(events('HotLoop')[0].note).toContain('asked for the next one within 100 ms');
  });

  test('are none where a pass looks again every 100 ms for a day, or where detection is off', async () => {
    const patient = start(() => ({ requeueAfter: 100 }));
    await using _ = patient.operator;
    await patient.operator.settle();
    for (let i = 0; i < 300; i++) await patient.operator.clock.advance(100);
    expect(patient.times).toHaveLength(301);
    expect(patient.events('HotLoop')).toEqual([]);
    const off = start(() => ({ requeueAfter: 1 }), { hotLoopDetection: false });
    await using __ = off.operator;
    await off.operator.settle();
    for (let i = 0; i < 200; i++) await off.operator.clock.advance(1);
    expect(off.times).toHaveLength(201);
  });
});
