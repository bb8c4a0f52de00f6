import { describe, expect, test } from 'vitest';
import { Pod, setUp } from './testing/setup.ts';

describe('after a write whose outcome is unknown', () => {
  test('the wait ends once the watch has reached the revision of a list made now', async () => {
    const { api, caches, clock } = setUp();
    const pods = caches.acquire({ kind: Pod });
    caches.start();
    await pods.synced();
    api.silent = true;
    api.put('lost answer');
    let done = false;
    const waiting = caches.waitForRevision([Pod], {}).then(() => {
      done = true;
    });
    await clock.advance(100);
    expect(done).toBe(false);
    api.silent = false;
    api.endWatches();
    await clock.advance(2000);
    await waiting;
    expect(pods.get({ namespace: 'ns', name: 'lost answer' })).toBeDefined();
    await caches.close();
  });

  test('on a quiet kind the server is made to say how far it is, within seconds', async () => {
    const { api, caches, clock } = setUp();
    const pods = caches.acquire({ kind: Pod });
    caches.start();
    await pods.synced();
    api.revision = 900;
    let done = false;
    const waiting = caches.waitForRevision([Pod], {}).then(() => {
      done = true;
    });
    await clock.advance(400);
    expect(done).toBe(false);
    await clock.advance(3000);
    expect(done).toBe(true);
    await waiting;
    expect(api.requests).toEqual(['watch-list', 'list limit=1', 'watch 100']);
    await caches.close();
  });

  test('there is nothing to wait for without a store', async () => {
    const { api, caches } = setUp();
    caches.start();
    await caches.waitForRevision([Pod], {});
    expect(api.requests).toEqual([]);
  });

  test('the wait ends with the signal, and after a minute at the latest', async () => {
    const { api, caches, clock } = setUp();
    const pods = caches.acquire({ kind: Pod });
    caches.start();
    await pods.synced();
    api.revision = 900;
    api.silent = true;
    const controller = new AbortController();
    const revoked = expect(caches.waitForRevision([Pod], { signal: controller.signal })).rejects.toThrow('revoked');
    const late = expect(caches.waitForRevision([Pod], {})).rejects.toThrow(
      'pods did not catch up with the server within 60 s',
    );
    await clock.advance(10);
    controller.abort(new Error('revoked'));
    await revoked;
    await clock.advance(60_000);
    await late;
    await caches.close();
  });
});
