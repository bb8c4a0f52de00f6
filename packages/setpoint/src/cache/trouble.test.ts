import { describe, expect, test } from 'vitest';
import { ConnectionError } from '../errors/index.ts';
import { index } from '../kinds/index.ts';
import { apiError } from './testing/fake-api.ts';
import { eventText, Foo, names, Pod, setUp } from './testing/setup.ts';

describe('a server in trouble', () => {
  test('that goes silent without closing is noticed after 150 s, and nothing is missed', async () => {
    const { api, caches, clock } = setUp();
    api.put('a');
    const pods = caches.acquire({ kind: Pod });
    caches.start();
    await pods.synced();
    api.silent = true;
    api.put('b');
    await clock.advance(149_000);
    expect(names(pods)).toEqual(['a']);
    api.silent = false;
    await clock.advance(2000);
    expect(names(pods)).toEqual(['a', 'b']);
    expect(api.requests).toEqual(['watch-list', 'list limit=1', 'watch 101']);
    expect(api.openWatches).toBe(1);
    await caches.close();
  });

  test('that restarts with an older revision starts a new epoch: all is forgotten, logged, counted, offered again', async () => {
    const { api, caches, clock, log } = setUp();
    const old = api.put('a', { node: 'old' });
    const pods = caches.acquire({ kind: Pod });
    caches.start();
    await pods.synced();
    const events: string[] = [];
    pods.subscribe((event) => events.push(eventText(event)));
    api.put('b');
    await clock.advance(0);
    caches.recordWrite({ kind: Pod, object: api.put('c') });
    api.revision = 500;
    caches.recordWrite({ kind: Pod, object: api.put('own') });
    events.length = 0;
    api.silent = true;
    api.restore(50, [old]);
    api.silent = false;
    api.endWatches();
    await clock.advance(60_000);
    expect(names(pods)).toEqual(['a']);
    expect(events).toContain('updated ns/a resync relist');
    expect(events).toContain('deleted ns/b relist');
    expect(pods.stats()).toMatchObject({ epochs: 1, overlayEntries: 0 });
    expect(log.lines.find((line) => line.startsWith('warn the server went back in time'))).toBeDefined();
    api.put('d');
    await clock.advance(0);
    expect(names(pods)).toEqual(['a', 'd']);
    await caches.close();
  });

  test('that is another cluster than before starts a new epoch, even at a higher revision', async () => {
    const { api, caches, clock, log } = setUp();
    const old = api.put('a');
    const pods = caches.acquire({ kind: Pod });
    caches.start();
    await pods.synced();
    const events: string[] = [];
    pods.subscribe((event) => events.push(eventText(event)));
    events.length = 0;
    api.restore(9000, [old]);
    api.identity = 'cluster-2';
    await clock.advance(10_000);
    api.endWatches();
    await clock.advance(10_000);
    expect(events).toEqual(['updated ns/a resync relist']);
    expect(pods.stats().epochs).toBe(1);
    expect(log.lines.at(-1)).toContain('another cluster');
    await caches.close();
  });

  test('that forbids is named with kind, verb, who and what to do, once, and is asked again until it allows', async () => {
    const { api, caches, clock, log } = setUp();
    api.refuse = (verb) =>
      apiError(403, 'Forbidden', `pods is forbidden: User "foo" cannot ${verb} resource "pods" in API group ""`, verb);
    const pods = caches.acquire({ kind: Pod });
    caches.start();
    await clock.advance(100_000);
    expect(pods.trouble?.reason).toBe('forbidden');
    expect(log.lines).toEqual([
      'warn cannot watch pods: pods is forbidden: User "foo" cannot watch resource "pods" in API group "". Add the rule { apiGroups: [""], resources: ["pods"], verbs: ["list", "watch"] } to a ClusterRole that is bound to it; it is tried again until then',
    ]);
    expect(caches.troubles()).toHaveLength(1);
    expect(pods.hasSynced).toBe(false);
    api.refuse = () => undefined;
    await clock.advance(31_000);
    expect(pods.hasSynced).toBe(true);
    expect(pods.trouble).toBeUndefined();
    expect(log.lines.at(-1)).toMatch(/^info the cache of pods is up to date again after \d+ s$/);
    await caches.close();
  });

  test('that lacks the CustomResourceDefinition is told what to install, and is asked again until it has it', async () => {
    const { api, caches, clock, log } = setUp();
    api.refuse = (verb) => (verb === 'get' ? undefined : apiError(404, 'NotFound', 'the server could not find it'));
    const foos = caches.acquire({ kind: Foo });
    caches.start();
    await clock.advance(1000);
    expect(foos.trouble).toMatchObject({ reason: 'missing' });
    expect(log.lines[0]).toContain(
      'Install the CustomResourceDefinition foos.my.domain that serves v1 (setpoint install)',
    );
    api.refuse = () => undefined;
    await clock.advance(31_000);
    expect(foos.hasSynced).toBe(true);
    await caches.close();
  });

  test('that reports an error in the watch is asked where it stands before the watch goes on', async () => {
    const { api, caches, clock } = setUp();
    api.put('a');
    const pods = caches.acquire({ kind: Pod });
    caches.start();
    await pods.synced();
    api.sendError({ code: 500, reason: 'InternalError', message: 'etcd is away' });
    await clock.advance(5000);
    expect(api.requests).toEqual(['watch-list', 'list limit=1', 'watch 101']);
    api.put('b');
    await clock.advance(0);
    expect(names(pods)).toEqual(['a', 'b']);
    await caches.close();
  });

  test('that has compacted the revision is listed again', async () => {
    const { api, caches, clock } = setUp();
    api.put('a');
    const pods = caches.acquire({ kind: Pod });
    caches.start();
    await pods.synced();
    await clock.advance(60_000);
    api.sendError({ code: 410, reason: 'Expired', message: 'too old resource version' });
    await clock.advance(0);
    expect(api.requests).toEqual(['watch-list', 'watch-list']);
    await caches.close();
  });

  test('5,000 objects that were deleted while the watch was down are told as deleted, and leave the indexes', async () => {
    const { api, caches, clock } = setUp();
    api.pageSize = 500;
    const deleted = Array.from({ length: 5000 }, (_, i) => `pod-${i}`);
    for (const name of ['stays', ...deleted]) api.put(name, { node: 'node-1' });
    const byNode = index(Pod, (pod) => pod.spec.node);
    const pods = caches.acquire({ kind: Pod, indexes: [byNode] });
    const events: string[] = [];
    pods.subscribe((event) => void events.push(event.type));
    caches.start();
    await clock.advance(0);
    for (let turn = 0; turn < 1000 && !pods.hasSynced; turn++) await clock.advance(0);
    expect(pods.lookup(byNode, 'node-1')).toHaveLength(5001);
    api.refuse = (verb) =>
      verb === 'watch' ? new ConnectionError('ConnectionLost', 'away', { requestSent: true }) : undefined;
    api.endWatches();
    await clock.advance(0);
    for (const name of deleted) api.delete(name);
    api.compact();
    api.refuse = () => undefined;
    await clock.advance(60_000);
    for (let turn = 0; turn < 1000 && pods.list().length > 1; turn++) await clock.advance(0);
    expect(names(pods)).toEqual(['stays']);
    expect(pods.lookup(byNode, 'node-1').map(({ metadata }) => metadata.name)).toEqual(['stays']);
    await clock.advance(0);
    for (let turn = 0; turn < 100; turn++) await clock.advance(0);
    expect(events.filter((type) => type === 'deleted')).toHaveLength(5000);
    await caches.close();
  });

  test('a watch that ends when it should is taken up again without a question', async () => {
    const { api, caches, clock } = setUp();
    const pods = caches.acquire({ kind: Pod });
    caches.start();
    await pods.synced();
    for (let i = 0; i < 10; i++) {
      await clock.advance(60_000);
      api.bookmark();
    }
    expect(api.requests.slice(0, 2)).toEqual(['watch-list', 'watch 100']);
    expect(api.requests).not.toContain('list limit=1');
    await caches.close();
  });
});

test('a log that throws does not end the store, nor spin it', async () => {
  const bad = () => {
    throw new Error('disk full');
  };
  const { api, caches, clock } = setUp({ log: { info: bad, warn: bad, error: bad } });
  api.put('a');
  api.refuse = () => apiError(403, 'Forbidden', 'no');
  const pods = caches.acquire({ kind: Pod });
  caches.start();
  await clock.advance(10_000);
  expect(api.requests.length).toBeLessThan(10);
  api.refuse = () => undefined;
  await clock.advance(120_000);
  expect(names(pods)).toEqual(['a']);
  await caches.close();
});

test('stores in back-off keep trying, and their figures show it', async () => {
  const { api, caches, clock } = setUp();
  api.refuse = () => new ConnectionError('ConnectFailed', 'connection refused', { requestSent: false });
  const pods = caches.acquire({ kind: Pod });
  caches.start();
  await clock.advance(10_000);
  expect(pods.stats().failures).toBeGreaterThan(3);
  expect(pods.trouble).toMatchObject({ reason: 'unreachable', message: 'cannot watch pods: connection refused' });
  await caches.close();
  expect(clock.nextDue()).toBeUndefined();
});
