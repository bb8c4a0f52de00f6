import { expect, test } from 'vitest';
import { type ToyPlane, toyPlane } from '../testing/toy-plane.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const merge = { contentType: 'application/merge-patch+json' };

async function add(plane: ToyPlane, name: string, labels: object = {}, url = configMaps): Promise<string> {
  return (await plane.send('POST', url, { metadata: { name, labels } })).body.metadata.resourceVersion;
}

interface Event {
  readonly type: string;
  readonly object: { readonly metadata: { readonly name?: string; readonly resourceVersion: string } };
}

const seen = (events: readonly Event[]) => events.map(({ type, object }) => `${type} ${object.metadata.name ?? ''}`);

test('a watch from nowhere begins with what is there, in order, and goes on', async () => {
  const plane = await toyPlane();
  await add(plane, 'b');
  await add(plane, 'a');
  const watch = await plane.watch(`${configMaps}?watch=1`);
  await add(plane, 'c');
  await plane.send('DELETE', `${configMaps}/a`);
  expect(seen(await watch.events())).toEqual(['ADDED a', 'ADDED b', 'ADDED c', 'DELETED a']);
});

test('a watch from a revision tells what came after it, and a deletion under its own revision', async () => {
  const plane = await toyPlane();
  const from = await add(plane, 'a');
  await plane.send('PATCH', `${configMaps}/a`, { data: { k: 'v' } }, merge);
  await add(plane, 'elsewhere', {}, '/api/v1/namespaces/other/configmaps');
  await plane.send('DELETE', `${configMaps}/a`);
  const watch = await plane.watch(`${configMaps}?watch=true&resourceVersion=${from}`);
  const events: readonly Event[] = await watch.events();
  expect(seen(events)).toEqual(['MODIFIED a', 'DELETED a']);
  expect(events[1]?.object.metadata.resourceVersion).toBe(String(plane.backend.store.revision));
  expect(events[1]?.object).toMatchObject({ data: { k: 'v' } });
});

test('an object that comes into a selection is added, one that leaves it is deleted as it was', async () => {
  const plane = await toyPlane();
  await add(plane, 'a', { side: 'dark' });
  const watch = await plane.watch(`${configMaps}?watch=1&labelSelector=side%3Dlight`);
  const move = (side: string, note: string) =>
    plane.send('PATCH', `${configMaps}/a`, { metadata: { labels: { side } }, data: { note } }, merge);
  await move('light', '1');
  await move('light', '2');
  await move('dark', '3');
  await move('dark', '4');
  const events = await watch.events();
  expect(seen(events)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
  const left = events[2].object;
  expect(left.data.note).toBe('2');
  expect(Number(left.metadata.resourceVersion)).toBe(Number(events[1].object.metadata.resourceVersion) + 1);
});

test('what is deleted outside of a selection is not told', async () => {
  const plane = await toyPlane();
  await add(plane, 'a', { side: 'dark' });
  const watch = await plane.watch(`${configMaps}?watch=1&fieldSelector=metadata.name%3Db`);
  await plane.send('DELETE', `${configMaps}/a`);
  await add(plane, 'b');
  expect(seen(await watch.events())).toEqual(['ADDED b']);
});

test('initial events end with a bookmark where bookmarks are wanted', async () => {
  const plane = await toyPlane();
  await add(plane, 'a');
  const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  const watch = await plane.watch(`${configMaps}?${query}`);
  const [, bookmark] = await watch.events();
  expect(bookmark).toEqual({
    type: 'BOOKMARK',
    object: {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: {
        resourceVersion: String(plane.backend.store.revision),
        annotations: { 'k8s.io/initial-events-end': 'true' },
      },
    },
  });
});

test('bookmarks come with the clock, and with the revision of the whole store', async () => {
  const plane = await toyPlane({ bookmarkInterval: 1000 });
  const from = await add(plane, 'a');
  const watch = await plane.watch(`${configMaps}?watch=1&allowWatchBookmarks=true&resourceVersion=${from}`);
  await add(plane, 'x', {}, '/api/v1/namespaces/other/configmaps');
  await plane.clock.advance(2000);
  const events: readonly Event[] = await watch.events();
  expect(events.map(({ type, object }) => [type, object.metadata.resourceVersion])).toEqual([
    ['BOOKMARK', String(plane.backend.store.revision)],
    ['BOOKMARK', String(plane.backend.store.revision)],
  ]);
});

test('a watch ends at its timeout', async () => {
  const plane = await toyPlane();
  const watch = await plane.watch(`${configMaps}?watch=1&timeoutSeconds=5`);
  await plane.clock.advance(4999);
  expect(watch.ended()).toBe(false);
  await plane.clock.advance(1);
  await watch.events();
  expect(watch.ended()).toBe(true);
  expect(plane.backend.watches.size).toBe(0);
});

test('a revision that is compacted or dropped is an error event, and the end', async () => {
  const plane = await toyPlane({ historySize: 2 });
  const from = await add(plane, 'a');
  for (const name of ['b', 'c', 'd', 'e']) await add(plane, name);
  const watch = await plane.watch(`${configMaps}?watch=1&resourceVersion=${from}`);
  const [error] = await watch.events();
  expect(error.type).toBe('ERROR');
  expect(error.object).toMatchObject({ kind: 'Status', code: 410, reason: 'Expired' });
  expect(error.object.message).toMatch(/^too old resource version: 4 \(\d+\)$/);
  expect(watch.ended()).toBe(true);
});

test('initial events as of a revision that never comes are an error after three seconds', async () => {
  const plane = await toyPlane();
  const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=99999';
  const watch = await plane.watch(`${configMaps}?${query}`);
  await plane.clock.advance(3000);
  const [error] = await watch.events();
  expect(error.object).toMatchObject({ code: 504, reason: 'Timeout' });
});

test.for([
  ['sendInitialEvents=true', 422, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'],
  ['resourceVersionMatch=NotOlderThan', 422, 'resourceVersionMatch is forbidden for watch unless'],
  ['resourceVersion=x', 500, 'strconv.ParseUint: parsing "x": invalid syntax'],
] as const)('?watch=1&%s is refused before it begins', async ([query, status, why]) => {
  const { send } = await toyPlane();
  const answer = await send('GET', `${configMaps}?watch=1&${query}`);
  expect(answer.status).toBe(status);
  expect(answer.body.message).toContain(why);
});

test('a reader that goes away leaves nothing behind', async () => {
  const plane = await toyPlane();
  const watch = await plane.watch(`${configMaps}?watch=1&allowWatchBookmarks=true`);
  await watch.events();
  expect(plane.backend.watches.size).toBe(1);
  watch.stop();
  await add(plane, 'a');
  expect(plane.backend.watches.size).toBe(0);
  expect(plane.activity.current).toEqual({ requests: 0, undelivered: 0, controllers: 0 });
});

test('a reader that does not read is cut off', async () => {
  const plane = await toyPlane();
  const user = { name: 'tester', groups: [] };
  const signal = new AbortController().signal;
  const url = `${configMaps}?watch=1`;
  await plane.handle({ method: 'GET', url, headers: {}, body: new Uint8Array(0), signal, user });
  const maps = plane.backend.store.collection('/configmaps');
  for (let i = 0; i < 10_000; i++) maps.commit(`default/c${i}`, 0, toy(i));
  expect(plane.backend.watches.size).toBe(1);
  expect(plane.activity.current.undelivered).toBe(10_000);
  maps.commit('default/last', 0, toy(-1));
  expect(plane.backend.watches.size).toBe(0);
  expect(plane.activity.current.undelivered).toBe(0);
});

function toy(i: number) {
  return { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: `c${i}`, namespace: 'default' } };
}

test('a hundred watches of one change share its bytes', async () => {
  const plane = await toyPlane();
  const watches = await Promise.all(Array.from({ length: 100 }, () => plane.watch(`${configMaps}?watch=1`)));
  await add(plane, 'a');
  for (const watch of watches) expect(seen(await watch.events())).toEqual(['ADDED a']);
  expect(plane.activity.current.undelivered).toBe(0);
});

test('a watch as a table has the columns in its first event only', async () => {
  const plane = await toyPlane();
  await add(plane, 'a');
  await add(plane, 'b');
  const controller = new AbortController();
  const response = await plane.handle({
    method: 'GET',
    url: `${configMaps}?watch=1&allowWatchBookmarks=true`,
    headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
    body: new Uint8Array(0),
    signal: controller.signal,
    user: { name: 'tester', groups: [] },
  });
  let text = '';
  const reading = (async () => {
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) text += Buffer.from(chunk).toString();
  })();
  await plane.clock.advance(0);
  controller.abort();
  await reading;
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events.map(({ object }) => [object.kind, object.columnDefinitions?.length])).toEqual([
    ['Table', 1],
    ['Table', undefined],
    ['Table', undefined],
  ]);
});
