import { expect, test } from 'vitest';
import { Contents } from './contents.ts';
import { selectionOf } from './selection.ts';
import { Subscriber } from './subscriber.ts';
import { eventText, names, Pod, recordingLog, setUp } from './testing/setup.ts';
import type { CacheEvent } from './types.ts';

const contents = () =>
  new Contents({ kind: Pod, description: 'pods', selection: selectionOf({}), log: recordingLog() });
const pod = (i: number, revision: number) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `p${i}`, namespace: 'ns', uid: `u${i}`, resourceVersion: String(revision) },
});

/** Lists 0 to `count`, then a list that lacks the first, has changed the second and adds one. */
function relisted(count: number, prepare: boolean): { readonly parts: number; readonly events: readonly CacheEvent[] } {
  const held = contents();
  held.begin();
  for (let i = 0; i < count; i++) held.stage(pod(i, 10));
  held.swap('100');
  held.begin();
  for (let i = 1; i <= count; i++) held.stage(pod(i, i === 1 ? 150 : 10));
  let parts = 0;
  if (prepare) for (const _ of held.prepare('200')) parts++;
  return { parts, events: held.swap('200') };
}

test('what a second list of 100,000 objects changed is worked out in parts of some thousand, and told the same', () => {
  const { parts, events } = relisted(100_000, true);
  expect(parts).toBeGreaterThanOrEqual(50);
  expect(events.map(eventText)).toEqual(['deleted ns/p0 relist', 'updated ns/p1 relist', 'added ns/p100000 relist']);
  expect(relisted(5000, true).events).toEqual(relisted(5000, false).events);
});

test('what was worked out counts for the very list and epoch alone', () => {
  const held = contents();
  held.begin();
  held.stage(pod(1, 10));
  held.swap('100');
  held.begin();
  held.stage(pod(1, 10));
  for (const _ of held.prepare('200'));
  held.stage(pod(2, 20));
  expect(held.swap('200').map(eventText)).toEqual(['added ns/p2 relist']);
  held.begin();
  for (const _ of held.prepare('300'));
  // An older revision than before: another epoch, in which all is told again.
  expect(held.swap('50').map(eventText)).toEqual(['deleted ns/p1 relist', 'deleted ns/p2 relist']);
});

test('while a long second list is worked out, timers have their turn and readers see the first one', async () => {
  const { api, caches, clock } = setUp();
  for (let i = 0; i < 5000; i++) api.put(`p${i}`);
  const pods = caches.acquire({ kind: Pod });
  caches.start();
  await pods.synced();
  let turns = 0;
  const turn = () => {
    // Half a list is never seen.
    expect([5000, 4999]).toContain(pods.list().length);
    if (pods.list().length === 5000) {
      turns++;
      setImmediate(turn);
    }
  };
  api.compact();
  api.silent = true;
  api.delete('p0');
  api.silent = false;
  api.compact();
  api.endWatches();
  setImmediate(turn);
  for (let i = 0; i < 200 && pods.list().length === 5000; i++) await clock.advance(1000);
  expect(names(pods)).toHaveLength(4999);
  expect(turns).toBeGreaterThan(3);
  await caches.close();
});

test('handlers share the list of events, each at its own pace, and what comes meanwhile waits behind it', async () => {
  const events = Array.from({ length: 1000 }, (_, i) => ({ type: 'added', object: pod(i, 1), initial: true }) as const);
  const told: string[][] = [[], []];
  const subscribers = told.map(
    (seen) =>
      new Subscriber(
        (event) => void seen.push(event.object.metadata.name ?? ''),
        () => {},
      ),
  );
  for (const subscriber of subscribers) subscriber.deliver(events);
  subscribers[0]?.deliver([{ type: 'added', object: pod(1000, 1), initial: false }]);
  expect(subscribers.map(({ pending }) => pending)).toEqual([745, 744]);
  await Promise.all(subscribers.map((subscriber) => new Promise<void>((resolve) => subscriber.whenIdle(resolve))));
  expect(told.map((seen) => [seen.length, seen.at(-1)])).toEqual([
    [1001, 'p1000'],
    [1000, 'p999'],
  ]);
  expect(events).toHaveLength(1000);
});
