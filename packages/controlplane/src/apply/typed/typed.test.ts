import type { JsonValue } from '@setpoint/apimachinery/meta';
import type { StructuralSchema } from '@setpoint/apimachinery/schema';
import { describe, expect, it } from 'vitest';
import { FieldSet } from '../fieldpath/index.ts';
import {
  asTyped,
  asTypedUnvalidated,
  builtinType,
  compare,
  deducedType,
  extractItems,
  merge,
  reconcileFieldSet,
  removeItems,
  structuralType,
  type TypeSchema,
  toFieldSet,
  withNamedFields,
} from './index.ts';

const text = { type: 'string' };
const keyed = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['name'],
  items: { type: 'object', properties: { name: text, value: { type: 'integer' } } },
};
const schema: StructuralSchema = {
  type: 'object',
  properties: {
    set: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
    keyed,
    plain: { type: 'array', items: text },
    labels: { type: 'object', additionalProperties: text },
    whole: { type: 'object', properties: { a: text }, 'x-kubernetes-map-type': 'atomic' },
    number: { type: 'number' },
    on: { type: 'boolean' },
    either: { 'x-kubernetes-int-or-string': true },
    any: { 'x-kubernetes-preserve-unknown-fields': true },
  },
};
const type = structuralType(schema);
const fields = (value: JsonValue, of: TypeSchema = type) => toFieldSet(asTyped(value, of)).toJson();

describe('validation', () => {
  it.each<[JsonValue, string]>([
    [{ set: ['a', 'a'] }, '.set: duplicate entries for key [="a"]'],
    [{ keyed: [{ name: 'a' }, { name: 'a' }] }, '.keyed: duplicate entries for key [name="a"]'],
    [
      { keyed: [{ value: 1 }] },
      '.keyed: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn\'t have default values for any key fields)',
    ],
    [{ keyed: [null] }, '.keyed: element 0: associative list with keys may not have a null element'],
    [{ set: [['a']] }, '.set: element 0: not supported: associative list with lists as elements'],
    [{ unknown: 1 }, '.unknown: field not declared in schema'],
    [{ number: 'x' }, '.number: expected numeric (int or float), got string'],
    [{ plain: [1] }, '.plain[0]: expected string, got &value.valueUnstructured{Value:1}'],
    [{ on: { a: [1, 'b'] } }, '.on: expected boolean, got &{map[a:[1 b]]}'],
    [{ labels: ['a'] }, '.labels: expected map, got &{[a]}'],
    [{ keyed: 'x' }, '.keyed: expected list, got &{x}'],
    [{ keyed: [{ name: 'a', value: true }] }, '.keyed[name="a"].value: expected numeric (int or float), got bool'],
  ])('of %j says %j', (value, message) => {
    expect(() => asTyped(value, type)).toThrow(message);
  });

  it('lists all that is wrong, and lets null pass', () => {
    expect(() => asTyped({ number: 'x', on: 1 }, type)).toThrow(
      'errors:\n  .number: expected numeric (int or float), got string\n  .on: expected boolean, got &{1}',
    );
    expect(() => asTyped({ number: null, keyed: null, labels: null, set: null }, type)).not.toThrow();
  });

  it('allows items twice where it is told to', () => {
    expect(() => asTyped({ set: ['a', 'a'] }, type, { allowDuplicates: true })).not.toThrow();
  });
});

describe('the fields of a value', () => {
  it('are leaves, items of lists, members of maps, and what is empty', () => {
    expect(
      fields({ set: ['b', 'a'], keyed: [{ name: 'x', value: 1 }], plain: [], labels: { a: 'b' }, whole: { a: 'b' } }),
    ).toEqual({
      'f:keyed': { 'k:{"name":"x"}': { '.': {}, 'f:name': {}, 'f:value': {} } },
      'f:labels': { 'f:a': {} },
      'f:plain': {},
      'f:set': { 'v:"a"': {}, 'v:"b"': {} },
      'f:whole': {},
    });
    expect(fields({ set: [], labels: {}, keyed: null })).toEqual({ 'f:keyed': {}, 'f:labels': {} });
  });

  it('have defaults for keys that are missing', () => {
    const pod = builtinType('', 'v1', 'Pod') as TypeSchema;
    expect(fields({ spec: { containers: [{ name: 'a', ports: [{ containerPort: 80 }] }] } }, pod)).toEqual({
      'f:spec': {
        'f:containers': {
          'k:{"name":"a"}': {
            '.': {},
            'f:name': {},
            'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
          },
        },
      },
    });
  });

  it('are deduced without a schema: objects are merged, lists are not', () => {
    expect(fields({ a: { b: [1] }, c: [{ name: 'x' }] }, deducedType)).toEqual({
      'f:a': { '.': {}, 'f:b': {} },
      'f:c': {},
    });
  });

  it('of items that are there twice are only the items', () => {
    const typed = asTyped(
      {
        keyed: [
          { name: 'x', value: 1 },
          { name: 'x', value: 2 },
        ],
      },
      type,
      { allowDuplicates: true },
    );
    expect(toFieldSet(typed).toJson()).toEqual({ 'f:keyed': { 'k:{"name":"x"}': {} } });
  });
});

describe('a comparison', () => {
  const compared = (before: JsonValue, after: JsonValue) => {
    const options = { allowDuplicates: true };
    const { removed, modified, added } = compare(asTyped(before, type, options), asTyped(after, type, options));
    return { removed: removed.toJson(), modified: modified.toJson(), added: added.toJson() };
  };

  it('finds what came, went and changed, parents with it', () => {
    expect(
      compared({ number: 1, keyed: [{ name: 'a' }], on: true }, { number: 2, labels: { a: 'b' }, on: true }),
    ).toEqual({
      removed: { 'f:keyed': { '.': {}, 'k:{"name":"a"}': { '.': {}, 'f:name': {} } } },
      modified: { 'f:number': {} },
      added: { 'f:labels': { '.': {}, 'f:a': {} } },
    });
  });

  it('does not look at the order of items', () => {
    expect(compared({ set: ['a', 'b'] }, { set: ['b', 'a'] })).toEqual({ removed: {}, modified: {}, added: {} });
  });

  it('takes items that are there twice for one value', () => {
    expect(compared({ set: ['a', 'a'] }, { set: ['a', 'a', 'a'] }).modified).toEqual({ 'f:set': { 'v:"a"': {} } });
    expect(compared({ set: ['a', 'a'] }, { set: ['a'] })).toEqual({
      removed: { 'f:set': { 'v:"a"': {} } },
      modified: {},
      added: { 'f:set': { 'v:"a"': {} } },
    });
  });

  it('of values of two shapes sees both', () => {
    expect(compared({ any: { a: 1 } }, { any: 'x' })).toEqual({
      removed: { 'f:any': { 'f:a': {} } },
      modified: { 'f:any': {} },
      added: {},
    });
  });
});

describe('a merge', () => {
  const merged = (live: JsonValue, intent: JsonValue) =>
    merge(asTyped(live, type, { allowDuplicates: true }), asTyped(intent, type)).value;

  it('adds to lists and maps, and replaces what is a whole', () => {
    expect(
      merged(
        { labels: { a: '1' }, keyed: [{ name: 'a', value: 1 }], plain: ['x'] },
        { labels: { b: '2' }, keyed: [{ name: 'b' }], plain: ['y'] },
      ),
    ).toEqual({ labels: { a: '1', b: '2' }, keyed: [{ name: 'a', value: 1 }, { name: 'b' }], plain: ['y'] });
  });

  it('keeps the order of the intent, with other items where they were', () => {
    expect(merged({ set: ['a', 'b', 'c', 'd'] }, { set: ['d', 'x', 'a'] })).toEqual({ set: ['b', 'c', 'd', 'x', 'a'] });
  });

  it('leaves lists and maps that the intent says are null, not scalars', () => {
    expect(merged({ labels: { a: 'b' }, number: 1 }, { labels: null, number: null })).toEqual({
      labels: { a: 'b' },
      number: null,
    });
  });

  it('is the live value itself if nothing changes', () => {
    const live = asTyped({ keyed: [{ name: 'a', value: 1 }], plain: ['x'] }, type);
    expect(merge(live, asTyped({ keyed: [{ name: 'a' }], plain: ['x'] }, type))).toBe(live);
  });

  it('refuses values of different types', () => {
    expect(() => merge(asTyped({}, type), asTyped({}, deducedType))).toThrow('expected objects of the same type');
  });

  it('has members of any name', () => {
    const intent = JSON.parse('{"labels":{"__proto__":"x","constructor":"y"}}') as JsonValue;
    expect(JSON.stringify(merged({ labels: { a: 'b' } }, intent))).toBe(
      '{"labels":{"a":"b","__proto__":"x","constructor":"y"}}',
    );
  });
});

describe('items', () => {
  const value = asTyped({ keyed: [{ name: 'a', value: 1 }, { name: 'b' }], set: ['x', 'y'], number: 1 }, type);
  const set = FieldSet.fromJson({ 'f:keyed': { 'k:{"name":"a"}': { 'f:value': {} } }, 'f:set': { 'v:"x"': {} } });

  it('are removed; what nothing is left of becomes null', () => {
    expect(removeItems(value, set).value).toEqual({ keyed: [{ name: 'a' }, { name: 'b' }], set: ['y'], number: 1 });
    expect(removeItems(value, FieldSet.fromJson({ 'f:set': { 'v:"x"': {}, 'v:"y"': {} } })).value).toMatchObject({
      set: null,
    });
    expect(removeItems(value, FieldSet.of(['labels', 'a']))).toBe(value);
  });

  it('are extracted, with the keys of their lists if asked for', () => {
    expect(extractItems(value, set).value).toEqual({ keyed: [{ value: 1 }], set: ['x'] });
    expect(extractItems(value, set, true).value).toEqual({ keyed: [{ value: 1, name: 'a' }], set: ['x'] });
  });
});

describe('the set of a manager', () => {
  const set = FieldSet.fromJson({ 'f:whole': { 'f:a': {} }, 'f:plain': { 'i:0': {} }, 'f:labels': { 'f:a': {} } });

  it('has the whole of what became atomic', () => {
    expect(reconcileFieldSet(set, type).toJson()).toEqual({ 'f:labels': { 'f:a': {} }, 'f:plain': {}, 'f:whole': {} });
  });

  it('stays as it is for an object that is atomic itself, or of which nothing is known', () => {
    expect(reconcileFieldSet(set, structuralType({ ...schema, 'x-kubernetes-map-type': 'atomic' }))).toBe(set);
    expect(reconcileFieldSet(set, deducedType)).toBe(set);
  });

  it('gets declared parents, not undeclared ones', () => {
    expect(withNamedFields(FieldSet.fromJson({ 'f:labels': { 'f:a': { 'f:b': {} } } }), type).toJson()).toEqual({
      'f:labels': { '.': {}, 'f:a': { 'f:b': {} } },
    });
  });
});

describe('built-in types', () => {
  it('are read from the markers, where a field is used too', () => {
    const service = builtinType('', 'v1', 'Service') as TypeSchema;
    expect(service.map?.fields.get('spec')?.type.map?.fields.get('selector')?.type.map?.atomic).toBe(true);
    expect(fields({ spec: { ports: [{ port: 80 }] } }, service)).toEqual({
      'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } },
    });
    expect(builtinType('', 'v1', 'Unknown')).toBeUndefined();
  });

  it('hold themselves where the definition does', () => {
    const definition = builtinType('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition') as TypeSchema;
    const deep = { properties: { a: { properties: { b: { type: 'string' } } } } };
    const value = { spec: { versions: [{ schema: { openAPIV3Schema: deep } }] } };
    expect(toFieldSet(asTypedUnvalidated(value, definition)).toJson()).toEqual({ 'f:spec': { 'f:versions': {} } });
  });
});
