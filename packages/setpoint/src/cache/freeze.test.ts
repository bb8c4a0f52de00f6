import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Freezer } from './freeze.ts';

function isFrozenDeep(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isFrozenDeep);
}

test('freezing reaches everything and changes nothing', () => {
  const freezer = new Freezer();
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const frozen = structuredClone(value);
      freezer.freeze(frozen);
      expect(frozen).toEqual(value);
      expect(isFrozenDeep(frozen)).toBe(true);
    }),
  );
});

test('keys such as __proto__ are ordinary', () => {
  const value = JSON.parse('{"__proto__":"a string of some length","constructor":{"prototype":[1,{"a":2}]}}');
  new Freezer().freeze(value);
  expect(JSON.stringify(value)).toBe('{"__proto__":"a string of some length","constructor":{"prototype":[1,{"a":2}]}}');
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(isFrozenDeep(value)).toBe(true);
});

test('integers beyond 2^53 stay as they are', () => {
  const value = { big: 9007199254740993n };
  new Freezer().freeze(value);
  expect(value).toEqual({ big: 9007199254740993n });
});
