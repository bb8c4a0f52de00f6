import { scenario } from '../scenario.ts';
import { crd, crds, group, rootSchema, widget, widgets } from './fixtures.ts';

const area = 'values of custom resources';
const text = { type: 'string' };
const either = { 'x-kubernetes-int-or-string': true };
const open = { 'x-kubernetes-preserve-unknown-fields': true };

/** Plays values of `spec.v` under a schema of it, each as a body of its own. */
const values = (name: string, schema: object, ...given: readonly unknown[]) =>
  scenario(area, name, async (server) => {
    await server.installCrd(crd(server, { schema: { v: schema } }));
    for (const v of given) await server.post(`${widgets(server)}?dryRun=All`, widget(server, 'a', { v }));
  });

const mapOf = (keys: object, required: readonly string[], extra: object = {}) => ({
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': Object.keys(keys),
  items: { type: 'object', required, properties: { ...keys, v: text } },
  ...extra,
});

const formats: Readonly<Record<string, readonly string[]>> = {
  bsonobjectid: ['507f1f77bcf86cd799439011', '507f1f77', ''],
  uri: ['http://a/b?c#d', '/relative', 'a', '', 'mailto:x@y.z'],
  email: ['a@b.c', 'A <a@b.c>', 'a@b', '@b', ''],
  hostname: ['a.b', 'A.B', 'a_b', '1.2.3.4', `${'a'.repeat(64)}.b`, 'a.', ''],
  ipv4: ['1.2.3.4', '01.2.3.4', '1.2.3', '::1', ''],
  ipv6: ['::1', '::ffff:1.2.3.4', '1.2.3.4', 'fe80::1%eth0', ''],
  cidr: ['10.0.0.0/8', '10.0.0.1/8', '10.0.0.0/33', '::/0', ''],
  mac: ['01:23:45:67:89:ab', '01-23-45-67-89-AB', '0123.4567.89ab', '01:23', ''],
  uuid: ['123e4567-e89b-12d3-a456-426614174000', '123E4567E89B12D3A456426614174000', '123', ''],
  uuid3: ['123e4567-e89b-32d3-a456-426614174000', '123e4567-e89b-42d3-a456-426614174000'],
  uuid4: ['123e4567-e89b-42d3-a456-426614174000', '123e4567-e89b-42d3-c456-426614174000'],
  uuid5: ['123e4567-e89b-52d3-a456-426614174000', '123e4567-e89b-12d3-a456-426614174000'],
  isbn: ['0321751043', '978-0321751041', '1', ''],
  isbn10: ['0321751043', '0-321-75104-3', '0321751044'],
  isbn13: ['978-0321751041', '9780321751041', '9780321751042'],
  creditcard: ['4111-1111-1111-1111', '4111111111111112', 'x'],
  ssn: ['111-11-1111', '111111111', 'x'],
  hexcolor: ['#FFF', '#ffffff', 'fff', '#ff', ''],
  rgbcolor: ['rgb(100,100,100)', 'rgb(300,1,1)', 'rgb(1, 2, 3)', ''],
  byte: ['AAAA', 'AAA', 'A-_A', 'AA==', ''],
  date: ['2026-02-28', '2026-02-30', '2026-2-1', ''],
  duration: ['1h', '1.5h', '1d', '2 weeks', '-1s', '1', 'P1D', ''],
  'date-time': ['2026-01-01T00:00:00Z', '2026-01-01t00:00:00.123+01:00', '2026-01-01', '2026-13-01T00:00:00Z', ''],
  datetime: ['2026-01-01T00:00:00Z', '2026-01-01'],
  'k8s-short-name': ['abc', 'a.b', 'A', '1a', '-', 'a'.repeat(64)],
  'k8s-long-name': ['a.b', 'a..b', 'A', 'a'.repeat(64), 'a'.repeat(254)],
  int32: ['1', 'x'],
  colour: ['anything'],
};

export const customValues = [
  values(
    'sets of texts, numbers, lists and objects',
    {
      type: 'object',
      properties: {
        texts: { type: 'array', 'x-kubernetes-list-type': 'set', items: text },
        numbers: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'number' } },
        mixed: { type: 'array', 'x-kubernetes-list-type': 'set', items: either },
        lists: {
          type: 'array',
          'x-kubernetes-list-type': 'set',
          items: { type: 'array', 'x-kubernetes-list-type': 'atomic', items: text },
        },
        objects: {
          type: 'array',
          'x-kubernetes-list-type': 'set',
          items: { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { a: text, b: text } },
        },
      },
    },
    { texts: ['a', 'b', 'a', 'c', 'b', 'a'] },
    { texts: [] },
    { numbers: [1, 2, 1.5] },
    { numbers: [1, 2, 1] },
    { mixed: [1, '1'] },
    { mixed: ['a', 1, 'a', 1] },
    { lists: [['a'], ['b'], ['a']] },
    {
      lists: [
        ['a', 'b'],
        ['b', 'a'],
      ],
    },
    {
      objects: [
        { a: 'x', b: 'y' },
        { b: 'y', a: 'x' },
      ],
    },
    { objects: [{ a: 'x' }, { a: 'x', b: 'y' }] },
  ),
  values(
    'lists by several keys',
    mapOf({ name: text, port: { type: 'integer' } }, ['name', 'port']),
    [
      { name: 'a', port: 1 },
      { name: 'a', port: 2 },
    ],
    [
      { name: 'a', port: 1, v: 'x' },
      { name: 'b', port: 1 },
      { name: 'a', port: 1, v: 'y' },
      { name: 'a', port: 1, v: 'z' },
    ],
    [{ name: 'a' }],
    [{ name: 'a', port: null }],
    ['a'],
    [],
  ),
  values(
    'keys of lists with defaults',
    mapOf({ name: { ...text, default: 'one' }, flag: { type: 'boolean', default: false } }, []),
    [{}, { name: 'two' }],
    [{}, { name: 'one' }],
    [{ flag: true }, {}],
    [{ name: null }],
  ),
  values(
    'null where it is allowed, not allowed, and has a default',
    {
      type: 'object',
      properties: {
        text: { ...text, nullable: true },
        never: text,
        given: { ...text, default: 'g' },
        both: { ...text, nullable: true, default: 'b' },
        none: { ...text, nullable: true, default: null },
        object: { type: 'object', nullable: true, properties: { a: { ...text, default: 'a' } } },
        list: { type: 'array', items: { ...text, nullable: true } },
        strict: { type: 'array', items: text },
        map: { type: 'object', additionalProperties: { ...text, nullable: true } },
        plain: { type: 'object', additionalProperties: text },
        chosen: { ...text, nullable: true, enum: ['a', 'b'] },
        allowed: { ...text, nullable: true, enum: ['a', null] },
        needed: { type: 'object', required: ['x'], properties: { x: { ...text, nullable: true } } },
        refused: { type: 'object', required: ['x'], properties: { x: text } },
        either: { ...either, nullable: true },
      },
    },
    { text: null, never: null, given: null, both: null, none: null, object: null },
    { list: [null, 'a'], strict: ['a'], map: { a: null }, plain: { a: null } },
    { strict: [null] },
    { chosen: null },
    { allowed: null },
    { needed: { x: null } },
    { needed: {} },
    { refused: { x: null } },
    { either: null },
    null,
  ),
  values(
    'numbers or texts',
    { ...either, anyOf: [{ type: 'integer' }, { type: 'string' }], pattern: '^[0-9]+%?$' },
    1,
    '1',
    '50%',
    'x',
    1.5,
    -1,
    true,
    null,
    {},
    ['1'],
    2147483648,
  ),
  values(
    'numbers or texts with limits',
    { type: 'object', properties: { a: { ...either, maximum: 5, maxLength: 2 }, b: { ...either, enum: [1, 'one'] } } },
    { a: 6 },
    { a: 'abc' },
    { a: 5, b: 1 },
    { a: 'ab', b: 'one' },
    { b: '1' },
    { b: 2 },
  ),
  scenario(area, 'defaults that are numbers or texts', async (server) => {
    const dry = `${crds}?dryRun=All`;
    for (const value of [80, 'http', 1.5, true, null]) {
      await server.post(dry, crd(server, { schema: { v: { ...either, default: value } } }));
    }
  }),
  scenario(area, 'embedded objects: what is needed, kept, dropped and given', async (server) => {
    const embedded = { type: 'object', 'x-kubernetes-embedded-resource': true };
    const spec = { type: 'object', properties: { a: { ...text, default: 'given' } } };
    const schema = {
      one: { ...embedded, properties: { spec } },
      open: { ...embedded, ...open },
      pods: {
        type: 'array',
        items: { ...embedded, properties: { kind: { ...text, enum: ['Pod'] }, metadata: { type: 'object' }, spec } },
      },
      map: { type: 'object', additionalProperties: { ...embedded, ...open } },
    };
    await server.installCrd(crd(server, { schema }));
    const warn = `${widgets(server)}?dryRun=All&fieldValidation=Warn`;
    const pod = { apiVersion: 'v1', kind: 'Pod' };
    const send = (given: object, path = warn) => server.post(path, widget(server, 'a', given));
    await send({ one: {}, open: {}, pods: [{}], map: { a: {} } });
    await send({ one: { kind: 'Pod' }, open: { apiVersion: 'v1' } });
    await send({ one: { ...pod, spec: { b: 1 }, status: {} } });
    await send({ one: { ...pod, spec: {}, status: {} } }, `${widgets(server)}?dryRun=All&fieldValidation=Strict`);
    await send({ open: { ...pod, spec: { b: 1 }, metadata: { name: 'A', generateName: 'B-', nope: 1 } } });
    await send({
      pods: [
        { ...pod, metadata: { labels: { a: 'b' }, more: 1 } },
        { apiVersion: 'v1', kind: 'Service' },
      ],
    });
    await send({ map: { a: { ...pod, metadata: { name: 'x', namespace: 'Y', uid: 'z', finalizers: ['bad one'] } } } });
    await send({ map: { a: { ...pod, metadata: { ownerReferences: [{ name: 'x' }] } } } });
    await send({ map: { a: { ...pod, metadata: { annotations: { 'bad key!': 'x' }, generation: -1 } } } });
    await send({ map: { a: { ...pod, metadata: { creationTimestamp: 'soon' } } } });
    await send({ map: { a: { ...pod, metadata: { labels: { a: 7 }, name: 7 } } } });
    await send({ map: { a: { apiVersion: 'a/b/c', kind: 'not a kind' } } });
    await send({ map: { a: { apiVersion: '', kind: '' } } });
    await send({ map: { a: { apiVersion: null, kind: null } } });
    await send({ map: { a: 'text', b: null, c: [] } });
    await server.post(widgets(server), widget(server, 'kept', { open: { ...pod, spec: { b: 1 } } }));
    await server.patch(`${widgets(server)}/kept`, 'merge', { spec: { open: { metadata: { nope: 1, name: 'x' } } } });
    await server.patch(`${widgets(server)}/kept`, 'merge', { spec: { open: { kind: null } } });
    await server.patch(`${widgets(server)}/kept`, 'json', [{ op: 'replace', path: '/spec/open/metadata', value: 'x' }]);
  }),
  scenario(area, 'formats of texts', async (server) => {
    const schema = Object.fromEntries(Object.keys(formats).map((format) => [format, { ...text, format }]));
    await server.installCrd(crd(server, { schema }));
    for (const [format, given] of Object.entries(formats)) {
      for (const value of given) {
        await server.post(`${widgets(server)}?dryRun=All`, widget(server, 'a', { [format]: value }));
      }
    }
  }),
  scenario(area, 'formats of numbers', async (server) => {
    const number = (format: string) => ({ type: 'number', format });
    const integer = (format: string) => ({ type: 'integer', format });
    const schema = {
      f: number('float'),
      d: number('double'),
      i: integer('int32'),
      l: integer('int64'),
      o: integer('odd'),
    };
    await server.installCrd(crd(server, { schema }));
    for (const spec of [
      { f: 1e39 },
      { d: 1e300 },
      { i: 2147483648 },
      { i: -2147483649 },
      { l: 2 ** 60 },
      { o: 5 },
      { f: 1.5, d: 1.5, i: 1, l: 1 },
    ]) {
      await server.post(`${widgets(server)}?dryRun=All`, widget(server, 'a', spec));
    }
  }),
  scenario(area, 'preserveUnknownFields is a thing of the past', async (server) => {
    const definition = crd(server) as { metadata: object; spec: object };
    const dry = `${crds}?dryRun=All`;
    const keeping = (preserveUnknownFields: unknown) => ({
      ...definition,
      spec: { ...definition.spec, preserveUnknownFields },
    });
    await server.post(dry, keeping(true));
    await server.post(dry, keeping(false));
    await server.post(dry, keeping('yes'));
    await server.post(dry, keeping(null));
    const webhook = {
      strategy: 'Webhook',
      webhook: { clientConfig: { url: 'https://127.0.0.1:1/' }, conversionReviewVersions: ['v1'] },
    };
    await server.post(dry, { ...keeping(true), spec: { ...keeping(true).spec, conversion: webhook } });
    const plain = { type: 'object', properties: { a: { description: 'no type' } } };
    const structural = (schema: object) => ({
      ...definition,
      spec: { ...(crd(server, { schema }) as { spec: object }).spec, preserveUnknownFields: true },
    });
    await server.post(dry, structural(plain));
    await server.post(dry, structural({ type: 'object', properties: { a: { ...text, default: 'x' } } }));
    await server.installCrd(definition);
    const path = `${crds}/widgets.${group(server)}`;
    await server.patch(path, 'merge', { spec: { preserveUnknownFields: true } });
    await server.patch(path, 'merge', { spec: { preserveUnknownFields: false } });
  }),
  scenario(area, 'ratcheting: sets, keys, types and what is required', async (server) => {
    const loose = {
      set: { type: 'array', items: text },
      map: { type: 'array', items: { type: 'object', properties: { k: text, v: text } } },
      needs: { type: 'object', properties: { a: text, b: text } },
      typed: open,
      embedded: { type: 'object', ...open },
      one: { type: 'integer' },
      other: text,
    };
    const strict = {
      ...loose,
      set: { ...loose.set, 'x-kubernetes-list-type': 'set' },
      map: mapOf({ k: text }, ['k']),
      needs: { ...loose.needs, required: ['a'] },
      typed: { type: 'integer' },
      embedded: { ...loose.embedded, 'x-kubernetes-embedded-resource': true },
      one: { type: 'integer', oneOf: [{ minimum: 5 }, { maximum: 3 }], not: { enum: [4] } },
    };
    await server.installCrd(crd(server, { schema: loose }));
    const spec = {
      set: ['a', 'a'],
      map: [{ k: 'x' }, { k: 'x', v: '1' }, { v: '2' }],
      needs: { b: 'y' },
      typed: 'text',
      embedded: { a: 1 },
      one: 4,
    };
    await server.post(widgets(server), widget(server, 'a', spec), { unrecorded: true });
    const definition = `${crds}/widgets.${group(server)}`;
    const { body } = await server.get(definition, { unrecorded: true });
    body.spec.versions[0].schema.openAPIV3Schema = rootSchema(strict);
    await server.put(definition, body, { unrecorded: true });
    const dry = `${widgets(server)}?dryRun=All`;
    for (let tries = 0; tries < 600; tries++) {
      if ((await server.post(dry, widget(server, 'x', { one: 4 }), { unrecorded: true })).status === 422) break;
    }
    await server.until(widgets(server), ({ status }) => status === 200);
    await server.post(dry, widget(server, 'b', spec));
    const path = `${widgets(server)}/a?dryRun=All`;
    const patch = (change: object) => server.patch(path, 'merge', { spec: change });
    await patch({ other: 'x' });
    await patch({ set: ['a', 'a', 'b'] });
    await patch({ set: ['a'] });
    await patch({ map: [{ k: 'x' }, { k: 'x', v: '1' }, { v: '2' }, { k: 'y' }] });
    await patch({ map: [{ k: 'x' }] });
    await patch({ needs: { b: 'z' } });
    await patch({ needs: { a: 'z' } });
    await patch({ typed: 'other' });
    await patch({ typed: 1 });
    await patch({ embedded: { a: 2 } });
    await patch({ one: 5 });
    await patch({ one: 4, other: 'y' });
    await server.patch(`${widgets(server)}/a/status?dryRun=All`, 'merge', { status: { phase: 'x' } });
    await server.patch(`${path}&fieldManager=m&force=true`, 'apply', widget(server, 'a', { other: 'z' }));
    await server.patch(`${path}&fieldManager=m&force=true`, 'apply', widget(server, 'a', { set: ['a', 'a'] }));
  }),
];
