/**
 * What the cache promises, against a server that is there: runs on a kube-apiserver and on the embedded control
 * plane alike. Each scenario rejects with what was seen where something else was expected.
 */
import assert from 'node:assert/strict';
import { sleep, systemClock, systemRandom } from '@setpoint/apimachinery/clock';
import { type CacheEvent, createCaches, type StoreHandle } from '../src/cache/index.ts';
import type { Client } from '../src/client/index.ts';
import { ConfigMap } from '../src/kinds/builtin/core/v1.ts';
import { index, metadata } from '../src/kinds/index.ts';
import { inNamespace, type Scenario } from './client-scenarios.ts';

const patience = 10_000;
const log = { info() {}, warn() {}, error() {} };
const byColor = index(ConfigMap, (object) => object.data?.color);

const configMap = (namespace: string, name: string, data: Record<string, string> = {}, labels = {}) => ({
  metadata: { namespace, name, labels },
  data,
});

type Store = StoreHandle<typeof ConfigMap>;

interface Cached {
  readonly client: Client;
  readonly namespace: string;
  readonly caches: ReturnType<typeof createCaches>;
  readonly store: Store;
  /** What subscribers were told, as `added a`. */
  readonly seen: readonly string[];
  until(holds: () => boolean, what: string): Promise<void>;
}

/** Runs with a synced store of the ConfigMaps of a namespace of its own that holds `a` (red) and `b` (blue). */
function withCache(run: (cached: Cached) => Promise<void>, labelSelector?: string): Scenario {
  return inNamespace(async (client, namespace) => {
    await client.create(ConfigMap, configMap(namespace, 'a', { color: 'red' }, { keep: 'yes' }));
    await client.create(ConfigMap, configMap(namespace, 'b', { color: 'blue' }, { keep: 'yes' }));
    await using caches = createCaches({ client, clock: systemClock, random: systemRandom, log });
    const store = caches.acquire({ kind: ConfigMap, namespace, labelSelector, indexes: [byColor] });
    caches.start();
    await store.synced(AbortSignal.timeout(patience));
    const seen: string[] = [];
    store.subscribe((event: CacheEvent) => void seen.push(`${event.type} ${event.object.metadata.name}`));
    const until = async (holds: () => boolean, what: string) => {
      for (let waited = 0; !holds(); waited += 10) {
        assert.ok(waited < patience, `${what}; told: ${seen.join(', ')}`);
        await sleep(systemClock, 10);
      }
    };
    await until(() => seen.length === 2, 'the initial objects were not told');
    await run({ client, namespace, caches, store, seen, until });
  });
}

const names = (store: Store) =>
  store
    .list()
    .map((object) => object.metadata.name)
    .sort();

const following = withCache(async ({ client, namespace, store, seen, until }) => {
  assert.deepEqual(names(store), ['a', 'b']);
  await client.create(ConfigMap, configMap(namespace, 'c', { color: 'red' }));
  await until(() => seen.includes('added c'), 'a creation was not told');
  await client.patch(ConfigMap, { namespace, name: 'b' }, { type: 'merge', body: { data: { color: 'red' } } });
  await until(() => seen.includes('updated b'), 'a change was not told');
  assert.deepEqual(store.lookup(byColor, 'red').length, 3);
  assert.deepEqual(store.lookup(byColor, 'blue'), []);
  await client.delete(ConfigMap, { namespace, name: 'a' });
  await until(() => seen.includes('deleted a'), 'a deletion was not told');
  assert.deepEqual(names(store), ['b', 'c']);
});

const ownWrites = withCache(async ({ client, namespace, caches, store, seen, until }) => {
  const key = { namespace, name: 'a' };
  const written = await client.patch(ConfigMap, key, { type: 'merge', body: { data: { color: 'green' } } });
  caches.recordWrite({ kind: ConfigMap, object: written });
  assert.equal(store.get(key)?.data?.color, 'green', 'an own write is visible at once');
  assert.equal(store.lookup(byColor, 'green').length, 1, 'and filed by its index');
  await until(() => seen.includes('updated a'), 'the watch did not bring the own write back');
  await until(() => store.stats().overlayEntries === 0, 'a confirmed write still lies over the cache');

  const { uid } = written.metadata;
  const answer = await client.delete(ConfigMap, key, { preconditions: { uid } });
  caches.recordDelete({ kind: ConfigMap, key, uid, answer });
  assert.equal(store.get(key), undefined, 'an own deletion is visible at once');
  const again = await client.create(ConfigMap, configMap(namespace, 'a', { color: 'pink' }));
  caches.recordWrite({ kind: ConfigMap, object: again });
  assert.equal(store.get(key)?.data?.color, 'pink', 'a new object of the same name is another one');
  await until(() => seen.includes('deleted a') && seen.includes('added a'), 'the exchange was not told');
  assert.equal(store.get(key)?.metadata.uid, again.metadata.uid);
});

const finalizers = withCache(async ({ client, namespace, caches, store }) => {
  const key = { namespace, name: 'a' };
  const held = await client.patch(ConfigMap, key, { type: 'merge', body: { metadata: { finalizers: ['x.y/z'] } } });
  caches.recordWrite({ kind: ConfigMap, object: held });
  const answer = await client.delete(ConfigMap, key, { preconditions: { uid: held.metadata.uid } });
  caches.recordDelete({ kind: ConfigMap, key, uid: held.metadata.uid, answer });
  assert.ok((await client.get(ConfigMap, key)).metadata.deletionTimestamp, 'a finalizer holds the object');
  const last = await client.patch(ConfigMap, key, { type: 'merge', body: { metadata: { finalizers: null } } });
  caches.recordWrite({ kind: ConfigMap, object: last });
  assert.equal(store.get(key), undefined, 'the write that takes the last finalizer away deletes');
});

const selectors = withCache(async ({ client, namespace, caches, store, seen, until }) => {
  const key = { namespace, name: 'a' };
  const left = await client.patch(ConfigMap, key, { type: 'merge', body: { metadata: { labels: { keep: 'no' } } } });
  caches.recordWrite({ kind: ConfigMap, object: left });
  assert.equal(store.get(key), undefined, 'an own write that leaves the selector hides the object');
  await until(() => seen.includes('deleted a'), 'leaving the selector is a deletion');
  await client.patch(ConfigMap, key, { type: 'merge', body: { metadata: { labels: { keep: 'yes' } } } });
  await until(() => seen.includes('added a'), 'coming back is an addition');
}, 'keep=yes');

const barrier = withCache(async ({ client, namespace, caches, store }) => {
  await client.create(ConfigMap, configMap(namespace, 'c'));
  await client.deleteCollection(ConfigMap, { namespace, labelSelector: 'keep=yes' });
  await caches.waitForRevision([ConfigMap], { timeout: patience });
  assert.deepEqual(names(store), ['c'], 'what happened before the wait is in the cache after it');
});

const metadataOnly = inNamespace(async (client, namespace) => {
  await client.create(ConfigMap, configMap(namespace, 'a', { color: 'red' }));
  await using caches = createCaches({ client, clock: systemClock, random: systemRandom, log });
  const store = caches.acquire({ kind: metadata(ConfigMap), namespace });
  caches.start();
  await store.synced(AbortSignal.timeout(patience));
  const [object] = store.list();
  assert.equal(object?.metadata.name, 'a');
  assert.equal('data' in (object ?? {}), false, 'the data was never fetched');
});

export const scenarios: Readonly<Record<string, Scenario>> = {
  'creations, changes and deletions arrive': following,
  'own writes and deletions are visible at once, once each': ownWrites,
  'the last finalizer taken away is a deletion': finalizers,
  'objects enter and leave a selector': selectors,
  'a barrier waits for the present': barrier,
  'metadata alone is fetched': metadataOnly,
};
