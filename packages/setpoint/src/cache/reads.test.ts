import { describe, expect, expectTypeOf, test } from 'vitest';
import { index, metadata } from '../kinds/index.ts';
import { isIndex } from './reads.ts';
import { Foo, Pod, setUp, type TestPod } from './testing/setup.ts';
import type { CacheReader, Read, UndeclaredKind } from './types.ts';

const podsByNode = index(Pod, (pod) => pod.spec.node);
const foosByName = index(Foo, (foo) => foo.metadata.name);
const podMetadata = metadata(Pod);

async function started(namespaces: readonly (string | undefined)[] = [undefined]) {
  const setup = setUp();
  const { api, caches } = setup;
  api.put('a', { node: 'n1' }, { app: 'web' });
  api.put('b', { node: 'n2' });
  api.put('c', { node: 'n1' }, { app: 'web' }, 'other');
  const stores = namespaces.map((namespace) => caches.acquire({ kind: Pod, namespace, indexes: [podsByNode] }));
  caches.start();
  await Promise.all(stores.map((store) => store.synced()));
  const cache = caches.reader([podsByNode, Foo], stores);
  return { ...setup, cache };
}

function names(pods: readonly TestPod[]): string[] {
  return pods.map((pod) => `${pod.metadata.namespace}/${pod.metadata.name}`).sort();
}

test('objects are found by name, by namespace, by labels and by index', async () => {
  const { cache } = await started();
  expect(cache.get(Pod, { namespace: 'ns', name: 'a' })?.spec.node).toBe('n1');
  expect(cache.get(Pod, { namespace: 'ns', name: 'c' })).toBeUndefined();
  expect(names(cache.list(Pod))).toEqual(['ns/a', 'ns/b', 'other/c']);
  expect(names(cache.list(Pod, { namespace: 'ns' }))).toEqual(['ns/a', 'ns/b']);
  expect(names(cache.list(Pod, { labelSelector: 'app=web' }))).toEqual(['ns/a', 'other/c']);
  expect(names(cache.list(Pod, { labelSelector: { matchLabels: { app: 'web' } }, namespace: 'ns' }))).toEqual(['ns/a']);
  expect(names(cache.lookup(podsByNode, 'n1'))).toEqual(['ns/a', 'other/c']);
  expect(cache.lookup(podsByNode, 'n3')).toEqual([]);
});

test('several namespaces are read as one, and a namespace outside of them is an error, not absence', async () => {
  const { cache } = await started(['ns', 'other']);
  expect(names(cache.list(Pod))).toEqual(['ns/a', 'ns/b', 'other/c']);
  expect(names(cache.lookup(podsByNode, 'n1'))).toEqual(['ns/a', 'other/c']);
  expect(cache.get(Pod, { namespace: 'other', name: 'c' })).toBeDefined();
  expect(() => cache.get(Pod, { namespace: 'third', name: 'c' })).toThrow(
    'Pod of namespace third is not in the cache, which holds ns, other.',
  );
});

describe('what is not declared', () => {
  test('throws an error that names the line to add', async () => {
    const { cache } = await started();
    const wide = cache as unknown as CacheReader;
    expect(() => wide.list(podMetadata)).toThrow('Add it to the controller: reads: [metadata(Pod)]');
    expect(() => wide.lookup(foosByName, 'x')).toThrow('is looked up but not declared');
    expect(() => wide.get(Pod, { name: 'a' })).toThrow('cannot get Pod a from the cache: say which namespace');
  });

  test('is refused by the compiler, with the line to add', () => {
    const refused = (cache: CacheReader<typeof podsByNode | typeof Foo>) => {
      // @ts-expect-error the projection was not declared, only Pod itself, by its index
      cache.get(podMetadata, { name: 'x' });
      // @ts-expect-error no index on Foo was declared
      (cache as CacheReader<typeof podsByNode>).lookup(foosByName, 'x');
      // @ts-expect-error Foo was not declared
      (cache as CacheReader<typeof podsByNode>).list(Foo);
      // @ts-expect-error cached objects are readonly
      cache.list(Pod)[0].metadata.name = 'other';
    };
    expect(refused).toBeTypeOf('function');
    const message: UndeclaredKind<typeof Pod> = 'Pod is not declared: add it to the reads of this controller';
    expect(message).toContain('reads');
  });

  test('stays out of functions that need less', () => {
    const needs = (_cache: CacheReader<typeof Pod>) => 1;
    const anything = (_cache: CacheReader) => 2;
    const use = (cache: CacheReader<typeof podsByNode | typeof Foo>) => [needs(cache), anything(cache)];
    expectTypeOf(use).returns.toEqualTypeOf<number[]>();
  });
});

test('an index declares its kind', () => {
  expectTypeOf<CacheReader<typeof podsByNode>['list']>().toBeCallableWith(Pod);
  const reads: Read[] = [Foo, podsByNode];
  expect(reads.map(isIndex)).toEqual([false, true]);
});

describe('an index', () => {
  async function indexed(keys: (pod: TestPod) => unknown) {
    const setup = setUp();
    const { api, caches } = setup;
    const odd = index(Pod, keys as (pod: TestPod) => string, { name: 'odd' });
    const store = caches.acquire({ kind: Pod, indexes: [podsByNode, odd] });
    for (const name of ['a', 'b', 'c', 'd', 'e']) api.put(name, { node: 'n1' });
    caches.start();
    await store.synced();
    return { ...setup, store, odd };
  }

  test('may file an object under several values, or none', async () => {
    const { store, odd, api, clock } = await indexed((pod) =>
      pod.metadata.name === 'a' ? undefined : [pod.metadata.name, 'all', undefined],
    );
    expect(store.lookup(odd, 'all')).toHaveLength(4);
    expect(store.lookup(odd, 'b')).toHaveLength(1);
    api.delete('b');
    await clock.advance(0);
    expect(store.lookup(odd, 'b')).toEqual([]);
    expect(store.lookup(odd, 'all')).toHaveLength(3);
  });

  test('that throws is logged and counted, and the object is absent from that index alone', async () => {
    const { store, odd, log } = await indexed((pod) => {
      if (pod.metadata.name !== 'b') throw new Error('no such field');
      return 'x';
    });
    expect(store.list()).toHaveLength(5);
    expect(store.lookup(podsByNode, 'n1')).toHaveLength(5);
    expect(store.lookup(odd, 'x').map((pod) => pod.metadata.name)).toEqual(['b']);
    expect(store.stats().indexErrors).toBe(4);
    const line = 'error an index of pods failed: the object is missing from that index';
    expect(log.lines.filter((one) => one === line)).toHaveLength(3);
  });

  test('that gives something other than strings is treated like one that throws', async () => {
    const { store, odd } = await indexed(() => 5);
    expect(store.lookup(odd, '5')).toEqual([]);
    expect(store.stats().indexErrors).toBe(5);
  });

  test('follows changes of the object', async () => {
    const { store, api, clock } = await indexed(() => 'x');
    api.put('a', { node: 'n2' });
    await clock.advance(0);
    expect(store.lookup(podsByNode, 'n1')).toHaveLength(4);
    expect(store.lookup(podsByNode, 'n2').map((pod) => pod.metadata.name)).toEqual(['a']);
  });
});
