import type { KubeObject } from '@setpoint/apimachinery/meta';
import { describe, expect, test } from 'vitest';
import { ConnectionError } from '../errors/index.ts';
import { isCached, metadata } from '../kinds/index.ts';
import { apiError } from './testing/fake-api.ts';
import { eventText, names, Pod, setUp } from './testing/setup.ts';

describe('a store', () => {
  test('starts from a streamed list, follows the watch, and hands out frozen, marked references', async () => {
    const { api, caches, clock } = setUp();
    api.put('a', { node: 'n1' });
    const pods = caches.acquire({ kind: Pod });
    expect(pods.hasSynced).toBe(false);
    caches.start();
    await pods.synced();
    expect(api.requests).toEqual(['watch-list']);
    const a = pods.get({ namespace: 'ns', name: 'a' });
    expect(a).toBe(pods.list()[0]);
    expect(isCached(a)).toBe(true);
    expect(Object.isFrozen(a?.metadata.labels)).toBe(true);
    api.put('b');
    api.delete('a');
    await clock.advance(0);
    expect(names(pods)).toEqual(['b']);
    await caches.close();
    expect(api.openWatches).toBe(0);
  });

  test('never lists from revision 0: pages carry no revision, and the watch goes on from that of the list', async () => {
    const { api, caches } = setUp();
    api.streams = false;
    for (const name of ['a', 'b', 'c', 'd', 'e']) api.put(name);
    const pods = caches.acquire({ kind: Pod });
    caches.start();
    await pods.synced();
    await setUpTurn();
    expect(api.requests).toEqual(['watch-list', 'list', 'watch 105']);
    expect(names(pods)).toEqual(['a', 'b', 'c', 'd', 'e']);
    await caches.close();
  });

  test('keeps showing the old list until a new one is complete, and reports what was missed', async () => {
    const { api, caches, clock } = setUp();
    api.streams = false;
    for (const name of ['a', 'b', 'c']) api.put(name);
    const pods = caches.acquire({ kind: Pod });
    const events: string[] = [];
    pods.subscribe((event) => events.push(eventText(event)));
    caches.start();
    await clock.advance(5000);
    expect(events).toEqual(['added ns/a initial', 'added ns/b initial', 'added ns/c initial']);
    events.length = 0;
    api.silent = true;
    api.endWatches();
    api.refuse = () => new ConnectionError('ConnectFailed', 'refused', { requestSent: false });
    await clock.advance(60_000);
    api.delete('a');
    api.put('b', { changed: true });
    api.delete('c');
    api.put('c');
    api.put('d');
    api.compact();
    api.silent = false;
    api.refuse = () => undefined;
    expect(names(pods)).toEqual(['a', 'b', 'c']);
    await clock.advance(60_000);
    expect(names(pods)).toEqual(['b', 'c', 'd']);
    expect(events).toEqual([
      'deleted ns/a relist',
      'updated ns/b relist',
      'deleted ns/c relist',
      'added ns/c relist',
      'added ns/d relist',
    ]);
    await caches.close();
  });

  test('hands out old and new of a change, and a recreated object as a deletion and an addition', async () => {
    const { api, caches, clock } = setUp();
    api.put('a', { node: 'n1' });
    const pods = caches.acquire({ kind: Pod });
    const seen: unknown[] = [];
    pods.subscribe((event) => seen.push(event.type === 'updated' ? [event.old.spec, event.object.spec] : event.type));
    caches.start();
    await pods.synced();
    api.put('a', { node: 'n2' });
    api.delete('a');
    api.put('a', { node: 'n3' });
    await clock.advance(0);
    expect(seen).toEqual(['added', [{ node: 'n1' }, { node: 'n2' }], 'deleted', 'added']);
    await caches.close();
  });

  test('leaves out an object that the types do not expect, says so, and holds the others', async () => {
    const { api, caches, clock, log } = setUp();
    api.streams = false;
    api.put('a');
    api.putRaw('ns/x', { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'ns' } });
    api.putRaw('ns/y', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'y', namespace: 'ns', labels: 5 }, spec: 7 });
    api.putRaw('ns/z', 'a string');
    api.put('b');
    const pods = caches.acquire({ kind: Pod });
    caches.start();
    await pods.synced();
    expect(names(pods)).toEqual(['a', 'b', 'y']);
    expect(pods.list({ labelSelector: 'x=y' })).toEqual([]);
    expect(pods.stats().unreadable).toBe(2);
    expect(log.lines).toContain('error an object of pods could not be read: it is left out');
    await clock.advance(0);
    await caches.close();
  });
});

/** Lets promises and immediates run. */
function setUpTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('events', () => {
  test('initial ones come to every handler, whenever it subscribes, and synced says when they are through', async () => {
    const { api, caches } = setUp();
    api.put('a');
    const pods = caches.acquire({ kind: Pod });
    const early: string[] = [];
    const subscription = pods.subscribe((event) => early.push(eventText(event)));
    expect(subscription.hasSynced).toBe(false);
    caches.start();
    await subscription.synced();
    expect(early).toEqual(['added ns/a initial']);
    const late: string[] = [];
    expect(pods.subscribe((event) => late.push(eventText(event))).hasSynced).toBe(true);
    expect(late).toEqual(['added ns/a initial']);
    await caches.close();
  });

  test('a handler that throws is logged and counted, and stops no other', async () => {
    const { api, caches, log } = setUp();
    api.put('a');
    api.put('b');
    const pods = caches.acquire({ kind: Pod });
    const seen: string[] = [];
    pods.subscribe(() => {
      throw new Error('no');
    });
    pods.subscribe((event) => seen.push(eventText(event)));
    caches.start();
    await pods.synced();
    expect(seen).toEqual(['added ns/a initial', 'added ns/b initial']);
    expect(pods.stats().handlerErrors).toBe(2);
    expect(log.lines).toContain('error a handler of pods threw: it may have missed an event');
    await caches.close();
  });

  test('a log that throws does not end the delivery to a handler that throws', async () => {
    const broken = () => {
      throw new Error('no room on the disk');
    };
    const { api, caches } = setUp({ log: { info: broken, warn: broken, error: broken } });
    for (const name of ['a', 'b', 'c']) api.put(name);
    const pods = caches.acquire({ kind: Pod });
    const seen: string[] = [];
    const subscription = pods.subscribe((event) => {
      seen.push(eventText(event));
      throw new Error('no');
    });
    caches.start();
    await subscription.synced();
    expect(seen).toHaveLength(3);
    expect(pods.stats()).toMatchObject({ handlerErrors: 3, undelivered: 0 });
    await caches.close();
  });

  test('every object is offered again every ten hours, a tenth more or less, without a request', async () => {
    const { api, caches, clock } = setUp();
    api.put('a');
    const pods = caches.acquire({ kind: Pod });
    caches.start();
    await pods.synced();
    const events: string[] = [];
    pods.subscribe((event) => events.push(eventText(event)));
    events.length = 0;
    const lists = () => pods.stats().lists;
    const before = lists();
    for (let minutes = 0; minutes < 9 * 60 - 1; minutes++) {
      await clock.advance(60_000);
      api.bookmark();
    }
    expect(events).toEqual([]);
    for (let minutes = 0; minutes < 2 * 60 + 1; minutes++) {
      await clock.advance(60_000);
      api.bookmark();
    }
    expect(events).toEqual(['updated ns/a resync']);
    expect(lists()).toBe(before);
    await caches.close();
  });

  test('unsubscribed handlers and released shares hear nothing more', async () => {
    const { api, caches, clock } = setUp();
    const pods = caches.acquire({ kind: Pod });
    const other = caches.acquire({ kind: Pod });
    const seen: string[] = [];
    const subscription = pods.subscribe((event) => seen.push(eventText(event)));
    other.subscribe((event) => seen.push(`other ${eventText(event)}`));
    caches.start();
    await pods.synced();
    subscription.unsubscribe();
    other.release();
    api.put('a');
    await clock.advance(0);
    expect(seen).toEqual([]);
    await caches.close();
  });
});

describe('shares', () => {
  test('one store serves all who ask for the same objects, until the last share is released', async () => {
    const { api, caches, clock } = setUp();
    const [one, two] = [caches.acquire({ kind: Pod }), caches.acquire({ kind: Pod, labelSelector: '' })];
    caches.start();
    await one.synced();
    expect(caches.stats()).toHaveLength(1);
    one.release();
    one.release();
    await clock.advance(0);
    expect(api.openWatches).toBe(1);
    two.release();
    await clock.advance(0);
    expect(api.openWatches).toBe(0);
    expect(caches.stats()).toEqual([]);
    const again = caches.acquire({ kind: Pod });
    await again.synced();
    expect(api.requests).toEqual(['watch-list', 'watch-list']);
    await caches.close();
  });

  test('kind, projection, namespace, selectors and two sets of managers tell stores apart', () => {
    const { caches } = setUp();
    caches.acquire({ kind: Pod });
    caches.acquire({ kind: metadata(Pod) });
    caches.acquire({ kind: Pod, namespace: 'ns' });
    caches.acquire({ kind: Pod, labelSelector: 'a=b,c=d' });
    caches.acquire({ kind: Pod, labelSelector: { matchLabels: { c: 'd', a: 'b' } } });
    caches.acquire({ kind: Pod, fieldSelector: 'spec.nodeName=n' });
    caches.acquire({ kind: Pod, managers: ['me'] });
    caches.acquire({ kind: Pod, managers: ['somebody else'] });
    expect(caches.stats().map(({ description }) => description)).toEqual([
      'pods',
      'pods (metadata)',
      'pods in namespace ns',
      'pods with labels a=b,c=d',
      'pods with fields spec.nodeName=n',
      'pods',
    ]);
  });

  test('what is ours of each object is kept beside it', async () => {
    const { api, caches, clock } = setUp();
    const plain = caches.acquire({ kind: Pod });
    const pods = caches.acquire({ kind: Pod, managers: ['me'] });
    api.put('a');
    caches.start();
    await pods.synced();
    const get = (name: string) => plain.get({ namespace: 'ns', name }) as never;
    expect(pods.ownFieldsOf(get('a'))).toBe('me at 101');
    api.put('b');
    await clock.advance(0);
    expect(plain.ownFieldsOf(get('b'))).toBe('me at 102');
    api.silent = true;
    const entry = (manager: string) => ({ manager, operation: 'Apply', apiVersion: 'v1', fieldsV1: {} }) as const;
    const answered = (object: KubeObject, ...managers: string[]) => ({
      ...object,
      metadata: { ...object.metadata, managedFields: managers.map(entry) },
    });
    caches.recordWrite({ kind: Pod, object: answered(api.put('c'), 'me', 'you') });
    expect(pods.ownFieldsOf(get('c'))).toBe('[["Apply","v1",{}]]');
    // Another controller's write is no claim of this one, and a deletion that is held up ends none.
    caches.recordWrite({ kind: Pod, object: answered(api.put('d'), 'you') });
    expect(pods.ownFieldsOf(get('d'))).toBeUndefined();
    const going = answered(api.put('e'), 'me');
    const held = { ...going, metadata: { ...going.metadata, finalizers: ['a/b'], deletionTimestamp: 'now' } };
    caches.recordDelete({ kind: Pod, key: { namespace: 'ns', name: 'e' }, answer: held });
    expect(pods.ownFieldsOf(get('e'))).toBe('[["Apply","v1",{}]]');
    await caches.close();
  });

  test('closing rejects whoever waits, and a closed set makes no new stores', async () => {
    const { api, caches } = setUp();
    api.refuse = () => apiError(403, 'Forbidden', 'no');
    const pods = caches.acquire({ kind: Pod });
    caches.start();
    const waiting = expect(pods.synced()).rejects.toThrow('the cache of pods was closed');
    await caches.close();
    await waiting;
    expect(() => caches.acquire({ kind: Pod })).toThrow('closed');
  });

  test('waiting for the first list ends with the signal', async () => {
    const { caches } = setUp();
    const controller = new AbortController();
    const waiting = expect(caches.acquire({ kind: Pod }).synced(controller.signal)).rejects.toThrow('enough');
    controller.abort(new Error('enough'));
    await waiting;
  });
});
