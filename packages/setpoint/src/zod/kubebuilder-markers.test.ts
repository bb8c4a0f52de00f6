import { readFileSync } from 'node:fs';
import { defineKind, immutable, listMap, listSet, mapAtomic, rules } from 'setpoint';
import { expect, test } from 'vitest';
import { z } from 'zod';
import * as types from './index.ts';

const page = readFileSync(new URL('../../../../docs/kubebuilder.md', import.meta.url), 'utf8');

/** What docs/kubebuilder.md says to write, the values in it, and what comes of it in the CRD. */
const rows: readonly (readonly [code: string, schema: object, full?: string])[] = [
  ['z.int().min(1).max(9)', { type: 'integer', minimum: 1, maximum: 9 }],
  ['z.number().gt(0)', { type: 'number', minimum: 0, exclusiveMinimum: true }],
  ['z.int().multipleOf(2)', { type: 'integer', multipleOf: 2 }],
  ['z.string().min(1).max(9).regex(/^a+$/)', { type: 'string', minLength: 1, maxLength: 9, pattern: '^a+$' }],
  ['z.iso.datetime()', { type: 'string', format: 'date-time' }],
  ['z.array(…).min(1).max(9)', { type: 'array', minItems: 1, maxItems: 9 }, 'z.array(z.string()).min(1).max(9)'],
  ["z.enum(['a', 'b'])", { type: 'string', enum: ['a', 'b'] }],
  ['intOrString()', { 'x-kubernetes-int-or-string': true }],
  ['anything()', { 'x-kubernetes-preserve-unknown-fields': true }],
  [
    'z.looseObject({ … })',
    { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    'z.looseObject({ known: z.string() })',
  ],
  ['embeddedResource()', { type: 'object', 'x-kubernetes-embedded-resource': true }],
  [
    '.meta(rules({ rule, message }))',
    { 'x-kubernetes-validations': [{ rule: "self != 'x'", message: 'not x' }] },
    `z.string().meta(rules({ rule: "self != 'x'", message: 'not x' }))`,
  ],
  [
    '.meta(immutable())',
    { 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'is immutable' }] },
    'z.string().meta(immutable())',
  ],
  ['.nullable()', { type: 'string', nullable: true }, 'z.string().nullable()'],
  ['.default(…)', { type: 'integer', default: 3 }, 'z.int().default(3)'],
  ["title: '…'", { title: 'T' }, "z.string().meta({ title: 'T' })"],
  [".describe('…')", { description: 'D' }, "z.string().describe('D')"],
  [
    ".meta(listMap('name'))",
    { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
    "z.array(z.object({ name: z.string() })).meta(listMap('name'))",
  ],
  ['.meta(listSet())', { 'x-kubernetes-list-type': 'set' }, 'z.array(z.string()).meta(listSet())'],
  ['.meta(mapAtomic())', { 'x-kubernetes-map-type': 'atomic' }, 'z.object({}).meta(mapAtomic())'],
  ['int32()', { type: 'integer', format: 'int32' }],
  ['quantity()', { 'x-kubernetes-int-or-string': true }],
  ['goDuration()', { type: 'string', format: 'duration' }],
  ['conditions()', { type: 'array', 'x-kubernetes-list-type': 'map' }],
];

const names = { z, ...types, immutable, listMap, listSet, mapAtomic, rules };

test.for(rows)('the page for users of kubebuilder says what comes of %s', ([code, schema, full = code]) => {
  expect(page.replaceAll('\\|', '|')).toContain(code);
  const field = new Function(...Object.keys(names), `return ${full}`)(...Object.values(names)) as z.ZodType;
  const spec = z.object({ field });
  const kind = defineKind({ group: 'example.com', version: 'v1', kind: 'Row', spec });
  expect(kind.definition.schema.properties?.spec?.properties?.field).toMatchObject(schema);
});
