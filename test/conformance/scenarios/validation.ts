import { scenario } from '../scenario.ts';
import { crd, widget, widgets } from './fixtures.ts';

/** For each keyword: the schema of `spec.v`, values that break it and one that does not. */
const keywords: Readonly<Record<string, { schema: object; values: readonly unknown[] }>> = {
  string: { schema: { type: 'string' }, values: [1, true, null, [], {}, 'ok'] },
  integer: { schema: { type: 'integer' }, values: ['1', 1.5, 1.0, true, null, 7] },
  'integer int32': { schema: { type: 'integer', format: 'int32' }, values: [2147483648, -2147483649, 2147483647] },
  number: { schema: { type: 'number' }, values: ['1', false, 1.5, 3] },
  boolean: { schema: { type: 'boolean' }, values: ['true', 1, null, true] },
  array: { schema: { type: 'array', items: { type: 'string' } }, values: ['x', {}, [1], ['a', 2], null, ['a']] },
  object: {
    schema: { type: 'object', properties: { a: { type: 'string' } } },
    values: ['x', [], { a: 1 }, null, { a: 'b' }],
  },
  required: {
    schema: { type: 'object', required: ['a', 'b'], properties: { a: { type: 'string' }, b: { type: 'string' } } },
    values: [{}, { a: 'x' }, { a: 'x', b: 'y' }],
  },
  enum: { schema: { type: 'string', enum: ['b', 'a'] }, values: ['c', '', 'a'] },
  'integer enum': { schema: { type: 'integer', enum: [1, 2] }, values: [3, 1] },
  pattern: { schema: { type: 'string', pattern: '^[a-z]+$' }, values: ['A', '', 'abc'] },
  minLength: { schema: { type: 'string', minLength: 3 }, values: ['ab', 'äöü', ''] },
  maxLength: { schema: { type: 'string', maxLength: 3 }, values: ['abcd', 'äöüß', 'äöü'] },
  minimum: { schema: { type: 'integer', minimum: 3 }, values: [2, 3] },
  'exclusive minimum': { schema: { type: 'integer', minimum: 3, exclusiveMinimum: true }, values: [3, 4] },
  maximum: { schema: { type: 'integer', maximum: 3 }, values: [4, 3] },
  'exclusive maximum': { schema: { type: 'number', maximum: 3, exclusiveMaximum: true }, values: [3, 2.9] },
  multipleOf: { schema: { type: 'integer', multipleOf: 3 }, values: [4, 6] },
  'fractional multipleOf': { schema: { type: 'number', multipleOf: 0.5 }, values: [0.7, 1.5] },
  minItems: { schema: { type: 'array', minItems: 2, items: { type: 'string' } }, values: [['a'], ['a', 'b']] },
  maxItems: { schema: { type: 'array', maxItems: 1, items: { type: 'string' } }, values: [['a', 'b'], ['a']] },
  minProperties: {
    schema: { type: 'object', minProperties: 1, additionalProperties: { type: 'string' } },
    values: [{}, { a: 'b' }],
  },
  maxProperties: {
    schema: { type: 'object', maxProperties: 1, additionalProperties: { type: 'string' } },
    values: [{ a: 'b', c: 'd' }, { a: 'b' }],
  },
  additionalProperties: {
    schema: { type: 'object', additionalProperties: { type: 'integer' } },
    values: [{ a: 'x' }, { a: 1 }],
  },
  'int-or-string': { schema: { 'x-kubernetes-int-or-string': true }, values: [1.5, true, {}, 1, '50%'] },
  nullable: { schema: { type: 'string', nullable: true }, values: [null, 1, 'a'] },
  'list set': {
    schema: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    values: [
      ['a', 'a'],
      ['a', 'b'],
    ],
  },
  'list map': {
    schema: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: { type: 'object', required: ['k'], properties: { k: { type: 'string' }, v: { type: 'string' } } },
    },
    values: [[{ k: 'a' }, { k: 'a' }], [{ v: 'x' }], [{ k: 'a' }, { k: 'b' }]],
  },
  anyOf: { schema: { type: 'integer', anyOf: [{ maximum: 2 }, { minimum: 8 }] }, values: [5, 1] },
  oneOf: { schema: { type: 'integer', oneOf: [{ maximum: 5 }, { minimum: 3 }] }, values: [4, 1] },
  allOf: { schema: { type: 'integer', allOf: [{ maximum: 5 }, { minimum: 3 }] }, values: [9, 4] },
  not: { schema: { type: 'integer', not: { minimum: 3 } }, values: [4, 1] },
  'embedded resource': {
    schema: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    values: [
      {},
      { apiVersion: 'v1' },
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'Bad Name' } },
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'ok' }, x: 1 },
    ],
  },
};

const formats: Readonly<Record<string, readonly string[]>> = {
  'date-time': ['yesterday', '2026-01-01T00:00:00Z'],
  date: ['01.01.2026', '2026-01-01'],
  duration: ['soon', '1h30m'],
  ipv4: ['256.0.0.1', '10.0.0.1'],
  ipv6: ['10.0.0.1', '::1'],
  cidr: ['10.0.0.1', '10.0.0.0/8'],
  uri: ['::', 'https://example.com/x'],
  email: ['nobody', 'a@example.com'],
  hostname: ['-x-', 'example.com'],
  uuid: ['123', '123e4567-e89b-12d3-a456-426614174000'],
  byte: ['***', 'AAAA'],
  mac: ['zz', '01:23:45:67:89:ab'],
  password: ['anything'],
  'k8s-short-name': ['Bad_Name', 'good-name'],
};

export const validation = [
  ...Object.entries(keywords).map(([keyword, { schema, values }]) =>
    scenario('validation', keyword, async (server) => {
      await server.installCrd(crd(server, { schema: { v: schema } }));
      for (const v of values) await server.post(`${widgets(server)}?dryRun=All`, widget(server, 'a', { v }));
    }),
  ),
  scenario('validation', 'formats', async (server) => {
    const properties = Object.fromEntries(Object.keys(formats).map((format) => [format, { type: 'string', format }]));
    await server.installCrd(crd(server, { schema: properties }));
    for (const [format, values] of Object.entries(formats)) {
      for (const value of values)
        await server.post(`${widgets(server)}?dryRun=All`, widget(server, 'a', { [format]: value }));
    }
  }),
  scenario('validation', 'several errors at once, in one message', async (server) => {
    const schema = {
      a: { type: 'string', minLength: 2, pattern: '^x' },
      b: { type: 'integer', minimum: 5 },
      c: { type: 'array', items: { type: 'integer' } },
    };
    await server.installCrd(crd(server, { schema }));
    await server.post(widgets(server), widget(server, 'a', { a: 'y', b: 1, c: [1, 'x', 2, 'y'] }));
    await server.post(widgets(server), widget(server, 'Bad Name', { b: 1 }));
  }),
  scenario('validation', 'an update may keep what a new schema would refuse', async (server) => {
    await server.installCrd(crd(server, { schema: { a: { type: 'string' }, b: { type: 'string' } } }));
    await server.post(widgets(server), widget(server, 'a', { a: 'long value', b: 'x' }), { unrecorded: true });
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${server.unique}.conformance.setpoint.dev`;
    const now = (await server.get(path, { unrecorded: true })).body;
    now.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.a.maxLength = 3;
    await server.put(path, now, { unrecorded: true });
    const tooLong = widget(server, 'z', { a: 'long value' });
    for (let tries = 0; tries < 50; tries++) {
      if ((await server.post(`${widgets(server)}?dryRun=All`, tooLong, { unrecorded: true })).status === 422) break;
    }
    await server.patch(`${widgets(server)}/a`, 'merge', { spec: { b: 'y' } });
    await server.patch(`${widgets(server)}/a`, 'merge', { spec: { a: 'another long value' } });
    await server.patch(`${widgets(server)}/a`, 'merge', { spec: { a: 'ok' } });
  }),
];
