import { describe, expect, test } from 'vitest';
import { FakeApi, problem } from '../../test/fake/fake-api.ts';
import { Plain, plain, Widget } from '../../test/fake/kinds.ts';
import { TestOperator } from '../../test/fake/operator.ts';
import { type Controller, controller } from '../controller/index.ts';
import { ApiError } from '../errors/index.ts';

const key = { namespace: 'default', name: 'a' };

function start(declared: Controller, object: object = plain('a'), prepare: (api: FakeApi) => void = () => {}) {
  const api = new FakeApi();
  api.create((declared.kind ?? Plain) as never, object);
  prepare(api);
  const operator = new TestOperator([declared], { api });
  const conditions = () => api.object(Widget, key).status?.conditions ?? [];
  const condition = (type: string) => conditions().find((entry: { type: string }) => entry.type === type);
  const events = () => api.list({ kind: 'Event' }).map(({ reason, note }) => [reason, note]);
  return { api, operator, condition, events };
}

const refusal = (httpStatus: number, reason: string, causes: readonly object[]) =>
  new ApiError({
    request: { verb: 'patch', kind: 'Plain' },
    httpStatus,
    status: { ...problem(httpStatus, reason, 'refused').status, details: { causes: causes as never } },
  });

describe('conditions', () => {
  test('carry the generation that the pass acted on, not one that came meanwhile', async () => {
    let edited = false;
    const { api, operator, condition } = start(
      controller(Widget, {
        async reconcile(widget, { conditions, clock }) {
          conditions.set({ type: 'Sized', status: 'True', reason: 'AsAsked', message: String(widget.spec.size) });
          if (edited) return;
          edited = true;
          api.edit(Widget, key, (object) => {
            object.spec.size = 9;
          });
          // Until the cache shows the edit.
          for (let i = 0; i < 50; i++) await new Promise<void>((resolve) => clock.timer(0, resolve));
          api.fault = ({ subresource }) => {
            const status = api.object(Widget, key).status?.conditions?.[0];
            if (subresource === 'status') seen.push(status?.observedGeneration);
            return undefined;
          };
        },
      }),
    );
    const seen: unknown[] = [];
    await using _ = operator;
    await operator.settle();
    for (let i = 0; i < 5; i++) await operator.clock.advance(1);
    await operator.settle();
    // What the second pass found had been written by the first, which saw generation 1.
    expect(seen).toEqual([undefined, 1]);
    expect(condition('Sized')).toMatchObject({ observedGeneration: 2, message: '9' });
  });

  test('keep their time while their status is the same, and members that the framework does not know', async () => {
    let round = 0;
    const { api, operator, condition } = start(
      controller(Widget, {
        reconcile(_, { conditions }) {
          round++;
          conditions.set({ type: 'Busy', status: round < 3 ? 'True' : 'False', reason: `Round${round}` });
        },
      }),
    );
    await using _ = operator;
    const times: unknown[] = [];
    for (let size = 2; size < 5; size++) {
      await operator.settle();
      times.push(condition('Busy').lastTransitionTime);
      expect(condition('Busy')).toMatchObject({ reason: `Round${size - 1}`, observedGeneration: size - 1 });
      await operator.clock.advance(10_000);
      api.edit(Widget, key, (object) => {
        object.spec.size = size;
        object.status.conditions[0].severity = 'Info';
      });
    }
    expect(times[1]).toBe(times[0]);
    expect(times[2]).not.toBe(times[0]);
    expect(condition('Busy').severity).toBe('Info');
  });

  test('of a pass that comes to the same are not written again', async () => {
    const { api, operator } = start(
      controller(Widget, {
        ready: true,
        reconcile(_, { conditions }) {
          conditions.set({ type: 'Fine', status: 'True', reason: 'Fine' });
          return { requeueAfter: '1m' };
        },
      }),
    );
    await using _ = operator;
    await operator.settle();
    for (let i = 0; i < 10; i++) await operator.clock.advance(60_000);
    expect(api.writes.filter(({ subresource }) => subresource === 'status')).toHaveLength(1);
  });
});

describe('ready', () => {
  test('is True after a pass that went well, False with the reason after one that did not', async () => {
    let broken = false;
    const { api, operator, condition } = start(
      controller(Widget, {
        ready: true,
        validate: ({ spec }) => (spec.size < 0 ? ['negative'] : []),
        finalize: () => ({ requeueAfter: '1h' }),
        reconcile() {
          if (broken) throw new Error('the disk is full');
        },
      }),
    );
    await using _ = operator;
    await operator.settle();
    expect(condition('Ready')).toMatchObject({ status: 'True', reason: 'ReconcileSuccess', observedGeneration: 1 });
    const edit = async (size: number) => {
      api.edit(Widget, key, (object) => {
        object.spec.size = size;
      });
      await operator.settle();
    };
    broken = true;
    await edit(2);
    expect(condition('Ready')).toMatchObject({
      status: 'False',
      reason: 'ReconcileError',
      message: 'the disk is full',
    });
    await edit(-1);
    expect(condition('Ready')).toMatchObject({ status: 'False', reason: 'Invalid', message: 'negative' });
    broken = false;
    await edit(1);
    expect(condition('Ready')).toMatchObject({ status: 'True', observedGeneration: 4 });
    api.delete(Widget, key);
    await operator.settle();
    expect(condition('Ready')).toMatchObject({ status: 'False', reason: 'Deleting' });
    expect(condition('Reconciled')).toMatchObject({ status: 'True' });
  });

  test('waits for the conditions that gate it: missing, not True, or about an older generation', async () => {
    let say: 'nothing' | 'no' | 'yes' = 'nothing';
    const { api, operator, condition } = start(
      controller(Widget, {
        ready: ['DatabaseReady'],
        reconcile(_, { conditions }) {
          if (say === 'no') {
            conditions.set({ type: 'DatabaseReady', status: 'False', reason: 'Starting', message: 'one of three' });
          }
          if (say === 'yes') conditions.set({ type: 'DatabaseReady', status: 'True', reason: 'Started' });
        },
      }),
    );
    await using _ = operator;
    await operator.settle();
    expect(condition('Ready')).toMatchObject({ status: 'False', reason: 'ConditionMissing' });
    const edit = async (now: typeof say, size: number) => {
      say = now;
      api.edit(Widget, key, (object) => {
        object.spec.size = size;
      });
      await operator.settle();
      return condition('Ready');
    };
    expect(await edit('no', 2)).toMatchObject({
      status: 'False',
      reason: 'Starting',
      message: 'DatabaseReady: one of three',
    });
    expect(await edit('yes', 3)).toMatchObject({ status: 'True', reason: 'ReconcileSuccess' });
    expect(await edit('nothing', 4)).toMatchObject({ status: 'Unknown', reason: 'ConditionOutdated' });
  });

  test('is what the pass says of it, but for a True before it failed', async () => {
    let round = 0;
    const { operator, condition } = start(
      controller(Widget, {
        ready: true,
        reconcile(_, { conditions }) {
          round++;
          if (round === 1) conditions.set({ type: 'Ready', status: 'False', reason: 'Warming' });
          if (round === 2) conditions.set({ type: 'Ready', status: 'True', reason: 'Rash' });
          if (round === 2) throw new Error('no');
          if (round === 3) conditions.set({ type: 'Ready', status: 'Unknown', reason: 'Lost' });
          if (round === 3) throw new Error('no');
          return { requeueAfter: '1s' };
        },
      }),
    );
    await using _ = operator;
    await operator.settle();
    expect(condition('Ready')).toMatchObject({ status: 'False', reason: 'Warming' });
    await operator.clock.advance(1000);
    expect(condition('Ready')).toMatchObject({ status: 'False', reason: 'ReconcileError' });
    await operator.clock.advance(5);
    expect(condition('Ready')).toMatchObject({ status: 'Unknown', reason: 'Lost' });
  });

  test('is refused for a kind whose status has no conditions', () => {
    expect(() => controller(Plain, { ready: true, reconcile() {} })).toThrow(
      'controller plain: to keep `ready`, add `conditions` to the status schema of Plain',
    );
  });
});

describe('an object that goes while the pass begins', () => {
  test.each([
    ['the finalizer', { finalize: () => {} }],
    [
      '`default`',
      {
        default: (draft: { spec: { size: number } }) => {
          draft.spec.size = 3;
        },
      },
    ],
  ])('is no error of the pass that writes %s', async (_, more) => {
    let reconciled = 0;
    const declared = controller(Plain, { ...more, reconcile: () => void reconciled++ });
    const { operator, events } = start(declared, plain('a'), (api) => {
      api.fault = ({ verb, kind }) => {
        if (verb !== 'patch' || kind !== 'Plain' || !api.object(Plain, key)) return undefined;
        api.paused = true;
        api.delete(Plain, key);
        return undefined;
      };
    });
    await using __ = operator;
    await operator.settle();
    await operator.clock.advance(1000);
    expect([reconciled, events(), operator.messages('error')]).toEqual([0, [], []]);
  });

  test('is finalized quietly if its deletion began before the finalizer was there', async () => {
    let refusals = 1;
    const forbidden = { reason: 'FieldValueForbidden', field: 'metadata.finalizers', message: 'Forbidden: no new …' };
    const { operator, events } = start(
      controller(Plain, { finalize: () => {}, reconcile: () => {} }),
      plain('a'),
      (api) => {
        api.fault = ({ verb }) =>
          verb === 'patch' && refusals-- > 0 ? refusal(422, 'Invalid', [forbidden]) : undefined;
      },
    );
    await using _ = operator;
    await operator.settle();
    await operator.clock.advance(100);
    expect([events(), operator.messages('error')]).toEqual([[], []]);
  });
});

test('a namespace that is being deleted makes no errors and no Events: the pass is repeated until it is gone', async () => {
  let passes = 0;
  const cause = {
    reason: 'NamespaceTerminating',
    field: 'metadata.namespace',
    message: 'namespace default is being …',
  };
  const { operator, events } = start(
    controller(Widget, {
      reconcile() {
        passes++;
        if (passes < 4) throw refusal(403, 'Forbidden', [cause]);
      },
    }),
  );
  await using _ = operator;
  await operator.settle();
  await operator.clock.advance(100);
  expect([passes, events(), operator.messages('error')]).toEqual([4, [], []]);
});

describe('default', () => {
  const wrong = async (change: (draft: never) => void, prepare?: (api: FakeApi) => void) => {
    const declared = controller(Widget, { default: change as never, reconcile: () => {} });
    const { api, operator } = start(declared, plain('a'), prepare);
    await using _ = operator;
    await operator.settle();
    await operator.clock.advance(3_600_000);
    const writes = api.writes.filter(({ kind, subresource }) => kind === 'Widget' && subresource !== 'status');
    return { messages: operator.messages('error'), writes: writes.length };
  };

  test('that changes the status, or what no object can change, is refused and not retried', async () => {
    const status = await wrong((draft: { status: object }) => {
      draft.status = { ready: true };
    });
    expect(status).toEqual({ messages: [expect.stringContaining('changed the status')], writes: 0 });
    const name = await wrong((draft: { metadata: { name: string } }) => {
      draft.metadata.name = 'b';
    });
    expect(name).toEqual({ messages: [expect.stringContaining('changed metadata.name')], writes: 0 });
  });

  test('that fills in what the server does not keep is written once and not for ever', async () => {
    const result = await wrong(
      (draft: { spec: { color?: string } }) => {
        draft.spec.color ??= 'red';
      },
      (api) => {
        // As pruning does.
        const patch = api.client.patch.bind(api.client);
        api.client.patch = (async (
          kind: never,
          object: never,
          { body, ...how }: { body: { spec?: object } },
          o: never,
        ) => patch(kind, object, { ...how, body: body.spec ? {} : body } as never, o)) as never;
      },
    );
    expect(result).toEqual({ messages: [expect.stringContaining('did not keep what `default` filled in')], writes: 1 });
  });
});

describe('finalizers', () => {
  test('go also when finalize asks to be run again after no time', async () => {
    const { api, operator } = start(controller(Plain, { finalize: () => ({ requeueAfter: 0 }), reconcile: () => {} }));
    await using _ = operator;
    await operator.settle();
    api.delete(Plain, key);
    await operator.settle();
    expect(api.object(Plain, key)).toBeUndefined();
  });

  test('are checked where they are declared', () => {
    const declare = (finalizer: string, retiredFinalizers: string[] = []) =>
      controller(Plain, { finalizer, retiredFinalizers, finalize() {}, reconcile() {} });
    expect(() => declare('plain')).toThrow('"plain" is no name of a finalizer: it needs a domain');
    expect(() => declare('example.com/not so')).toThrow('is no name of a finalizer');
    expect(() => declare('example.com/x', ['example.com/x'])).toThrow('retired and in use');
    expect(declare('example.com/x', ['example.com/y']).finalizer).toBe('example.com/x');
  });
});

describe('ownership is checked before any request', () => {
  const reference = { apiVersion: 'v1', kind: 'Other', name: 'o', uid: 'other' };
  const applying = async (metadata: object, options: object = {}) => {
    const declared = controller(Plain, {
      owns: [Plain],
      async reconcile(object, { apply }) {
        if (object.metadata.name !== 'a') return;
        const { apiVersion, kind } = Plain;
        await apply(
          { apiVersion, kind, metadata: { name: 'child', ...metadata }, spec: { size: 2 } } as never,
          options,
        );
      },
    });
    const { api, operator } = start(declared);
    await using _ = operator;
    await operator.settle();
    const [sent] = api.writes.filter(({ kind }) => kind === 'Plain');
    return {
      error: operator.messages('error')[0],
      references: (sent?.body as { metadata?: { ownerReferences?: unknown } })?.metadata?.ownerReferences,
    };
  };

  test('two controllers, in one intent or one beside the owner, are refused', async () => {
    const controlling = { ...reference, controller: true };
    const beside = await applying({ ownerReferences: [controlling] });
    expect(beside).toEqual({
      error: expect.stringContaining('default/child cannot have two controllers, Other o and Plain a'),
      references: undefined,
    });
    const two = await applying({ ownerReferences: [controlling, { ...controlling, uid: 'third' }] }, { owner: 'none' });
    expect(two.error).toContain('two controllers');
    expect((await applying({ ownerReferences: [controlling] }, { owner: 'owner' })).references).toMatchObject([
      controlling,
      { kind: 'Plain', name: 'a' },
    ]);
  });

  test('a reference of our own that the intent has already is not doubled; other owners stay', async () => {
    const own = { apiVersion: Plain.apiVersion, kind: 'Plain', name: 'a', uid: 'uid-1' };
    const { references } = await applying({ ownerReferences: [own, reference] });
    expect(references).toEqual([reference, { ...own, controller: true, blockOwnerDeletion: true }]);
  });

  test('an object does not own itself', async () => {
    expect((await applying({ name: 'a' })).error).toContain(
      'cannot own Plain.test.example.com default/a: that is the object',
    );
  });
});
