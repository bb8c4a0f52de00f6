import { setImmediate as turn } from 'node:timers/promises';
import { FakeClock } from '@setpoint/apimachinery/clock';
import { expect, test } from 'vitest';
import { type ControlPlane, createControlPlane } from '../index.ts';
import { toyPlane } from '../testing/toy-plane.ts';
import { createObject } from '../verbs/index.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const foos = '/apis/example.com/v1/namespaces/default/foos';

const spec = (...names: readonly string[]) => ({
  type: 'object',
  properties: {
    spec: { type: 'object', properties: Object.fromEntries(names.map((name) => [name, { type: 'integer' }])) },
  },
});

const version = (name: string, extra: object = {}) => ({
  name,
  served: true,
  storage: name === 'v1',
  schema: { openAPIV3Schema: spec('n') },
  ...extra,
});

const definition = (...versions: readonly object[]) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'foos.example.com' },
  spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'foos', kind: 'Foo' }, versions },
});

const foo = (name: string, extra: object = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Foo',
  metadata: { name },
  ...extra,
});

interface Sent {
  readonly status: number;
  readonly warnings: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
  readonly body: any;
}

async function send(
  plane: ControlPlane,
  method: string,
  url: string,
  body?: unknown,
  type = 'application/json',
): Promise<Sent> {
  const response = await plane.handle({
    method,
    url,
    headers: { 'content-type': type },
    body: body === undefined ? new Uint8Array(0) : Buffer.from(JSON.stringify(body)),
    signal: new AbortController().signal,
  });
  const chunks: Uint8Array[] = [];
  if (response.body instanceof Uint8Array) chunks.push(response.body);
  else for await (const chunk of response.body) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return {
    status: response.status,
    warnings: response.headers.warning,
    body: text.startsWith('{') ? JSON.parse(text) : text,
  };
}

const merge = 'application/merge-patch+json';

test('a watch does not begin before the definition was changed', async () => {
  const clock = new FakeClock();
  await using plane = createControlPlane({ controllers: [], clock });
  await send(plane, 'POST', definitions, definition(version('v1')));
  const { body: first } = await send(plane, 'POST', foos, foo('a'));
  await send(plane, 'PATCH', `${definitions}/foos.example.com`, { metadata: { labels: { a: 'b' } } }, merge);
  const from = `${foos}?watch=1&timeoutSeconds=1&resourceVersion=${first.metadata.resourceVersion}`;
  const quiet = send(plane, 'GET', from);
  await turn();
  await clock.advance(1000);
  expect((await quiet).body).toBe('');
  await send(
    plane,
    'PATCH',
    `${definitions}/foos.example.com`,
    { spec: { versions: [version('v1'), version('v2')] } },
    merge,
  );
  expect((await send(plane, 'GET', from)).body).toMatchObject({
    type: 'ERROR',
    object: { code: 410, reason: 'Expired' },
  });
});

test('while instances are deleted discovery lists no verbs that write', async () => {
  await using plane = createControlPlane({ controllers: [] });
  await send(plane, 'POST', definitions, definition(version('v1')));
  const verbs = async () => (await send(plane, 'GET', '/apis/example.com/v1')).body.resources[0].verbs.join(' ');
  await send(plane, 'POST', foos, { ...foo('a'), metadata: { name: 'a', finalizers: ['x.y/z'] } });
  expect(await verbs()).toBe('delete deletecollection get list patch create update watch');
  await send(plane, 'DELETE', `${definitions}/foos.example.com`);
  expect(await verbs()).toBe('delete deletecollection get list watch');
  expect((await send(plane, 'PATCH', `${foos}/a`, { spec: { n: 1 } }, merge)).status).toBe(200);
});

test('a body in another version is warned of what that version does not know, then refused', async () => {
  await using plane = createControlPlane({ controllers: [] });
  const v2 = version('v2', { schema: { openAPIV3Schema: spec('m') } });
  await send(plane, 'POST', definitions, definition(version('v1'), v2));
  const body = (apiVersion: string) => ({ ...foo('a', { spec: { n: 1 } }), apiVersion: `example.com/${apiVersion}` });
  const known = await send(plane, 'POST', '/apis/example.com/v2/namespaces/default/foos', body('v1'));
  expect([known.status, known.warnings]).toEqual([400, undefined]);
  const unknown = await send(plane, 'POST', foos, body('v2'));
  expect([unknown.status, unknown.warnings]).toEqual([400, ['299 - "unknown field \\"spec.n\\""']]);
  const strict = await send(plane, 'POST', `${foos}?fieldValidation=Strict`, body('v3'));
  expect(strict.body.message).toContain('strict decoding error: unknown field "spec"');
});

test('what is being admitted when its definition goes is not stored', async () => {
  const { backend } = await toyPlane();
  const widgets = backend.registry.list().find(({ kind }) => kind === 'Widget');
  if (!widgets) throw new Error('no widgets');
  const write = async (end: object) => {
    const resource = { ...widgets };
    const admission = { ...backend.admission, mutate: () => turn().then(() => void Object.assign(resource, end)) };
    const context = {
      backend: { ...backend, admission },
      resource,
      namespace: 'default',
      user: { name: 'u', groups: [] },
    };
    return createObject({ ...context, dryRun: false, warn: () => {} }, { ...foo('a'), metadata: { name: 'a' } });
  };
  await expect(write({ gone: true })).rejects.toMatchObject({ code: 404 });
  await expect(write({ createForbidden: 'it goes' })).rejects.toMatchObject({ code: 403 });
  expect(backend.store.collection(widgets.storageKey).size).toBe(0);
  await expect(write({})).resolves.toMatchObject({ code: 201 });
});

test('eight writers, while the definition is deleted and made again', async () => {
  await using plane = createControlPlane({ controllers: [], seed: 'writers' });
  const statuses = new Map<string, Set<number>>();
  /** What was acknowledged last of each name, and in which of its lives the definition was when it was asked for. */
  const stored = new Map<string, { uid: string; n: number; life: number }>();
  const acknowledged = new Set<string>();
  const lives = 6;
  let life = 0;
  let isOver = false;
  const ask = async (verb: string, ...args: [method: string, url: string, body?: unknown, type?: string]) => {
    const answer = await send(plane, ...args);
    statuses.set(verb, (statuses.get(verb) ?? new Set()).add(answer.status));
    return answer;
  };
  const write = async (writer: number) => {
    for (let n = 0; !isOver; n++) {
      const name = `w${writer}-${n % 5}`;
      const note = (uid: string, n: number, life: number) => {
        acknowledged.add(uid);
        stored.set(name, { uid, n, life });
      };
      let asked = life;
      const made = await ask('create', 'POST', foos, foo(name, { spec: { n } }));
      if (made.status === 201) note(made.body.metadata.uid, n, asked);
      asked = life;
      const patched = await ask('patch', 'PATCH', `${foos}/${name}`, { spec: { n: n + 1 } }, merge);
      if (patched.status === 200) note(patched.body.metadata.uid, n + 1, asked);
      await ask('list', 'GET', foos);
      if (n % 3 === 0 && (await ask('delete', 'DELETE', `${foos}/${name}`)).status === 200) stored.delete(name);
      await turn();
    }
  };
  const again = async () => {
    for (life = 1; ; life++) {
      expect((await send(plane, 'POST', definitions, definition(version('v1')))).status).toBe(201);
      for (let turns = 0; turns < 4; turns++) await turn();
      if (life === lives) break;
      expect((await send(plane, 'DELETE', `${definitions}/foos.example.com`)).status).toBe(200);
      await turn();
    }
    isOver = true;
  };
  await Promise.all([again(), ...Array.from({ length: 8 }, (_, writer) => write(writer))]);
  const wanted = { create: [201, 404, 409], patch: [200, 404], list: [200, 404], delete: [200, 404] };
  for (const [verb, seen] of statuses) {
    expect(
      [...seen].filter((status) => !wanted[verb as keyof typeof wanted].includes(status)),
      verb,
    ).toEqual([]);
  }
  const { items } = (await send(plane, 'GET', foos)).body as {
    items: { metadata: { name: string; uid: string }; spec: { n: number } }[];
  };
  for (const { metadata } of items) expect(acknowledged).toContain(metadata.uid);
  const found = Object.fromEntries(items.map(({ metadata: { name, uid }, spec: { n } }) => [name, { uid, n }]));
  const ofLastLife = Iterator.from(stored).filter(([, one]) => one.life === lives);
  const last = Object.fromEntries(ofLastLife.map(([name, { uid, n }]) => [name, { uid, n }]));
  expect(Object.keys(last).length).toBeGreaterThan(0);
  expect(found).toMatchObject(last);
});
