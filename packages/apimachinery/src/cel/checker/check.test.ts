import { describe, expect, it } from 'vitest';
import { parse } from '../syntax/index.ts';
import {
  dynType,
  intType,
  listType,
  mapType,
  nullableType,
  objectType,
  optionalType,
  stringType,
  structTypes,
} from '../types/index.ts';
import { type CheckResult, check, formatType, kubernetesEnvironment } from './index.ts';

const environment = kubernetesEnvironment({
  variables: [
    { name: 'self', type: objectType('Root') },
    { name: 'any', type: dynType },
    { name: 'names', type: listType(stringType) },
    { name: 'labels', type: mapType(stringType, stringType) },
    { name: 'wrapped', type: nullableType(intType) },
    { name: 'maybe', type: optionalType(intType) },
    { name: 'a.b.c', type: intType },
  ],
  provider: structTypes({ Root: { name: stringType, count: intType, child: objectType('Root') } }),
});

const checked = (text: string): CheckResult => {
  const parsed = parse(text, { macros: environment.macros });
  if (!parsed.ok) throw new Error(parsed.issues.toString());
  return check(parsed.ast, environment);
};

const typeOf = (text: string): string => {
  const result = checked(text);
  return result.ok ? formatType(result.ast.resultType) : result.issues.toString();
};

describe('types', () => {
  it.each([
    ['self.child.name', 'string'],
    ['names.map(n, n.size())', 'list(int)'],
    ['names.filter(n, n == "")[0]', 'string'],
    ['labels.transformMap(k, v, v.size())', 'map(string, int)'],
    ['labels.?a.orValue("")', 'string'],
    ['labels[?"a"]', 'optional_type(string)'],
    ['[]', 'list(dyn)'],
    ['{}.map(k, k)', 'list(dyn)'],
    ['[wrapped, 1]', 'list(wrapper(int))'],
    ['any.x.y', 'dyn'],
    ['any + 1', 'int'],
    ['any < any', 'bool'],
    ['self == null', 'bool'],
    ['wrapped == null', 'bool'],
    ['1 < 2.0', 'bool'],
    ['type(1)', 'type(int)'],
    ['quantity("1Gi").add(1)', 'kubernetes.Quantity'],
    ['ip("10.0.0.1")', 'net.IP'],
    ['format.dns1123Label().validate("a").hasValue()', 'bool'],
    ['duration("1h") + timestamp("2024-02-29T00:00:00Z")', 'timestamp'],
    ['google.protobuf.Duration{seconds: 1}', 'duration'],
    ['Root{name: "a", ?count: maybe}', 'Root'],
    ['[?maybe, 1]', 'list(int)'],
    ['a.b.c + 1', 'int'],
    ['"%d %s".format([1, "a"])', 'string'],
  ])('%s has the type %s', (text, type) => {
    expect(typeOf(text)).toBe(type);
  });
});

describe('errors', () => {
  it.each([
    ['1 + "a"', "1:3: found no matching overload for '_+_' applied to '(int, string)'"],
    ['names.contains("a")', "1:15: found no matching overload for 'contains' applied to 'list(string).(string)'"],
    ['nothing', "1:1: undeclared reference to 'nothing' (in container '')"],
    ['self.nothing', "1:5: undefined field 'nothing'"],
    ['self.name.x', "1:10: type 'string' does not support field selection"],
    ['names && true', "1:1: expected type 'bool' but found 'list(string)'"],
    [
      'self.count.all(x, true)',
      "1:5: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)",
    ],
    ['names.all(n, n)', "1:14: expected type 'bool' but found 'string'"],
    ['[1, "a"]', "1:5: expected type 'int' but found 'string'"],
    ['{"a": 1, "b": true}', "1:15: expected type 'int' but found 'bool'"],
    ['[?1]', "1:3: expected type 'optional_type(int)' but found 'int'"],
    ['Root{name: 1}', "1:10: expected type of field 'name' is 'string' but provided type is 'int'"],
    ['Root{nothing: 1}', "1:13: undefined field 'nothing'"],
    ['names{}', "1:6: 'list' is not a type"],
    ['jsonpatch.escapeKey("a")', "1:1: undeclared reference to 'jsonpatch' (in container '')"],
    ['duration("1 h")', '1:10: invalid duration argument'],
    ['duration(5)', '1:10: invalid duration argument'],
    ['timestamp(253402300800)', '1:11: invalid timestamp argument'],
    ['timestamp("2023-02-29T00:00:00Z")', '1:11: invalid timestamp argument'],
    ['"a".matches("(")', '1:13: invalid matches argument'],
    [
      '"%d".format(["a"])',
      '1:14: error during formatting: decimal clause can only be used on integers, was given string',
    ],
    ['"%d %d".format([1])', '1:15: index 1 out of range'],
    ['"%d".format([1, 2])', '1:12: too many arguments supplied to string.format (expected 1, got 2)'],
  ])('%s', (text, error) => {
    expect(typeOf(text)).toContain(`ERROR: <input>:${error}`);
  });
});

describe('what the interpreter is told', () => {
  it('names the overloads a call may mean: all of them where types are known only later', () => {
    const result = checked('size(any)');
    const overloadIds = ['size_bytes', 'size_list', 'size_map', 'size_string'];
    expect(result.ok && result.ast.references.get(1)).toEqual({ kind: 'function', overloadIds });
  });

  it('turns qualified names into single names and namespaced calls into calls without target', () => {
    expect(checked('a.b.c')).toMatchObject({ ok: true, ast: { expr: { kind: 'ident', name: 'a.b.c' } } });
    const call = checked('sets.contains(names, names)');
    expect(call).toMatchObject({ ok: true, ast: { expr: { function: 'sets.contains', target: undefined } } });
  });

  it('gives an enumeration its number', () => {
    const result = checked('google.protobuf.NullValue.NULL_VALUE');
    expect(result.ok && [...result.ast.references.values()]).toMatchObject([{ value: { kind: 'int', value: 0n } }]);
  });
});
