import type { JsonObject } from '@setpoint/apimachinery/meta';
import { describe, expect, it } from 'vitest';
import {
  anyElement,
  elementText,
  excludeFilter,
  FieldSet,
  includeFilter,
  keyElement,
  pathMatcher,
  pathText,
  valueElement,
} from './index.ts';

const a: JsonObject = {
  'f:spec': { 'f:a': {}, 'f:list': { 'k:{"name":"x"}': { '.': {}, 'f:image': {}, 'f:name': {} } } },
};
const b: JsonObject = {
  'f:spec': { '.': {}, 'f:a': {}, 'f:b': {}, 'f:list': { 'k:{"name":"x"}': { 'f:image': {} } } },
};
const [setA, setB] = [FieldSet.fromJson(a), FieldSet.fromJson(b)];

describe('FieldsV1', () => {
  it('comes back as it was written', () => {
    expect(JSON.stringify(setA.toJson())).toBe(JSON.stringify(a));
    expect(JSON.stringify(FieldSet.empty.toJson())).toBe('{}');
  });

  it('is sorted: names, keys, values, indexes, each by its content', () => {
    const fields = {
      'i:10': {},
      'i:2': {},
      'v:true': {},
      'v:"x"': {},
      'v:10': {},
      'v:9': {},
      'k:{"b":1}': {},
      'f:b': {},
      'f:a': {},
    };
    expect(Object.keys(FieldSet.fromJson(fields).toJson())).toEqual([
      'f:a',
      'f:b',
      'k:{"b":1}',
      'v:9',
      'v:10',
      'v:"x"',
      'v:true',
      'i:2',
      'i:10',
    ]);
  });

  it('knows an element in any spelling, and the last one says what is below it', () => {
    const set = FieldSet.fromJson({
      'k:{"b":1, "a":"x"}': { 'f:one': {} },
      'k:{"a":"x","b":1.0}': { '.': {}, 'f:two': {} },
    });
    expect(set.toJson()).toEqual({ 'k:{"a":"x","b":1}': { '.': {}, 'f:two': {} } });
  });

  it('drops elements of a kind it does not know, and takes nothing below as the field itself', () => {
    const set = FieldSet.fromJson({ 'x:new': { 'f:a': {} }, 'f:a': { '.': {} }, 'f:b': { 'x:new': {} } });
    expect(set.toJson()).toEqual({ 'f:a': {}, 'f:b': {} });
  });

  it('escapes as Go does, and writes its exponents', () => {
    expect(valueElement('<&>').text).toBe('v:"\\u003c\\u0026\\u003e"');
    expect(valueElement(1e-7).text).toBe('v:1e-07');
    expect(valueElement(1e21).text).toBe('v:1e+21');
  });

  it.each([
    ['', 'key must be 2 characters long'],
    ['spec', 'missing colon: spec'],
    ['i:x', 'invalid syntax'],
    ['k:[1]', 'expect { or n'],
    ['v:{', 'is not JSON'],
  ])('refuses the key %j', (key, message) => {
    expect(() => FieldSet.fromJson({ [key]: {} })).toThrow(message);
  });
});

describe('a path', () => {
  it('is shown as conflicts show it', () => {
    const x = keyElement([
      { name: 'protocol', value: 'TCP' },
      { name: 'containerPort', value: 80 },
    ]);
    expect(pathText(['spec', x, 'a/b', valueElement('v')])).toBe('.spec[containerPort=80,protocol="TCP"].a/b[="v"]');
  });

  it('has large numbers with an exponent where they come from FieldsV1', () => {
    expect(elementText(valueElement(1_000_000))).toBe('[=1e+06]');
    expect(elementText(valueElement(1_000_000), false)).toBe('[=1000000]');
  });
});

describe('two sets', () => {
  const text = (set: FieldSet) => JSON.stringify(set.toJson());

  it('have a union, an intersection and differences', () => {
    expect(text(setA.union(setB))).toBe(
      '{"f:spec":{".":{},"f:a":{},"f:b":{},"f:list":{"k:{\\"name\\":\\"x\\"}":{".":{},"f:image":{},"f:name":{}}}}}',
    );
    expect(text(setA.intersection(setB))).toBe(
      '{"f:spec":{"f:a":{},"f:list":{"k:{\\"name\\":\\"x\\"}":{"f:image":{}}}}}',
    );
    expect(text(setA.difference(setB))).toBe('{"f:spec":{"f:list":{"k:{\\"name\\":\\"x\\"}":{".":{},"f:name":{}}}}}');
    expect(setA.recursiveDifference(setB).isEmpty).toBe(true);
  });

  it('share what they do not change', () => {
    expect(setA.union(FieldSet.of(['spec', 'a']))).toBe(setA);
    expect(setA.difference(FieldSet.of(['status']))).toBe(setA);
    expect(setA.union(FieldSet.of(['status'])).entries[0]).toBe(setA.entries[0]);
  });

  it('are equal whoever made them', () => {
    expect(FieldSet.of(['a', 'b'], ['a'], []).equals(FieldSet.fromJson({ 'f:a': { '.': {}, 'f:b': {} } }))).toBe(true);
    expect(setA.equals(setB)).toBe(false);
  });
});

describe('a set', () => {
  const x = keyElement([{ name: 'name', value: 'x' }]);

  it('has its members, not what is above or below them', () => {
    expect(setA.has(['spec', 'list', x])).toBe(true);
    expect(setA.has(['spec', 'list'])).toBe(false);
    expect(setA.has(['spec', 'a', 'b'])).toBe(false);
    expect(setA.has([])).toBe(false);
    expect(setA.size).toBe(4);
  });

  it('lists members before what is below', () => {
    expect(String(setA)).toBe('.spec.a\n.spec.list[name="x"]\n.spec.list[name="x"].image\n.spec.list[name="x"].name');
  });

  it('has leaves', () => {
    expect(String(setA.leaves())).toBe('.spec.a\n.spec.list[name="x"].image\n.spec.list[name="x"].name');
  });

  it('loses what is excluded, with all that is below', () => {
    expect(String(excludeFilter(FieldSet.of(['spec', 'list', x]))(setA))).toBe('.spec.a');
  });

  it('keeps what begins like a matcher; of two wildcards at one place the first one counts', () => {
    expect(includeFilter(pathMatcher('spec', 'list', anyElement, 'image'))(setA).toJson()).toEqual({
      'f:spec': { 'f:list': { 'k:{"name":"x"}': { '.': {}, 'f:image': {} } } },
    });
    const both = includeFilter(
      pathMatcher('spec', 'list', anyElement, 'image'),
      pathMatcher('spec', 'list', anyElement, 'name'),
    );
    expect(both(setA).withPrefix('spec').withPrefix('list').withPrefix(x).has(['name'])).toBe(false);
    expect(includeFilter()(setA)).toBe(setA);
  });
});
