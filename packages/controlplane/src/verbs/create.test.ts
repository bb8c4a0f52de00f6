import { expect, test } from 'vitest';
import { toyPlane } from '../testing/toy-plane.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const widgets = '/apis/toys.example.com/v1/namespaces/default/widgets';
const widget = (metadata: object, spec?: object) => ({
  apiVersion: 'toys.example.com/v1',
  kind: 'Widget',
  metadata,
  ...(spec ? { spec } : {}),
});

test('what only the server may say about a new object is said by the server', async () => {
  const { send } = await toyPlane();
  const answer = await send('POST', configMaps, {
    metadata: { name: 'a', uid: 'mine', creationTimestamp: '2001-01-01T00:00:00Z', selfLink: '/x', generation: 7 },
  });
  expect(answer.status).toBe(201);
  expect(answer.body.metadata).toEqual({
    name: 'a',
    namespace: 'default',
    // A ConfigMap does not count generations; what it is told it keeps, as on the real server.
    generation: 7,
    uid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    resourceVersion: '4',
    creationTimestamp: '2026-01-01T00:00:00Z',
  });
  expect(answer.text.endsWith('}\n')).toBe(true);
});

test('a name that is taken is a conflict, and says so when its holder is on its way out', async () => {
  const { send } = await toyPlane();
  await send('POST', configMaps, { metadata: { name: 'a', finalizers: ['x.y/z'] } });
  const taken = await send('POST', configMaps, { metadata: { name: 'a' } });
  expect([taken.status, taken.body.message]).toEqual([409, 'configmaps "a" already exists']);
  await send('DELETE', `${configMaps}/a`);
  const leaving = await send('POST', configMaps, { metadata: { name: 'a' } });
  expect(leaving.body.message).toBe('object is being deleted: configmaps "a" already exists');
});

test('a generated name is drawn again when it is taken, eight times at most', async () => {
  const { send, backend } = await toyPlane();
  let uids = 0;
  // Every generated name the same, every uid another.
  const sameName = { next: () => 0, integer: (bound: number) => (bound === 0x10000 ? ++uids : 0) };
  (backend as { random: unknown }).random = sameName;
  const body = { metadata: { generateName: 'gen-' } };
  expect((await send('POST', configMaps, body)).body.metadata.name).toBe('gen-bbbbb');
  const refused = await send('POST', configMaps, body);
  expect(refused.status).toBe(409);
  expect(refused.body.details.retryAfterSeconds).toBe(1);
  expect(refused.headers['retry-after']).toBe('1');
  expect(refused.body.message).toContain('the server was not able to generate a unique name for the object');
});

test('a dry run answers as if, and leaves nothing', async () => {
  const { send, backend } = await toyPlane();
  const before = backend.store.revision;
  const answer = await send('POST', `${configMaps}?dryRun=All`, { metadata: { name: 'a' } });
  expect(answer.status).toBe(201);
  expect(answer.body.metadata).not.toHaveProperty('resourceVersion');
  expect(answer.body.metadata.uid).toBeTypeOf('string');
  expect((await send('GET', `${configMaps}/a`)).status).toBe(404);
  expect(backend.store.revision).toBe(before);
});

test('a new object must not bring a resourceVersion', async () => {
  const { send } = await toyPlane();
  const answer = await send('POST', configMaps, { metadata: { name: 'a', resourceVersion: '5' } });
  expect(answer.status).toBe(500);
  expect(answer.body).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'resourceVersion should not be set on objects to be created',
    code: 500,
  });
});

test('content needs a namespace that is there and stays', async () => {
  const { send } = await toyPlane();
  const missing = await send('POST', '/api/v1/namespaces/nowhere/configmaps', { metadata: { name: 'a' } });
  expect([missing.status, missing.body.message]).toEqual([404, 'namespaces "nowhere" not found']);
  await send('DELETE', '/api/v1/namespaces/other');
  const refused = await send('POST', '/api/v1/namespaces/other/configmaps', { metadata: { name: 'a' } });
  expect(refused.status).toBe(403);
  expect(refused.body.message).toBe(
    'configmaps "a" is forbidden: unable to create new content in namespace other because it is being terminated',
  );
  expect(refused.body.details.causes).toEqual([
    {
      reason: 'NamespaceTerminating',
      message: 'namespace other is being terminated',
      field: 'metadata.namespace',
    },
  ]);
});

test('a repeated owner reference is taken out, with a warning', async () => {
  const { send } = await toyPlane();
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' };
  const answer = await send('POST', configMaps, { metadata: { name: 'a', ownerReferences: [owner, owner] } });
  expect(answer.body.metadata.ownerReferences).toEqual([owner]);
  expect(answer.headers.warning).toEqual([expect.stringContaining('duplicate UID(s) observed: u')]);
});

test.for([
  ['Warn', 201],
  ['Ignore', 201],
  ['Strict', 400],
] as const)('unknown and repeated fields under fieldValidation=%s', async ([mode, status]) => {
  const { send } = await toyPlane();
  const text = '{"metadata":{"name":"a"},"unknown":1,"data":{"k":"1","k":"2"}}';
  const answer = await send('POST', `${configMaps}?fieldValidation=${mode}`, text);
  expect(answer.status).toBe(status);
  const warned = ['299 - "unknown field \\"unknown\\""', '299 - "duplicate field \\"data.k\\""'];
  expect(answer.headers.warning).toEqual(mode === 'Warn' ? warned : undefined);
  if (mode !== 'Strict') expect(answer.body.data).toEqual({ k: '2' });
  else {
    expect(answer.body.message).toBe(
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "unknown", duplicate field "data.k"',
    );
  }
});

test.for([
  ['{"metadata":', "couldn't get version/kind; json parse error: unexpected end of JSON input"],
  ['[]', 'json: cannot unmarshal array into Go value'],
  ['{"kind":"Pod","apiVersion":"v1"}', 'converting (v1.Pod) to (core.ConfigMap): unknown conversion'],
  ['{"kind":"Nope","apiVersion":"v1"}', 'no kind "Nope" is registered for version "v1"'],
  ['{"kind":"ConfigMap","apiVersion":"v9"}', 'no kind "ConfigMap" is registered for version "v9"'],
])('the body %s is refused', async ([body, why]) => {
  const { send } = await toyPlane();
  const answer = await send('POST', configMaps, body);
  expect([answer.status, answer.body.reason]).toEqual([400, 'BadRequest']);
  expect(answer.body.message).toContain(why);
});

test('a custom resource must say what it is', async () => {
  const { send } = await toyPlane();
  const nameless = await send('POST', widgets, '{"metadata":{}}');
  expect(nameless.body.message).toBe(
    `the object provided is unrecognized (must be of type Widget): Object 'Kind' is missing in '{"metadata":{}}' ({"metadata":{}})`,
  );
  const other = await send('POST', widgets, { ...widget({ name: 'a' }), apiVersion: 'toys.example.com/v2' });
  expect(other.body.message).toBe(
    'the API version in the data (toys.example.com/v2) does not match the expected API version (toys.example.com/v1)',
  );
});

test('a body that is too long, of an unknown type, or broken in its metadata', async () => {
  const { send } = await toyPlane();
  const long = await send('POST', configMaps, 'x'.repeat(3 * 1024 * 1024 + 1));
  expect([long.status, long.body.message]).toEqual([413, 'Request entity too large: limit is 3145728']);
  const strange = await send('POST', configMaps, '{}', { contentType: 'text/plain' });
  expect(strange.status).toBe(415);
  const bad = await send('POST', configMaps, {
    metadata: { name: 'a', labels: { 'b c': 'd' }, finalizers: ['orphan', 'foregroundDeletion'] },
  });
  expect(bad.body.details.causes.map(({ field }: { field: string }) => field)).toEqual([
    'metadata.labels',
    'metadata.finalizers',
  ]);
});

test('big integers, number-like keys and __proto__ come back as they went in', async () => {
  const { send } = await toyPlane();
  const text =
    '{"apiVersion":"toys.example.com/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"__proto__":{"x":1},"10":"b","9":"a","big":9007199254740993,"n":-9223372036854775808}}';
  await send('POST', widgets, text);
  const answer = await send('GET', `${widgets}/a`);
  expect(answer.text).toContain(
    '"spec":{"10":"b","9":"a","__proto__":{"x":1},"big":9007199254740993,"n":-9223372036854775808}',
  );
  const patched = await send('PATCH', `${widgets}/a`, '{"spec":{"__proto__":{"y":2}}}', {
    contentType: 'application/merge-patch+json',
  });
  expect(patched.text).toContain('"__proto__":{"x":1,"y":2}');
  expect(({} as Record<string, unknown>).y).toBeUndefined();
});
