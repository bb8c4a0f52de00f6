import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import Type from 'typebox';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fromJsonSchema, SchemaError, type SchemaErrorCode, type SchemaSource, structuralSchema } from './index.ts';
import * as m from './markers.ts';

function refusal(source: SchemaSource, defaults = true): SchemaError {
  try {
    structuralSchema(source, { kind: 'Foo', path: 'spec', defaults });
  } catch (error) {
    expect(error).toBeInstanceOf(SchemaError);
    return error as SchemaError;
  }
  throw new Error('the schema was taken');
}

const dog: z.ZodType = z.object({
  get puppies() {
    return z.array(dog);
  },
});

const plain = (schema: object) => fromJsonSchema({ type: 'object', properties: { f: schema } });
const string = { type: 'string' };

/** What stands at `spec.f`, the code of the refusal, a part of what is said, and where if not there. */
const cases: readonly (readonly [string, SchemaSource | z.ZodType, SchemaErrorCode, string, string?])[] = [
  ['a transform', z.string().transform(Number), 'ParsingOnly', 'convert it in reconcile'],
  ['coerce', z.coerce.number(), 'ParsingOnly', 'write z.number() without coerce'],
  ['preprocess', z.preprocess(String, z.string()), 'ParsingOnly', 'never parsed'],
  ['a pipe', z.string().pipe(z.string()), 'ParsingOnly', 'never parsed'],
  ['a codec', z.stringbool(), 'ParsingOnly', 'never parsed'],
  ['trim', z.string().trim(), 'ParsingOnly', 'use a pattern'],
  ['catch', z.string().catch('x'), 'ParsingOnly', 'use .default(…)'],
  ['refine', z.string().refine(Boolean), 'ParsingOnly', 'write a CEL rule'],
  ['refine of a nested member', z.object({ a: z.array(z.int().refine(Boolean)) }), 'ParsingOnly', 'CEL', 'spec.f.a[]'],
  ['a Date', z.date(), 'NotJson', 'write z.iso.datetime()'],
  ['a bigint', z.bigint(), 'NotJson', 'write z.int().meta(int64())'],
  ['a Map', z.map(z.string(), z.string()), 'NotJson', 'write z.record(z.string(), …)'],
  ['a Set', z.set(z.string()), 'NotJson', 'write z.array(…).meta(listSet())'],
  ['an instance of a class', z.instanceof(URL), 'NotJson', 'preserveUnknown'],
  ['undefined', z.undefined(), 'NotJson', '.optional()'],
  ['null', z.null(), 'Null', 'leave the member out'],
  ['never', z.never(), 'Keyword', 'leave the member out'],
  ['a tuple', z.tuple([z.string(), z.int()]), 'Tuple', 'an object with a named member for each position'],
  ['a tuple of plain JSON Schema', plain({ type: 'array', prefixItems: [string] }), 'Tuple', 'a list of one type'],
  ['flags of a pattern', z.string().regex(/^a$/i), 'Pattern', 'write them into it: (?i:^a$)'],
  ['a look-ahead', z.string().regex(/^(?=a)/), 'Pattern', 'a look-ahead'],
  ['a back-reference', z.string().regex(/(a)\1/), 'Pattern', 'a back-reference'],
  ['an ISO duration', z.iso.duration(), 'Format', 'z.string().meta(goDuration())'],
  ['a format no server knows', plain({ type: 'string', format: 'idn-email' }), 'Format', "no format 'idn-email'"],
  ['int32 of a number', z.number().meta(m.int32()), 'Format', 'make it an integer with z.int()'],
  ['recursion', dog, 'Recursive', 'cutRecursion()', 'spec.f.puppies[]'],
  ['a missing reference', plain({ $ref: '#/definitions/Gone' }), 'Keyword', 'points to nothing'],
  ['unknown', z.unknown(), 'EmptySchema', '.meta(preserveUnknown())'],
  ['a list of unknown', z.array(z.any()), 'EmptySchema', 'preserveUnknown', 'spec.f[]'],
  ['a map of unknown', z.record(z.string(), z.unknown()), 'EmptySchema', 'preserveUnknown'],
  ['a bare object', plain({ type: 'object' }), 'EmptySchema', 'preserveUnknown'],
  ['rules without a type', plain({ minLength: 1 }), 'MissingType', 'give it a type'],
  ['a string or boolean', z.union([z.string(), z.boolean()]), 'ScalarUnion', 'no unions of several types'],
  ['a string or any number', z.union([z.string(), z.number()]), 'ScalarUnion', 'z.union([z.int(), z.string()])'],
  ['literals of several types', z.literal(['a', 1]), 'ScalarUnion', 'literals of'],
  [
    'a member in two shapes',
    z.union([z.object({ a: z.string() }), z.object({ a: z.int() })]),
    'Union',
    'a CRD describes a member once',
    'spec.f.a',
  ],
  ['a map in a union', z.union([z.object({ a: z.string() }), z.record(z.string(), z.int())]), 'Union', 'is a map'],
  [
    'a rule in a branch',
    z.union([z.object({ a: z.string() }).meta(m.rules({ rule: 'true' })), z.object({ b: z.string() })]),
    'Union',
    'has(self.member)',
  ],
  [
    'a default in a branch',
    z.union([z.object({ a: z.string().default('x') }), z.object({ b: z.string() })]),
    'DefaultNotAllowed',
    'for all of them',
    'spec.f.a',
  ],
  ['an impossible intersection', plain({ allOf: [string, { type: 'boolean' }] }), 'Intersection', 'nothing is both'],
  ['a typed catchall', z.object({ a: z.string() }).catchall(z.int()), 'CatchallTyping', 'a member of its own'],
  ['keys that are mail addresses', z.record(z.email(), z.string()), 'PropertyNames', 'self.all(key'],
  [
    'members typed by several patterns',
    plain({ type: 'object', patternProperties: { '^a': string, '^b': string } }),
    'PropertyNames',
    'one map for each type',
  ],
  [
    'a key that may be missing',
    z.array(z.object({ a: z.string().optional() })).meta(m.listMap('a')),
    'ListType',
    'make it required',
  ],
  ['a key that is no member', z.array(z.object({ a: z.string() })).meta(m.listMap('b')), 'ListType', "no member 'b'"],
  ['a list map of strings', z.array(z.string()).meta(m.listMap('a')), 'ListType', 'use listSet()'],
  ['a set of objects', z.array(z.object({ a: z.string() })).meta(m.listSet()), 'ListType', 'use listMap(…)'],
  [
    'a misspelt extension',
    z.string().meta({ 'x-kubernetes-validation': [] }),
    'Keyword',
    "no 'x-kubernetes-validation'",
  ],
  ['if and then', plain({ type: 'string', if: {}, else: {} }), 'Keyword', "no 'if'"],
  ['a nullable enum of numbers', z.literal([1, 2]).nullable(), 'Null', 'optional instead of nullable'],
  ['a codec of typebox', plain(Type.Codec(Type.String()).Decode(String).Encode(String)), 'ParsingOnly', 'never parsed'],
  ['a morph of arktype', type({ f: type('string').pipe(Number) }), 'ParsingOnly', 'convert it in reconcile'],
  ['narrow of arktype', type({ f: type('string').narrow(() => true) }), 'ParsingOnly', 'CEL rule'],
  ['a Date of arktype', type({ f: 'Date' }), 'NotJson', 'no JSON'],
  [
    'a transform of valibot',
    toStandardJsonSchema(v.object({ f: v.pipe(v.string(), v.transform(Number)) })),
    'Library',
    'transform',
    'spec',
  ],
  [
    'a check of valibot',
    toStandardJsonSchema(
      v.object({
        f: v.pipe(
          v.string(),
          v.check((text) => text !== ''),
        ),
      }),
    ),
    'Library',
    'check',
    'spec',
  ],
];

describe('refused with the place and what to write instead:', () => {
  for (const [name, source, code, said, path = 'spec.f'] of cases) {
    it(name, () => {
      const error = refusal('_zod' in source ? z.object({ f: source as z.ZodType }) : source);
      expect({ code: error.code, path: error.path }).toEqual({ code, path });
      expect(error.message).toContain(said);
      expect(error.message).toContain('cannot define Foo: ');
      expect(error.message).toContain(path);
    });
  }

  it('a default in a status', () => {
    const error = refusal(z.object({ happy: z.boolean().default(false) }), false);
    expect(error).toMatchObject({ code: 'DefaultNotAllowed', path: 'spec.happy' });
    expect(error.message).toContain('let the controller set it');
  });

  it('a schema of a library that speaks no Standard JSON Schema', () => {
    const error = refusal({ type: 'object' } as never);
    expect(error.code).toBe('Library');
    expect(error.message).toContain('fromJsonSchema<Type>()');
    expect(refusal(v.object({}) as never).message).toContain('the schema of valibot does not speak');
  });

  it('everything at once, a line for each field', () => {
    const error = refusal(z.object({ a: z.date(), b: z.object({ c: z.set(z.string()) }), d: z.string() }));
    expect(error.problems.map(({ path }) => path)).toEqual(['spec.a', 'spec.b.c']);
    expect(error.message.split('\n')).toHaveLength(3);
  });
});
