import { describe, expect, it } from 'vitest';
import type { StructuralSchema } from '../../schema/index.ts';
import { add } from './arithmetic.ts';
import { ArrayList } from './collections.ts';
import { equal, listContains } from './equality.ts';
import { escapeProperty, unescapeProperty } from './escaping.ts';
import { jsonOf, withoutSchema } from './native.ts';
import { valueOfSchema, withTypeAndObjectMeta } from './schema.ts';
import { goText } from './text.ts';
import { CelError, DoubleValue, type ListValue, type MapValue, TimestampValue, type Value } from './value.ts';

const text: StructuralSchema = { type: 'string' };
const set: StructuralSchema = { type: 'array', items: text, 'x-kubernetes-list-type': 'set' };
const keyed: StructuralSchema = {
  type: 'array',
  items: { type: 'object', properties: { key: text, n: { type: 'integer' } } },
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['key'],
};
const list = (schema: StructuralSchema, json: readonly string[] | readonly object[]) =>
  valueOfSchema(json as never, schema) as ListValue;

describe('data with a schema', () => {
  it('has numbers by the type of the schema', () => {
    expect(valueOfSchema(1, { type: 'integer' })).toBe(1);
    expect(valueOfSchema(1, { type: 'number' })).toEqual(new DoubleValue(1));
    expect(valueOfSchema(1.5, { type: 'integer' })).toEqual(new CelError('invalid data, expected int, got float64'));
    expect(valueOfSchema('80', { 'x-kubernetes-int-or-string': true })).toBe('80');
  });

  it('has times, durations and bytes by the format', () => {
    const time = valueOfSchema('2020-01-01T00:00:00.5Z', { type: 'string', format: 'date-time' });
    expect(time).toEqual(new TimestampValue(1577836800, 500_000_000));
    expect(goText(valueOfSchema('90m', { type: 'string', format: 'duration' }))).toBe('1h30m0s');
    expect(goText(valueOfSchema('2 days', { type: 'string', format: 'duration' }))).toBe('48h0m0s');
    expect(goText(valueOfSchema('YWI=', { type: 'string', format: 'byte' }))).toBe('[97 98]');
    expect(goText(valueOfSchema('2020-02-01', { type: 'string', format: 'date' }))).toContain('2020-02-01 00:00:00');
  });

  it('shows fields under their escaped names, and null fields not at all', () => {
    const schema: StructuralSchema = {
      type: 'object',
      properties: { 'a-b': text, in: text, no: { ...text, nullable: true } },
    };
    const object = valueOfSchema({ 'a-b': 'x', in: 'y', no: null, unknown: 1 }, schema) as MapValue;
    expect(object.find('a__dash__b')).toBe('x');
    expect(object.find('__in__')).toBe('y');
    expect(object.find('no')).toBeUndefined();
    expect(object.find('unknown')).toBeUndefined();
  });

  it('compares sets without order', () => {
    expect(equal(list(set, ['a', 'b']), list(set, ['b', 'a']))).toBe(true);
    expect(equal(list(set, ['a', 'b']), list(set, ['b', 'c']))).toBe(false);
    expect(jsonOf(add(list(set, ['a', 'b']), new ArrayList(['b', 'c'])))).toEqual(['a', 'b', 'c']);
  });

  it('compares lists of type map by their keys, and lets the right side replace', () => {
    const [a, b, c] = [
      { key: 'a', n: 1 },
      { key: 'b', n: 2 },
      { key: 'a', n: 3 },
    ];
    expect(equal(list(keyed, [a, b]), list(keyed, [b, a]))).toBe(true);
    expect(equal(list(keyed, [a, b]), list(keyed, [b, c]))).toBe(false);
    expect(jsonOf(add(list(keyed, [a, b]), list(keyed, [c])))).toEqual([c, b]);
  });

  it('keeps the order of other lists', () => {
    const atomic: StructuralSchema = { type: 'array', items: text };
    expect(equal(list(atomic, ['a', 'b']), list(atomic, ['b', 'a']))).toBe(false);
    expect(listContains(list(atomic, ['a', 'b']), 'b')).toBe(true);
    expect(equal(list(atomic, ['a']), 'a')).toEqual(new CelError('no such overload'));
  });

  it('gives embedded resources apiVersion, kind and the names of the metadata', () => {
    const schema: StructuralSchema = { type: 'object', 'x-kubernetes-embedded-resource': true };
    const json = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', labels: {} } };
    const object = valueOfSchema(json, schema) as MapValue;
    expect(object.find('kind')).toBe('Pod');
    const metadata = object.find('metadata') as MapValue;
    expect([metadata.find('name'), metadata.find('labels')]).toEqual(['a', undefined]);
    expect(withTypeAndObjectMeta(schema)).toBe(withTypeAndObjectMeta(schema));
  });

  it('is plain JSON once its schema is taken off', () => {
    const plain = withoutSchema(
      valueOfSchema({ 'a-b': 1 }, { type: 'object', properties: { 'a-b': { type: 'number' } } }),
    );
    expect((plain as MapValue).find('a-b')).toBe(1);
  });

  it('compares what it knows no type of by content', () => {
    const schema: StructuralSchema = { 'x-kubernetes-preserve-unknown-fields': true };
    const value = (json: object): Value => valueOfSchema(json as never, schema);
    expect(equal(value({ a: [1] }), value({ a: [1] }))).toBe(true);
    expect(equal(value({ a: [1] }), value({ a: [2] }))).toBe(false);
  });
});

describe('escaped property names', () => {
  it('lead there and back', () => {
    for (const name of ['a', 'a-b', 'a.b/c', 'a__b', 'namespace', '_x', 'a_b']) {
      expect(unescapeProperty(escapeProperty(name) as string)).toBe(name);
    }
    expect(escapeProperty('a__b.c')).toBe('a__underscores__b__dot__c');
  });

  it('cannot name everything', () => {
    expect([escapeProperty('1a'), escapeProperty('a b'), escapeProperty('')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(unescapeProperty('a__what__b')).toBeUndefined();
    expect(unescapeProperty('x__namespace__')).toBeUndefined();
  });
});
