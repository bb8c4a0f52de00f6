import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyJsonPatch,
  applyMergePatch,
  createJsonPatch,
  createMergePatch,
  decodeJsonPatch,
  deepEqual,
  JsonPatchError,
} from './index.ts';

const key = fc.oneof(
  fc.constantFrom('a', 'b', 'c', '__proto__', 'x/y', 'm~n', '0', '-', ''),
  fc.string({ maxLength: 3 }),
);
const scalar = fc.oneof(fc.integer(), fc.boolean(), fc.string({ maxLength: 4 }), fc.bigInt());
const tree = (leaf: fc.Arbitrary<unknown>) =>
  fc.letrec<{ value: unknown; object: object }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc.array(tie('value'), { maxLength: 6 }),
      tie('object'),
    ),
    object: fc
      .array(fc.tuple(key, tie('value')), { maxLength: 5 })
      .map((entries) => Object.fromEntries(entries) as object),
  }));
const withoutNull = tree(scalar);
const withNull = tree(fc.oneof(scalar, fc.constant(null)));

describe('deepEqual', () => {
  test('compares by content, whatever the order of members', () => {
    expect(deepEqual({ a: [1, { b: null }], c: 'x' }, { c: 'x', a: [1, { b: null }] })).toBe(true);
    expect(deepEqual({ a: 1 }, { a: 1, b: 2 })).toBe(false);
    expect(deepEqual([1, 2], [2, 1])).toBe(false);
    expect(deepEqual([], {})).toBe(false);
    expect(deepEqual({}, null)).toBe(false);
  });
  test('takes an undefined member for an absent one, and null for a value', () => {
    expect(deepEqual({ a: undefined }, {})).toBe(true);
    expect(deepEqual({ a: undefined, b: 1 }, { b: 1, c: undefined })).toBe(true);
    expect(deepEqual({ a: null }, {})).toBe(false);
  });
  test('compares integers by value, however they were read', () => {
    expect(deepEqual(5n, 5)).toBe(true);
    expect(deepEqual(9007199254740993n, 9007199254740992)).toBe(false);
    expect(deepEqual(5n, 5.5)).toBe(false);
    expect(deepEqual('5', 5n)).toBe(false);
  });
  test('treats __proto__ as a member like any other', () => {
    expect(deepEqual(JSON.parse('{"__proto__":{"a":1}}'), {})).toBe(false);
    expect(deepEqual(JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}'))).toBe(true);
  });
});

describe('merge patch', () => {
  // The examples of RFC 7386, appendix A, whose patch is an object or an array.
  test.each([
    ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
    ['{"a":"b"}', '{"a":null}', '{}'],
    ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
    ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
    ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
    ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
    ['["a","b"]', '["c","d"]', '["c","d"]'],
    ['{"a":"b"}', '["c"]', '["c"]'],
    ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
    ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
    ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
  ])('%s with %s is %s', (target, patch, result) => {
    expect(JSON.stringify(applyMergePatch(JSON.parse(target), JSON.parse(patch)))).toBe(result);
  });
  test('refuses a scalar, as the server does', () => {
    for (const patch of ['x', 1, null, true]) {
      expect(() => applyMergePatch({}, patch)).toThrow('Invalid JSON Patch');
    }
  });
  test('drops nulls from objects of an array that is added', () => {
    expect(applyMergePatch({}, { a: [{ b: null, c: 1 }, null] })).toEqual({ a: [{ c: 1 }, null] });
  });
  test('shares what does not change', () => {
    const target = Object.freeze({ same: Object.freeze({ deep: 1 }), other: 1 });
    const result = applyMergePatch(target, { other: 2, same: { deep: 1 } }) as typeof target;
    expect(result.same).toBe(target.same);
    expect(applyMergePatch(target, { other: 1 })).toBe(target);
  });
  test('sets a member named __proto__ without touching prototypes', () => {
    const result = applyMergePatch({}, JSON.parse('{"__proto__":{"polluted":true}}')) as Record<string, unknown>;
    expect(result.polluted).toBeUndefined();
    expect(JSON.stringify(result)).toBe('{"__proto__":{"polluted":true}}');
  });
  test('a created patch makes the second object of the first, and changes neither', () => {
    fc.assert(
      fc.property(withoutNull.object, withoutNull.object, (from, to) => {
        const text = [show(from), show(to)];
        const result = applyMergePatch(from, createMergePatch(from as never, to as never));
        expect(deepEqual(result, to)).toBe(true);
        expect([show(from), show(to)]).toEqual(text);
      }),
    );
  });
  test('the patch of equal objects is empty, of others says only what differs', () => {
    expect(createMergePatch({ a: { b: 1 } }, { a: { b: 1 } })).toEqual({});
    expect(createMergePatch({ a: { b: 1, c: 2 }, d: 1 }, { a: { b: 1, c: 3 }, e: 4 })).toEqual({
      a: { c: 3 },
      d: null,
      e: 4,
    });
  });
});

describe('JSON patch', () => {
  test.each([
    ['{"foo":"bar"}', '[{"op":"add","path":"/baz","value":"qux"}]', '{"foo":"bar","baz":"qux"}'],
    ['{"foo":["a","c"]}', '[{"op":"add","path":"/foo/1","value":"b"}]', '{"foo":["a","b","c"]}'],
    ['{"foo":["a"]}', '[{"op":"add","path":"/foo/-","value":"b"}]', '{"foo":["a","b"]}'],
    ['{"foo":["a","c"]}', '[{"op":"add","path":"/foo/-1","value":"b"}]', '{"foo":["a","c","b"]}'],
    ['{"a":1,"b":2}', '[{"op":"remove","path":"/a"}]', '{"b":2}'],
    ['{"a":[1,2,3]}', '[{"op":"remove","path":"/a/-1"}]', '{"a":[1,2]}'],
    ['{"a":1}', '[{"op":"replace","path":"/a","value":[2]}]', '{"a":[2]}'],
    ['{"a":1}', '[{"op":"replace","path":"/b","value":2}]', '{"a":1,"b":2}'],
    ['{"a":1}', '[{"op":"replace","path":"","value":{"b":2}}]', '{"b":2}'],
    ['{"a":{"b":1},"c":{}}', '[{"op":"move","from":"/a/b","path":"/c/d"}]', '{"a":{},"c":{"d":1}}'],
    ['{"a":[1,2,3]}', '[{"op":"move","from":"/a/0","path":"/a/2"}]', '{"a":[2,3,1]}'],
    [
      '{"a":{"b":1}}',
      '[{"op":"copy","from":"/a","path":"/c"},{"op":"add","path":"/c/b","value":2}]',
      '{"a":{"b":1},"c":{"b":2}}',
    ],
    ['{"m~n":{"x/y":1}}', '[{"op":"replace","path":"/m~0n/x~1y","value":2}]', '{"m~n":{"x/y":2}}'],
    ['{"a":{"b":[1]}}', '[{"op":"test","path":"/a","value":{"b":[1]}}]', '{"a":{"b":[1]}}'],
    ['{"a":1}', '[{"op":"test","path":"/missing","value":null}]', '{"a":1}'],
    ['{"a":1}', '[{"op":"add","path":"/b"}]', '{"a":1,"b":null}'],
    ['{}', '[{"op":"add","path":"/__proto__","value":{"a":1}}]', '{"__proto__":{"a":1}}'],
  ])('%s with %s is %s', (target, patch, result) => {
    expect(JSON.stringify(applyJsonPatch(JSON.parse(target), JSON.parse(patch)))).toBe(result);
  });

  test.each([
    ['{"a":1}', { op: 'test', path: '/a', value: 2 }, 'TestFailed', 'testing value /a failed: test failed'],
    [
      '{}',
      { op: 'test', path: '/a/b', value: 2 },
      'Missing',
      'test operation does not apply: is missing path: /a/b: missing value',
    ],
    [
      '{}',
      { op: 'remove', path: '/a' },
      'Missing',
      "error in remove for path: '/a': Unable to remove nonexistent key: a: missing value",
    ],
    [
      '{}',
      { op: 'add', path: '/a/b', value: 1 },
      'Missing',
      'add operation does not apply: doc is missing path: "/a/b": missing value',
    ],
    [
      '{"a":[]}',
      { op: 'add', path: '/a/1', value: 1 },
      'InvalidIndex',
      "error in add for path: '/a/1': Unable to access invalid index: 1: invalid index referenced",
    ],
    [
      '{"a":[]}',
      { op: 'add', path: '/a/x', value: 1 },
      'InvalidIndex',
      "error in add for path: '/a/x': value was not a proper array index: 'x': strconv.Atoi: parsing \"x\": invalid syntax",
    ],
    [
      '{"a":[1]}',
      { op: 'replace', path: '/a/3', value: 1 },
      'Missing',
      'replace operation does not apply: doc is missing key: /a/3: missing value',
    ],
    [
      '{}',
      { op: 'move', from: '/a', path: '/b' },
      'Missing',
      "error in move for path: 'a': Unable to remove nonexistent key: a: missing value",
    ],
    [
      '{}',
      { op: 'move', path: '/b' },
      'Missing',
      'move operation failed to decode from: operation, missing from field: missing value',
    ],
    ['{}', { op: 'add', value: 1 }, 'Missing', 'add operation failed to decode path: missing value'],
    ['{}', { op: 'frob', path: '/b' }, 'Invalid', 'Unexpected kind: frob'],
    ['{}', { path: '/b' }, 'Invalid', 'Unexpected kind: unknown'],
  ])('%s with %o is refused', (target, operation, reason, message) => {
    const error = thrown(() => applyJsonPatch(JSON.parse(target), [operation]));
    expect(error).toBeInstanceOf(JsonPatchError);
    expect(error).toMatchObject({ reason, message });
  });

  test('a body that is no list of operations is refused as the server words it', () => {
    expect(() => decodeJsonPatch({ op: 'add' })).toThrow(
      'json: cannot unmarshal object into Go value of type jsonpatch.Patch',
    );
    expect(() => decodeJsonPatch(['x'])).toThrow(
      'json: cannot unmarshal string into Go value of type jsonpatch.Operation',
    );
    expect(decodeJsonPatch([{ op: 'test' }])).toHaveLength(1);
  });

  test('copies add no more than 3 MiB', () => {
    const target = { a: 'x'.repeat(1024 * 1024) };
    const copies = ['b', 'c', 'd', 'e'].map((name) => ({ op: 'copy', from: '/a', path: `/${name}` }));
    expect(() => applyJsonPatch(target, copies)).toThrow('exceeding the limit 3145728');
    expect(applyJsonPatch(target, copies.slice(0, 2))).toHaveProperty('c');
  });

  test('changes nothing of the input, not even when a later operation fails, and shares the rest', () => {
    const target = freeze({ kept: { a: 1 }, list: [{ b: 1 }, { b: 2 }] });
    const result = applyJsonPatch(target, [
      { op: 'replace', path: '/list/0/b', value: 5 },
      { op: 'add', path: '/list/-', value: { b: 3 } },
    ]) as typeof target;
    expect(result).toEqual({ kept: { a: 1 }, list: [{ b: 5 }, { b: 2 }, { b: 3 }] });
    expect(result.kept).toBe(target.kept);
    expect(result.list[1]).toBe(target.list[1]);
    expect(target.list).toHaveLength(2);
  });

  test('a value of the patch is not changed by a later operation', () => {
    const patch = freeze([
      { op: 'add', path: '/a', value: { b: 1 } },
      { op: 'add', path: '/c', value: { b: 1 } },
      { op: 'replace', path: '/a/b', value: 2 },
    ]);
    expect(applyJsonPatch({}, patch)).toEqual({ a: { b: 2 }, c: { b: 1 } });
    expect(patch[0]?.value).toEqual({ b: 1 });
  });

  test('a created patch makes the second document of the first', () => {
    fc.assert(
      fc.property(withNull.object, withNull.object, (from, to) => {
        const result = applyJsonPatch(freeze(from), createJsonPatch(from, to));
        expect(deepEqual(result, to)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('a created patch of lists makes the second of the first', () => {
    const list = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 12 });
    fc.assert(
      fc.property(list, list, (from, to) => {
        expect(applyJsonPatch({ l: from }, createJsonPatch({ l: from }, { l: to }))).toEqual({ l: to });
      }),
    );
  });

  test('created patches are small', () => {
    expect(createJsonPatch({ a: 1, b: 2 }, { a: 1, b: 3 })).toEqual([{ op: 'replace', path: '/b', value: 3 }]);
    const names = Array.from({ length: 20 }, (_, i) => `finalizers.example.com/number-${i}`);
    expect(createJsonPatch({ f: names }, { f: names.toSpliced(7, 1) })).toEqual([{ op: 'remove', path: '/f/7' }]);
    expect(createJsonPatch({ f: names }, { f: names.toSpliced(3, 0, 'x') })).toEqual([
      { op: 'add', path: '/f/3', value: 'x' },
    ]);
    expect(createJsonPatch({ a: { b: 1, c: 2, d: 3 } }, { a: { x: 1 } })).toEqual([
      { op: 'replace', path: '/a', value: { x: 1 } },
    ]);
    expect(createJsonPatch({ a: [1] }, { a: [1] })).toEqual([]);
  });
});

function show(value: unknown): string {
  return JSON.stringify(value, (_, member) => (typeof member === 'bigint' ? `${member}n` : member));
}

function thrown(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) freeze(member);
    Object.freeze(value);
  }
  return value;
}
