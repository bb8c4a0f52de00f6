import fc from 'fast-check';
import { expect, test } from 'vitest';
import { copyOf } from './copy.ts';

test('a copy is equal, and shares nothing that can be changed', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(copyOf(value)).toEqual(structuredClone(value));
      if (typeof value === 'object' && value !== null) expect(copyOf(value)).not.toBe(value);
    }),
  );
  const odd = JSON.parse('{"__proto__":{"a":1},"b":[{"c":2}]}');
  const copy = copyOf(odd);
  expect(Object.keys(copy)).toEqual(['__proto__', 'b']);
  expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  copy.b[0].c = 3;
  expect(odd.b[0].c).toBe(2);
});
