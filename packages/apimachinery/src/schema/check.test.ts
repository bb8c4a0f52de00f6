import { describe, expect, it } from 'vitest';
import { checkStructuralSchema, type StructuralSchema, usesCel } from './index.ts';

/** What a 1.36 kube-apiserver said of definitions with these schemas; empty where it took them. */
const cases: readonly (readonly [title: string, schema: string, errors: readonly string[]])[] = [
  ['root not object', '{"type": "string"}', ['schema.type: Invalid value: "string": must be object at the root']],
  ['root no type', '{}', ['schema.type: Required value: must not be empty at the root']],
  [
    'root nullable',
    '{"type": "object", "nullable": true}',
    ['schema.nullable: Forbidden: nullable cannot be true at the root'],
  ],
  [
    'root additionalProperties',
    '{"type": "object", "additionalProperties": true}',
    ['schema.additionalProperties: Forbidden: must not be used at the root'],
  ],
  [
    'missing type',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {}}}}}',
    ['schema.properties[spec].properties[a].type: Required value: must not be empty for specified object fields'],
  ],
  [
    'missing item type',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "array", "items": {}}}}}}',
    ['schema.properties[spec].properties[a].items.type: Required value: must not be empty for specified array items'],
  ],
  [
    'array without items',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "array"}}}}}',
    ['schema.properties[spec].properties[a].items: Required value: must be specified'],
  ],
  [
    'bad type',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "foo"}}}}}',
    [
      'schema.properties[spec].properties[a].type: Unsupported value: "foo": supported values: "array", "boolean", "integer", "number", "object", "string"',
    ],
  ],
  [
    'type null',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "null"}}}}}',
    [
      'schema.properties[spec].properties[a].type: Unsupported value: "null": supported values: "array", "boolean", "integer", "number", "object", "string"',
      'schema.properties[spec].properties[a].type: Forbidden: type cannot be set to null, use nullable as an alternative',
    ],
  ],
  [
    'properties and additionalProperties',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "object", "properties": {"x": {"type": "string"}}, "additionalProperties": {"type": "string"}}}}}}',
    [
      'schema.properties[spec].properties[a].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive',
    ],
  ],
  [
    'properties and additionalProperties false',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "object", "properties": {"x": {"type": "string"}}, "additionalProperties": false}}}}}',
    [
      'schema.properties[spec].properties[a].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive',
    ],
  ],
  [
    'uniqueItems',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}, "uniqueItems": true}}}}}',
    [
      'schema.properties[spec].properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
    ],
  ],
  [
    'ref with type',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "object", "$ref": "#/x"}}}}}',
    ['schema.properties[spec].properties[a].$ref: Forbidden: $ref is not supported'],
  ],
  [
    'unsupported keywords',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "object", "id": "x", "patternProperties": {"a": {"type": "string"}}, "dependencies": {"a": ["b"]}, "additionalItems": true, "definitions": {"a": {"type": "string"}}}}}}}',
    [
      'schema.properties[spec].properties[a].id: Forbidden: id is not supported',
      'schema.properties[spec].properties[a].additionalItems: Forbidden: additionalItems is not supported',
      'schema.properties[spec].properties[a].patternProperties: Forbidden: patternProperties is not supported',
      'schema.properties[spec].properties[a].definitions: Forbidden: definitions is not supported',
      'schema.properties[spec].properties[a].dependencies: Forbidden: dependencies is not supported',
    ],
  ],
  [
    'items array',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "array", "items": [{"type": "string"}]}}}}}',
    ['schema.properties[spec].properties[a].items: Forbidden: items must be a schema object and not an array'],
  ],
  [
    'nested forbidden',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "object", "properties": {"x": {"type": "string"}}, "anyOf": [{"type": "object", "default": {}, "additionalProperties": {"type": "string"}, "nullable": true, "description": "d", "title": "t"}], "allOf": [{"properties": {"x": {"type": "string"}}}], "oneOf": [{"x-kubernetes-preserve-unknown-fields": true, "x-kubernetes-embedded-resource": true, "x-kubernetes-int-or-string": true, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a"], "x-kubernetes-map-type": "atomic"}], "not": {"properties": {"y": {"minimum": 1}}}}}}}}',
    [
      'schema.properties[spec].properties[a].allOf[0].properties[x].type: Forbidden: must be empty to be structural',
      'schema.properties[spec].properties[a].anyOf[0].additionalProperties: Forbidden: must be undefined to be structural',
      'schema.properties[spec].properties[a].anyOf[0].default: Forbidden: must be undefined to be structural',
      'schema.properties[spec].properties[a].anyOf[0].description: Forbidden: must be empty to be structural',
      'schema.properties[spec].properties[a].anyOf[0].nullable: Forbidden: must be false to be structural',
      'schema.properties[spec].properties[a].anyOf[0].title: Forbidden: must be empty to be structural',
      'schema.properties[spec].properties[a].anyOf[0].type: Forbidden: must be empty to be structural',
      'schema.properties[spec].properties[a].oneOf[0].x-kubernetes-embedded-resource: Forbidden: must be false to be structural',
      'schema.properties[spec].properties[a].oneOf[0].x-kubernetes-int-or-string: Forbidden: must be false to be structural',
      'schema.properties[spec].properties[a].oneOf[0].x-kubernetes-list-map-keys: Forbidden: must be empty to be structural',
      'schema.properties[spec].properties[a].oneOf[0].x-kubernetes-list-type: Forbidden: must be undefined to be structural',
      'schema.properties[spec].properties[a].oneOf[0].x-kubernetes-map-type: Forbidden: must be undefined to be structural',
      'schema.properties[spec].properties[a].oneOf[0].x-kubernetes-preserve-unknown-fields: Forbidden: must be false to be structural',
      'schema.properties[spec].properties[a].oneOf[0].type: Required value: must be object if x-kubernetes-map-type is specified',
      'schema.properties[spec].properties[a].oneOf[0].type: Required value: must be array if x-kubernetes-list-type is specified',
      'schema.properties[spec].properties[a].oneOf[0].items: Required value: must have a schema if x-kubernetes-list-type is map',
    ],
  ],
  [
    'nested items not structural',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}, "not": {"items": {"properties": {"z": {"required": ["q"]}}}}}}}}}',
    [],
  ],
  [
    'nested metadata',
    '{"type": "object", "anyOf": [{"properties": {"metadata": {"required": ["labels"]}}}]}',
    [
      'schema.anyOf[0].properties[metadata]: Forbidden: must not be specified in a nested context',
      'schema.properties[metadata]: Required value: because it is defined in schema.anyOf[0].properties[metadata]',
    ],
  ],
  [
    'metadata labels',
    '{"type": "object", "properties": {"metadata": {"type": "object", "properties": {"labels": {"type": "object"}}}}}',
    [
      'schema.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
    ],
  ],
  [
    'metadata name ok',
    '{"type": "object", "properties": {"metadata": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 5}}}}}',
    [],
  ],
  [
    'metadata wrong type',
    '{"type": "object", "properties": {"metadata": {"type": "string"}, "kind": {"type": "integer"}, "apiVersion": {"type": "object"}}}',
    [
      'schema.properties[apiVersion].type: Invalid value: "object": must be string',
      'schema.properties[kind].type: Invalid value: "integer": must be string',
      'schema.properties[metadata].type: Invalid value: "string": must be object',
    ],
  ],
  [
    'int-or-string patterns',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}]}, "b": {"x-kubernetes-int-or-string": true, "allOf": [{"anyOf": [{"type": "integer"}, {"type": "string"}]}, {"pattern": "a"}]}}}}}',
    [],
  ],
  [
    'int-or-string wrong pattern',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"x-kubernetes-int-or-string": true, "anyOf": [{"type": "string"}, {"type": "integer"}]}}}}}',
    [
      'schema.properties[spec].properties[a].anyOf[0].type: Forbidden: must be empty to be structural',
      'schema.properties[spec].properties[a].anyOf[1].type: Forbidden: must be empty to be structural',
    ],
  ],
  [
    'int-or-string preserve embedded',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"x-kubernetes-int-or-string": true, "x-kubernetes-preserve-unknown-fields": true, "x-kubernetes-embedded-resource": true}}}}}',
    [
      'schema.properties[spec].properties[a].type: Required value: must be object if x-kubernetes-embedded-resource is true',
      'schema.properties[spec].properties[a].x-kubernetes-embedded-resource: Invalid value: true: must be false if x-kubernetes-int-or-string is true',
      'schema.properties[spec].properties[a].x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false if x-kubernetes-int-or-string is true',
    ],
  ],
  [
    'int-or-string with type',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"x-kubernetes-int-or-string": true, "type": "string"}}}}}',
    [],
  ],
  [
    'embedded rules',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string", "x-kubernetes-embedded-resource": true}, "b": {"x-kubernetes-embedded-resource": true}, "c": {"type": "object", "x-kubernetes-embedded-resource": true}, "d": {"type": "object", "x-kubernetes-embedded-resource": true, "additionalProperties": {"type": "string"}}}}}}',
    [
      'schema.properties[spec].properties[a].properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      'schema.properties[spec].properties[a].type: Invalid value: "string": must be object if x-kubernetes-embedded-resource is true',
      'schema.properties[spec].properties[b].properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      'schema.properties[spec].properties[b].type: Required value: must be object if x-kubernetes-embedded-resource is true',
      'schema.properties[spec].properties[c].properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      'schema.properties[spec].properties[d].additionalProperties: Forbidden: must not be used if x-kubernetes-embedded-resource is set',
      'schema.properties[spec].properties[d].properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
    ],
  ],
  [
    'embedded in metadata',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"c": {"type": "object", "x-kubernetes-embedded-resource": true, "properties": {"metadata": {"type": "object", "properties": {"x": {"type": "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true}}}}}}}}}',
    [
      'schema.properties[spec].properties[c].properties[metadata].properties[x].x-kubernetes-embedded-resource: Forbidden: must not be used inside of resource meta',
    ],
  ],
  [
    'preserve false',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "object", "x-kubernetes-preserve-unknown-fields": false}}}}}',
    [
      'schema.properties[spec].properties[a].x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined',
    ],
  ],
  [
    'bad pattern',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string", "pattern": "a("}}}}}',
    [
      'schema.properties[spec].properties[a].pattern: Invalid value: "a(": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ): `a(`',
    ],
  ],
  [
    'list types',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string", "x-kubernetes-list-type": "set"}, "b": {"x-kubernetes-preserve-unknown-fields": true, "x-kubernetes-list-type": "set"}, "c": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "foo"}, "d": {"type": "array", "items": {"type": "object"}, "x-kubernetes-list-type": "set"}, "e": {"type": "array", "items": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"}, "x-kubernetes-list-type": "set"}}}}}',
    [
      'schema.properties[spec].properties[b].type: Required value: must be array if x-kubernetes-list-type is specified',
      'schema.properties[spec].properties[c].x-kubernetes-list-type: Unsupported value: "foo": supported values: "atomic", "set", "map"',
      'schema.properties[spec].properties[d].items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set',
      'schema.properties[spec].properties[e].items.x-kubernetes-list-type: Invalid value: "set": must be atomic as item of a list with x-kubernetes-list-type=set',
      'schema.properties[spec].properties[a].type: Invalid value: "string": must be array if x-kubernetes-list-type is specified',
    ],
  ],
  [
    'list map rules',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "map"}, "b": {"type": "array", "items": {"type": "object", "properties": {"k": {"type": "string"}}}, "x-kubernetes-list-map-keys": ["k"]}, "c": {"type": "array", "items": {"type": "object", "properties": {"k": {"type": "string"}}}, "x-kubernetes-list-type": "set", "x-kubernetes-list-map-keys": ["k"]}, "d": {"type": "array", "items": {"type": "object", "nullable": true, "properties": {"k": {"type": "object", "nullable": true}}}, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k", "z", "z"]}, "e": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"]}}}}}',
    [
      'schema.properties[spec].properties[e].items: Required value: must be specified',
      'schema.properties[spec].properties[b].x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty',
      'schema.properties[spec].properties[c].items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set',
      'schema.properties[spec].properties[c].x-kubernetes-list-type: Invalid value: "set": must be map if x-kubernetes-list-map-keys is non-empty',
      'schema.properties[spec].properties[d].items.properties[k].type: Invalid value: "object": must be a scalar type if parent array\'s x-kubernetes-list-type is map',
      'schema.properties[spec].properties[d].x-kubernetes-list-map-keys: Invalid value: ["k","z","z"]: entries must all be names of item properties',
      'schema.properties[spec].properties[d].x-kubernetes-list-map-keys: Invalid value: ["k","z","z"]: entries must all be names of item properties',
      'schema.properties[spec].properties[d].x-kubernetes-list-map-keys: Invalid value: ["k","z","z"]: must not contain duplicate entries',
      'schema.properties[spec].properties[d].items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is map',
      'schema.properties[spec].properties[d].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
      'schema.properties[spec].properties[d].items.properties[k].nullable: Forbidden: this property is in x-kubernetes-list-map-keys, so it cannot be nullable',
      'schema.properties[spec].properties[e].items: Required value: must have a schema if x-kubernetes-list-type is map',
      'schema.properties[spec].properties[a].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map',
      'schema.properties[spec].properties[a].items.type: Invalid value: "string": must be object if parent array\'s x-kubernetes-list-type is map',
    ],
  ],
  [
    'map type rules',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string", "x-kubernetes-map-type": "atomic"}, "b": {"type": "object", "x-kubernetes-map-type": "foo"}, "c": {"x-kubernetes-preserve-unknown-fields": true, "x-kubernetes-map-type": "atomic"}}}}}',
    [
      'schema.properties[spec].properties[a].type: Invalid value: "string": must be object if x-kubernetes-map-type is specified',
      'schema.properties[spec].properties[b].x-kubernetes-map-type: Unsupported value: "foo": supported values: "atomic", "granular"',
      'schema.properties[spec].properties[c].type: Required value: must be object if x-kubernetes-map-type is specified',
    ],
  ],
  [
    'default at metadata',
    '{"type": "object", "properties": {"metadata": {"type": "object", "default": {}}, "kind": {"type": "string", "default": "Foo"}}}',
    [
      'schema.properties[kind].default: Forbidden: must not be set in top-level kind',
      'schema.properties[metadata].default: Forbidden: must not be set in top-level metadata',
    ],
  ],
  [
    'default wrong type',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string", "default": 1}, "b": {"type": "integer", "default": "x", "minimum": 2}, "c": {"type": "string", "enum": ["a"], "default": "b"}}}}}',
    [
      'schema.properties[spec].properties[c].default: Unsupported value: "b": supported values: "a"',
      'schema.properties[spec].properties[a].default: Invalid value: "integer":  in body must be of type string: "integer"',
      'schema.properties[spec].properties[b].default: Invalid value: "string":  in body must be of type integer: "string"',
    ],
  ],
  [
    'default unknown field',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "object", "default": {"x": 1}, "properties": {"y": {"type": "string"}}}}}}}',
    ['schema.properties[spec].properties[a].default: Invalid value: {"x":1}: must not have unknown fields'],
  ],
  [
    'default null',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string", "default": null}}}}}',
    [],
  ],
  [
    'default root',
    '{"type": "object", "default": {}}',
    ['schema.default.apiVersion: Required value', 'schema.default.kind: Required value'],
  ],
  [
    'default in additionalProperties',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "object", "additionalProperties": {"type": "string", "default": "x"}}}}}}',
    [],
  ],
  [
    'default in items',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "string", "default": 1}}}}}}}}',
    [
      'schema.properties[spec].properties[a].items.properties[x].default: Invalid value: "integer":  in body must be of type string: "integer"',
    ],
  ],
  [
    'default nested required',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "object", "default": {}, "required": ["y"], "properties": {"y": {"type": "string"}}}}}}}',
    ['schema.properties[spec].properties[a].default.y: Required value'],
  ],
  [
    'default nested required defaulted',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "object", "default": {}, "required": ["y"], "properties": {"y": {"type": "string", "default": "q"}}}}}}}',
    ['schema.properties[spec].properties[a].default.y: Required value'],
  ],
  [
    'default pattern bad',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string", "pattern": "^x$", "default": "y"}}}}}',
    ['schema.properties[spec].properties[a].default: Invalid value: "y":  in body should match \'^x$\''],
  ],
  [
    'default embedded',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true, "default": {"kind": "A"}}}}}}',
    ['schema.properties[spec].properties[a].default.apiVersion: Required value'],
  ],
  [
    'default embedded meta',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true, "properties": {"metadata": {"type": "object", "properties": {"name": {"type": "string", "default": "a/b"}, "labels": {"type": "object", "additionalProperties": {"type": "string"}, "default": {"a": "b"}}, "foo": {"type": "string", "default": "x"}}}}}}}}}',
    [
      'schema.properties[spec].properties[a].properties[metadata].properties[name].default: Invalid value: "a/b": must result in valid metadata: metadata.name: Invalid value: "a/b": may not contain \'/\'',
    ],
  ],
  [
    'unknown format',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string", "format": "foo"}, "b": {"type": "integer", "format": "int32"}}}}}',
    [],
  ],
  [
    'unknown keyword',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string", "foo": 1}}}}}',
    [],
  ],
  [
    'cel empty rule',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string", "x-kubernetes-validations": [{"rule": " ", "message": " "}]}}}}}',
    ['schema.properties[spec].properties[a].x-kubernetes-validations[0].rule: Required value: rule is not specified'],
  ],
  [
    'example and docs',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string", "example": "x", "externalDocs": {"url": "u"}, "title": "t"}}}}}',
    [],
  ],
  [
    'deep items in allOf ok',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "object", "properties": {"z": {"type": "string"}}}, "allOf": [{"items": {"required": ["z"]}}]}}}}}',
    [],
  ],
  [
    'negative and odd limits',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string", "minLength": -1, "maxLength": -5}, "b": {"type": "integer", "minimum": 5, "maximum": 1}}}}}',
    [],
  ],
  [
    'enum wrong type',
    '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string", "enum": [1, null]}}}}}',
    [],
  ],
];

describe('the check of a schema', () => {
  it.each(cases)('says what the server says: %s', (_title, schema, errors) => {
    const found = checkStructuralSchema(JSON.parse(schema) as StructuralSchema, 'schema').map(String);
    expect(found.sort()).toEqual([...errors].sort());
  });

  it('judges a default of kind or apiVersion as part of an object', () => {
    const kind = { type: 'string', default: { apiVersion: true } } as const;
    expect(checkStructuralSchema({ type: 'object', properties: { kind } }, 'schema').map(String)[0]).toBe(
      'schema.properties[kind].default: Invalid value: {"apiVersion":true}: must result in valid metadata: kind: Invalid value: {"apiVersion":true}: must be a string',
    );
  });

  it('counts additionalProperties: false as a restriction of metadata', () => {
    const metadata = { type: 'object', additionalProperties: false };
    const fields = checkStructuralSchema({ type: 'object', properties: { metadata } }, 'schema').map(String);
    expect(fields).toEqual([
      'schema.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
    ]);
  });

  it('finds an empty list as default below a junctor', () => {
    const schema = { type: 'object', properties: {}, not: { default: [] } };
    expect(checkStructuralSchema(schema, 'schema').map(String)).toEqual([
      'schema.not.default: Forbidden: must be undefined to be structural',
    ]);
  });

  it('holds the default of an int-or-string to its type, if it has one', () => {
    const typed = { type: 'boolean', 'x-kubernetes-int-or-string': true, default: 'Foo' };
    const check = (a: StructuralSchema) =>
      checkStructuralSchema({ type: 'object', properties: { a } }, 'schema').map((error) => error.field);
    expect(check(typed)).toEqual(['schema.properties[a].default']);
    expect(check({ 'x-kubernetes-int-or-string': true, default: 5 })).toEqual([]);
  });

  it('finds CEL rules at any depth', () => {
    const deep = { type: 'array', items: { type: 'string', 'x-kubernetes-validations': [{ rule: 'true' }] } };
    expect(usesCel({ type: 'object', properties: { a: deep } })).toBe(true);
    expect(usesCel({ type: 'object', properties: { a: { type: 'string' } } })).toBe(false);
  });
});
