import { CelError, type Int, UintValue } from './value.ts';

/** 64-bit arithmetic with cel-go's overflow errors; the fast path is plain numbers. */

export const integerOverflow = new CelError('integer overflow');
export const unsignedOverflow = new CelError('unsigned integer overflow');
const divisionByZero = new CelError('division by zero');
const modulusByZero = new CelError('modulus by zero');

export const minInt64 = -(2n ** 63n);
export const maxInt64 = 2n ** 63n - 1n;
export const maxUint64 = 2n ** 64n - 1n;
const maxSafe = BigInt(Number.MAX_SAFE_INTEGER);

/** The canonical form of an integer that is known to fit. */
export const toInt = (value: bigint): Int => (value >= -maxSafe && value <= maxSafe ? Number(value) : value);

/** The canonical form, or that it does not fit. */
export const checkedInt = (value: bigint): Int | CelError =>
  value < minInt64 || value > maxInt64 ? integerOverflow : toInt(value);

export const checkedUint = (value: bigint): UintValue | CelError =>
  value < 0n || value > maxUint64 ? unsignedOverflow : new UintValue(value);

export function addInts(a: Int, b: Int): Int | CelError {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return checkedInt(BigInt(a) + BigInt(b));
}

export function subtractInts(a: Int, b: Int): Int | CelError {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return checkedInt(BigInt(a) - BigInt(b));
}

export function multiplyInts(a: Int, b: Int): Int | CelError {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    // Adding zero turns -0, which no integer is, into 0.
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return checkedInt(BigInt(a) * BigInt(b));
}

export function divideInts(a: Int, b: Int): Int | CelError {
  if (b === 0) return divisionByZero;
  if (typeof a === 'number' && typeof b === 'number') return (a - (a % b)) / b + 0;
  return checkedInt(BigInt(a) / BigInt(b));
}

export function moduloInts(a: Int, b: Int): Int | CelError {
  if (b === 0) return modulusByZero;
  if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0;
  if (BigInt(a) === minInt64 && b === -1) return integerOverflow;
  return toInt(BigInt(a) % BigInt(b));
}

export const negateInt = (a: Int): Int | CelError => (typeof a === 'number' ? 0 - a : checkedInt(-a));

export const divideUints = (a: UintValue, b: UintValue): UintValue | CelError =>
  b.value === 0n ? divisionByZero : new UintValue(a.value / b.value);

export const moduloUints = (a: UintValue, b: UintValue): UintValue | CelError =>
  b.value === 0n ? modulusByZero : new UintValue(a.value % b.value);

/** The integer part of a double, or that it does not fit. */
export function doubleToInt(value: number): Int | CelError {
  if (!(value > -(2 ** 63) && value < 2 ** 63)) return integerOverflow;
  const whole = Math.trunc(value) + 0;
  return Number.isSafeInteger(whole) ? whole : BigInt(whole);
}

export function doubleToUint(value: number): UintValue | CelError {
  if (!(value >= 0 && value < 2 ** 64)) return unsignedOverflow;
  return new UintValue(BigInt(Math.trunc(value)));
}

/** The integer a double is exactly; undefined if it is none. */
export function exactInt(value: number): Int | undefined {
  const whole = doubleToInt(value);
  return typeof whole === 'object' || Number(whole) !== value ? undefined : whole;
}

export function exactUint(value: number): UintValue | undefined {
  const whole = doubleToUint(value);
  return whole instanceof UintValue && Number(whole.value) === value ? whole : undefined;
}
