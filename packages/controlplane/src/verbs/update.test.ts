import { describe, expect, test } from 'vitest';
import { type ToyPlane, toyPlane } from '../testing/toy-plane.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const widgets = '/apis/toys.example.com/v1/namespaces/default/widgets';
const widget = (metadata: object, rest: object = {}) => ({
  apiVersion: 'toys.example.com/v1',
  kind: 'Widget',
  metadata: { name: 'a', ...metadata },
  ...rest,
});
const merge = { contentType: 'application/merge-patch+json' };
const json = { contentType: 'application/json-patch+json' };

async function withWidget(metadata: object = {}): Promise<ToyPlane & { revision: string; uid: string }> {
  const plane = await toyPlane();
  const { body } = await plane.send('POST', widgets, widget(metadata, { spec: { size: 1 } }));
  return { ...plane, revision: body.metadata.resourceVersion, uid: body.metadata.uid };
}

test('an update that changes nothing takes no revision and makes no event', async () => {
  const { send, revision, watch, backend } = await withWidget();
  const events = await watch(`${widgets}?watch=1&resourceVersion=${revision}`);
  const same = await send('PUT', `${widgets}/a`, widget({ resourceVersion: revision }, { spec: { size: 1 } }));
  expect([same.status, same.body.metadata.resourceVersion]).toEqual([200, revision]);
  await send('PATCH', `${widgets}/a`, {}, merge);
  expect(await events.events()).toEqual([]);
  expect(String(backend.store.revision)).toBe(revision);
});

test('a stale resourceVersion is a conflict, on put and on patch', async () => {
  const { send, revision } = await withWidget();
  await send('PATCH', `${widgets}/a`, { spec: { size: 2 } }, merge);
  const message =
    'Operation cannot be fulfilled on widgets.toys.example.com "a": the object has been modified; please apply your changes to the latest version and try again';
  const put = await send('PUT', `${widgets}/a`, widget({ resourceVersion: revision }));
  expect([put.status, put.body.reason, put.body.message]).toEqual([409, 'Conflict', message]);
  const patch = await send('PATCH', `${widgets}/a`, { metadata: { resourceVersion: revision } }, merge);
  expect([patch.status, patch.body.message]).toEqual([409, message]);
});

test('a custom resource is not overwritten unconditionally, a built-in kind is', async () => {
  const { send } = await withWidget();
  const refused = await send('PUT', `${widgets}/a`, widget({}));
  expect([refused.status, refused.body.message]).toEqual([
    422,
    'widgets.toys.example.com "a" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
  ]);
  await send('POST', configMaps, { metadata: { name: 'c' }, data: { a: '1' } });
  expect((await send('PUT', `${configMaps}/c`, { metadata: { name: 'c' } })).body).not.toHaveProperty('data');
});

test('the generation follows the spec, not the status and not metadata', async () => {
  const { send } = await withWidget();
  const generations = [
    await send('PATCH', `${widgets}/a`, { metadata: { labels: { a: 'b' } } }, merge),
    await send('PATCH', `${widgets}/a`, { spec: { size: 2 }, metadata: { generation: 99 } }, merge),
    await send('PATCH', `${widgets}/a/status`, { status: { ready: true } }, merge),
  ].map(({ body }) => body.metadata.generation);
  expect(generations).toEqual([1, 2, 2]);
});

test('the status is written by its subresource alone, and nothing else is', async () => {
  const { send } = await withWidget();
  const status = await send(
    'PATCH',
    `${widgets}/a/status`,
    { status: { ready: true }, spec: { size: 9 }, metadata: { labels: { a: 'b' }, finalizers: ['x.y/z'] } },
    merge,
  );
  expect(status.body).toMatchObject({ spec: { size: 1 }, status: { ready: true } });
  expect(status.body.metadata).not.toHaveProperty('labels');
  expect(status.body.metadata).not.toHaveProperty('finalizers');
  const object = await send('PATCH', `${widgets}/a`, { status: { ready: false } }, merge);
  expect(object.body.status).toEqual({ ready: true });
});

test('another uid, name or namespace than the stored one is refused', async () => {
  const { send, revision, uid } = await withWidget();
  const other = await send('PUT', `${widgets}/a`, widget({ uid: 'other', resourceVersion: revision }));
  expect(other.status).toBe(409);
  expect(other.body.message).toContain(
    `Key: /registry/toys.example.com/widgets/default/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: other, UID in object meta: ${uid}`,
  );
  const patched = await send('PATCH', `${widgets}/a`, { metadata: { uid: 'other' } }, merge);
  expect(patched.body.message).toContain('metadata.uid: Invalid value: "other": field is immutable');
  const renamed = await send('PUT', `${widgets}/a`, { ...widget({ name: 'b', resourceVersion: revision }) });
  expect([renamed.status, renamed.body.message]).toEqual([
    400,
    'the name of the object (b) does not match the name on the URL (a)',
  ]);
  const moved = await send('PUT', `${widgets}/a`, widget({ namespace: 'other', resourceVersion: revision }));
  expect(moved.body.message).toBe(
    'the namespace of the provided object does not match the namespace sent on the request',
  );
});

test('an update cannot take back a deletion or add finalizers to it', async () => {
  const { send } = await withWidget({ finalizers: ['x.y/z'] });
  await send('DELETE', `${widgets}/a`);
  const kept = await send('PATCH', `${widgets}/a`, { metadata: { deletionTimestamp: null } }, merge);
  expect(kept.body.metadata.deletionTimestamp).toBe('2026-01-01T00:00:00Z');
  const added = await send('PATCH', `${widgets}/a`, { metadata: { finalizers: ['x.y/z', 'n.e/w'] } }, merge);
  expect([added.status, added.body.details.causes[0].message]).toEqual([
    422,
    'Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"n.e/w"}',
  ]);
});

test('the update that takes the last finalizer away removes the object, and answers with it under its old revision', async () => {
  const { send, watch } = await withWidget({ finalizers: ['x.y/z'] });
  const marked = await send('DELETE', `${widgets}/a`);
  const events = await watch(`${widgets}?watch=1&resourceVersion=${marked.body.metadata.resourceVersion}`);
  const last = await send('PATCH', `${widgets}/a`, [{ op: 'remove', path: '/metadata/finalizers' }], json);
  expect(last.status).toBe(200);
  expect(last.body.metadata.resourceVersion).toBe(marked.body.metadata.resourceVersion);
  expect((await send('GET', `${widgets}/a`)).status).toBe(404);
  const [deleted] = await events.events();
  expect(deleted.type).toBe('DELETED');
  expect(Number(deleted.object.metadata.resourceVersion)).toBeGreaterThan(Number(last.body.metadata.resourceVersion));
});

test.for([
  ['a failing test', [{ op: 'test', path: '/spec/size', value: 7 }]],
  ['a missing path', [{ op: 'remove', path: '/spec/nope' }]],
  ['an unknown operation', [{ op: 'frobnicate', path: '/spec/size' }]],
] as const)('of %s in a JSON patch the server tells nothing', async ([, operations]) => {
  const { send } = await withWidget();
  const answer = await send('PATCH', `${widgets}/a`, operations, json);
  expect(answer.body).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'the server rejected our request due to an error in our request',
    reason: 'Invalid',
    details: {},
    code: 422,
  });
});

test('patches that are no patches, too long, or of a type that is not there', async () => {
  const { send } = await withWidget();
  const broken = await send('PATCH', `${widgets}/a`, '[', json);
  expect(broken.body.message).toBe('error decoding patch: unexpected end of JSON input');
  const list = await send('PATCH', `${widgets}/a`, '[]', merge);
  expect(list.body.message).toContain('cannot unmarshal array into Go value of type map[string]interface {}');
  const operations = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/spec/size', value: 1 }));
  const long = await send('PATCH', `${widgets}/a`, operations, json);
  expect([long.status, long.body.message]).toEqual([
    413,
    'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
  ]);
  const strategic = 'application/strategic-merge-patch+json';
  expect((await send('PATCH', `${widgets}/a`, '{}', { contentType: strategic })).status).toBe(415);
  await send('POST', configMaps, { metadata: { name: 'c' } });
  const apply = await send('PATCH', `${configMaps}/c`, '{}', { contentType: 'application/apply-patch+yaml' });
  expect([apply.status, apply.body.message]).toEqual([
    422,
    'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
  ]);
});

describe('a strategic merge patch of a built-in kind', () => {
  const strategic = { contentType: 'application/strategic-merge-patch+json' };
  const patched = async (patch: unknown) => {
    const { send } = await withWidget();
    const metadata = { name: 'c', finalizers: ['a/a', 'b/b'] };
    await send('POST', configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: '1' } });
    return send('PATCH', `${configMaps}/c`, patch, strategic);
  };

  test('merges by its directives, and is not heard about the kind', async () => {
    const list = { finalizers: ['c/c'], '$deleteFromPrimitiveList/finalizers': ['a/a'] };
    const { status, body } = await patched({ kind: 'Foo', metadata: list, data: { a: null, b: '2' } });
    expect([status, body.kind, body.metadata.finalizers, body.data]).toEqual([
      200,
      'ConfigMap',
      ['c/c', 'b/b'],
      { b: '2' },
    ]);
  });

  test.for([
    ['{', 400, 'unexpected end of JSON input'],
    ['[]', 400, 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
    [{ $setElementOrder: [] }, 400, 'invalid patch format of setElementOrder list'],
    [{ $patch: 'delete' }, 400, 'the name of the object (c based on URL) was undeterminable: name must be provided'],
    [{ $patch: 'bogus' }, 500, 'unknown patch type: bogus in map: map[$patch:bogus]'],
    [
      { data: { a: 1 }, metadata: null },
      422,
      ' "" is invalid: patch: Invalid value: "map[data:map[a:1] metadata:<nil>]": cannot convert int64 to string',
    ],
  ] as const)('%j is refused with %d', async ([patch, code, message]) => {
    const { status, body } = await patched(patch);
    expect([status, body.message]).toEqual([code, message]);
  });
});

test('a patch whose result has unknown fields is warned of, or refused', async () => {
  const { send } = await withWidget();
  const warned = await send('PATCH', `${widgets}/a`, { unknown: 1 }, merge);
  expect(warned.headers.warning).toEqual(['299 - "unknown field \\"unknown\\""']);
  const refused = await send('PATCH', `${widgets}/a?fieldValidation=Strict`, { unknown: 2 }, merge);
  expect(refused.status).toBe(422);
  expect(refused.body.message).toMatch(
    /^ "" is invalid: patch: Invalid value: ".*": strict decoding error: unknown field "unknown"$/,
  );
});

test('scale reads and writes the number of replicas', async () => {
  const { send } = await withWidget();
  expect((await send('GET', `${widgets}/a/scale`)).status).toBe(500);
  const scaled = await send('PATCH', `${widgets}/a/scale`, { spec: { replicas: 3 } }, merge);
  expect(scaled.body).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 3 } });
  expect((await send('GET', `${widgets}/a`)).body).toMatchObject({
    spec: { size: 1, replicas: 3 },
    metadata: { generation: 2 },
  });
  const stale = await send('PUT', `${widgets}/a/scale`, {
    metadata: { name: 'a', resourceVersion: '1' },
    spec: { replicas: 4 },
  });
  expect(stale.status).toBe(409);
  const text = await send('PUT', `${widgets}/a/scale`, { metadata: { name: 'a' }, spec: { replicas: 'x' } });
  expect(text.status).toBe(400);
});
