import { describe, expect, test } from 'vitest';
import { cacheOf, checkRules, dropping, metadata, scopeOf, withoutLastApplied } from '../kinds/index.ts';
import { eventText, Foo, Pod, setUp } from './testing/setup.ts';

describe('what a selector leaves out', () => {
  test('looks absent, which is said once', async () => {
    const { api, caches, log } = setUp();
    api.put('a', {}, { app: 'web' });
    api.put('b');
    const store = caches.acquire({ kind: Pod, labelSelector: 'app=web' });
    caches.start();
    await store.synced();
    const cache = caches.reader([Pod], [store]);
    expect(cache.get(Pod, { namespace: 'ns', name: 'a' })).toBeDefined();
    expect(log.lines).toEqual([]);
    expect(cache.get(Pod, { namespace: 'ns', name: 'b' })).toBeUndefined();
    expect(cache.get(Pod, { namespace: 'ns', name: 'c' })).toBeUndefined();
    expect(log.lines).toEqual([
      'info Pod ns/b is not in the cache, which holds pods with labels app=web: what is outside of that looks absent',
    ]);
    await caches.close();
  });

  test('is an error where the name alone tells', async () => {
    const { caches } = setUp();
    const store = caches.acquire({ kind: Pod, fieldSelector: 'metadata.name=a' });
    caches.start();
    await store.synced();
    const cache = caches.reader([Pod], [store]);
    expect(cache.get(Pod, { namespace: 'ns', name: 'a' })).toBeUndefined();
    expect(() => cache.get(Pod, { namespace: 'ns', name: 'b' })).toThrow(
      'Pod ns/b is outside of what the cache holds: pods with fields metadata.name=a.',
    );
    await caches.close();
  });

  test('is said when an own write lands there', async () => {
    const { api, caches, log } = setUp();
    const store = caches.acquire({ kind: Pod, labelSelector: 'app=web' });
    caches.start();
    await store.synced();
    for (const name of ['a', 'b']) caches.recordWrite({ kind: Pod, object: api.put(name) });
    expect(store.list()).toEqual([]);
    expect(log.lines).toEqual([
      'info an own write is outside of what the cache holds, pods with labels app=web: reads do not show such objects',
    ]);
    await caches.close();
  });
});

describe('a transform', () => {
  test('changes what is listed, what the watch brings and own writes alike, and is no part of what others share', async () => {
    const { api, caches, clock } = setUp();
    api.put('a', { node: 'n1', secret: 'x' });
    const transform = dropping('.spec.secret');
    const small = caches.acquire({ kind: Pod, transform });
    const whole = caches.acquire({ kind: Pod });
    const same = caches.acquire({ kind: Pod, transform });
    const events: string[] = [];
    small.subscribe((event) => events.push(`${eventText(event)} ${JSON.stringify(event.object.spec)}`));
    caches.start();
    await Promise.all([small, whole, same].map((store) => store.synced()));
    expect(caches.stats()).toHaveLength(2);
    expect(small.get({ namespace: 'ns', name: 'a' })?.spec).toEqual({ node: 'n1' });
    expect(whole.get({ namespace: 'ns', name: 'a' })?.spec).toEqual({ node: 'n1', secret: 'x' });
    const answer = api.put('a', { node: 'n2', secret: 'y' });
    caches.recordWrite({ kind: Pod, object: answer });
    expect(small.get({ namespace: 'ns', name: 'a' })?.spec).toEqual({ node: 'n2' });
    expect(small.view(answer)).toMatchObject({ spec: { node: 'n2' } });
    expect(small.view(answer)).not.toHaveProperty('spec.secret');
    expect(whole.view(answer)).toBe(answer);
    await clock.advance(0);
    expect(events).toEqual(['added ns/a initial {"node":"n1"}', 'updated ns/a {"node":"n2"}']);
    await caches.close();
  });

  test('that throws, or takes away what all rely on, loses no object and no identity', async () => {
    const { api, caches, log } = setUp();
    api.put('a');
    api.put('b');
    const transform = (object: { metadata: unknown; spec: unknown }) => {
      const { name } = object.metadata as { name: string };
      object.metadata = name === 'a' ? undefined : {};
      if (name === 'b') throw new Error('no');
      object.spec = { node: 'changed' };
    };
    const store = caches.acquire({ kind: Pod, transform });
    caches.start();
    await store.synced();
    expect(store.list().map(({ metadata: { name, uid } }) => [name, uid])).toEqual([
      ['a', 'uid-1'],
      ['b', 'uid-2'],
    ]);
    expect(store.stats().transformErrors).toBe(1);
    expect(log.lines).toEqual(['error the transform of pods threw: the object is kept as it then was']);
    await caches.close();
  });
});

describe('dropping', () => {
  test('takes away members, members of elements and whole lists', () => {
    const object = { data: 1, spec: { containers: [{ env: 1, name: 'a' }, { name: 'b' }], list: [1] }, keep: true };
    dropping('.data', '.spec.containers[*].env', '.spec.list[*]', '.not.there')(object as never);
    expect(object).toEqual({ spec: { containers: [{ name: 'a' }, { name: 'b' }], list: [] }, keep: true });
    const applied = { metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', a: 'b' } } };
    withoutLastApplied(applied as never);
    expect(applied).toEqual({ metadata: { annotations: { a: 'b' } } });
  });

  test.each(['data', '', '.metadata', '.metadata.uid', '.metadata.finalizers', '.kind', '.a..b', "['kind']"])(
    'refuses the path %j',
    (path) => expect(() => dropping(path)).toThrow(),
  );
});

describe('rules of a kind', () => {
  test('selectors count for the kind and its metadata, the transform for the projection alone', () => {
    const transform = dropping('.spec');
    const rules = [cacheOf(Pod, { labelSelector: 'a=b', namespaces: ['x'], transform })];
    const scope = { namespaces: ['n'], rules };
    expect(scopeOf(Pod, scope)).toEqual({
      namespaces: ['x'],
      labelSelector: 'a=b',
      fieldSelector: undefined,
      transform,
    });
    expect(scopeOf(metadata(Pod), scope)).toMatchObject({ labelSelector: 'a=b', transform: undefined });
    expect(scopeOf(Foo, scope)).toMatchObject({ namespaces: [], labelSelector: undefined });
  });

  test('contradict each other only with an error', () => {
    expect(() => checkRules([cacheOf(Pod, {}), cacheOf(Pod, {})])).toThrow('two cache rules for Pod');
    const [a, b] = [cacheOf(Pod, { labelSelector: 'a' }), cacheOf(metadata(Pod), { labelSelector: 'b' })];
    expect(() => checkRules([a, b])).toThrow('two cache rules select Pod');
    expect(() => checkRules([a, cacheOf(metadata(Pod), { transform: () => {} })])).not.toThrow();
    expect(() => cacheOf(Foo, { namespaces: ['a'] })).toThrow('Foo): the kind is cluster-scoped');
  });
});
