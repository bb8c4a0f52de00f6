// biome-ignore-all lint/suspicious/noExplicitAny: tests look into objects of every kind.
import { describe, expect, test } from 'vitest';
import { at, small, start } from '../../test/fake/children.ts';
import { FakeApi, problem } from '../../test/fake/fake-api.ts';
import { Plain, plain, Widget, Zone } from '../../test/fake/kinds.ts';
import { ApiError } from '../errors/index.ts';
import { type ChildOf, child } from './index.ts';

describe('children', () => {
  test('are applied with the owner reference and the label of the operator, and not again while nothing changes', async () => {
    const { api, operator, sent, touch } = start(() => ({ children: [small('one'), small('two')] }));
    await using _ = operator;
    await operator.settle();
    const { metadata, spec } = api.object(Plain, at('one'));
    expect(spec).toEqual({ size: 1 });
    expect(metadata.labels).toEqual({ 'app.kubernetes.io/managed-by': 'test' });
    expect(metadata.ownerReferences).toMatchObject([{ kind: 'Widget', name: 'a', uid: 'uid-1', controller: true }]);
    await touch();
    expect(sent()).toEqual(['patch one', 'patch two']);
  });

  test('are repaired where a field of theirs was changed, and left alone where it is of others', async () => {
    const { api, operator, sent } = start(() => ({ children: [small('one')] }));
    await using _ = operator;
    await operator.settle();
    api.edit(Plain, at('one'), (object) => {
      object.metadata.labels.mine = 'yes';
    });
    await operator.settle();
    expect(sent()).toHaveLength(1);
    api.edit(Plain, at('one'), (object) => {
      object.spec.size = 9;
    });
    await operator.settle();
    expect(api.object(Plain, at('one'))).toMatchObject({ spec: { size: 1 }, metadata: { labels: { mine: 'yes' } } });
  });

  test('that are there are not written after a restart', async () => {
    const first = start(() => ({ children: [small('one'), small('two')] }));
    await first.operator.settle();
    await first.operator[Symbol.asyncDispose]();
    const { length } = first.api.writes;
    const second = start(() => ({ children: [small('one'), small('two')] }), { api: first.api });
    await using _ = second.operator;
    await second.operator.settle();
    expect(first.api.writes).toHaveLength(length);
  });

  test('are made anew when they were deleted', async () => {
    const { api, operator, plains } = start(() => ({ children: [small('one')] }));
    await using _ = operator;
    await operator.settle();
    api.delete(Plain, at('one'));
    await operator.settle();
    expect(plains()).toEqual(['one']);
  });

  test.each<[string, () => readonly ChildOf<typeof Plain | typeof Zone>[], string]>([
    [
      'two of one name',
      () => [small('one'), small('one', 2)],
      'there are two children Plain.test.example.com default/one',
    ],
    [
      'one that depends on what is not among them',
      () => [small('one', 1, { dependsOn: [small('two')] })],
      'Plain.test.example.com default/one depends on Plain.test.example.com default/two, which is not among',
    ],
    [
      'one of a kind that is not declared',
      () => [child(Widget, plain('x') as any) as any],
      'add it to `owns` of controller widget',
    ],
    [
      'one without a name',
      () => [child(Plain, { metadata: { generateName: 'x-' }, spec: { size: 1 } })],
      'apply needs the name',
    ],
    [
      'one that nobody would delete',
      () => [child(Zone, { metadata: { name: 'z' }, spec: { size: 1 } }, { owner: 'none' })],
      "set deleteChildren: 'reverse'",
    ],
    [
      'one that the owner cannot own',
      () => [child(Zone, { metadata: { name: 'z' }, spec: { size: 1 } })],
      'cannot own a cluster-scoped one',
    ],
    [
      'one that says to be of another kind',
      () => [child(Plain, { ...plain('x'), kind: 'Zone' as any })],
      'says that it is Zone',
    ],
  ])('are refused where there is %s', async (_, children, message) => {
    const { operator, sent } = start(() => ({ children: children() }));
    await using __ = operator;
    await operator.settle();
    expect(operator.messages('error')[0]).toContain(message);
    expect(sent()).toEqual([]);
  });

  test('that depend on themselves are refused', async () => {
    const dependsOn: any[] = [];
    const one = small('one', 1, { dependsOn });
    dependsOn.push(small('two', 1, { dependsOn: [one] }));
    const { operator } = start(() => ({ children: [one, dependsOn[0]] }));
    await using _ = operator;
    await operator.settle();
    expect(operator.messages('error')[0]).toContain('depends on itself');
  });

  test('that cannot be applied stop only those that depend on them, and nothing is deleted', async () => {
    let broken = false;
    const { api, operator, plains, touch, condition } = start(() => {
      const bad = small('bad');
      const after = small('after', 1, { dependsOn: [bad] });
      return { children: broken ? [bad, after, small('good')] : [small('old')] };
    });
    await using _ = operator;
    await operator.settle();
    broken = true;
    api.fault = ({ name, kind }) =>
      kind === 'Plain' && name === 'bad' ? problem(422, 'Invalid', 'bad is bad') : undefined;
    await touch();
    expect(plains()).toEqual(['good', 'old']);
    expect(condition('Reconciled')).toBe('False ReconcileError: cannot test test: bad is bad (422 Invalid)');
  });

  test('of which several fail say so in one error', async () => {
    const { api, operator, condition } = start(() => ({ children: [small('one'), small('two')] }));
    api.fault = ({ verb, name, kind }) =>
      kind === 'Plain' && verb === 'patch' ? problem(422, 'Invalid', `${name} is bad`) : undefined;
    await using _ = operator;
    await operator.settle();
    expect(condition('Reconciled')).toMatch(/^False ReconcileError: 2 children failed: .*one is bad.*; .*two is bad/);
  });
});

describe('pruning', () => {
  test('deletes what is no longer among the children, and nothing where there is no list', async () => {
    let children: ReturnType<typeof small>[] | undefined = [small('one'), small('two')];
    const { operator, plains, touch } = start(() => (children ? { children } : {}));
    await using _ = operator;
    await operator.settle();
    children = undefined;
    await touch();
    expect(plains()).toEqual(['one', 'two']);
    children = [small('two')];
    await touch();
    expect(plains()).toEqual(['two']);
    children = [];
    await touch();
    expect(plains()).toEqual([]);
  });

  test('finds after a restart what an earlier process made', async () => {
    const first = start(() => ({ children: [small('one'), small('two')] }));
    await first.operator.settle();
    await first.operator[Symbol.asyncDispose]();
    const second = start(() => ({ children: [small('one')] }), { api: first.api });
    await using _ = second.operator;
    await second.operator.settle();
    expect(second.plains()).toEqual(['one']);
  });

  test('spares what others made for the same owner, what belongs to others, and what the pass itself applies', async () => {
    const api = new FakeApi();
    const { uid } = api.create(Widget, plain('a')).metadata;
    const reference = { apiVersion: 'test.example.com/v1', kind: 'Widget', name: 'a', uid, controller: true };
    const of = (manager: string) => [{ manager, operation: 'Apply', apiVersion: 'test.example.com/v1', fieldsV1: {} }];
    const put = (name: string, metadata: object) =>
      api.create(Plain, { ...plain(name), metadata: { ...plain(name).metadata, ...metadata } });
    put('another-controllers', { ownerReferences: [reference], managedFields: of('test/other') });
    put('another-owners', {
      ownerReferences: [{ ...reference, uid: 'x', name: 'b' }],
      managedFields: of('test/widget'),
    });
    put('by-hand', { ownerReferences: [reference] });
    put('ours', { ownerReferences: [reference], managedFields: of('test/widget') });
    put('written', { ownerReferences: [reference], managedFields: [{ manager: 'old', operation: 'Update' }] });
    const { operator, plains } = start(
      async (_, { apply }) => {
        await apply({
          apiVersion: 'test.example.com/v1',
          kind: 'Plain',
          metadata: { name: 'aside' },
          spec: { size: 1 },
        } as never);
        return { children: [] };
      },
      { api, declaration: { formerManagers: ['old'] } },
    );
    await using _ = operator;
    await operator.settle();
    expect(plains()).toEqual(['another-controllers', 'another-owners', 'aside', 'by-hand']);
  });

  test('carries the UID, so that an object that came later under the name stays', async () => {
    let children = [small('one')];
    const { api, operator, touch } = start(() => ({ children }));
    await using _ = operator;
    await operator.settle();
    children = [];
    api.paused = true;
    api.delete(Plain, at('one'));
    api.create(Plain, plain('one', 7));
    await touch();
    api.resume();
    await operator.settle();
    expect(api.object(Plain, at('one')).spec.size).toBe(7);
  });
});

describe('a child of another owner', () => {
  const foreign = (api: FakeApi, reference: object, metadata: object = {}) =>
    api.create(Plain, {
      ...plain('one', 5),
      metadata: {
        ...plain('one').metadata,
        ownerReferences: [{ apiVersion: 'v1', controller: true, ...reference }],
        ...metadata,
      },
    });

  test('is never stolen: condition and Event name the owner', async () => {
    const api = new FakeApi();
    foreign(api, { kind: 'Other', name: 'o', uid: 'x' });
    const { operator, sent, condition, events } = start(() => ({ children: [small('one')] }), { api });
    await using _ = operator;
    await operator.settle();
    const message =
      'Plain.test.example.com default/one is controlled by Other o already and is left alone; choose another name for the child';
    expect(condition('Reconciled')).toBe(`False ReconcileError: ${message}`);
    expect(events()).toContain(`Warning ProcessingError: ${message}`);
    expect(sent()).toEqual([]);
  });

  test('that the cache does not show is found when the server refuses a second controller', async () => {
    const api = new FakeApi();
    const { operator, condition } = start(() => ({ children: [small('one')] }), { api });
    await using _ = operator;
    api.fault = ({ verb, name, kind }) => {
      if (verb !== 'patch' || kind !== 'Plain' || name !== 'one') return undefined;
      api.paused = true;
      if (!api.object(Plain, at('one'))) foreign(api, { kind: 'Other', name: 'o', uid: 'x' });
      const causes = [{ reason: 'FieldValueInvalid', message: 'only one', field: 'metadata.ownerReferences' }];
      const { status } = problem(422, 'Invalid', 'only one reference can have Controller set to true');
      return new ApiError({
        request: { verb: 'patch', kind: 'Plain' },
        httpStatus: 422,
        status: { ...status, details: { causes } },
      });
    };
    await operator.settle();
    expect(condition('Reconciled')).toContain('is controlled by Other o already and is left alone');
  });

  test('of an earlier owner of the same name is waited for, until it is gone', async () => {
    const api = new FakeApi();
    foreign(api, { apiVersion: 'test.example.com/v1', kind: 'Widget', name: 'a', uid: 'earlier' });
    const { operator, sent, condition, events } = start(() => ({ children: [small('one')] }), { api });
    await using _ = operator;
    await operator.settle();
    const message = 'Plain.test.example.com default/one belongs to an earlier Widget a, and is deleted with it';
    expect(condition('Reconciled')).toBe(`False ChildTerminating: ${message}`);
    expect(condition('Ready')).toBe(`False ChildTerminating: ${message}`);
    expect(events()).toEqual([`Normal ChildTerminating: ${message}`]);
    expect(sent()).toEqual([]);
    api.delete(Plain, at('one'));
    await operator.settle();
    expect(condition('Ready')).toBe('True ReconcileSuccess: ');
    expect(api.object(Plain, at('one')).spec.size).toBe(1);
  });

  test("that is nobody's, and is being deleted, is looked at from time to time", async () => {
    const api = new FakeApi();
    api.create(Plain, { ...plain('one', 5), metadata: { ...plain('one').metadata, finalizers: ['a.b/c'] } });
    api.delete(Plain, at('one'));
    const { operator, condition } = start(() => ({ children: [small('one')] }), { api });
    await using _ = operator;
    await operator.settle();
    expect(condition('Ready')).toContain('False ChildTerminating');
    api.edit(Plain, at('one'), (object) => {
      object.metadata.finalizers = [];
    });
    await operator.clock.advance(5000);
    await operator.settle();
    expect(condition('Ready')).toContain('True');
    expect(api.object(Plain, at('one')).spec.size).toBe(1);
  });

  test('that is being deleted keeps its name until it is gone', async () => {
    const { api, operator, sent, condition, touch } = start(() => ({ children: [small('one')] }));
    await using _ = operator;
    await operator.settle();
    api.edit(Plain, at('one'), (object) => {
      object.metadata.finalizers = ['a.b/c'];
    });
    api.delete(Plain, at('one'));
    await operator.settle();
    await touch();
    expect(condition('Ready')).toBe(
      'False ChildTerminating: Plain.test.example.com default/one is being deleted; held by a.b/c; it is made anew when it is gone',
    );
    expect(sent()).toEqual(['patch one']);
    api.edit(Plain, at('one'), (object) => {
      object.metadata.finalizers = [];
    });
    await operator.settle();
    expect(sent()).toEqual(['patch one', 'patch one']);
    expect(condition('Ready')).toContain('True');
  });
});
