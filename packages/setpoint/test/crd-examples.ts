/**
 * One rich kind for each schema library, and what else a CRD can say: every one must be accepted by an API server.
 * `valid` is an object of the kind that must be accepted, each of `invalid` one that must not.
 */
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import Type, { type Static } from 'typebox';
import * as v from 'valibot';
import { z } from 'zod';
import { type AnyDefinedKind, type Crd, defineCrd, defineKind } from '../src/kinds/index.ts';
import {
  conditionsJsonSchema,
  cutRecursion,
  embeddedResource,
  fromJsonSchema,
  goDuration,
  immutable,
  int32,
  listMap,
  listSet,
  mapAtomic,
  preserveUnknown,
  rules,
} from '../src/schema/index.ts';
import * as k from '../src/zod/index.ts';

const group = 'examples.setpoint.dev';

const nested: z.ZodType = z
  .object({
    name: z.string(),
    get children() {
      return z.array(nested).optional();
    },
  })
  .meta(cutRecursion());

export const ZodExample = defineKind({
  group,
  version: 'v1',
  kind: 'ZodExample',
  description: 'Everything that zod can say and a CRD can too',
  shortNames: ['zex'],
  categories: ['all', 'examples'],
  spec: z
    .object({
      text: z.string().min(1).max(63).describe('A short text'),
      pattern: z.string().regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/),
      several: z.string().startsWith('a').includes('b').endsWith('c').optional(),
      integer: z.int(),
      replicas: z.int().min(0).max(10).meta(int32()).default(1),
      long: k.int64().optional(),
      small: z.int32().optional(),
      ratio: z.number().gt(0).lt(1).optional(),
      single: z.float32().optional(),
      step: z.int().multipleOf(5).optional(),
      on: z.boolean().default(false),
      when: z.iso.datetime().optional(),
      day: z.iso.date().optional(),
      time: z.iso.time().optional(),
      wait: k.goDuration().optional(),
      mail: z.email().optional(),
      id: z.uuid().optional(),
      id4: z.uuidv4().optional(),
      url: z.url().optional(),
      ip: z.union([z.ipv4(), z.ipv6()]).optional(),
      cidr: z.cidrv4().optional(),
      cidr6: z.cidrv6().optional(),
      bytes: z.base64().optional(),
      host: z.hostname().optional(),
      ulid: z.ulid().optional(),
      mac: z.mac().optional(),
      color: z.enum(['red', 'green']).default('red'),
      maybe: z.string().nullable().optional(),
      maybeColor: z.enum(['red', 'green']).nullable().optional(),
      literal: z.literal('x').optional(),
      level: z.literal([1, 2, 3]).optional(),
      port: k.intOrString().optional(),
      percent: z.union([z.int().min(0), z.string().regex(/^\d+%$/)]).optional(),
      auto: z.union([z.literal('auto'), z.int()]).optional(),
      size: z.union([z.literal('auto'), z.string().regex(/^\d+Gi$/)]).optional(),
      memory: k.quantity().optional(),
      labels: z.record(z.string(), z.string()).optional(),
      byColor: z.record(z.enum(['red', 'green']), z.int()).optional(),
      keyed: z
        .record(
          z
            .string()
            .regex(/^[a-z]+$/)
            .max(20),
          z.string(),
        )
        .meta({ maxProperties: 20 })
        .optional(),
      ports: z
        .array(
          z.object({ port: z.int(), protocol: z.enum(['TCP', 'UDP']).default('TCP'), name: z.string().optional() }),
        )
        .max(10)
        .meta(listMap('port', 'protocol'))
        .optional(),
      tags: z.array(z.string().max(20)).max(10).meta(listSet()).optional(),
      source: z
        .discriminatedUnion('type', [
          z.object({ type: z.literal('git'), url: z.string(), branch: z.string().optional() }),
          z.object({ type: z.literal('image'), image: z.string() }),
        ])
        .optional(),
      either: z
        .union([z.object({ a: z.string() }), z.object({ b: z.int() })])
        .nullable()
        .optional(),
      both: z.intersection(z.object({ a: z.string() }), z.object({ b: z.string().default('b') })).optional(),
      nestedDefaults: z.object({ depth: z.int().default(3) }).prefault({}),
      selector: z.object({ app: z.string() }).meta(mapAtomic()).optional(),
      loose: z.looseObject({ known: z.string() }).optional(),
      anything: k.anything().optional(),
      anyMap: z.record(z.string(), z.unknown()).meta(preserveUnknown()).optional(),
      template: k.embeddedResource().optional(),
      fixed: z.string().meta(immutable()).optional(),
      empty: z.object({}).optional(),
      tree: nested.optional(),
      min: z.int().default(1),
      max: z.int().default(5),
    })
    .meta(rules({ rule: 'self.min <= self.max', message: 'min must not be above max' })),
  status: z.object({ replicas: z.int().optional(), selector: z.string().optional(), conditions: k.conditions() }),
  validations: [{ rule: 'size(self.metadata.name) < 40', message: 'the name must be short' }],
  columns: [
    { name: 'Replicas', type: 'integer', path: '.spec.replicas' },
    { name: 'Ready', type: 'string', path: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Age', type: 'date', path: '.metadata.creationTimestamp' },
    { name: 'Color', type: 'string', path: '.spec.color', priority: 1, description: 'Its color' },
  ],
  scale: {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.selector',
  },
  selectableFields: ['.spec.color', '.spec.on', '.spec.integer'],
  annotations: { 'examples.setpoint.dev/made-by': 'a test' },
  labels: { app: 'examples' },
});

export const ValibotExample = defineKind({
  group,
  version: 'v1',
  kind: 'ValibotExample',
  scope: 'Cluster',
  spec: toStandardJsonSchema(
    v.object({
      text: v.pipe(v.string(), v.minLength(1), v.maxLength(63), v.description('A short text')),
      integer: v.pipe(v.number(), v.integer(), v.minValue(0)),
      size: v.optional(v.pipe(v.number(), v.integer()), 3),
      color: v.optional(v.picklist(['red', 'green']), 'red'),
      maybe: v.optional(v.nullable(v.string())),
      literal: v.optional(v.literal('x')),
      port: v.optional(v.union([v.string(), v.pipe(v.number(), v.integer())])),
      labels: v.optional(v.record(v.string(), v.string())),
      mail: v.optional(v.pipe(v.string(), v.email())),
      when: v.optional(v.pipe(v.string(), v.isoTimestamp())),
      source: v.optional(
        v.variant('type', [
          v.object({ type: v.literal('git'), url: v.string() }),
          v.object({ type: v.literal('image'), image: v.string() }),
        ]),
      ),
      ports: v.optional(
        v.pipe(
          v.array(v.object({ name: v.string(), port: v.pipe(v.number(), v.integer()) })),
          v.metadata({ ...listMap('name') }),
        ),
      ),
      both: v.optional(v.intersect([v.object({ a: v.string() }), v.object({ b: v.string() })])),
      anything: v.optional(v.pipe(v.unknown(), v.metadata({ ...preserveUnknown() }))),
    }),
  ),
});

export const ArktypeExample = defineKind({
  group,
  version: 'v1',
  kind: 'ArktypeExample',
  spec: type({
    text: '1 <= string <= 63',
    integer: 'number.integer >= 0',
    size: 'number.integer = 3',
    color: "'red' | 'green' = 'red'",
    'maybe?': 'string | null',
    'port?': 'string | number.integer',
    'labels?': 'Record<string, string>',
    'mail?': 'string.email',
    'list?': 'string[]',
    'on?': 'boolean',
    'source?': type({ type: "'git'", url: 'string' }).or({ type: "'image'", image: 'string' }),
    'inner?': { depth: 'number.integer = 1' },
  }),
});

const TypeboxSpec = Type.Object({
  text: Type.String({ minLength: 1, maxLength: 63, description: 'A short text' }),
  integer: Type.Integer({ minimum: 0 }),
  size: Type.Optional(Type.Integer({ default: 3 })),
  color: Type.Union([Type.Literal('red'), Type.Literal('green')], { default: 'red' }),
  maybe: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  port: Type.Optional(Type.Union([Type.String(), Type.Integer()])),
  labels: Type.Optional(Type.Record(Type.String(), Type.String())),
  tags: Type.Optional(Type.Array(Type.String(), { uniqueItems: true })),
  ports: Type.Optional(Type.Array(Type.Object({ name: Type.String() }), { ...listMap('name') })),
  source: Type.Optional(
    Type.Union([
      Type.Object({ type: Type.Literal('git'), url: Type.String() }),
      Type.Object({ type: Type.Literal('image'), image: Type.String() }),
    ]),
  ),
  both: Type.Optional(Type.Intersect([Type.Object({ a: Type.String() }), Type.Object({ b: Type.String() })])),
  anything: Type.Optional(Type.Unknown({ ...preserveUnknown() })),
  template: Type.Optional(Type.Object({}, { ...embeddedResource() })),
});

export const TypeboxExample = defineKind({
  group,
  version: 'v1',
  kind: 'TypeboxExample',
  spec: fromJsonSchema<Static<typeof TypeboxSpec>>(TypeboxSpec),
});

interface PlainSpec {
  readonly a?: string;
  readonly b?: number;
  readonly wait?: string;
}

export const PlainExample = defineKind({
  group,
  version: 'v1',
  kind: 'PlainExample',
  deprecated: 'examples.setpoint.dev/v1 PlainExample is an example only',
  spec: fromJsonSchema<PlainSpec>({
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    additionalProperties: false,
    properties: {
      a: { type: ['string', 'null'], enum: ['only', null] },
      b: { type: 'number', exclusiveMinimum: 0, examples: [1] },
      wait: { type: 'string', ...goDuration() },
      name: { $ref: '#/definitions/Name' },
    },
    anyOf: [{ required: ['a'] }, { required: ['b'] }],
    definitions: { Name: { type: 'string', not: { enum: ['root'] } } },
  }),
  status: fromJsonSchema<{ readonly conditions?: readonly object[] }>({
    type: 'object',
    properties: { conditions: conditionsJsonSchema },
  }),
});

const oldSpec = z.object({ size: z.int().optional() });
export const VersionedV1 = defineKind({
  group,
  version: 'v1',
  kind: 'Versioned',
  spec: oldSpec.extend({ more: z.string().optional() }),
});
export const VersionedV1beta1 = defineKind({
  group,
  version: 'v1beta1',
  kind: 'Versioned',
  spec: oldSpec,
  deprecated: true,
});
export const Versioned = defineCrd({ storage: VersionedV1, versions: [VersionedV1beta1, VersionedV1] });

export interface CrdExample {
  readonly definition: AnyDefinedKind | Crd;
  /** Objects the server must accept, without metadata. */
  readonly valid: readonly object[];
  /** Objects it must refuse, each with a part of the message. */
  readonly invalid: readonly (readonly [object, string])[];
}

const zod = { text: 'a', pattern: 'a', integer: 1 };
const other = { text: 'a', integer: 1 };

export const crdExamples: readonly CrdExample[] = [
  {
    definition: ZodExample,
    valid: [
      { spec: zod },
      {
        spec: {
          ...zod,
          several: 'abc',
          wait: '1h30m',
          maybe: null,
          maybeColor: null,
          either: null,
          ip: '::1',
          port: 'http',
          percent: '5%',
          auto: 'auto',
          memory: '1Gi',
          keyed: { abc: 'x' },
          byColor: { red: 1, green: 2 },
          source: { type: 'git', url: 'x' },
          both: { a: 'x' },
          tree: { name: 'x', children: [{ name: 'y', children: [{ anything: 1 }] }] },
          template: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { containers: [] } },
          anything: [1, 'a', { b: null }],
        },
      },
    ],
    invalid: [
      [{}, 'spec: Required value'],
      [{ spec: { ...zod, text: '' } }, 'spec.text'],
      [{ spec: { ...zod, several: 'ab' } }, 'spec.several'],
      [{ spec: { ...zod, ratio: 1 } }, 'spec.ratio'],
      [{ spec: { ...zod, wait: 'soon' } }, 'spec.wait'],
      [{ spec: { ...zod, ip: 'x' } }, 'spec.ip'],
      [{ spec: { ...zod, percent: 'x' } }, 'spec.percent'],
      [{ spec: { ...zod, auto: 'manual' } }, 'spec.auto'],
      [{ spec: { ...zod, keyed: { A1: 'x' } } }, 'every key must match'],
      [{ spec: { ...zod, source: { type: 'git' } } }, 'spec.source'],
      [{ spec: { ...zod, min: 9 } }, 'min must not be above max'],
    ],
  },
  {
    definition: ValibotExample,
    valid: [{ spec: other }, { spec: { ...other, maybe: null, port: 80, source: { type: 'image', image: 'x' } } }],
    invalid: [[{ spec: { ...other, source: { type: 'image' } } }, 'spec.source']],
  },
  {
    definition: ArktypeExample,
    valid: [{ spec: other }, { spec: { ...other, maybe: null, port: 'http' } }],
    invalid: [[{ spec: { ...other, color: 'blue' } }, 'spec.color']],
  },
  {
    definition: TypeboxExample,
    valid: [{ spec: other }, { spec: { ...other, maybe: null, tags: ['a', 'b'] } }],
    invalid: [[{ spec: { ...other, tags: ['a', 'a'] } }, 'spec.tags[1]']],
  },
  {
    definition: PlainExample,
    valid: [{ spec: { a: null } }, { spec: { b: 1 } }],
    invalid: [
      [{ spec: {} }, 'spec'],
      [{ spec: { b: 0 } }, 'spec.b'],
      [{ spec: { b: 1, name: 'root' } }, 'spec.name'],
    ],
  },
  {
    definition: Versioned,
    valid: [{ spec: { size: 1, more: 'x' } }],
    invalid: [[{ spec: { size: 'x' } }, 'spec.size']],
  },
];
