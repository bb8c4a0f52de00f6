import { describe, expect, test } from 'vitest';
import { at, small, start } from '../../test/fake/children.ts';
import { FakeApi } from '../../test/fake/fake-api.ts';
import { Plain, plain, Widget, Zone } from '../../test/fake/kinds.ts';
import { ready } from '../readiness/index.ts';
import { child } from './index.ts';

const declaration = { deleteChildren: 'reverse' };
const isReady = () => ready;

/** A base, something on it, something on that, and something beside. */
function tower() {
  const base = small('base', 1, { ready: isReady });
  const middle = small('middle', 1, { ready: isReady, dependsOn: [base] });
  return [base, middle, small('top', 1, { dependsOn: [middle] }), small('beside')];
}

/** Holds a child by a finalizer, as its own controller might. */
function hold(api: FakeApi, name: string, finalizers = ['a.b/held']): void {
  api.edit(Plain, at(name), (object) => {
    object.metadata.finalizers = finalizers;
  });
}

describe('deletion in reverse order', () => {
  test('ends the last ones first and goes on when they are gone; the owner goes last', async () => {
    const { api, operator, plains, condition, sent } = start(() => ({ children: tower() }), { declaration });
    await using _ = operator;
    await operator.settle();
    expect(api.object(Widget, at('a')).metadata.finalizers).toEqual(['test.example.com/widget']);
    expect(plains()).toEqual(['base', 'beside', 'middle', 'top']);
    hold(api, 'top');
    hold(api, 'middle');
    await operator.settle();
    api.delete(Widget, at('a'));
    await operator.settle();
    const waits = 'waiting for the end of Plain.test.example.com default';
    expect(condition('Ready')).toBe(
      `False DeletingChildren: ${waits}/top (held by a.b/held); 4 children are left in all`,
    );
    expect(sent().filter((line) => line.startsWith('delete'))).toEqual(['delete top']);
    hold(api, 'top', []);
    await operator.settle();
    expect(plains()).toEqual(['base', 'beside', 'middle']);
    expect(condition('Reconciled')).toBe(
      `False DeletingChildren: ${waits}/middle (held by a.b/held); 3 children are left in all`,
    );
    hold(api, 'middle', []);
    await operator.settle();
    expect(plains()).toEqual([]);
    expect(api.object(Widget, at('a'))).toBeUndefined();
    expect(sent().filter((line) => line.startsWith('delete'))).toEqual([
      'delete top',
      'delete middle',
      'delete base',
      'delete beside',
    ]);
  });

  test('comes after finalize, and is as good after a restart', async () => {
    const finalized: number[] = [];
    const finalize = () => void finalized.push(api.list(Plain).length);
    const { api, operator } = start(() => ({ children: tower() }), { declaration });
    await operator.settle();
    await operator[Symbol.asyncDispose]();
    api.delete(Widget, at('a'));
    const second = start(() => ({}), { api, declaration: { ...declaration, finalize } });
    await using _ = second.operator;
    await second.operator.settle();
    expect(finalized).toEqual([4]);
    expect(api.list(Plain)).toEqual([]);
    expect(api.list(Widget)).toEqual([]);
  });

  test('leaves the children to whoever deletes with --cascade=orphan', async () => {
    const { api, operator, plains } = start(() => ({ children: tower() }), { declaration });
    await using _ = operator;
    await operator.settle();
    api.edit(Widget, at('a'), (widget) => {
      widget.metadata.finalizers.push('orphan');
    });
    api.delete(Widget, at('a'));
    await operator.settle();
    expect(plains()).toHaveLength(4);
    expect(api.object(Widget, at('a')).metadata.finalizers).toEqual(['orphan']);
  });

  test('without it is left to the garbage collector', async () => {
    const { api, operator, plains } = start(() => ({ children: tower() }));
    await using _ = operator;
    await operator.settle();
    expect(api.object(Widget, at('a')).metadata.finalizers).toBeUndefined();
    api.delete(Widget, at('a'));
    await operator.settle();
    expect(plains()).toHaveLength(4);
  });
});

describe('a child without an owner reference', () => {
  const zone = (size = 1) => child(Zone, { metadata: { name: 'z' }, spec: { size } }, { owner: 'none' });
  const elsewhere = child(Plain, { metadata: { name: 'p', namespace: 'other' }, spec: { size: 1 } }, { owner: 'none' });

  test('says whose it is, leads to its owner, is pruned and goes with it', async () => {
    let children = [zone(), elsewhere];
    const { api, operator, touch } = start(() => ({ children }), { declaration });
    await using _ = operator;
    await operator.settle();
    const { metadata } = api.object(Zone, { name: 'z' });
    expect(metadata.ownerReferences).toBeUndefined();
    expect(metadata.labels['setpoint.dev/owner-uid']).toBe('uid-1');
    expect(metadata.annotations['setpoint.dev/owner']).toBe('Widget.test.example.com default/a');
    api.edit(Zone, { name: 'z' }, (object) => {
      object.spec.size = 9;
    });
    await operator.settle();
    expect(api.object(Zone, { name: 'z' }).spec.size).toBe(1);
    children = [zone()];
    await touch();
    expect(api.list(Plain)).toEqual([]);
    api.delete(Widget, at('a'));
    await operator.settle();
    expect(api.list(Zone)).toEqual([]);
    expect(api.list(Widget)).toEqual([]);
  });

  test('of another owner is not taken; of an earlier one of the same name it is', async () => {
    const api = new FakeApi();
    const claimed = (owner: string) => ({
      metadata: {
        name: 'z',
        labels: { 'setpoint.dev/owner-uid': 'another' },
        annotations: { 'setpoint.dev/owner': owner },
      },
      spec: { size: 5 },
    });
    api.create(Zone, claimed('Widget.test.example.com default/b'));
    const { operator, condition, touch } = start(() => ({ children: [zone()] }), { api, declaration });
    await using _ = operator;
    await operator.settle();
    expect(condition('Reconciled')).toBe(
      'False ReconcileError: Zone.test.example.com z belongs to Widget.test.example.com default/b already and is left alone; choose another name for the child',
    );
    expect(api.object(Zone, { name: 'z' }).spec.size).toBe(5);
    api.edit(Zone, { name: 'z' }, (object) => {
      object.metadata.annotations['setpoint.dev/owner'] = 'Widget.test.example.com default/a';
    });
    await touch();
    expect(api.object(Zone, { name: 'z' })).toMatchObject({
      spec: { size: 1 },
      metadata: { labels: { 'setpoint.dev/owner-uid': 'uid-2' } },
    });
  });
});

test('children of two owners do not mix', async () => {
  const { api, operator, plains } = start((widget) => ({ children: [small(`of-${widget.metadata.name}`)] }));
  await using _ = operator;
  api.create(Widget, plain('b'));
  await operator.settle();
  expect(plains()).toEqual(['of-a', 'of-b']);
});
