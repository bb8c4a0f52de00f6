import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addInts,
  divideInts,
  doubleToInt,
  moduloInts,
  multiplyInts,
  negateInt,
  subtractInts,
  toInt,
} from './integers.ts';
import { CelError, type Value } from './value.ts';

const int64 = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.integer().map(BigInt));
const outcome = (value: Value) => (value instanceof CelError ? value.message : BigInt(value as number | bigint));
const inRange = (exact: bigint) => (BigInt.asIntN(64, exact) === exact ? exact : 'integer overflow');

describe('64-bit integers', () => {
  it('come to the exact result, or overflow', () => {
    fc.assert(
      fc.property(int64, int64, (a, b) => {
        const [x, y] = [toInt(a), toInt(b)];
        expect(outcome(addInts(x, y))).toBe(inRange(a + b));
        expect(outcome(subtractInts(x, y))).toBe(inRange(a - b));
        expect(outcome(multiplyInts(x, y))).toBe(inRange(a * b));
        expect(outcome(negateInt(x))).toBe(inRange(-a));
        if (b === 0n) return;
        expect(outcome(divideInts(x, y))).toBe(inRange(a / b));
        if (b !== -1n) expect(outcome(moduloInts(x, y))).toBe(a % b);
      }),
    );
  });

  it('are numbers where they are exact and never -0', () => {
    expect(toInt(2n ** 53n - 1n)).toBe(Number.MAX_SAFE_INTEGER);
    expect(toInt(2n ** 53n)).toBe(2n ** 53n);
    expect(multiplyInts(0, -5)).toBe(0);
    expect(divideInts(-1, 2)).toBe(0);
    expect(moduloInts(-4, 2)).toBe(0);
    expect(negateInt(0)).toBe(0);
    expect(doubleToInt(-0.5)).toBe(0);
  });

  it('say what is wrong with a division', () => {
    expect(outcome(divideInts(1, 0))).toBe('division by zero');
    expect(outcome(moduloInts(1, 0))).toBe('modulus by zero');
    expect(outcome(moduloInts(-(2n ** 63n), -1))).toBe('integer overflow');
    expect(outcome(doubleToInt(2 ** 63))).toBe('integer overflow');
  });
});
