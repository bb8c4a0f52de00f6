import type { FunctionLibrary, Implementation } from '../interpret/index.ts';
import {
  add,
  BytesValue,
  CelError,
  type ConversionTarget,
  compare,
  convert,
  DoubleValue,
  DurationValue,
  dayOfYear,
  divide,
  durationIn,
  fieldsIn,
  isComparable,
  isInt,
  ListValue,
  listContains,
  MapValue,
  modulo,
  multiply,
  negate,
  noSuchOverload,
  sizeOf,
  subtract,
  TimestampValue,
  toInt,
  typeOf,
  UintValue,
  type Value,
} from '../values/index.ts';

/** The functions of CEL itself, by cel-go's overload ids. */

const isNumber = (value: Value) => isInt(value) || value instanceof UintValue || value instanceof DoubleValue;

const canAdd = (value: Value): boolean =>
  isNumber(value) ||
  typeof value === 'string' ||
  value instanceof ListValue ||
  value instanceof BytesValue ||
  value instanceof DurationValue ||
  value instanceof TimestampValue;

const canSubtract = (value: Value): boolean =>
  isNumber(value) || value instanceof DurationValue || value instanceof TimestampValue;

const canDivide = isNumber;
const canModulo = (value: Value): boolean => isInt(value) || value instanceof UintValue;
const canNegate = (value: Value): boolean =>
  isInt(value) || value instanceof DoubleValue || value instanceof DurationValue || typeof value === 'boolean';

const operator = (binary: (a: Value, b: Value) => Value, accepts: (value: Value) => boolean) => ({
  singleton: { binary, accepts },
});

const comparison = (holds: (order: number) => boolean) =>
  operator((a, b) => {
    const order = compare(a, b);
    return typeof order === 'number' ? holds(order) : order;
  }, isComparable);

function isIn(element: Value, container: Value): Value {
  if (container instanceof ListValue) return listContains(container, element);
  if (!(container instanceof MapValue)) return noSuchOverload(container);
  const found = container.find(element);
  return found instanceof CelError ? found : found !== undefined;
}

const operators: FunctionLibrary = {
  '!_': { singleton: { unary: (value) => (typeof value === 'boolean' ? !value : noSuchOverload(value)) } },
  '@not_strictly_false': {
    overloads: {
      not_strictly_false: { unary: (value) => (typeof value === 'boolean' ? value : true), nonStrict: true },
    },
  },
  '_+_': operator(add, canAdd),
  '_-_': operator(subtract, canSubtract),
  '_*_': operator(multiply, canDivide),
  '_/_': operator(divide, canDivide),
  '_%_': operator(modulo, canModulo),
  '-_': { singleton: { unary: negate, accepts: canNegate } },
  '_<_': comparison((order) => order < 0),
  '_<=_': comparison((order) => order <= 0),
  '_>_': comparison((order) => order > 0),
  '_>=_': comparison((order) => order >= 0),
  '@in': { singleton: { binary: isIn } },
};

const same: Implementation = { unary: (value) => value };
const to = (target: ConversionTarget): Implementation => ({ unary: (value) => convert(value, target) });

const conversionOverloads = (target: ConversionTarget, ...sources: readonly string[]) => ({
  overloads: Object.fromEntries([
    [`${target}_to_${target}`, same],
    ...sources.map((source) => [`${source}_to_${target}`, to(target)] as const),
  ]),
});

const conversions: FunctionLibrary = {
  bool: conversionOverloads('bool', 'string'),
  bytes: conversionOverloads('bytes', 'string'),
  double: {
    overloads: {
      double_to_double: same,
      int64_to_double: to('double'),
      string_to_double: to('double'),
      uint64_to_double: to('double'),
    },
  },
  duration: {
    overloads: {
      duration_to_duration: same,
      int64_to_duration: to('duration'),
      string_to_duration: to('duration'),
    },
  },
  dyn: { singleton: same },
  int: {
    overloads: {
      int64_to_int64: same,
      double_to_int64: to('int'),
      duration_to_int64: to('int'),
      string_to_int64: to('int'),
      timestamp_to_int64: to('int'),
      uint64_to_int64: to('int'),
    },
  },
  string: {
    overloads: {
      string_to_string: same,
      bool_to_string: to('string'),
      bytes_to_string: to('string'),
      double_to_string: to('string'),
      duration_to_string: to('string'),
      int64_to_string: to('string'),
      timestamp_to_string: to('string'),
      uint64_to_string: to('string'),
    },
  },
  timestamp: {
    overloads: {
      timestamp_to_timestamp: same,
      int64_to_timestamp: to('timestamp'),
      string_to_timestamp: to('timestamp'),
    },
  },
  type: { singleton: { unary: typeOf } },
  uint: {
    overloads: {
      uint64_to_uint64: same,
      double_to_uint64: to('uint'),
      int64_to_uint64: to('uint'),
      string_to_uint64: to('uint'),
    },
  },
};

const onStrings = (test: (text: string, part: string) => boolean): Implementation => ({
  binary: (text, part) => {
    if (typeof text !== 'string') return noSuchOverload(text);
    return typeof part === 'string' ? test(text, part) : noSuchOverload(part);
  },
});

const strings: FunctionLibrary = {
  contains: { unguarded: true, overloads: { contains_string: onStrings((text, part) => text.includes(part)) } },
  endsWith: { unguarded: true, overloads: { ends_with_string: onStrings((text, part) => text.endsWith(part)) } },
  startsWith: { unguarded: true, overloads: { starts_with_string: onStrings((text, part) => text.startsWith(part)) } },
  size: { singleton: { unary: (value) => sizeOf(value) ?? noSuchOverload(value), accepts: hasSize } },
};

function hasSize(value: Value): boolean {
  return sizeOf(value) !== undefined;
}

const minute = 60_000_000_000n;

/** Functions of timestamps by the field they read, with and without a zone, and of durations where there are some. */
const timeFunctions: readonly (readonly [string, string, (date: Date, time: TimestampValue) => number, bigint?])[] = [
  ['getFullYear', 'year', (date) => date.getUTCFullYear()],
  ['getMonth', 'month', (date) => date.getUTCMonth()],
  ['getDayOfYear', 'day_of_year', dayOfYear],
  ['getDayOfMonth', 'day_of_month', (date) => date.getUTCDate() - 1],
  ['getDate', 'day_of_month_1_based', (date) => date.getUTCDate()],
  ['getDayOfWeek', 'day_of_week', (date) => date.getUTCDay()],
  ['getHours', 'hours', (date) => date.getUTCHours(), 60n * minute],
  ['getMinutes', 'minutes', (date) => date.getUTCMinutes(), minute],
  ['getSeconds', 'seconds', (date) => date.getUTCSeconds(), 1_000_000_000n],
  ['getMilliseconds', 'milliseconds', (_, time) => Math.trunc(time.nanoseconds / 1_000_000), 1_000_000n],
];

function timeBinding(field: string, read: (date: Date, time: TimestampValue) => number, unit: bigint | undefined) {
  const inZone = (time: Value, zone: string): Value => {
    const date = fieldsIn(time as TimestampValue, zone);
    return date instanceof CelError ? date : read(date, time as TimestampValue);
  };
  const overloads: Record<string, Implementation> = {
    [`timestamp_to_${field}`]: { unary: (time) => inZone(time, 'UTC') },
    [`timestamp_to_${field}${field === 'seconds' ? '_tz' : '_with_tz'}`]: {
      binary: (time, zone) => inZone(time, zone as string),
    },
  };
  if (unit !== undefined) overloads[`duration_to_${field}`] = { unary: (duration) => durationField(duration, unit) };
  return { overloads };
}

function durationField(duration: Value, unit: bigint): Value {
  const { nanoseconds } = duration as DurationValue;
  // Milliseconds are counted in integers, the larger units as doubles that are cut.
  if (unit === 1_000_000n) return toInt(nanoseconds / unit);
  return Math.trunc(durationIn(nanoseconds, unit)) + 0;
}

const times: FunctionLibrary = Object.fromEntries(
  timeFunctions.map(([name, field, read, unit]) => [name, timeBinding(field, read, unit)]),
);

export const standardFunctions: FunctionLibrary = { ...operators, ...conversions, ...strings, ...times };
