import type { KubeObject } from '@setpoint/apimachinery/meta';
import { beforeEach, expect, test } from 'vitest';
import { type ToyPlane, toyPlane } from '../testing/toy-plane.ts';
import type { Definition, DefinitionVersion } from './definition.ts';
import { createServedResource } from './served-resource.ts';

const schema = (field: string) => ({
  openAPIV3Schema: {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: { [field]: { type: 'string' }, replicas: { type: 'integer' }, note: { type: 'string' } },
      },
      status: { type: 'object', properties: { phase: { type: 'string' }, replicas: { type: 'integer' } } },
    },
  },
});

const version = (name: string, field: string): DefinitionVersion => ({
  name,
  served: true,
  storage: name === 'v1',
  schema: schema(field),
  selectableFields: [{ jsonPath: `.spec.${field}` }],
  subresources: {
    status: {},
    scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
  },
});

const names = { plural: 'foos', singular: 'foo', kind: 'Foo', listKind: 'FooList' };
const versions = [version('v1', 'one'), version('v2', 'two')];
const definition: Definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'foos.example.com', uid: 'u', generation: 1 },
  spec: { group: 'example.com', scope: 'Namespaced', names, versions },
  status: { conditions: [], acceptedNames: names, storedVersions: ['v1'] },
};

/** Turns after it was asked, `spec.one` of v1 is `spec.two` of v2. */
async function webhook(objects: readonly KubeObject[], apiVersion: string): Promise<readonly KubeObject[]> {
  await new Promise(setImmediate);
  return objects.map((object) => {
    const { spec, ...rest } = object as KubeObject & { spec?: Record<string, unknown> };
    const { one, two, ...others } = spec ?? {};
    const value = one ?? two;
    const field = value === undefined ? {} : { [apiVersion.endsWith('v2') ? 'two' : 'one']: value };
    return { ...rest, apiVersion, ...(spec ? { spec: { ...others, ...field } } : {}) } as KubeObject;
  });
}

const at = (of: string) => `/apis/example.com/${of}/namespaces/default/foos`;
const foos = at('v2');
const foo = (name: string, two: string, of = 'v2') => ({
  apiVersion: `example.com/${of}`,
  kind: 'Foo',
  metadata: { name },
  spec: { [of === 'v2' ? 'two' : 'one']: two },
});
const merge = { contentType: 'application/merge-patch+json' };
const apply = { contentType: 'application/apply-patch+yaml' };

let plane: ToyPlane;

beforeEach(async () => {
  plane = await toyPlane({ historySize: 1000 });
  for (const one of versions) plane.backend.registry.set(createServedResource(definition, one, { webhook }));
  await plane.send('POST', at('v1'), foo('a', 'x', 'v1'));
});

const stored = (name = 'a') =>
  plane.backend.store.collection('example.com/foos').get(`default/${name}`)?.object as
    | (KubeObject & { spec: object; status?: object })
    | undefined;

test.for<[string, string, string, unknown, object | undefined, object]>([
  ['create', 'POST', foos, foo('b', 'y'), undefined, { spec: { two: 'y' } }],
  ['dry run of a create', 'POST', `${foos}?dryRun=All`, foo('b', 'y'), undefined, { spec: { two: 'y' } }],
  ['apply that creates', 'PATCH', `${foos}/b?fieldManager=m`, foo('b', 'y'), apply, { spec: { two: 'y' } }],
  ['apply', 'PATCH', `${foos}/a?fieldManager=m&force=true`, foo('a', 'y'), apply, { spec: { two: 'y' } }],
  ['merge patch', 'PATCH', `${foos}/a`, { spec: { note: 'n' } }, merge, { spec: { two: 'x', note: 'n' } }],
  ['dry run of a patch', 'PATCH', `${foos}/a?dryRun=All`, { spec: { two: 'y' } }, merge, { spec: { two: 'y' } }],
  ['status', 'PATCH', `${foos}/a/status`, { status: { phase: 'p' } }, merge, { status: { phase: 'p' } }],
  ['scale', 'PATCH', `${foos}/a/scale`, { spec: { replicas: 2 } }, merge, { spec: { replicas: 2 } }],
  ['get', 'GET', `${foos}/a`, undefined, undefined, { spec: { two: 'x' } }],
  ['delete', 'DELETE', `${foos}/a`, undefined, undefined, { status: 'Success' }],
  ['dry run of a delete', 'DELETE', `${foos}/a?dryRun=All`, undefined, undefined, { status: 'Success' }],
  [
    'deletecollection',
    'DELETE',
    `${foos}?fieldSelector=spec.two=x`,
    undefined,
    undefined,
    { items: [{ spec: { two: 'x' } }] },
  ],
  ['list', 'GET', `${foos}?fieldSelector=spec.two=x`, undefined, undefined, { items: [{ spec: { two: 'x' } }] }],
])('%s waits for what has to be converted', async ([, method, url, body, options, wanted]) => {
  const answer = await plane.send(method, url, body, options);
  expect(answer.status).toBeLessThan(300);
  expect(answer.body).toMatchObject(wanted);
  for (const name of ['a', 'b']) {
    const object = stored(name);
    if (object) expect(object).toMatchObject({ apiVersion: 'example.com/v1', spec: { one: expect.any(String) } });
  }
});

test('a put, and the end of the last finalizer', async () => {
  const { body } = await plane.send('GET', `${foos}/a`);
  const put = { ...body, metadata: { ...body.metadata, finalizers: ['x.y/z'] }, spec: { two: 'z' } };
  expect((await plane.send('PUT', `${foos}/a`, put)).status).toBe(200);
  expect(stored()?.spec).toEqual({ one: 'z' });
  expect((await plane.send('DELETE', `${foos}/a`)).body.metadata.deletionTimestamp).toBeDefined();
  const last = await plane.send('PATCH', `${foos}/a`, { metadata: { finalizers: null } }, merge);
  expect([last.status, last.body.spec, stored()]).toEqual([200, { two: 'z' }, undefined]);
});

test('a watch shows its version, in order', async () => {
  const watch = await plane.watch(`${foos}?watch=1&fieldSelector=spec.two=x`);
  await plane.send('PATCH', `${at('v1')}/a`, { spec: { note: 'n' } }, merge);
  await plane.send('PATCH', `${at('v1')}/a`, { spec: { one: 'y' } }, merge);
  const seen: unknown[] = [];
  while (seen.length < 3) {
    await new Promise(setImmediate);
    for (const { type, object } of await watch.events()) seen.push([type, object.apiVersion, object.spec.two]);
  }
  expect(seen).toEqual([
    ['ADDED', 'example.com/v2', 'x'],
    ['MODIFIED', 'example.com/v2', 'x'],
    ['DELETED', 'example.com/v2', 'x'],
  ]);
  watch.stop();
});

test('lists of the past are converted at once, however many have changed since', async () => {
  const count = 150;
  for (let i = 0; i < count; i++) await plane.send('POST', at('v1'), foo(`n${i}`, 'old', 'v1'));
  const then = plane.backend.store.revision;
  for (let i = 0; i < count; i++) await plane.send('PATCH', `${at('v1')}/n${i}`, { spec: { one: 'new' } }, merge);
  const past = `${foos}?resourceVersion=${then}&resourceVersionMatch=Exact&fieldSelector=spec.two=old`;
  const { status, body } = await plane.send('GET', past);
  expect([status, body.items?.length]).toEqual([200, count]);
});
