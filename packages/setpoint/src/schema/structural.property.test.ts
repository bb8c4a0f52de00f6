import { checkStructuralSchema } from '@setpoint/apimachinery/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromJsonSchema, SchemaError, structuralSchema } from './index.ts';

const name = fc.constantFrom('a', 'b', 'c', 'type', 'default', 'properties', 'required', '__proto__');
const text = fc.constantFrom('x', 'y', '');
const small = fc.integer({ min: 0, max: 5 });
const literal = fc.oneof(text, small, fc.boolean(), fc.constant(null));
const pattern = fc.constantFrom('^a', '(?=b)', '[', 'a\\/b', '(?i)c');
const keywords = {
  description: fc.constant('what it is'),
  title: text,
  nullable: fc.boolean(),
  $comment: text,
  readOnly: fc.boolean(),
  'x-kubernetes-preserve-unknown-fields': fc.boolean(),
};
const scalar = fc.record(
  {
    ...keywords,
    type: fc.constantFrom('string', 'integer', 'number', 'boolean', 'null', ['string', 'null'], ['string', 'integer']),
    enum: fc.array(literal, { minLength: 1, maxLength: 3 }),
    const: literal,
    format: fc.constantFrom('date-time', 'int32', 'uuid', 'strange'),
    pattern,
    minLength: small,
    minimum: small,
    exclusiveMinimum: fc.oneof(small, fc.boolean()),
    multipleOf: fc.integer({ min: 1, max: 5 }),
    'x-kubernetes-int-or-string': fc.constant(true),
  },
  { requiredKeys: [] },
);

/** JSON Schemas of every dialect, sensible and not. */
const { schema } = fc.letrec<{ schema: object; object: object }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    tie('object'),
    fc.record(
      { type: fc.constant('array'), items: tie('schema'), uniqueItems: fc.boolean() },
      { requiredKeys: ['type'] },
    ),
    fc.record(
      { ...keywords, anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) },
      { requiredKeys: ['anyOf'] },
    ),
    fc.record(
      { ...keywords, oneOf: fc.array(tie('object'), { minLength: 1, maxLength: 3 }) },
      { requiredKeys: ['oneOf'] },
    ),
    fc.record(
      { ...keywords, allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) },
      { requiredKeys: ['allOf'] },
    ),
    fc.record(
      { $ref: fc.constantFrom('#/$defs/Name', '#/$defs/Gone', '#'), description: text },
      { requiredKeys: ['$ref'] },
    ),
    fc.record({ not: scalar, type: fc.constant('string') }, { requiredKeys: ['not'] }),
  ),
  object: fc.record(
    {
      ...keywords,
      type: fc.constant('object'),
      properties: fc.dictionary(name, tie('schema') as fc.Arbitrary<object>, { maxKeys: 3 }),
      required: fc.array(name, { maxLength: 2 }),
      additionalProperties: fc.oneof(fc.boolean(), fc.constant({}), tie('schema') as fc.Arbitrary<object>),
      propertyNames: scalar,
      patternProperties: fc.dictionary(pattern, tie('schema') as fc.Arbitrary<object>, { maxKeys: 2 }),
      minProperties: small,
    },
    { requiredKeys: ['type'] },
  ),
}));

describe('structuralSchema', () => {
  it('of any JSON Schema is one that a server takes, or a SchemaError that names the fields', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.dictionary(name, schema, { minKeys: 1, maxKeys: 2 }), (properties) => {
        const document = { type: 'object', properties, $defs: { Name: { type: 'string' } } };
        const before = JSON.stringify(document);
        try {
          const result = structuralSchema(fromJsonSchema(document), { kind: 'Foo', path: 'spec' }).schema;
          taken++;
          const errors = checkStructuralSchema({ type: 'object', properties: { spec: result } });
          expect({ errors: errors.map(String), result: errors.length > 0 ? result : undefined }).toEqual({
            errors: [],
            result: undefined,
          });
        } catch (error) {
          if (!(error instanceof SchemaError)) throw error;
          for (const { path, advice } of error.problems) {
            expect(path.startsWith('spec')).toBe(true);
            expect(advice).not.toBe('');
          }
        }
        expect(JSON.stringify(document)).toBe(before);
      }),
      { numRuns: 300 },
    );
    expect(taken).toBeGreaterThan(5);
  });
});
