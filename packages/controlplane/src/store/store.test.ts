import type { KubeObject } from '@setpoint/apimachinery/meta';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Store } from './index.ts';

const object = (name: string, value = ''): KubeObject =>
  ({ apiVersion: 'v1', kind: 'Toy', metadata: { name }, value }) as unknown as KubeObject;
const keys = (entries: Iterable<{ readonly key: string }>) => Array.from(entries, (entry) => entry.key);

test('every commit takes the next revision, deletions too, and all collections share the counter', () => {
  const store = new Store();
  const toys = store.collection('/toys');
  const first = toys.commit('a', 0, object('a'));
  const other = store.collection('/others').commit('a', 0, object('a'));
  const gone = toys.commit('a', undefined, undefined);
  expect([first?.revision, other?.revision, gone?.revision, store.revision]).toEqual([2, 3, 4, 4]);
  expect(gone?.object.metadata.resourceVersion).toBe('4');
});

test('a commit that expects another revision changes nothing', () => {
  const store = new Store();
  const toys = store.collection('/toys');
  toys.commit('a', 0, object('a'));
  expect(toys.commit('a', 0, object('a'))).toBeUndefined();
  expect(toys.commit('a', 7, object('a'))).toBeUndefined();
  expect(toys.commit('b', 2, object('b'))).toBeUndefined();
  expect(toys.commit('b', undefined, undefined)).toBeUndefined();
  expect(store.revision).toBe(2);
});

test('what is stored is frozen throughout', () => {
  const entry = new Store().collection('/toys').commit('a', 0, {
    ...object('a'),
    metadata: { name: 'a', labels: { a: 'b' } },
  });
  expect(() => {
    (entry?.object.metadata.labels as Record<string, string>).a = 'c';
  }).toThrow(TypeError);
});

test('bytes are made once an encoding', () => {
  const entry = new Store().collection('/toys').commit('a', 0, object('a'));
  let made = 0;
  const encode = () => new Uint8Array([++made]);
  expect(entry?.bytes('one', encode)).toBe(entry?.bytes('one', encode));
  expect(entry?.bytes('two', encode)).toBe(entry?.bytes('two', encode));
  expect(made).toBe(2);
});

test('a seed has its revision at once, is made when somebody first looks, and is in no history', () => {
  const store = new Store();
  const toys = store.collection('/toys');
  let made = 0;
  const seed = (name: string) =>
    toys.seed(name, () => {
      made++;
      return { ...object(name), metadata: { name, resourceVersion: '0' } };
    });
  seed('b');
  seed('a');
  seed('a');
  const entries = [...toys.present().entries('')];
  expect(entries.map(({ key, revision, isUntouched }) => [key, revision, isUntouched])).toEqual([
    ['a', 3, true],
    ['b', 2, true],
  ]);
  expect([made, store.revision, toys.changesAfter(1)]).toEqual([0, 3, []]);
  expect(toys.get('a')?.object.metadata).toEqual({ name: 'a', resourceVersion: '3' });
  expect(Object.isFrozen(toys.get('a')?.object.metadata)).toBe(true);
  expect([made, toys.get('a')?.isUntouched]).toEqual([1, false]);
  expect(toys.commit('b', 2, object('b', 'next'))?.revision).toBe(4);
});

test('what is written down is made at once', () => {
  const records: string[] = [];
  const store = new Store({ record: (record) => records.push(record.type === 'put' ? record.key : record.type) });
  store.collection('/toys').seed('a', () => object('a'));
  expect(records).toEqual(['a']);
});

test('keys come in the order of their bytes, beyond the basic plane last', () => {
  const toys = new Store().collection('/toys');
  for (const key of ['b', '\u{1f600}', 'a/b', 'a-b', '\uffee', 'a']) toys.commit(key, 0, object(key));
  expect(keys(toys.present().entries(''))).toEqual(['a', 'a-b', 'a/b', 'b', '\uffee', '\u{1f600}']);
  expect(keys(toys.present().entries('a/'))).toEqual(['a/b']);
  expect(keys(toys.present().entries('', 'a/b'))).toEqual(['a/b', 'b', '\uffee', '\u{1f600}']);
});

test('a namespace hears its own changes, and who asks for all hears all', () => {
  const toys = new Store().collection('/toys');
  const heard: string[] = [];
  toys.subscribe('x', ({ type, key }) => heard.push(`x: ${type} ${key}`));
  const stop = toys.subscribe(undefined, ({ type, key }) => heard.push(`all: ${type} ${key}`));
  toys.commit('x/a', 0, object('a'));
  toys.commit('y/a', 0, object('a'));
  stop();
  toys.commit('x/a', undefined, undefined);
  expect(heard).toEqual(['all: create x/a', 'x: create x/a', 'all: create y/a', 'x: delete x/a']);
});

test('history ends where it was compacted, and where it is full', () => {
  const store = new Store({ historySize: 3 });
  const toys = store.collection('/toys');
  for (const key of ['a', 'b', 'c']) toys.commit(key, 0, object(key));
  expect(toys.completeSince).toBe(1);
  toys.commit('d', 0, object('d'));
  expect(toys.completeSince).toBe(2);
  store.compact(4);
  expect(toys.completeSince).toBe(4);
  expect(toys.changesAfter(4).map(({ key }) => key)).toEqual(['d']);
  store.compact();
  expect(store.collection('/later').completeSince).toBe(5);
});

test('any past state can be looked at until it is compacted, as a model that copies everything', () => {
  const step = fc.record({
    key: fc.constantFrom('a/1', 'a/2', 'b/1', 'b/2', 'c'),
    value: fc.option(fc.string({ maxLength: 2 })),
  });
  void fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.constantFrom('', 'a/', 'b'), (steps, prefix) => {
      const store = new Store();
      const toys = store.collection('/toys');
      const past = new Map<number, Map<string, string>>([[store.revision, new Map()]]);
      for (const { key, value } of steps) {
        const next = new Map(past.get(store.revision));
        toys.commit(key, undefined, value === null ? undefined : object(key, value));
        if (value === null) next.delete(key);
        else next.set(key, value);
        past.set(store.revision, next);
      }
      for (const [revision, state] of past) {
        const wanted = [...state].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
        const view = toys.at(revision);
        const found = Array.from(view.entries(prefix), (entry) => [
          entry.key,
          (entry.object as unknown as { value: string }).value,
        ]);
        expect(found).toEqual(wanted);
        expect(view.count(prefix)).toBe(wanted.length);
        expect(keys(view.entries(prefix, 'a/2'))).toEqual(wanted.map(([key]) => key).filter((key) => key >= 'a/2'));
      }
    }),
  );
});
