import { describe, expect, test } from 'vitest';
import { FakeApi } from '../../test/fake/fake-api.ts';
import { Plain, plain, Widget } from '../../test/fake/kinds.ts';
import { TestOperator } from '../../test/fake/operator.ts';
import { type Controller, controller } from '../controller/index.ts';

const key = { namespace: 'default', name: 'a' };
const finalizer = 'test.example.com/plain';

function start(declared: Controller, object: object, kind = Plain as never) {
  const api = new FakeApi();
  api.create(kind, object);
  return { api, operator: new TestOperator([declared], { api }) };
}

describe('the cycle', () => {
  test('makes sure of the finalizer, fills in defaults, validates, then reconciles', async () => {
    const steps: string[] = [];
    const { api, operator } = start(
      controller(Widget, {
        default: (widget) => {
          widget.spec.color ??= 'blue';
        },
        validate: (widget) => {
          steps.push(`validate ${widget.metadata.finalizers} ${widget.spec.color}`);
        },
        reconcile: (widget) => {
          steps.push(`reconcile ${widget.spec.color}`);
        },
        finalize: () => {},
      }),
      plain('a'),
      Widget as never,
    );
    await using _ = operator;
    await operator.settle();
    expect(steps.slice(0, 2)).toEqual(['validate test.example.com/widget blue', 'reconcile blue']);
    expect(api.object(Widget, key).spec.color).toBe('blue');
    expect(api.writes.map(({ subresource = 'object' }) => subresource)).toEqual(['object', 'object', 'status']);
  });

  test('a default that is not idempotent is a TerminalError', async () => {
    const { api, operator } = start(
      controller(Plain, {
        default: (object) => {
          object.spec.size++;
        },
        reconcile: () => {},
      }),
      plain('a'),
    );
    await using _ = operator;
    await operator.settle();
    await operator.clock.advance(3_600_000);
    expect(operator.messages('error')).toEqual([
      'Reconciler error: `default` is not idempotent: run twice it changes the object twice (not retried)',
    ]);
    expect(api.object(Plain, key).spec.size).toBe(1);
  });

  test('an invalid object is told once per generation, and waits for a change', async () => {
    let reconciled = 0;
    const { api, operator } = start(
      controller(Widget, {
        validate: ({ spec }) => (spec.size < 0 ? [`spec.size is ${spec.size}`] : []),
        reconcile: () => {
          reconciled++;
        },
      }),
      plain('a', -1),
      Widget as never,
    );
    await using _ = operator;
    await operator.settle();
    await operator.clock.advance(3_600_000);
    const edit = async (change: (object: { spec: { size: number }; metadata: { labels: object } }) => void) => {
      api.edit(Widget, key, change);
      await operator.settle();
    };
    await edit((object) => {
      object.metadata.labels = { a: 'b' };
    });
    const events = () => api.list({ kind: 'Event' }).map(({ reason, note, series }) => [reason, note, series?.count]);
    expect(reconciled).toBe(0);
    expect(events()).toEqual([['ProcessingError', 'invalid: spec.size is -1', undefined]]);
    expect(api.object(Widget, key).status.conditions[0]).toMatchObject({ status: 'False', reason: 'Invalid' });
    await edit((object) => {
      object.spec.size = -2;
    });
    expect(events()).toHaveLength(2);
    await edit((object) => {
      object.spec.size = 2;
    });
    expect(reconciled).toBe(1);
    expect(api.object(Widget, key).status.conditions[0]).toMatchObject({ status: 'True' });
  });
});

describe('finalizers', () => {
  test('a deleted object is finalized, not reconciled, and let go; also an invalid one', async () => {
    const steps: string[] = [];
    const { api, operator } = start(
      controller(Plain, {
        validate: ({ spec }) => (spec.size < 0 ? ['negative'] : []),
        reconcile: () => void steps.push('reconcile'),
        finalize: () => void steps.push('finalize'),
      }),
      plain('a', -1),
    );
    await using _ = operator;
    await operator.settle();
    expect(api.object(Plain, key).metadata.finalizers).toEqual([finalizer]);
    api.delete(Plain, key);
    await operator.settle();
    expect(steps).toEqual(['finalize']);
    expect(api.object(Plain, key)).toBeUndefined();
    expect(operator.messages('error')).toEqual([]);
  });

  test('hold the deletion up while finalize throws or asks to be run again', async () => {
    let round = 0;
    const { api, operator } = start(
      controller(Plain, {
        reconcile: () => {},
        finalize: () => {
          round++;
          if (round === 1) throw new Error('the bucket is not empty');
          return round === 2 ? { requeueAfter: '1m' } : undefined;
        },
      }),
      plain('a'),
    );
    await using _ = operator;
    await operator.settle();
    api.delete(Plain, key);
    await operator.settle();
    expect(round).toBe(1);
    await operator.clock.advance(5);
    await operator.settle();
    expect([round, api.object(Plain, key) !== undefined]).toEqual([2, true]);
    await operator.clock.advance(60_000);
    await operator.settle();
    expect([round, api.object(Plain, key)]).toEqual([3, undefined]);
  });

  test('are added and removed by a JSON patch that tests what it changes; others are left alone', async () => {
    const { api, operator } = start(controller(Plain, { reconcile: () => {}, finalize: () => {} }), {
      ...plain('a'),
      metadata: { ...plain('a').metadata, finalizers: ['other.example.com/x'] },
    });
    await using _ = operator;
    await operator.settle();
    expect(api.writes[0]?.body).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'uid-1' },
      { op: 'test', path: '/metadata/finalizers', value: ['other.example.com/x'] },
      { op: 'add', path: '/metadata/finalizers/-', value: finalizer },
    ]);
    api.delete(Plain, key);
    await operator.settle();
    expect(api.writes.at(-1)?.body).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'uid-1' },
      { op: 'test', path: '/metadata/finalizers/1', value: finalizer },
      { op: 'remove', path: '/metadata/finalizers/1' },
    ]);
    expect(api.object(Plain, key).metadata.finalizers).toEqual(['other.example.com/x']);
  });

  test('of earlier releases are stripped on sight', async () => {
    const { api, operator } = start(
      controller(Plain, { reconcile: () => {}, retiredFinalizers: ['old.example.com/y'] }),
      { ...plain('a'), metadata: { ...plain('a').metadata, finalizers: ['old.example.com/y', 'other.example.com/x'] } },
    );
    await using _ = operator;
    await operator.settle();
    expect(api.object(Plain, key).metadata.finalizers).toEqual(['other.example.com/x']);
  });

  test('that changed meanwhile lead to a quiet repetition', async () => {
    const api = new FakeApi();
    api.create(Plain, plain('a'));
    let first = true;
    api.fault = ({ verb }) => {
      if (verb === 'patch' && first) {
        first = false;
        api.edit(Plain, key, (object) => {
          object.metadata.finalizers = ['quick.example.com/z'];
        });
      }
      return undefined;
    };
    await using operator = new TestOperator([controller(Plain, { reconcile: () => {}, finalize: () => {} })], { api });
    await operator.settle();
    await operator.clock.advance(5);
    await operator.settle();
    expect(api.object(Plain, key).metadata.finalizers).toEqual(['quick.example.com/z', finalizer]);
    expect(operator.messages('error')).toEqual([]);
  });
});
