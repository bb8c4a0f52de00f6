import { FakeClock } from '@setpoint/apimachinery/clock';
import { expect, test } from 'vitest';
import { type ControlPlane, createControlPlane } from './index.ts';

const namespace = (name: string) => `/api/v1/namespaces/${name}`;
const configMaps = `${namespace('default')}/configmaps`;

interface Sent {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
  readonly body: any;
}

async function send(
  controlPlane: ControlPlane,
  method: string,
  url: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Sent> {
  const response = await controlPlane.handle({
    method,
    url,
    headers: { 'content-type': 'application/json', ...headers },
    body: body === undefined ? new Uint8Array(0) : Buffer.from(JSON.stringify(body)),
    signal: new AbortController().signal,
  });
  if (!(response.body instanceof Uint8Array)) throw new Error('a stream');
  const text = Buffer.from(response.body).toString();
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
}

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'foos.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'foos', kind: 'Foo' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: {} } } } },
      },
    ],
  },
};
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const foos = '/apis/example.com/v1/namespaces/default/foos';
const foo = (name: string) => ({ apiVersion: 'example.com/v1', kind: 'Foo', metadata: { name } });

test('every cluster begins with its four namespaces', async () => {
  await using controlPlane = createControlPlane();
  const { body } = await send(controlPlane, 'GET', '/api/v1/namespaces');
  expect(body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual([
    'default',
    'kube-node-lease',
    'kube-public',
    'kube-system',
  ]);
});

test('two control planes know nothing of each other', async () => {
  await using one = createControlPlane();
  await using two = createControlPlane();
  await send(one, 'POST', configMaps, { metadata: { name: 'a' } });
  await send(one, 'POST', definitions, definition);
  expect((await send(two, 'GET', `${configMaps}/a`)).status).toBe(404);
  expect((await send(two, 'GET', foos)).status).toBe(404);
});

test('the same seed and clock give the same bytes', async () => {
  const play = async () => {
    await using controlPlane = createControlPlane({ seed: 'x', clock: new FakeClock(), controllers: [] });
    await send(controlPlane, 'POST', configMaps, { metadata: { generateName: 'a-' } });
    return (await send(controlPlane, 'GET', configMaps)).body;
  };
  expect(await play()).toEqual(await play());
});

test('a custom resource is served as soon as its definition is answered for', async () => {
  await using controlPlane = createControlPlane();
  expect((await send(controlPlane, 'POST', definitions, definition)).status).toBe(201);
  expect((await send(controlPlane, 'POST', foos, foo('a'))).status).toBe(201);
  expect((await send(controlPlane, 'GET', foos)).body.items).toHaveLength(1);
  await send(controlPlane, 'DELETE', `${definitions}/foos.example.com`);
  expect((await send(controlPlane, 'GET', foos)).body).toBe('404 page not found\n');
  expect((await send(controlPlane, 'GET', `${definitions}/foos.example.com`)).status).toBe(404);
});

test('a reset forgets everything, ends watches and goes on with later revisions', async () => {
  await using controlPlane = createControlPlane();
  await send(controlPlane, 'POST', definitions, definition);
  await send(controlPlane, 'POST', foos, foo('a'));
  const response = await controlPlane.handle({
    method: 'GET',
    url: `${foos}?watch=1`,
    headers: {},
    body: new Uint8Array(0),
    signal: new AbortController().signal,
  });
  const before = Number(controlPlane.revision);
  controlPlane.reset();
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toContain('"ADDED"');
  expect(Number(controlPlane.revision)).toBeGreaterThan(before);
  expect((await send(controlPlane, 'GET', foos)).status).toBe(404);
  expect((await send(controlPlane, 'GET', namespace('default'))).status).toBe(200);
  expect(controlPlane.activity()).toEqual({ requests: 0, undelivered: 0, controllers: 0 });
  expect((await send(controlPlane, 'POST', definitions, definition)).status).toBe(201);
});

test('a namespace is emptied and goes, and waits for what has finalizers', async () => {
  const clock = new FakeClock();
  await using controlPlane = createControlPlane({ clock });
  await send(controlPlane, 'POST', '/api/v1/namespaces', { metadata: { name: 'n' } });
  await send(controlPlane, 'POST', `${namespace('n')}/configmaps`, { metadata: { name: 'free' } });
  const held = { metadata: { name: 'held', finalizers: ['x.y/z'] } };
  await send(controlPlane, 'POST', `${namespace('n')}/configmaps`, held);
  const marked = await send(controlPlane, 'DELETE', namespace('n'));
  expect(marked.body.status).toEqual({ phase: 'Terminating' });
  await clock.advance(0);
  const waiting = await send(controlPlane, 'GET', namespace('n'));
  const conditions = new Map(
    waiting.body.status.conditions.map((one: { type: string; message: string }) => [one.type, one.message]),
  );
  expect(conditions.get('NamespaceContentRemaining')).toBe(
    'Some resources are remaining: configmaps. has 1 resource instances',
  );
  expect(conditions.get('NamespaceFinalizersRemaining')).toBe(
    'Some content in the namespace has finalizers remaining: x.y/z in 1 resource instances',
  );
  expect((await send(controlPlane, 'GET', `${namespace('n')}/configmaps/free`)).status).toBe(404);
  await send(
    controlPlane,
    'PATCH',
    `${namespace('n')}/configmaps/held`,
    { metadata: { finalizers: null } },
    {
      'content-type': 'application/merge-patch+json',
    },
  );
  await clock.advance(0);
  expect((await send(controlPlane, 'GET', namespace('n'))).status).toBe(404);
});

test('activity tells of requests and undelivered events, and of each change', async () => {
  await using controlPlane = createControlPlane({ controllers: [] });
  const response = await controlPlane.handle({
    method: 'GET',
    url: `${configMaps}?watch=1`,
    headers: {},
    body: new Uint8Array(0),
    signal: new AbortController().signal,
  });
  const reader = (response.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  let told = 0;
  const stop = controlPlane.onActivity(() => told++);
  await send(controlPlane, 'POST', configMaps, { metadata: { name: 'a' } });
  expect(controlPlane.activity()).toEqual({ requests: 0, undelivered: 1, controllers: 0 });
  expect(told).toBeGreaterThan(0);
  stop();
  await reader.next();
  expect(controlPlane.activity()).toEqual({ requests: 0, undelivered: 0, controllers: 0 });
});

test('history is compacted with the clock, an interval behind', async () => {
  const clock = new FakeClock();
  await using controlPlane = createControlPlane({ clock, compactionInterval: 1000 });
  await send(controlPlane, 'POST', configMaps, { metadata: { name: 'a' } });
  const exact = `${configMaps}?resourceVersionMatch=Exact&resourceVersion=${controlPlane.revision}`;
  await send(controlPlane, 'POST', configMaps, { metadata: { name: 'b' } });
  await clock.advance(1000);
  expect((await send(controlPlane, 'GET', exact)).status).toBe(200);
  await clock.advance(1000);
  expect((await send(controlPlane, 'GET', exact)).status).toBe(410);
});

test('revisions from before the start cannot be watched from', async () => {
  await using controlPlane = createControlPlane({ controllers: [] });
  const response = await controlPlane.handle({
    method: 'GET',
    url: `${configMaps}?watch=1&resourceVersion=1`,
    headers: {},
    body: new Uint8Array(0),
    signal: AbortSignal.timeout(10_000),
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toContain('"too old resource version: 1 (');
});

test('what clients put around a request is read as the real server reads it', async () => {
  await using controlPlane = createControlPlane();
  await send(controlPlane, 'POST', configMaps, { metadata: { name: 'a' } });
  const status = async (url: string, headers = {}) => (await send(controlPlane, 'GET', url, undefined, headers)).status;
  expect(await status(`${configMaps}?timeout=32s`)).toBe(200);
  expect((await send(controlPlane, 'GET', `${configMaps}?timeout=soon`)).body.message).toBe(
    'invalid timeout specified in the request URL - time: invalid duration "soon"',
  );
  expect(await status(`${configMaps}?labelSelector=a;b`)).toBe(200);
  expect(await status(`${configMaps}/%61`)).toBe(200);
  expect((await send(controlPlane, 'GET', `${configMaps}/a%2fb`)).body.message).toBe(
    'the server could not find the requested resource',
  );
  expect((await send(controlPlane, 'GET', '/api/v1//nodes')).body.kind).toBe('Status');
  expect(await status('/healthz/')).toBe(404);
  expect(await status(`${configMaps}/a`, { accept: 'application/*' })).toBe(406);
  expect((await send(controlPlane, 'HEAD', '/apis')).status).toBe(200);
});

test('an administrator is taken for whom they say, and may then do no more than that one', async () => {
  await using controlPlane = createControlPlane();
  const sent = await send(controlPlane, 'GET', configMaps, undefined, { 'impersonate-user': 'jane' });
  expect(sent.status).toBe(403);
  expect(sent.body.message).toBe(
    'configmaps is forbidden: User "jane" cannot list resource "configmaps" in API group "" in the namespace "default"',
  );
});

test('where everything is allowed, whoever is known may do it, and nobody else', async () => {
  await using controlPlane = createControlPlane({ authorizationMode: 'AlwaysAllow' });
  const jane = await send(controlPlane, 'GET', configMaps, undefined, { 'impersonate-user': 'jane' });
  expect(jane.status).toBe(200);
  const stranger = await send(controlPlane, 'GET', configMaps, undefined, { authorization: 'Basic x' });
  expect(stranger.status).toBe(401);
});

test('a job that is deleted without a word on its pods leaves them, with a warning', async () => {
  await using controlPlane = createControlPlane();
  const jobs = '/apis/batch/v1/namespaces/default/jobs';
  const spec = { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } };
  await send(controlPlane, 'POST', jobs, { metadata: { name: 'a' }, spec });
  const deleted = await send(controlPlane, 'DELETE', `${jobs}/a`);
  expect(deleted.body.metadata.finalizers).toEqual(['orphan']);
  await send(controlPlane, 'POST', jobs, { metadata: { name: 'b' }, spec });
  expect((await send(controlPlane, 'DELETE', `${jobs}/b?propagationPolicy=Background`)).body.status).toBe('Success');
});

test('a patch of a built-in kind may leave out the kind, of a custom resource it may not', async () => {
  await using controlPlane = createControlPlane();
  const merge = { 'content-type': 'application/merge-patch+json' };
  await send(controlPlane, 'POST', configMaps, { metadata: { name: 'a' } });
  expect((await send(controlPlane, 'PATCH', `${configMaps}/a`, { kind: null }, merge)).status).toBe(200);
  const other = await send(controlPlane, 'PATCH', `${configMaps}/a`, { apiVersion: 'v9' }, merge);
  expect(other.body.message).toContain('no kind "ConfigMap" is registered for version "v9"');
  await send(controlPlane, 'POST', definitions, definition);
  await send(controlPlane, 'POST', foos, foo('a'));
  const none = await send(controlPlane, 'PATCH', `${foos}/a`, { kind: null }, merge);
  expect(none.body.message).toContain("Object 'Kind' is missing in");
});

test('a caller from outside needs credentials, one in this process is an administrator', async () => {
  await using controlPlane = createControlPlane();
  expect((await send(controlPlane, 'GET', configMaps)).status).toBe(200);
  const refused = await send(controlPlane, 'GET', configMaps, undefined, { authorization: 'Bearer nobody' });
  expect([refused.status, refused.body.message]).toEqual([401, 'Unauthorized']);
});

test('what is not built yet says so by name', async () => {
  await using controlPlane = createControlPlane();
  await send(controlPlane, 'POST', `${namespace('default')}/pods`, {
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  });
  const resize = await send(controlPlane, 'GET', `${namespace('default')}/pods/p/resize`);
  expect([resize.status, resize.body.reason, resize.body.message]).toEqual([
    501,
    'NotImplemented',
    'the subresource pods/resize is not implemented by this control plane',
  ]);
  expect((await send(controlPlane, 'GET', `${namespace('default')}/pods/p/nope`)).status).toBe(404);
  expect((await send(controlPlane, 'GET', `${namespace('default')}/pods/missing/log`)).status).toBe(404);
});

test('paths that lead nowhere, with and without a known group', async () => {
  await using controlPlane = createControlPlane();
  expect((await send(controlPlane, 'GET', '/nowhere')).body).toBe('404 page not found\n');
  expect((await send(controlPlane, 'GET', '/apis/nowhere/v1/things')).body).toBe('404 page not found\n');
  const status = await send(controlPlane, 'GET', '/api/v1/things');
  expect([status.status, status.body.message]).toEqual([404, 'the server could not find the requested resource']);
  expect((await send(controlPlane, 'PUT', configMaps, {})).status).toBe(405);
  expect((await send(controlPlane, 'POST', '/api/v1/configmaps', {})).status).toBe(405);
});
