import { describe, expect, it } from 'vitest';
import { parseJson } from '../json/index.ts';
import { compileSchema, dropNulls, type StructuralSchema, validate } from './index.ts';

const schema: StructuralSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string', minLength: 3, maxLength: 5, pattern: '^[a-z]+$', nullable: true },
        n: { type: 'integer', format: 'int32', minimum: 1, maximum: 10, multipleOf: 2 },
        big: { type: 'integer', maximum: 100, exclusiveMaximum: true, minimum: 0, exclusiveMinimum: true },
        f: { type: 'number', maximum: 1.5, minimum: 0.5, multipleOf: 0.25 },
        e: { type: 'string', enum: ['a', 'b'] },
        en: { type: 'integer', enum: [1, 2] },
        ios: { 'x-kubernetes-int-or-string': true },
        b: { type: 'boolean' },
        l: { type: 'array', minItems: 2, maxItems: 3, items: { type: 'string' } },
        m: { type: 'object', minProperties: 1, maxProperties: 2, additionalProperties: { type: 'integer' } },
        set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
        map: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k'],
          items: { type: 'object', required: ['k'], properties: { k: { type: 'string' }, v: { type: 'string' } } },
        },
        any: {
          type: 'object',
          properties: { a: { type: 'string' }, b: { type: 'string' } },
          anyOf: [{ required: ['a'] }, { required: ['b'] }],
        },
        one: {
          type: 'object',
          properties: { a: { type: 'string' }, b: { type: 'string' } },
          oneOf: [{ required: ['a'] }, { required: ['b'] }],
        },
        all: {
          type: 'object',
          properties: { a: { type: 'string' }, b: { type: 'string' } },
          allOf: [{ required: ['a'] }, { required: ['b'] }],
        },
        not: { type: 'object', properties: { a: { type: 'string' } }, not: { required: ['a'] } },
        date: { type: 'string', format: 'date-time' },
        ip: { type: 'string', format: 'ipv4' },
        emb: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
    status: { type: 'object', properties: { x: { type: 'integer' } } },
  },
};

/** What a 1.36 kube-apiserver answered to the creation of an object with this spec. */
const answers: readonly (readonly [spec: string, causes: readonly string[]])[] = [
  ['{}', ['spec.name: Required value']],
  ['{"name":1}', ['spec.name: Invalid value: "integer": spec.name in body must be of type string: "integer"']],
  ['{"name":"ab"}', ['spec.name: Invalid value: "ab": spec.name in body should be at least 3 chars long']],
  ['{"name":"abcdefgh"}', ['spec.name: Too long: may not be more than 5 bytes']],
  ['{"name":"AB1"}', ['spec.name: Invalid value: "AB1": spec.name in body should match \'^[a-z]+$\'']],
  ['{"name":null}', []],
  ['{"name":"abc","n":"s"}', ['spec.n: Invalid value: "string": spec.n in body must be of type integer: "string"']],
  [
    '{"name":"abc","n":1.5}',
    [
      'spec.n: Invalid value: "float64": spec.n in body must be of type int32: "float64"',
      '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.n',
      'spec.n: Invalid value: 1.5: spec.n in body should be a multiple of 2',
    ],
  ],
  ['{"name":"abc","n":1.0}', ['spec.n: Invalid value: 1: spec.n in body should be a multiple of 2']],
  ['{"name":"abc","n":2.0}', []],
  ['{"name":"abc","n":3}', ['spec.n: Invalid value: 3: spec.n in body should be a multiple of 2']],
  ['{"name":"abc","n":0}', ['spec.n: Invalid value: 0: spec.n in body should be greater than or equal to 1']],
  ['{"name":"abc","n":12}', ['spec.n: Invalid value: 12: spec.n in body should be less than or equal to 10']],
  [
    '{"name":"abc","n":4294967296}',
    [
      '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.n',
      'spec.n: Invalid value: 4294967296: spec.n in body should be less than or equal to 10',
    ],
  ],
  [
    '{"name":"abc","n":9223372036854775808}',
    [
      'spec.n: Invalid value: "float64": spec.n in body must be of type int32: "float64"',
      '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.n',
      'spec.n: Invalid value: 9.223372036854776e+18: spec.n in body should be a multiple of 2',
      'spec.n: Invalid value: 9.223372036854776e+18: spec.n in body should be less than or equal to 10',
    ],
  ],
  [
    '{"name":"abc","n":-9223372036854775808}',
    [
      '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.n',
      'spec.n: Invalid value: -9223372036854775808: spec.n in body should be greater than or equal to 1',
    ],
  ],
  [
    '{"name":"abc","n":1e30}',
    [
      'spec.n: Invalid value: "float64": spec.n in body must be of type int32: "float64"',
      '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.n',
      'spec.n: Invalid value: 1e+30: spec.n in body should be a multiple of 2',
      'spec.n: Invalid value: 1e+30: spec.n in body should be less than or equal to 10',
    ],
  ],
  ['{"name":"abc","n":null}', []],
  ['{"name":"abc","big":100}', ['spec.big: Invalid value: 100: spec.big in body should be less than 100']],
  ['{"name":"abc","big":0}', ['spec.big: Invalid value: 0: spec.big in body should be greater than 0']],
  [
    '{"name":"abc","f":2}',
    [
      'spec.f: Invalid value: 0: factor MultipleOf declared for spec.f must be positive: 0',
      'spec.f: Invalid value: 2: spec.f in body should be less than or equal to 1',
    ],
  ],
  [
    '{"name":"abc","f":1.6}',
    [
      'spec.f: Invalid value: 1.6: spec.f in body should be a multiple of 0.25',
      'spec.f: Invalid value: 1.6: spec.f in body should be less than or equal to 1.5',
    ],
  ],
  [
    '{"name":"abc","f":0.1}',
    [
      'spec.f: Invalid value: 0.1: spec.f in body should be a multiple of 0.25',
      'spec.f: Invalid value: 0.1: spec.f in body should be greater than or equal to 0.5',
    ],
  ],
  ['{"name":"abc","f":"x"}', ['spec.f: Invalid value: "string": spec.f in body must be of type number: "string"']],
  ['{"name":"abc","e":"c"}', ['spec.e: Unsupported value: "c": supported values: "a", "b"']],
  [
    '{"name":"abc","e":1}',
    [
      'spec.e: Invalid value: "integer": spec.e in body must be of type string: "integer"',
      'spec.e: Unsupported value: 1: supported values: "a", "b"',
    ],
  ],
  ['{"name":"abc","en":3}', ['spec.en: Unsupported value: 3: supported values: "1", "2"']],
  ['{"name":"abc","en":1.0}', []],
  [
    '{"name":"abc","en":"1"}',
    [
      'spec.en: Invalid value: "string": spec.en in body must be of type integer: "string"',
      'spec.en: Unsupported value: "1": supported values: "1", "2"',
    ],
  ],
  [
    '{"name":"abc","ios":1.5}',
    ['spec.ios: Invalid value: "number": spec.ios in body must be of type integer,string: "number"'],
  ],
  [
    '{"name":"abc","ios":true}',
    ['spec.ios: Invalid value: "boolean": spec.ios in body must be of type integer,string: "boolean"'],
  ],
  ['{"name":"abc","ios":"x"}', []],
  [
    '{"name":"abc","ios":{}}',
    ['spec.ios: Invalid value: "object": spec.ios in body must be of type integer,string: "object"'],
  ],
  ['{"name":"abc","b":"true"}', ['spec.b: Invalid value: "string": spec.b in body must be of type boolean: "string"']],
  ['{"name":"abc","l":["a"]}', ['spec.l: Invalid value: 1: spec.l in body should have at least 2 items']],
  ['{"name":"abc","l":["a","b","c","d"]}', ['spec.l: Too many: 4: must have at most 3 items']],
  [
    '{"name":"abc","l":["a",1]}',
    ['spec.l[1]: Invalid value: "integer": spec.l[1] in body must be of type string: "integer"'],
  ],
  [
    '{"name":"abc","l":[null,"a"]}',
    ['spec.l[0]: Invalid value: "null": spec.l[0] in body must be of type string: "null"'],
  ],
  ['{"name":"abc","l":{}}', ['spec.l: Invalid value: "object": spec.l in body must be of type array: "object"']],
  ['{"name":"abc","m":{}}', ['spec.m: Invalid value: 0: spec.m in body should have at least 1 properties']],
  ['{"name":"abc","m":{"a":1,"b":2,"c":3}}', ['spec.m: Too many: 3: must have at most 2 items']],
  [
    '{"name":"abc","m":{"a":"x"}}',
    ['spec.m.a: Invalid value: "string": spec.m.a in body must be of type integer: "string"'],
  ],
  ['{"name":"abc","m":[]}', ['spec.m: Invalid value: "array": spec.m in body must be of type object: "array"']],
  ['{"name":"abc","set":["a","b","a","a"]}', ['spec.set[2]: Duplicate value: "a"']],
  ['{"name":"abc","map":[{"k":"a"},{"k":"a"}]}', ['spec.map[1]: Duplicate value: {"k":"a"}']],
  ['{"name":"abc","map":[{"k":"a"},{"v":"a"}]}', ['spec.map[1].k: Required value']],
  [
    '{"name":"abc","map":["x"]}',
    [
      'spec.map[0]: Invalid value: "string": spec.map[0] in body must be of type object: "string"',
      'spec.map[0]: Invalid value: "x": must be an object for an array of list-type map',
    ],
  ],
  [
    '{"name":"abc","any":{}}',
    ['<nil>: Invalid value: "": "spec.any" must validate at least one schema (anyOf)', 'spec.any.a: Required value'],
  ],
  [
    '{"name":"abc","one":{}}',
    [
      '<nil>: Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found none valid',
      'spec.one.a: Required value',
    ],
  ],
  [
    '{"name":"abc","one":{"a":"x","b":"y"}}',
    ['<nil>: Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
  ],
  [
    '{"name":"abc","all":{}}',
    [
      'spec.all.a: Required value',
      'spec.all.b: Required value',
      '<nil>: Invalid value: "": "spec.all" must validate all the schemas (allOf). None validated',
    ],
  ],
  [
    '{"name":"abc","all":{"a":"x"}}',
    ['spec.all.b: Required value', '<nil>: Invalid value: "": "spec.all" must validate all the schemas (allOf)'],
  ],
  ['{"name":"abc","not":{"a":"b"}}', ['<nil>: Invalid value: "": "spec.not" must not validate the schema (not)']],
  ['{"name":"abc","date":"x"}', ['spec.date: Invalid value: "x": spec.date in body must be of type date-time: "x"']],
  ['{"name":"abc","ip":"x"}', ['spec.ip: Invalid value: "x": spec.ip in body must be of type ipv4: "x"']],
  ['{"name":"abc","ip":1}', ['spec.ip: Invalid value: "int64": spec.ip in body must be of type ipv4: "int64"']],
  ['{"name":"abc","date":null}', []],
  ['{"name":"abc","emb":{"a":1}}', ['spec.emb.apiVersion: Required value', 'spec.emb.kind: Required value']],
  [
    '{"name":"abc","emb":{"apiVersion":"","kind":"F_o"}}',
    [
      'spec.emb.apiVersion: Invalid value: "": must not be empty',
      "spec.emb.kind: Invalid value: \"F_o\": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
    ],
  ],
  ['"s"', ['spec: Invalid value: "string": spec in body must be of type object: "string"']],
  ['[]', ['spec: Invalid value: "array": spec in body must be of type object: "array"']],
  ['{"name":"a\\tb<"}', ['spec.name: Invalid value: "a\\tb<": spec.name in body should match \'^[a-z]+$\'']],
  [
    '{"name":"\\u00e9\\u20ac\\ud83d\\ude00\\u200b\\u00a0"}',
    ['spec.name: Invalid value: "é€😀\\u200b\\u00a0": spec.name in body should match \'^[a-z]+$\''],
  ],
];

describe('validation', () => {
  const compiled = compileSchema(schema);

  it.each(answers)('says of the spec %s what the server says', (spec, causes) => {
    const object = parseJson(`{"apiVersion":"example.com/v1","kind":"Foo","metadata":{"name":"x"},"spec":${spec}}`);
    const errors = compiled.validate(dropNulls(object, schema));
    expect(errors.map(String)).toEqual(causes);
  });

  it('reports an object that misses a required member of its root under that member', () => {
    expect(validate({}, { type: 'object', required: ['spec'] }).map(String)).toEqual(['spec: Required value']);
  });

  it('puts the path in front when the value is a part of an object', () => {
    const errors = validate({ x: 'a' }, { type: 'object', properties: { x: { type: 'integer' } } }, { path: 'status' });
    expect(errors.map(String)).toEqual([
      'status.x: Invalid value: "string": x in body must be of type integer: "string"',
    ]);
  });

  it('runs patterns in linear time, however they are written', () => {
    const errors = validate('a'.repeat(50_000), { type: 'string', pattern: '^(a+)+$b' });
    expect(errors).toHaveLength(1);
  });

  it('treats __proto__ and constructor as ordinary members', () => {
    const object = parseJson('{"__proto__":{"a":1},"constructor":2}');
    const errors = validate(object, { type: 'object', additionalProperties: { type: 'string' } });
    expect(errors.map((error) => error.field)).toEqual(['__proto__', 'constructor']);
  });
});

describe('validation of an update', () => {
  const spec = {
    type: 'object',
    properties: {
      a: { type: 'string', pattern: '^good' },
      n: { type: 'integer' },
      list: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
        items: { type: 'object', properties: { k: { type: 'string' }, v: { type: 'string', pattern: '^good' } } },
      },
      atomic: { type: 'array', items: { type: 'string', pattern: '^good' } },
      set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    },
  } satisfies StructuralSchema;
  const tightened: StructuralSchema = { type: 'object', properties: { spec } };
  const check = (old: object, next: object) =>
    validate({ spec: next }, tightened, { old: { spec: old } }).map((error) => error.field);

  it('lets stand what did not change', () => {
    expect(check({ a: 'bad', n: 1 }, { a: 'bad', n: 2 })).toEqual([]);
  });

  it('refuses what changed from bad to bad', () => {
    expect(check({ a: 'bad' }, { a: 'worse' })).toEqual(['spec.a']);
  });

  it('finds items of a keyed list by their keys, wherever they are now', () => {
    const bad = { k: 'a', v: 'bad' };
    expect(check({ list: [bad] }, { list: [{ k: 'b', v: 'good' }, bad] })).toEqual([]);
    expect(check({ list: [bad] }, { list: [{ k: 'b', v: 'bad' }, bad] })).toEqual(['spec.list[0].v']);
  });

  it('takes an atomic list as one value', () => {
    expect(check({ atomic: ['bad'], n: 1 }, { atomic: ['bad'], n: 2 })).toEqual([]);
    expect(check({ atomic: ['bad'] }, { atomic: ['bad', 'good'] })).toEqual(['spec.atomic[0]']);
  });

  it('lets repeated items of a set stand when they were repeated before', () => {
    expect(check({ set: ['a', 'a'] }, { set: ['a', 'a', 'b'] })).toEqual([]);
    expect(check({ set: ['a'] }, { set: ['a', 'a'] })).toEqual(['spec.set[1]']);
  });
});
