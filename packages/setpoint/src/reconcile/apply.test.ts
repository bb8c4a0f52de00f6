import { describe, expect, test } from 'vitest';
import { FakeApi } from '../../test/fake/fake-api.ts';
import { Plain, plain, Widget, Zone } from '../../test/fake/kinds.ts';
import { TestOperator } from '../../test/fake/operator.ts';
import { controller } from '../controller/index.ts';
import type { ReconcileContext } from './index.ts';

const key = { namespace: 'default', name: 'a' };
const child = (size = 1, name = 'child') => ({
  apiVersion: 'test.example.com/v1' as const,
  kind: 'Plain' as const,
  metadata: { namespace: 'default', name },
  spec: { size },
});

/** Runs `act` in each pass of a Widget that owns Plains. */
function start(
  act: (ctx: ReconcileContext, api: FakeApi) => Promise<unknown>,
  prepare: (api: FakeApi) => void = () => {},
) {
  const api = new FakeApi();
  api.create(Widget, plain('a'));
  prepare(api);
  const operator = new TestOperator(
    [
      controller(Widget, {
        owns: [Plain],
        writes: [Zone],
        reconcile: async (_, ctx) => void (await act(ctx as unknown as ReconcileContext, api)),
      }),
    ],
    { api },
  );
  const applied = () => api.writes.filter(({ kind }) => kind === 'Plain');
  return { api, operator, applied };
}

describe('apply', () => {
  test('sets the controller reference, and the child is in the cache at once', async () => {
    const seen: unknown[] = [];
    const { api, operator } = start(async ({ apply, cache }) => {
      await apply(child() as never);
      seen.push((cache.get(Plain, { namespace: 'default', name: 'child' }) as { spec: unknown }).spec);
    });
    await using _ = operator;
    await operator.settle();
    expect(api.object(Plain, { namespace: 'default', name: 'child' }).metadata.ownerReferences).toEqual([
      {
        apiVersion: 'test.example.com/v1',
        kind: 'Widget',
        name: 'a',
        uid: 'uid-1',
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
    expect(seen[0]).toEqual({ size: 1 });
  });

  test('of the same intent is not sent again, but is when the child was changed', async () => {
    const { api, operator, applied } = start(({ apply }) => apply(child() as never));
    await using _ = operator;
    const touch = async () => {
      api.edit(Widget, key, (object) => {
        object.spec.size++;
      });
      await operator.settle();
    };
    await operator.settle();
    await touch();
    await touch();
    expect(applied()).toHaveLength(1);
    api.edit(Plain, { namespace: 'default', name: 'child' }, (object) => {
      object.metadata.labels = { not: 'ours' };
    });
    await operator.settle();
    expect(applied()).toHaveLength(1);
    api.edit(Plain, { namespace: 'default', name: 'child' }, (object) => {
      object.spec.size = 77;
    });
    await operator.settle();
    expect(applied()).toHaveLength(2);
    expect(api.object(Plain, { namespace: 'default', name: 'child' }).spec.size).toBe(1);
  });

  test('sends nothing after a restart, where the fields that are ours and their values are as they were', async () => {
    const first = start(({ apply }) => apply(child() as never));
    await first.operator.settle();
    expect(first.applied()).toHaveLength(1);
    await first.operator[Symbol.asyncDispose]();
    await using second = new TestOperator(
      [
        controller(Widget, {
          owns: [Plain],
          reconcile: async (_, { apply }) => void (await apply(child() as never)),
        }),
      ],
      { api: first.api },
    );
    await second.settle();
    expect(first.applied()).toHaveLength(1);
    first.api.edit(Plain, { namespace: 'default', name: 'child' }, (object) => {
      object.spec.size++;
    });
    await second.settle();
    expect(first.applied()).toHaveLength(2);
  });

  test('brings a deleted child back', async () => {
    const { api, operator } = start(({ apply }) => apply(child() as never));
    await using _ = operator;
    await operator.settle();
    api.delete(Plain, { namespace: 'default', name: 'child' });
    await operator.settle();
    expect(api.object(Plain, { namespace: 'default', name: 'child' })).toBeDefined();
  });

  test.each([
    ['a kind that is not declared', { ...child(), kind: 'Secret' }, {}, 'add Secret to `owns` or `writes`'],
    ['an object of the server', { ...child(), metadata: { name: 'x', uid: 'u' } }, {}, 'as it came from the server'],
    [
      'a child in another namespace',
      { ...child(), metadata: { name: 'x', namespace: 'other' } },
      {},
      'must be in one namespace',
    ],
    [
      'a cluster-scoped child of a namespaced owner',
      { apiVersion: 'test.example.com/v1', kind: 'Zone', metadata: { name: 'z' }, spec: { size: 1 } },
      {},
      'cannot own a cluster-scoped one',
    ],
    ['an object without a name', { ...child(), metadata: { generateName: 'x-' } }, {}, 'needs the name'],
  ])('refuses %s before any request', async (_, object, options, message) => {
    const { operator, applied } = start(({ apply }) => apply(object as never, options));
    await using __ = operator;
    await operator.settle();
    expect(operator.messages('error')[0]).toContain(message);
    expect(applied()).toEqual([]);
  });

  test('refuses an object read from the cache', async () => {
    const { operator, applied } = start(
      ({ apply, cache }) => apply(cache.list(Plain)[0] as never),
      (api) => api.create(Plain, plain('b')),
    );
    await using _ = operator;
    await operator.settle();
    expect(operator.messages('error')[0]).toContain('as it came from the server');
    expect(applied()).toEqual([]);
  });

  test("never steals another controller's child", async () => {
    const { api, operator, applied } = start(
      ({ apply }) => apply(child(9) as never),
      (api) =>
        api.create(Plain, {
          ...child(),
          metadata: {
            ...child().metadata,
            ownerReferences: [{ apiVersion: 'v1', kind: 'Other', name: 'o', uid: 'other', controller: true }],
          },
        }),
    );
    await using _ = operator;
    await operator.settle();
    expect(operator.messages('error')[0]).toContain('is controlled by Other o already');
    expect(applied()).toEqual([]);
    expect(api.object(Plain, { namespace: 'default', name: 'child' }).spec.size).toBe(1);
  });
});

describe('delete', () => {
  test('carries the UID: a successor of the same name stays', async () => {
    const results: unknown[] = [];
    const { api, operator } = start(
      async (ctx, api) => {
        const [found] = ctx.cache.list(Plain);
        if (!found || results.length > 0) return;
        api.paused = true;
        api.delete(Plain, { namespace: 'default', name: 'b' });
        api.create(Plain, plain('b'));
        results.push(await ctx.delete(found as never));
        api.resume();
      },
      (api) => api.create(Plain, plain('b')),
    );
    await using _ = operator;
    await operator.settle();
    expect(results).toEqual([false]);
    expect(api.object(Plain, { namespace: 'default', name: 'b' }).metadata.uid).toBe('uid-3');
  });

  test('hides the object from reads at once', async () => {
    const seen: unknown[] = [];
    const { operator } = start(
      async (ctx, api) => {
        const [found] = ctx.cache.list(Plain);
        if (!found) return;
        api.paused = true;
        seen.push(await ctx.delete(found as never), ctx.cache.list(Plain).length);
        api.resume();
      },
      (api) => api.create(Plain, plain('b')),
    );
    await using _ = operator;
    await operator.settle();
    expect(seen).toEqual([true, 0]);
  });
});
