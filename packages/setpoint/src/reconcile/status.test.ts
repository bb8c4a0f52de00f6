import { describe, expect, test } from 'vitest';
import { FakeApi, problem } from '../../test/fake/fake-api.ts';
import { Plain, plain, Widget } from '../../test/fake/kinds.ts';
import { TestOperator } from '../../test/fake/operator.ts';
import { type Controller, controller, needs } from '../controller/index.ts';
import { TerminalError } from '../errors/index.ts';
import { Deployment } from '../kinds/builtin/apps/v1.ts';

const key = { namespace: 'default', name: 'a' };

/** Writes what the spec says into the status, and tells of each pass. */
function sizing(pass: () => void) {
  return controller(Plain, {
    async reconcile(object, { status }) {
      pass();
      await status.patch({ size: object.spec.size });
    },
  });
}

describe('status.patch', () => {
  test('sends the difference under the resourceVersion, and nothing if there is none', async () => {
    const api = new FakeApi();
    api.create(Plain, plain('a', 7));
    const sent: boolean[] = [];
    await using operator = new TestOperator(
      [
        controller(Plain, {
          async reconcile(object, { status }) {
            sent.push(await status.patch({ size: object.spec.size }));
            sent.push(await status.patch({ size: object.spec.size }));
          },
        }),
      ],
      { api },
    );
    await operator.settle();
    expect(sent).toEqual([true, false]);
    expect(api.writes).toEqual([
      {
        verb: 'patch',
        kind: 'Plain',
        name: 'a',
        subresource: 'status',
        body: { metadata: { resourceVersion: '101' }, status: { size: 7 } },
      },
    ]);
  });

  test('null removes, undefined is refused with its path', async () => {
    const api = new FakeApi();
    api.create(Widget, { ...plain('a'), status: { ready: true, seen: 1 } });
    const errors: string[] = [];
    await using operator = new TestOperator(
      [
        controller(Widget, {
          async reconcile(_, { status }) {
            await status.patch({ seen: undefined } as never).catch((error: Error) => errors.push(error.message));
            await status.patch({ seen: null });
          },
        }),
      ],
      { api },
    );
    await operator.settle();
    expect(errors).toEqual(['status.seen is undefined: write null to remove it, or leave it out']);
    expect(api.object(Widget, key).status).not.toHaveProperty('seen');
    expect(api.object(Widget, key).status.ready).toBe(true);
  });

  test('a conflict with the same object is computed once more against what is there now', async () => {
    const api = new FakeApi();
    api.create(Plain, plain('a'));
    let first = true;
    api.fault = ({ verb, subresource }) => {
      if (verb === 'patch' && subresource === 'status' && first) {
        first = false;
        api.edit(Plain, key, (object) => {
          object.metadata.labels = { other: 'hand' };
        });
      }
      return undefined;
    };
    await using operator = new TestOperator(
      [
        controller(Plain, {
          reconcile: async (object, { status }) => void (await status.patch({ size: object.spec.size })),
        }),
      ],
      { api },
    );
    await operator.settle();
    expect(api.object(Plain, key)).toMatchObject({ status: { size: 1 }, metadata: { labels: { other: 'hand' } } });
    expect(operator.messages('error')).toEqual([]);
    expect(api.calls.filter(({ verb, kind }) => verb === 'get' && kind === 'Plain')).toEqual([]);
  });

  test('a second conflict repeats the pass quietly', async () => {
    const api = new FakeApi();
    api.create(Plain, plain('a'));
    let refusals = 2;
    api.fault = ({ subresource }) =>
      subresource === 'status' && refusals-- > 0 ? problem(409, 'Conflict', 'changed') : undefined;
    let passes = 0;
    await using operator = new TestOperator([sizing(() => passes++)], { api });
    await operator.settle();
    await operator.clock.advance(5);
    await operator.settle();
    expect(passes).toBe(2);
    expect(operator.messages('error')).toEqual([]);
    expect(api.object(Plain, key).status).toEqual({ size: 1 });
  });

  test('a function sees the status it changes, also the second time', async () => {
    const api = new FakeApi();
    api.create(Widget, { ...plain('a'), status: { seen: 1 } });
    let first = true;
    api.fault = ({ subresource }) => {
      if (subresource === 'status' && first) {
        first = false;
        api.edit(Widget, key, (object) => {
          object.status.seen = 10;
        });
      }
      return undefined;
    };
    let passes = 0;
    await using operator = new TestOperator(
      [
        controller(Widget, {
          async reconcile(_, { status }) {
            if (passes++ === 0) await status.patch(({ seen = 0 }) => ({ seen: seen + 1 }));
          },
        }),
      ],
      { api },
    );
    await operator.settle();
    expect(api.object(Widget, key).status.seen).toBe(11);
  });
});

describe('own status writes', () => {
  test('lead to no pass, while a status that somebody else wrote does', async () => {
    const api = new FakeApi();
    api.create(Plain, plain('a'));
    let passes = 0;
    await using operator = new TestOperator([sizing(() => passes++)], { api });
    await operator.settle();
    expect(passes).toBe(1);
    api.edit(Plain, key, (object) => {
      object.status = { size: 99 };
    });
    await operator.settle();
    expect(passes).toBe(2);
    expect(api.object(Plain, key).status).toEqual({ size: 1 });
    api.edit(Plain, key, (object) => {
      object.metadata.annotations = { a: 'b' };
    });
    await operator.settle();
    expect(passes).toBe(3);
  });

  test('are visible to reads at once, before the watch brings them', async () => {
    const api = new FakeApi();
    api.create(Plain, plain('a'));
    const seen: unknown[] = [];
    await using operator = new TestOperator(
      [
        controller(Plain, {
          async reconcile(_, { status, cache, key }) {
            api.paused = true;
            await status.patch({ size: 5 });
            seen.push(cache.get(Plain, key as never)?.status?.size);
            api.resume();
          },
        }),
      ],
      { api },
    );
    await operator.settle();
    expect(seen).toEqual([5]);
  });
});

describe('conditions', () => {
  test('and the outcome are written once, after the pass; times change with the status only', async () => {
    const api = new FakeApi();
    api.create(Widget, plain('a'));
    let status: 'True' | 'False' = 'False';
    await using operator = new TestOperator(
      [
        controller(Widget, {
          reconcile(widget, { conditions }) {
            conditions.set({ type: 'Ready', status, reason: 'Because', message: `size ${widget.spec.size}` });
          },
        }),
      ],
      { api },
    );
    const edit = async (size: number) => {
      await operator.clock.advance(60_000);
      api.edit(Widget, key, (object) => {
        object.spec.size = size;
      });
      await operator.settle();
      return api.object(Widget, key).status.conditions;
    };
    await operator.settle();
    expect(api.writes).toHaveLength(1);
    const [ready, outcome] = api.object(Widget, key).status.conditions;
    expect(ready).toMatchObject({ type: 'Ready', status: 'False', reason: 'Because', observedGeneration: 1 });
    expect(outcome).toMatchObject({ type: 'Reconciled', status: 'True', reason: 'ReconcileSuccess' });

    const [same] = await edit(2);
    expect(same).toMatchObject({
      message: 'size 2',
      observedGeneration: 2,
      lastTransitionTime: ready.lastTransitionTime,
    });
    status = 'True';
    const [changed] = await edit(3);
    expect(changed.status).toBe('True');
    expect(changed.lastTransitionTime).not.toBe(ready.lastTransitionTime);
  });

  test('a failing pass says so in its outcome; the same failure again writes nothing', async () => {
    const api = new FakeApi();
    api.create(Widget, plain('a'));
    await using operator = new TestOperator(
      [
        controller(Widget, {
          reconcile() {
            throw new Error('no quota');
          },
        }),
      ],
      { api },
    );
    await operator.settle();
    await operator.clock.advance(5);
    await operator.clock.advance(10);
    expect(api.object(Widget, key).status.conditions).toMatchObject([
      { type: 'Reconciled', status: 'False', reason: 'ReconcileError', message: 'no quota' },
    ]);
    expect(api.writes.filter(({ subresource }) => subresource === 'status')).toHaveLength(1);
  });

  test('on a kind that declares none are an error that says what to add, and no outcome is written', async () => {
    const api = new FakeApi();
    api.create(Plain, plain('a'));
    await using operator = new TestOperator(
      [
        controller(Plain, {
          reconcile: (_, { conditions }) => conditions.set({ type: 'Ready', status: 'True', reason: 'R' }),
        }),
      ],
      { api },
    );
    await operator.settle();
    expect(operator.messages('error')[0]).toContain('add `conditions` to its status schema');
    expect(api.writes.filter(({ subresource }) => subresource)).toEqual([]);
  });
});

describe('a status that is not written', () => {
  const refused = (kind: string) =>
    `the status of ${kind} is not written by this controller: add \`writesStatus: true\` to its declaration`;

  test('is that of a kind of others, unless said; its role does not allow it', async () => {
    const [run, says] = [{ reconcile: () => {} }, { writesStatus: true, reconcile: () => {} }];
    const resources = (declared: Controller) => needs(declared).map(({ subresource }) => subresource);
    expect(resources(controller(Deployment, run))).not.toContain('status');
    expect(resources(controller(Deployment, says))).toContain('status');
    expect(resources(controller(Plain, run))).toContain('status');
    expect(resources(controller(Plain, { ...run, writesStatus: false }))).not.toContain('status');
    expect(() => controller(Widget, { ...run, writesStatus: false, ready: true })).toThrow('kept in the status');
  });

  test('is refused before any request, with the line to add; outcomes are Events alone', async () => {
    const api = new FakeApi();
    api.create(Widget, plain('a'));
    const errors: string[] = [];
    await using operator = new TestOperator(
      [
        controller(Widget, {
          writesStatus: false,
          async reconcile(_, { status, conditions }) {
            await status.patch({ seen: 1 }).catch((error: Error) => errors.push(error.message));
            try {
              conditions.set({ type: 'Ready', status: 'True', reason: 'R' });
            } catch (error) {
              errors.push((error as Error).message);
            }
            throw new TerminalError('no more');
          },
        }),
      ],
      { api },
    );
    await operator.settle();
    expect(errors).toEqual([refused('Widget.test.example.com'), refused('Widget.test.example.com')]);
    expect(api.writes.map(({ kind }) => kind)).toEqual(['Event']);
  });
});
