import { checkStructuralSchema, type StructuralSchema } from '@setpoint/apimachinery/schema';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fromJsonSchema, type SchemaSource, structuralSchema } from './index.ts';
import * as m from './markers.ts';

function field(source: SchemaSource): StructuralSchema {
  const { schema } = structuralSchema(source, { kind: 'Foo', path: 'spec' });
  expect(checkStructuralSchema({ type: 'object', properties: { spec: schema } }).map(String)).toEqual([]);
  return schema;
}

const json = (schema: object) => field(fromJsonSchema(schema));

describe('what libraries write becomes a structural schema:', () => {
  it('references are put in their place, and definitions and notes of the library go', () => {
    const name = z.object({ first: z.string() }).meta({ id: 'Name' });
    expect(field(z.object({ a: name, b: name.describe('second') }))).toEqual({
      type: 'object',
      required: ['a', 'b'],
      properties: {
        a: { type: 'object', required: ['first'], properties: { first: { type: 'string' } } },
        b: { type: 'object', required: ['first'], properties: { first: { type: 'string' } }, description: 'second' },
      },
    });
  });

  it('a recursive schema is cut where somebody consented to it', () => {
    const tree: z.ZodType = z.object({
      get children() {
        return z.array(tree).meta(m.cutRecursion());
      },
    });
    expect(field(tree).properties?.children).toEqual({
      type: 'array',
      items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    });
  });

  it('every way of allowing null is nullable', () => {
    const nullable = { type: 'string', nullable: true };
    expect(field(z.string().nullable())).toEqual(nullable);
    expect(json({ type: ['string', 'null'] })).toEqual(nullable);
    expect(json({ anyOf: [{ type: 'string' }, { type: 'null' }] })).toEqual(nullable);
    expect(json({ oneOf: [{ const: null }, { type: 'string' }] })).toEqual(nullable);
    expect(json({ type: 'string', nullable: true })).toEqual(nullable);
  });

  it('an enum that may be null becomes a pattern, since a server refuses null by every enum', () => {
    expect(field(z.enum(['a.b', 'c']).nullable())).toEqual({
      type: 'string',
      nullable: true,
      pattern: '^(a\\.b|c)$',
    });
    expect(json({ type: ['string', 'null'], enum: ['a'] })).toEqual({ type: 'string', enum: ['a'] });
  });

  it('const and unions of literals are an enum with a type', () => {
    expect(json({ const: 'a' })).toEqual({ type: 'string', enum: ['a'] });
    expect(json({ anyOf: [{ const: 'a' }, { const: 'b' }] })).toEqual({ type: 'string', enum: ['a', 'b'] });
    expect(json({ enum: [1, 2] })).toEqual({ type: 'integer', enum: [1, 2] });
    expect(json({ enum: [true, false] })).toEqual({ type: 'boolean' });
    expect(field(z.literal([1, 2]))).toEqual({ type: 'integer', enum: [1, 2] });
  });

  it('exclusive bounds are written as OpenAPI 3.0 has them', () => {
    expect(field(z.number().gt(3).lt(9))).toEqual({
      type: 'number',
      minimum: 3,
      exclusiveMinimum: true,
      maximum: 9,
      exclusiveMaximum: true,
    });
    expect(json({ type: 'number', minimum: 5, exclusiveMinimum: 3 })).toEqual({ type: 'number', minimum: 5 });
    expect(json({ type: 'number', minimum: 5, exclusiveMinimum: false })).toEqual({ type: 'number', minimum: 5 });
  });

  it('a discriminated union describes its members outside and keeps in each branch what tells it apart', () => {
    const union = z.discriminatedUnion('type', [
      z.object({ type: z.literal('git'), url: z.string(), note: z.string().optional() }),
      z.object({ type: z.literal('image'), image: z.string(), note: z.string().optional() }),
    ]);
    expect(field(union)).toEqual({
      type: 'object',
      properties: {
        type: { type: 'string', enum: ['git', 'image'] },
        url: { type: 'string' },
        note: { type: 'string' },
        image: { type: 'string' },
      },
      required: ['type'],
      oneOf: [
        { properties: { type: { enum: ['git'] } }, required: ['url'] },
        { properties: { type: { enum: ['image'] } }, required: ['image'] },
      ],
    });
  });

  it('a union of objects, nested and nullable, is one union', () => {
    const union = z.union([
      z.object({ a: z.string() }),
      z.union([z.object({ b: z.string() }), z.object({ c: z.int() })]),
    ]);
    expect(field(union.nullable())).toMatchObject({
      type: 'object',
      nullable: true,
      anyOf: [{ required: ['a'] }, { required: ['b'] }, { required: ['c'] }],
    });
  });

  it('branches that only say what is required stay as they are', () => {
    const properties = { a: { type: 'string' }, b: { type: 'string' } };
    expect(json({ type: 'object', properties, anyOf: [{ required: ['a'] }, { required: ['b'] }] })).toEqual({
      type: 'object',
      properties,
      anyOf: [{ required: ['a'] }, { required: ['b'] }],
    });
  });

  it('a string or integer is int-or-string, with the pair of types that a server asks for', () => {
    const pair = [{ type: 'integer' }, { type: 'string' }];
    expect(field(z.union([z.string(), z.int()]))).toEqual({ 'x-kubernetes-int-or-string': true, anyOf: pair });
    expect(json({ type: ['integer', 'string'] })).toEqual({ 'x-kubernetes-int-or-string': true, anyOf: pair });
    expect(field(z.union([z.int().min(1), z.string().regex(/^\d+%$/)]))).toEqual({
      'x-kubernetes-int-or-string': true,
      anyOf: pair,
      minimum: 1,
      pattern: '^\\d+%$',
    });
    expect(field(z.union([z.literal('auto'), z.int()]))).toMatchObject({ pattern: '^(auto)$' });
    expect(field(z.string().meta(m.quantity()))).toMatchObject({
      'x-kubernetes-int-or-string': true,
      anyOf: pair,
      pattern: m.quantity().pattern,
    });
  });

  it('a union of one type has the type outside and the rules inside', () => {
    expect(field(z.union([z.ipv4(), z.ipv6()]))).toEqual({
      type: 'string',
      anyOf: [{ format: 'ipv4' }, { format: 'ipv6' }],
    });
    expect(field(z.union([z.int(), z.number()]))).toMatchObject({ type: 'number' });
  });

  it('an intersection of objects is one object, and of scalars one scalar', () => {
    expect(field(z.intersection(z.object({ a: z.string() }), z.object({ b: z.string().optional() })))).toEqual({
      type: 'object',
      required: ['a'],
      properties: { a: { type: 'string' }, b: { type: 'string' } },
    });
    expect(field(z.string().startsWith('a').includes('b'))).toEqual({
      type: 'string',
      pattern: '^a.*',
      allOf: [{ pattern: 'b' }],
    });
    expect(
      json({
        allOf: [
          { type: 'integer', minimum: 1 },
          { type: 'number', maximum: 3 },
        ],
      }),
    ).toEqual({
      type: 'integer',
      minimum: 1,
      maximum: 3,
    });
  });

  it('an intersection of lists is a list of the intersection', () => {
    const list = (items: object) => ({ type: 'array', items });
    expect(json({ allOf: [list({ type: 'string', minLength: 1 }), list({ type: 'string', maxLength: 3 })] })).toEqual(
      list({ type: 'string', minLength: 1, maxLength: 3 }),
    );
  });

  it('additionalProperties: false goes, since pruning does it, and a loose object keeps what it does not know', () => {
    expect(field(z.strictObject({ a: z.string() }))).not.toHaveProperty('additionalProperties');
    expect(field(z.looseObject({ a: z.string() }))).toEqual({
      type: 'object',
      required: ['a'],
      properties: { a: { type: 'string' } },
      'x-kubernetes-preserve-unknown-fields': true,
    });
  });

  it('a map is additionalProperties; one with known keys is an object of them', () => {
    expect(field(z.record(z.string(), z.int()))).toEqual({
      type: 'object',
      additionalProperties: { type: 'integer', format: 'int64' },
    });
    expect(field(z.record(z.enum(['a', 'b']), z.boolean()))).toEqual({
      type: 'object',
      required: ['a', 'b'],
      properties: { a: { type: 'boolean' }, b: { type: 'boolean' } },
    });
    expect(json({ type: 'object', patternProperties: { '^.*$': { type: 'string' } } })).toEqual({
      type: 'object',
      additionalProperties: { type: 'string' },
    });
  });

  it('rules for the keys of a map become CEL rules, with a warning where the map has no bound', () => {
    const map = z.record(
      z
        .string()
        .regex(/^[a-z]+$/)
        .max(9),
      z.string(),
    );
    const { schema, warnings } = structuralSchema(map, { kind: 'Foo', path: 'spec' });
    expect(schema['x-kubernetes-validations']?.map(({ rule }) => rule).sort()).toEqual([
      'self.all(key, key.matches("^[a-z]+$"))',
      'self.all(key, key.size() <= 9)',
    ]);
    expect(warnings).toEqual([expect.stringContaining('maxProperties')]);
    expect(structuralSchema(map.meta({ maxProperties: 5 }), { kind: 'Foo', path: 'spec' }).warnings).toEqual([]);
  });

  it("formats get the server's names, and the long patterns beside them go", () => {
    expect(field(z.base64())).toEqual({ type: 'string', format: 'byte' });
    expect(field(z.iso.datetime())).toEqual({ type: 'string', format: 'date-time' });
    expect(field(z.hostname())).toEqual({ type: 'string', format: 'hostname' });
    expect(field(z.cidrv4())).toMatchObject({ format: 'cidr', pattern: expect.stringContaining('25[0-5]') });
    expect(field(z.uuidv4())).toMatchObject({ format: 'uuid', pattern: expect.stringContaining('-4[') });
    expect(field(z.ulid())).toEqual({ type: 'string', pattern: expect.stringContaining('{25}') });
  });

  it('the slashes that JavaScript escapes are plain', () => {
    expect(field(z.string().regex(/^a\/b\\\/c$/))).toEqual({ type: 'string', pattern: '^a/b\\\\/c$' });
  });

  it('bounds that are only those of the number type go', () => {
    expect(field(z.int())).toEqual({ type: 'integer', format: 'int64' });
    expect(field(z.int().min(1))).toEqual({ type: 'integer', format: 'int64', minimum: 1 });
    expect(field(z.int32())).toMatchObject({ type: 'integer', format: 'int32' });
    expect(field(z.int().meta(m.int32()))).toEqual({ type: 'integer', format: 'int32' });
    expect(field(z.float32())).toEqual({ type: 'number', format: 'float' });
  });

  it('keywords without a meaning for a server go', () => {
    const noisy = { $schema: 'x', $id: 'y', type: 'string', readOnly: true, deprecated: true, examples: ['a'] };
    expect(json({ ...noisy, contentEncoding: 'base64', unheardOf: 1 })).toEqual({ type: 'string' });
  });

  it('unique items are a set, and list maps have their keys', () => {
    expect(json({ type: 'array', items: { type: 'string' }, uniqueItems: true })).toEqual({
      type: 'array',
      items: { type: 'string' },
      'x-kubernetes-list-type': 'set',
    });
    expect(field(z.array(z.object({ name: z.string() })).meta(m.listMap('name')))).toMatchObject({
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    });
  });

  it('defaults stay, nested ones too, and a member with a default is not required', () => {
    expect(
      field(z.object({ a: z.string().default('x'), b: z.object({ c: z.int().default(3) }).prefault({}) })),
    ).toEqual({
      type: 'object',
      properties: {
        a: { type: 'string', default: 'x' },
        b: { type: 'object', default: {}, properties: { c: { type: 'integer', format: 'int64', default: 3 } } },
      },
    });
  });

  it('what is explicitly preserved is kept whole', () => {
    expect(field(z.unknown().meta(m.preserveUnknown()))).toEqual({ 'x-kubernetes-preserve-unknown-fields': true });
    expect(field(z.record(z.string(), z.unknown()).meta(m.preserveUnknown()))).toEqual({
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
    });
    expect(field(z.object({ a: z.looseObject({}).meta(m.embeddedResource()) })).properties?.a).toEqual({
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      'x-kubernetes-preserve-unknown-fields': true,
    });
    expect(field(z.object({}))).toEqual({ type: 'object' });
  });

  it('extensions pass through metadata, before and after optional and default', () => {
    const rule = { rule: 'self == oldSelf', message: 'is immutable' };
    const object = z.object({
      a: z.string().meta(m.immutable()).optional(),
      b: z.string().optional().meta(m.immutable()),
      c: z.string().default('x').meta(m.immutable()),
      d: z.object({ e: z.string() }).meta(m.mapAtomic()),
    });
    const { a, b, c, d } = field(object).properties ?? {};
    for (const schema of [a, b, c]) expect(schema?.['x-kubernetes-validations']).toEqual([rule]);
    expect(d?.['x-kubernetes-map-type']).toBe('atomic');
  });

  it('the same schema gives the same text', () => {
    const make = () => z.object({ b: z.string(), a: z.union([z.object({ x: z.int() }), z.object({ y: z.int() })]) });
    expect(JSON.stringify(field(make()))).toBe(JSON.stringify(field(make())));
  });

  it('a member named __proto__ is a member', () => {
    const schema = json(JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}'));
    expect(Object.keys(schema.properties ?? {})).toEqual(['__proto__']);
  });
});
