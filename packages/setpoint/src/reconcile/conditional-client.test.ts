import { beforeEach, describe, expect, test } from 'vitest';
import { FakeApi } from '../../test/fake/fake-api.ts';
import { Plain, plain, Zone } from '../../test/fake/kinds.ts';
import type { StoreHandle } from '../cache/index.ts';
import type { AnyKind } from '../kinds/index.ts';
import { conditionalClient } from './conditional-client.ts';
import type { PassEnvironment } from './environment.ts';

const key = { namespace: 'default', name: 'a' };
let api = new FakeApi();
/** What the cache shows, which may be behind. */
let seen: unknown;

beforeEach(() => {
  api = new FakeApi();
  seen = api.create(Plain, plain('a'));
});

function client() {
  const store = { get: () => seen } as unknown as StoreHandle;
  const stores = (kind: AnyKind) => (kind === Plain ? [store] : []);
  return conditionalClient({ client: api.client, stores } as unknown as PassEnvironment);
}

const revision = () => api.object(Plain, key).metadata.resourceVersion as string;
const bodies = () => api.writes.map(({ body }) => body);

describe('under leader election', () => {
  test('a patch names the revision that the cache shows', async () => {
    const before = revision();
    await client().patch(Plain, key, { type: 'merge', body: { spec: { size: 2 } } });
    expect(bodies()).toEqual([{ spec: { size: 2 }, metadata: { resourceVersion: before } }]);
  });

  test('what was refused is sent again for the present revision: it is as unconditional as it was meant', async () => {
    const before = revision();
    api.edit(Plain, key, (object) => {
      object.spec.size = 7;
    });
    const present = revision();
    await client().patch(Plain, key, { type: 'merge', body: { metadata: { labels: { x: 'y' } } } });
    expect(bodies()).toEqual(
      [before, present].map((resourceVersion) => ({ metadata: { labels: { x: 'y' }, resourceVersion } })),
    );
    expect(api.object(Plain, key)).toMatchObject({ spec: { size: 7 }, metadata: { labels: { x: 'y' } } });
  });

  test('a JSON patch without a test of its own names it, too', async () => {
    const before = revision();
    await client().patch(Plain, key, { type: 'json', body: [{ op: 'replace', path: '/spec/size', value: 3 }] });
    expect(bodies()).toEqual([
      [
        { op: 'add', path: '/metadata/resourceVersion', value: before },
        { op: 'replace', path: '/spec/size', value: 3 },
      ],
    ]);
  });

  test('what the caller made conditional stays as it is, and its conflict is the caller’s', async () => {
    const body = { metadata: { resourceVersion: '3' }, spec: { size: 2 } };
    await expect(client().patch(Plain, key, { type: 'merge', body })).rejects.toMatchObject({ code: 'Conflict' });
    const tested = [{ op: 'test', path: '/spec/size', value: 1 } as const];
    await client().patch(Plain, key, { type: 'json', body: tested });
    expect(bodies()).toEqual([body, tested]);
  });

  test('an update without a revision gets one, a deletion a precondition', async () => {
    api.edit(Plain, key, (object) => {
      object.spec.size = 7;
    });
    await client().update(Plain, plain('a', 5) as never);
    expect(api.object(Plain, key).spec.size).toBe(5);
    await client().delete(Plain, key);
    expect(api.object(Plain, key)).toBeUndefined();
  });

  test('what is gone is answered as ever', async () => {
    api.delete(Plain, key);
    await expect(client().patch(Plain, key, { type: 'merge', body: {} })).rejects.toMatchObject({ code: 'NotFound' });
  });

  test('an apply to nothing makes it, and is refused by what came in between', async () => {
    seen = undefined;
    const apply = (size: number) => client().patch(Plain, key, { type: 'apply', body: plain('a', size) });
    await apply(4);
    expect(bodies()).toMatchObject([{ metadata: { resourceVersion: '1' } }, { spec: { size: 4 } }]);
    api.delete(Plain, key);
    await apply(6);
    expect(api.object(Plain, key).spec.size).toBe(6);
  });

  test('what is in no cache is sent as it was given', async () => {
    api.create(Zone, { metadata: { name: 'z' }, spec: { size: 1 } });
    await client().patch(Zone, { name: 'z' }, { type: 'merge', body: { spec: { size: 2 } } });
    expect(bodies()).toEqual([{ spec: { size: 2 } }]);
  });
});
