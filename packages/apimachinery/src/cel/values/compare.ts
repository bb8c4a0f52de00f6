import { maxInt64, maxUint64, minInt64 } from './integers.ts';
import {
  BytesValue,
  CelError,
  DoubleValue,
  DurationValue,
  type Int,
  isInt,
  noSuchOverload,
  TimestampValue,
  UintValue,
  type Value,
} from './value.ts';

/** The order of two values that have one: -1, 0, 1, or an error. Numbers compare across their types. */
export type Ordering = -1 | 0 | 1;

const notOrdered = new CelError('NaN values cannot be ordered');

export function compare(a: Value, b: Value): Ordering | CelError {
  if (typeof a === 'number' && typeof b === 'number') return order(a, b);
  if (typeof a === 'string') return typeof b === 'string' ? compareStrings(a, b) : noSuchOverload(b);
  if (typeof a === 'boolean') return typeof b === 'boolean' ? order(Number(a), Number(b)) : noSuchOverload(b);
  if (isNumeric(a)) return isNumeric(b) ? compareNumbers(a, b) : noSuchOverload(b);
  if (a instanceof TimestampValue) return b instanceof TimestampValue ? compareTimes(a, b) : noSuchOverload(b);
  if (a instanceof DurationValue) {
    return b instanceof DurationValue ? order(a.nanoseconds, b.nanoseconds) : noSuchOverload(b);
  }
  if (a instanceof BytesValue) return b instanceof BytesValue ? compareByteArrays(a.value, b.value) : noSuchOverload(b);
  return noSuchOverload(a);
}

/** Whether values of this kind have an order at all. */
export const isComparable = (value: Value): boolean =>
  typeof value !== 'object' ||
  value instanceof DoubleValue ||
  value instanceof UintValue ||
  value instanceof TimestampValue ||
  value instanceof DurationValue ||
  value instanceof BytesValue;

type Numeric = Int | UintValue | DoubleValue;

export const isNumeric = (value: Value): value is Numeric =>
  isInt(value) || (typeof value === 'object' && (value instanceof DoubleValue || value instanceof UintValue));

/** Whether two numbers are the same number, whatever their types. NaN is not equal to itself. */
export const sameNumber = (a: Numeric, b: Numeric): boolean => compareNumbers(a, b) === 0;

function compareNumbers(a: Numeric, b: Numeric): Ordering | CelError {
  if (a instanceof DoubleValue) {
    if (Number.isNaN(a.value)) return notOrdered;
    if (b instanceof DoubleValue) return Number.isNaN(b.value) ? notOrdered : order(a.value, b.value);
    return compareDouble(a.value, b);
  }
  if (b instanceof DoubleValue) {
    if (Number.isNaN(b.value)) return notOrdered;
    return -compareDouble(b.value, a) as Ordering;
  }
  return order(whole(a), whole(b));
}

const whole = (a: Int | UintValue): bigint => (a instanceof UintValue ? a.value : BigInt(a));

/** As cel-go does: beyond the integer's range by range, within it as doubles. */
function compareDouble(a: number, b: Int | UintValue): Ordering {
  const [low, high] = b instanceof UintValue ? [0, Number(maxUint64)] : [Number(minInt64), Number(maxInt64)];
  if (a < low) return -1;
  if (a > high) return 1;
  return order(a, Number(b instanceof UintValue ? b.value : b));
}

const order = <T extends number | bigint>(a: T, b: T): Ordering => (a < b ? -1 : a > b ? 1 : 0);

const compareTimes = (a: TimestampValue, b: TimestampValue): Ordering =>
  a.seconds === b.seconds ? order(a.nanoseconds, b.nanoseconds) : order(a.seconds, b.seconds);

/** In the order of code points, which is that of the UTF-8 bytes. */
export function compareStrings(a: string, b: string): Ordering {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left !== right) return order(rank(left), rank(right));
  }
  return order(a.length, b.length);
}

/** Surrogates stand for code points above all that one unit can hold. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

function compareByteArrays(a: Uint8Array, b: Uint8Array): Ordering {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return order(a[i] as number, b[i] as number);
  }
  return order(a.length, b.length);
}
