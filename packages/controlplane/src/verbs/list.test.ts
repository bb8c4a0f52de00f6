import { expect, test } from 'vitest';
import { type ToyPlane, toyPlane } from '../testing/toy-plane.ts';

const widgets = '/apis/toys.example.com/v1/namespaces/default/widgets';
const everywhere = '/apis/toys.example.com/v1/widgets';
const pods = '/api/v1/namespaces/default/pods';
const merge = { contentType: 'application/merge-patch+json' };

async function withWidgets(...names: readonly string[]): Promise<ToyPlane> {
  const plane = await toyPlane();
  for (const name of names) await add(plane, name);
  return plane;
}

async function add(plane: ToyPlane, name: string, namespace = 'default', labels: object = {}): Promise<void> {
  const body = { apiVersion: 'toys.example.com/v1', kind: 'Widget', metadata: { name, labels } };
  const url = `/apis/toys.example.com/v1/namespaces/${namespace}/widgets`;
  expect((await plane.send('POST', url, body)).status).toBe(201);
}

const names = ({ body }: { body: { items: readonly { metadata: { name: string } }[] } }) =>
  body.items.map(({ metadata }) => metadata.name);

test('all namespaces are listed by namespace, then name', async () => {
  const plane = await withWidgets('b', 'a');
  await add(plane, 'a-z', 'other');
  await add(plane, 'a', 'other');
  const answer = await plane.send('GET', everywhere);
  expect(names(answer)).toEqual(['a', 'b', 'a', 'a-z']);
  expect(answer.body.metadata).toEqual({ continue: '', resourceVersion: String(plane.backend.store.revision) });
});

test('chunks show the moment of the first one, whatever is written meanwhile', async () => {
  const plane = await withWidgets('a', 'b', 'c', 'd', 'e');
  const first = await plane.send('GET', `${widgets}?limit=2`);
  expect([names(first), first.body.metadata.remainingItemCount]).toEqual([['a', 'b'], 3]);
  const token = JSON.parse(Buffer.from(first.body.metadata.continue, 'base64url').toString());
  expect(token).toEqual({ v: 'meta.k8s.io/v1', rv: Number(first.body.metadata.resourceVersion), start: '/b\0' });
  await plane.send('DELETE', `${widgets}/c`);
  await add(plane, 'c2');
  await plane.send('PATCH', `${widgets}/d`, { spec: { late: true } }, merge);
  const second = await plane.send('GET', `${widgets}?limit=2&continue=${first.body.metadata.continue}`);
  expect(names(second)).toEqual(['c', 'd']);
  expect(second.body.items[1]).not.toHaveProperty('spec');
  expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
  const third = await plane.send('GET', `${widgets}?limit=2&continue=${second.body.metadata.continue}`);
  expect([names(third), third.body.metadata.continue]).toEqual([['e'], '']);
});

test('after a compaction a list says how to go on inconsistently', async () => {
  const plane = await withWidgets('a', 'b', 'c');
  const first = await plane.send('GET', `${widgets}?limit=1`);
  await add(plane, 'b2');
  plane.backend.store.compact();
  const expired = await plane.send('GET', `${widgets}?limit=1&continue=${first.body.metadata.continue}`);
  expect([expired.status, expired.body.reason]).toEqual([410, 'Expired']);
  expect(expired.body.message).toContain('The provided continue parameter is too old');
  const { continue: next } = expired.body.metadata;
  expect(JSON.parse(Buffer.from(next, 'base64url').toString())).toMatchObject({ rv: -1, start: '/a\0' });
  const rest = await plane.send('GET', `${widgets}?continue=${next}`);
  expect(names(rest)).toEqual(['b', 'b2', 'c']);
});

test('a resourceVersion means what the match says', async () => {
  const plane = await withWidgets('a');
  const revision = plane.backend.store.revision;
  await add(plane, 'b');
  const get = (query: string) => plane.send('GET', `${widgets}?${query}`);
  expect(names(await get('resourceVersion=0&limit=1'))).toEqual(['a', 'b']);
  expect(names(await get(`resourceVersion=${revision}`))).toEqual(['a', 'b']);
  expect(names(await get(`resourceVersion=${revision}&limit=5`))).toEqual(['a']);
  expect(names(await get(`resourceVersion=${revision}&resourceVersionMatch=Exact`))).toEqual(['a']);
  expect(names(await get(`resourceVersion=${revision}&resourceVersionMatch=NotOlderThan&limit=5`))).toEqual(['a', 'b']);
  plane.backend.store.compact();
  const gone = await get(`resourceVersion=${revision}&resourceVersionMatch=Exact`);
  expect([gone.status, gone.body.message]).toEqual([410, 'The resourceVersion for the provided list is too old.']);
  const future = await get('resourceVersion=99999');
  expect([future.status, future.body.message]).toEqual([
    504,
    `Timeout: Too large resource version: 99999, current: ${revision + 1}`,
  ]);
  expect(future.body.details).toEqual({
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
});

test.for([
  ['resourceVersionMatch=Exact', 422, 'resourceVersionMatch is forbidden unless resourceVersion is provided'],
  ['resourceVersionMatch=Foo&resourceVersion=1', 422, 'Unsupported value: "Foo"'],
  ['resourceVersionMatch=Exact&resourceVersion=0', 422, 'is forbidden for resourceVersion "0"'],
  ['sendInitialEvents=true', 422, 'sendInitialEvents is forbidden for list'],
  ['resourceVersion=x', 400, 'strconv.ParseUint: parsing "x": invalid syntax'],
  ['limit=x', 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
  ['continue=abc', 400, 'continue key is not valid'],
  ['labelSelector=a%20b', 400, 'unable to parse requirement'],
  ['fieldSelector=spec.foo%3Db', 400, 'field label not supported: spec.foo'],
] as const)('?%s is refused', async ([query, status, why]) => {
  const { send } = await toyPlane();
  const answer = await send('GET', `${widgets}?${query}`);
  expect(answer.status).toBe(status);
  expect(answer.body.message).toContain(why);
});

test('selectors choose, and leave the number of remaining items open', async () => {
  const plane = await toyPlane();
  for (const name of ['a', 'b', 'c']) await add(plane, name, 'default', { side: name === 'b' ? 'dark' : 'light' });
  expect(names(await plane.send('GET', `${widgets}?labelSelector=side%3Dlight`))).toEqual(['a', 'c']);
  const chunk = await plane.send('GET', `${widgets}?labelSelector=side&limit=1`);
  expect(chunk.body.metadata).not.toHaveProperty('remainingItemCount');
  expect(names(await plane.send('GET', `${widgets}?fieldSelector=metadata.name%3Dc`))).toEqual(['c']);
  await plane.send('POST', pods, { metadata: { name: 'p' }, spec: { nodeName: 'n1' } });
  await plane.send('POST', pods, { metadata: { name: 'q' } });
  expect(names(await plane.send('GET', `${pods}?fieldSelector=spec.nodeName%3Dn1`))).toEqual(['p']);
});

test('objects of built-in kinds do not repeat in a list what they are', async () => {
  const { send } = await toyPlane();
  await send('POST', pods, { metadata: { name: 'p' } });
  const answer = await send('GET', pods);
  expect(answer.text).toMatch(
    /^\{"kind":"PodList","apiVersion":"v1","metadata":\{"resourceVersion":"4"\},"items":\[\{"metadata":/,
  );
});
