import { ConcatenatedList, GrowingList } from './collections.ts';
import {
  addInts,
  checkedUint,
  divideInts,
  divideUints,
  moduloInts,
  moduloUints,
  multiplyInts,
  negateInt,
  subtractInts,
} from './integers.ts';
import { SchemaList } from './schema.ts';
import { addDuration, checkedDuration, timeBetween } from './time.ts';
import {
  BytesValue,
  CelError,
  DoubleValue,
  DurationValue,
  isInt,
  ListValue,
  noSuchOverload,
  TimestampValue,
  UintValue,
  type Value,
} from './value.ts';

/** The operators `+ - * / %` by what their left side is. The left side's kind is known to have the operator. */

export function add(a: Value, b: Value): Value {
  if (isInt(a)) return isInt(b) ? addInts(a, b) : noSuchOverload(b);
  if (typeof a === 'string') return typeof b === 'string' ? a + b : noSuchOverload(b);
  if (a instanceof ListValue) return b instanceof ListValue ? addLists(a, b) : noSuchOverload(b);
  if (a instanceof DoubleValue)
    return b instanceof DoubleValue ? new DoubleValue(a.value + b.value) : noSuchOverload(b);
  if (a instanceof UintValue) return b instanceof UintValue ? checkedUint(a.value + b.value) : noSuchOverload(b);
  if (a instanceof BytesValue) {
    return b instanceof BytesValue ? concatenate(a, b) : noSuchOverload(b);
  }
  if (a instanceof DurationValue) {
    if (b instanceof TimestampValue) return addDuration(b, a.nanoseconds);
    return b instanceof DurationValue ? checkedDuration(a.nanoseconds + b.nanoseconds) : noSuchOverload(b);
  }
  if (a instanceof TimestampValue)
    return b instanceof DurationValue ? addDuration(a, b.nanoseconds) : noSuchOverload(b);
  return noSuchOverload(a);
}

function addLists(a: ListValue, b: ListValue): ListValue {
  if (a instanceof GrowingList) return a.add(b);
  if (a instanceof SchemaList) return a.plus(b);
  if (a.size === 0) return b;
  return b.size === 0 ? a : new ConcatenatedList(a, b);
}

export function subtract(a: Value, b: Value): Value {
  if (isInt(a)) return isInt(b) ? subtractInts(a, b) : noSuchOverload(b);
  if (a instanceof DoubleValue)
    return b instanceof DoubleValue ? new DoubleValue(a.value - b.value) : noSuchOverload(b);
  if (a instanceof UintValue) return b instanceof UintValue ? checkedUint(a.value - b.value) : noSuchOverload(b);
  if (a instanceof DurationValue) {
    return b instanceof DurationValue ? checkedDuration(a.nanoseconds - b.nanoseconds) : noSuchOverload(b);
  }
  if (!(a instanceof TimestampValue)) return noSuchOverload(a);
  if (b instanceof TimestampValue) return timeBetween(a, b);
  if (!(b instanceof DurationValue)) return noSuchOverload(b);
  const negated = checkedDuration(-b.nanoseconds);
  return negated instanceof CelError ? negated : addDuration(a, negated.nanoseconds);
}

export function multiply(a: Value, b: Value): Value {
  if (isInt(a)) return isInt(b) ? multiplyInts(a, b) : noSuchOverload(b);
  if (a instanceof UintValue) return b instanceof UintValue ? checkedUint(a.value * b.value) : noSuchOverload(b);
  if (a instanceof DoubleValue)
    return b instanceof DoubleValue ? new DoubleValue(a.value * b.value) : noSuchOverload(b);
  return noSuchOverload(a);
}

export function divide(a: Value, b: Value): Value {
  if (isInt(a)) return isInt(b) ? divideInts(a, b) : noSuchOverload(b);
  if (a instanceof UintValue) return b instanceof UintValue ? divideUints(a, b) : noSuchOverload(b);
  if (a instanceof DoubleValue)
    return b instanceof DoubleValue ? new DoubleValue(a.value / b.value) : noSuchOverload(b);
  return noSuchOverload(a);
}

export function modulo(a: Value, b: Value): Value {
  if (isInt(a)) return isInt(b) ? moduloInts(a, b) : noSuchOverload(b);
  if (a instanceof UintValue) return b instanceof UintValue ? moduloUints(a, b) : noSuchOverload(b);
  return noSuchOverload(a);
}

export function negate(a: Value): Value {
  if (isInt(a)) return negateInt(a);
  if (a instanceof DoubleValue) return new DoubleValue(-a.value);
  return a instanceof DurationValue ? checkedDuration(-a.nanoseconds) : noSuchOverload(a);
}

function concatenate(a: BytesValue, b: BytesValue): BytesValue {
  const bytes = new Uint8Array(a.value.length + b.value.length);
  bytes.set(a.value);
  bytes.set(b.value, a.value.length);
  return new BytesValue(bytes);
}
