import type { KubeObject, Status } from '@setpoint/apimachinery/meta';
import { describe, expect, test } from 'vitest';
import { type AnyKind, index, isCached, metadata } from '../kinds/index.ts';
import { eventText, Pod, setUp } from './testing/setup.ts';

const byNode = index(Pod, (pod) => pod.spec.node, { name: 'by node' });
const success: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' };

async function started(request: { labelSelector?: string; fieldSelector?: string; namespace?: string } = {}) {
  const setup = setUp();
  const { api, caches, clock } = setup;
  const pods = caches.acquire({ kind: Pod, indexes: [byNode], ...request });
  const events: string[] = [];
  pods.subscribe((event) => events.push(eventText(event)));
  caches.start();
  await pods.synced();
  /** The watch brings nothing until `catchUp`. */
  const lag = () => {
    api.silent = true;
  };
  const catchUp = async () => {
    api.silent = false;
    api.endWatches();
    await clock.advance(2000);
    api.bookmark();
    await clock.advance(0);
  };
  const get = (name: string) => pods.get({ namespace: 'ns', name });
  const wrote = (object: KubeObject) => caches.recordWrite({ kind: Pod, object });
  const deleted = (name: string, answer: KubeObject | Status, uid?: string) =>
    caches.recordDelete({ kind: Pod, key: { namespace: 'ns', name }, answer, uid });
  return { ...setup, pods, events, lag, catchUp, get, wrote, deleted };
}

describe('an own write', () => {
  test('is seen by get, list, selectors and indexes at once, frozen and marked, and makes no event', async () => {
    const { api, pods, events, lag, get, wrote } = await started();
    lag();
    wrote(api.put('a', { node: 'n1' }, { app: 'web' }));
    expect(get('a')?.spec).toEqual({ node: 'n1' });
    expect(isCached(get('a'))).toBe(true);
    expect(Object.isFrozen(get('a')?.spec)).toBe(true);
    expect(pods.list()).toHaveLength(1);
    expect(pods.list({ namespace: 'ns', labelSelector: 'app=web' })).toHaveLength(1);
    expect(pods.list({ labelSelector: 'app=api' })).toHaveLength(0);
    expect(pods.lookup(byNode, 'n1')).toHaveLength(1);
    expect(events).toEqual([]);
  });

  test('hides the old state from lists and indexes, too', async () => {
    const { api, clock, pods, lag, wrote } = await started();
    api.put('a', { node: 'n1' });
    await clock.advance(0);
    lag();
    wrote(api.put('a', { node: 'n2' }));
    expect(pods.lookup(byNode, 'n1')).toEqual([]);
    expect(pods.lookup(byNode, 'n2').map((pod) => pod.spec.node)).toEqual(['n2']);
    expect(pods.list().map((pod) => pod.spec.node)).toEqual(['n2']);
  });

  test('leaves when the watch has reached its revision, by the event itself, a bookmark or a list', async () => {
    const { api, pods, lag, catchUp, wrote } = await started();
    lag();
    wrote(api.put('a'));
    expect(pods.stats().overlayEntries).toBe(1);
    await catchUp();
    expect(pods.stats()).toMatchObject({ overlayEntries: 0, objects: 1 });
    lag();
    wrote(api.put('b'));
    api.compact();
    await catchUp();
    expect(pods.stats()).toMatchObject({ overlayEntries: 0, objects: 2 });
  });

  test('does not enter if the watch was faster', async () => {
    const { api, clock, pods, get, wrote } = await started();
    const answer = api.put('a', { node: 'n1' });
    api.put('a', { node: 'n2' });
    await clock.advance(0);
    wrote(answer);
    expect(pods.stats().overlayEntries).toBe(0);
    expect(get('a')?.spec.node).toBe('n2');
  });

  test('is not replaced by the answer to an earlier one that comes late', async () => {
    const { api, lag, get, wrote } = await started();
    lag();
    const [first, second] = [api.put('a', { node: 'n1' }), api.put('a', { node: 'n2' })];
    wrote(second);
    wrote(first);
    expect(get('a')?.spec.node).toBe('n2');
  });

  test('never enters as a dry run, nor as an object of another kind', async () => {
    const { api, caches, pods, lag } = await started();
    lag();
    caches.recordWrite({ kind: Pod, object: api.put('a'), dryRun: true });
    caches.recordWrite({ kind: Pod, object: { ...api.put('a'), kind: 'Scale' } });
    caches.recordDelete({ kind: Pod, key: { namespace: 'ns', name: 'a' }, answer: success, uid: 'u', dryRun: true });
    expect(pods.stats()).toMatchObject({ overlayEntries: 0 });
    expect(pods.list()).toEqual([]);
  });

  test('that moves an object out of the selection hides it; one that moves it in shows it', async () => {
    const { api, clock, pods, events, lag, catchUp, get, wrote } = await started({ labelSelector: 'app=web' });
    api.put('a', {}, { app: 'web' });
    await clock.advance(0);
    lag();
    wrote(api.put('a', {}, { app: 'api' }));
    wrote(api.put('b', {}, { app: 'web' }));
    expect(get('a')).toBeUndefined();
    expect(pods.list().map((pod) => pod.metadata.name)).toEqual(['b']);
    await catchUp();
    expect(pods.stats()).toMatchObject({ objects: 1, overlayEntries: 0 });
    expect(events).toEqual(['added ns/a', 'deleted ns/a', 'added ns/b']);
  });

  test('passes field selectors and namespaces as the server decides them', async () => {
    const one = await started({ fieldSelector: 'spec.node=n1,spec.hostNetwork=false' });
    one.lag();
    one.wrote(one.api.put('a', { node: 'n1' }));
    one.wrote(one.api.put('b', { node: 'n2' }));
    expect(one.pods.list().map((pod) => pod.metadata.name)).toEqual(['a']);
    const two = await started({ namespace: 'ns' });
    two.lag();
    two.wrote(two.api.put('a', {}, {}, 'other'));
    expect(two.pods.stats().overlayEntries).toBe(0);
  });

  test('enters a store of metadata as metadata, and leaves managedFields behind', async () => {
    const { api, caches, clock } = setUp();
    const store = caches.acquire({ kind: metadata(Pod) });
    const full = caches.acquire({ kind: Pod });
    caches.start();
    await clock.advance(0);
    api.silent = true;
    const answer = api.put('a', { node: 'n1' });
    caches.recordWrite({ kind: Pod, object: { ...answer, metadata: { ...answer.metadata, managedFields: [{}] } } });
    const key = { namespace: 'ns', name: 'a' };
    expect(store.get(key)).toEqual({ apiVersion: 'v1', kind: 'Pod', metadata: answer.metadata });
    expect(full.get(key)).toEqual(answer);
  });

  test("does not freeze the caller's object", async () => {
    const { api, lag, wrote } = await started();
    lag();
    const answer = api.put('a', { node: 'n1' });
    wrote(answer);
    expect(Object.isFrozen(answer.spec)).toBe(false);
    expect(isCached(answer)).toBe(false);
  });
});

describe('an own deletion', () => {
  test('answered by a Status hides the object by its UID, whatever the watch still says of it', async () => {
    const { api, clock, pods, events, lag, catchUp, get, deleted } = await started();
    const a = api.put('a');
    await clock.advance(0);
    lag();
    api.put('a', { late: 'change by somebody else' });
    api.delete('a');
    deleted('a', success, a.metadata.uid);
    expect(get('a')).toBeUndefined();
    expect(pods.list()).toEqual([]);
    expect(pods.lookup(byNode, 'n1')).toEqual([]);
    await catchUp();
    expect(get('a')).toBeUndefined();
    expect(events).toEqual(['added ns/a', 'updated ns/a', 'deleted ns/a']);
    expect(pods.stats().tombstones).toBe(0);
  });

  test('is told by the Status where the request did not name the UID', async () => {
    const { api, clock, get, lag, deleted } = await started();
    const { uid } = api.put('a').metadata;
    await clock.advance(0);
    lag();
    deleted('a', { ...success, details: { name: 'a', uid: uid as string } });
    expect(get('a')).toBeUndefined();
  });

  test('does not hide a new object of the same name', async () => {
    const { api, clock, lag, get, wrote, deleted, catchUp } = await started();
    const a = api.put('a');
    await clock.advance(0);
    lag();
    api.delete('a');
    deleted('a', success, a.metadata.uid);
    wrote(api.put('a', { node: 'new' }));
    expect(get('a')?.spec.node).toBe('new');
    await catchUp();
    expect(get('a')?.spec.node).toBe('new');
  });

  test('of an object that the watch has not brought yet stays hidden when it does', async () => {
    const { api, lag, get, wrote, deleted, catchUp, events } = await started();
    lag();
    const a = api.put('a');
    wrote(a);
    api.delete('a');
    deleted('a', success, a.metadata.uid);
    expect(get('a')).toBeUndefined();
    await catchUp();
    expect(get('a')).toBeUndefined();
    expect(events).toEqual(['added ns/a', 'deleted ns/a']);
  });

  test('answered by the object as it was, with nothing that holds it, means that it is gone', async () => {
    const { api, clock, lag, get, deleted } = await started();
    const a = api.put('a');
    await clock.advance(0);
    lag();
    deleted('a', a);
    expect(get('a')).toBeUndefined();
  });

  test('that finalizers or grace hold up shows the object being deleted', async () => {
    for (const hold of [{ finalizers: ['x/y'] }, { deletionGracePeriodSeconds: 30 }]) {
      const { api, clock, lag, get, deleted } = await started();
      api.put('a');
      await clock.advance(0);
      lag();
      const a = api.put('a');
      deleted('a', { ...a, metadata: { ...a.metadata, ...hold, deletionTimestamp: '2026-01-01T00:00:00Z' } });
      expect(get('a')?.metadata.deletionTimestamp).toBeDefined();
    }
  });

  test('by taking off the last finalizer is seen, although the server answers with the old revision', async () => {
    const { api, clock, lag, get, wrote } = await started();
    const a = api.put('a');
    await clock.advance(0);
    lag();
    const deletionTimestamp = '2026-01-01T00:00:00Z';
    wrote({ ...a, metadata: { ...a.metadata, deletionTimestamp, deletionGracePeriodSeconds: 30 } });
    expect(get('a')).toBeDefined();
    wrote({ ...a, metadata: { ...a.metadata, deletionTimestamp, deletionGracePeriodSeconds: 0 } });
    expect(get('a')).toBeUndefined();
  });

  test('is forgotten once a list that began later shows the object after all', async () => {
    const { api, clock, lag, get, deleted, catchUp } = await started();
    const a = api.put('a');
    await clock.advance(0);
    deleted('a', success, a.metadata.uid);
    expect(get('a')).toBeUndefined();
    lag();
    api.put('b');
    api.compact();
    await catchUp();
    expect(get('a')).toBeDefined();
  });

  test('that happens while a list is read stays hidden, although that list still holds the object', async () => {
    const { api, caches, clock } = setUp();
    api.streams = false;
    const a = api.put('a');
    for (const other of ['b', 'c', 'd']) api.put(other);
    const pods = caches.acquire({ kind: Pod });
    const seen: boolean[] = [];
    pods.subscribe(() => seen.push(pods.get({ namespace: 'ns', name: 'a' }) !== undefined));
    api.onPage = () => {
      api.onPage = () => {};
      api.delete('a');
      caches.recordDelete({ kind: Pod, key: { namespace: 'ns', name: 'a' }, answer: success, uid: a.metadata.uid });
    };
    caches.start();
    await clock.advance(0);
    expect(seen).toHaveLength(5);
    expect(seen).not.toContain(true);
    expect(pods.list()).toHaveLength(3);
  });

  test('is not undone by an object that leaves the selection and comes back before it', async () => {
    const { api, clock, pods, lag, get, deleted, catchUp } = await started({ labelSelector: 'app=web' });
    const a = api.put('a', {}, { app: 'web' });
    await clock.advance(0);
    lag();
    api.put('a', {}, { app: 'api' });
    api.put('a', {}, { app: 'web' });
    api.delete('a');
    deleted('a', success, a.metadata.uid);
    const seen: boolean[] = [];
    pods.subscribe(() => seen.push(get('a') !== undefined));
    await catchUp();
    expect(seen).toEqual([false, false, false, false]);
  });

  test('of a namespace leaves it there while its own finalizers hold it', async () => {
    const { caches } = setUp();
    const Namespace = { ...Pod, kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' } as AnyKind;
    const namespaces = caches.acquire({ kind: Namespace });
    const metadata = { name: 'x', uid: 'u', resourceVersion: '7', deletionTimestamp: '2026-01-01T00:00:00Z' };
    const answer = { apiVersion: 'v1', kind: 'Namespace', metadata, spec: { finalizers: ['kubernetes'] } };
    caches.recordDelete({ kind: Namespace, key: { name: 'x' }, answer });
    expect(namespaces.get({ name: 'x' })).toBeDefined();
    caches.recordWrite({ kind: Namespace, object: { ...answer, spec: {} } as KubeObject });
    expect(namespaces.get({ name: 'x' })).toBeUndefined();
  });

  test('that was refused hides nothing', async () => {
    const { api, clock, get, deleted } = await started();
    const a = api.put('a');
    await clock.advance(0);
    deleted('a', { ...success, status: 'Failure' }, a.metadata.uid);
    expect(get('a')).toBeDefined();
  });
});

test('what a watch repeats is no news', async () => {
  const { api, clock, pods, events, get } = await started();
  const first = api.put('a', { node: 'n1' });
  api.put('a', { node: 'n2' });
  await clock.advance(0);
  api.send({ type: 'MODIFIED', object: structuredClone(first) });
  await clock.advance(0);
  expect(get('a')?.spec.node).toBe('n2');
  expect(pods.lookup(byNode, 'n1')).toEqual([]);
  expect(events).toEqual(['added ns/a', 'updated ns/a']);
});

test('revisions that are not numbers switch the overlay off, with one line in the log', async () => {
  const { api, log, pods, wrote, get } = await started();
  const a = api.put('a');
  wrote({ ...a, metadata: { ...a.metadata, name: 'x', resourceVersion: 'v1.2' } });
  wrote({ ...a, metadata: { ...a.metadata, name: 'y', resourceVersion: '99999' } });
  expect(pods.stats().overlayEntries).toBe(0);
  expect(get('x')).toBeUndefined();
  expect(log.lines.filter((line) => line.includes('are not numbers'))).toHaveLength(1);
});
