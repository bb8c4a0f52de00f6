import { parseGoDuration } from '../../duration/index.ts';
import { goFloat } from '../../errors/index.ts';
import { doubleToInt, doubleToUint, integerOverflow, maxInt64, maxUint64, minInt64, toInt } from './integers.ts';
import { plainDecimal, rfc3339 } from './text.ts';
import { inRange, parseTimestamp, timestampOverflow } from './time.ts';
import {
  BytesValue,
  CelError,
  DoubleValue,
  DurationValue,
  isInt,
  OpaqueValue,
  TimestampValue,
  TypeValue,
  typeName,
  UintValue,
  type Value,
} from './value.ts';

/** The types that conversion functions lead to, by the name of the function. */
export type ConversionTarget = 'bool' | 'bytes' | 'double' | 'duration' | 'int' | 'string' | 'timestamp' | 'uint';

const targetNames: Readonly<Record<ConversionTarget, string>> = {
  bool: 'bool',
  bytes: 'bytes',
  double: 'double',
  duration: 'google.protobuf.Duration',
  int: 'int',
  string: 'string',
  timestamp: 'google.protobuf.Timestamp',
  uint: 'uint',
};

/** The value as another type, or cel-go's error. */
export function convert(value: Value, target: ConversionTarget): Value {
  const from = typeName(value);
  if (value instanceof CelError || from === targetNames[target]) return value;
  const converted = converters[target](value);
  return converted ?? new CelError(`type conversion error from '${from}' to '${targetNames[target]}'`);
}

/** `type(x)`. */
export const typeOf = (value: Value): Value => (value instanceof CelError ? value : new TypeValue(typeName(value)));

const converters: Readonly<Record<ConversionTarget, (value: Value) => Value | undefined>> = {
  bool: (value) => (typeof value === 'string' ? booleans.get(value) : undefined),
  bytes: (value) => (typeof value === 'string' ? new BytesValue(new TextEncoder().encode(value)) : undefined),
  double: toDouble,
  duration: (value) => (typeof value === 'string' ? readDuration(value) : undefined),
  int: toInteger,
  string: toText,
  timestamp: toTimestamp,
  uint: toUnsigned,
};

const booleans = new Map<string, boolean>([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false] as const),
]);

function toDouble(value: Value): Value | undefined {
  if (isInt(value)) return new DoubleValue(Number(value));
  if (value instanceof UintValue) return new DoubleValue(Number(value.value));
  if (typeof value !== 'string') return undefined;
  const number = readFloat(value);
  return number === undefined ? undefined : new DoubleValue(number);
}

/** As strconv.ParseFloat; undefined also where the number is too large. */
function readFloat(text: string): number | undefined {
  const special = /^([+-]?)(?:inf|infinity)$/i.exec(text);
  if (special) return special[1] === '-' ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return Number.NaN;
  const hexadecimal = /^([+-]?)0[xX](_?[0-9a-fA-F_]*)(?:\.([0-9a-fA-F_]*))?[pP]([+-]?\d+)$/.exec(text);
  if (hexadecimal) return readHexadecimal(hexadecimal);
  const hasGoodUnderscores = !/^[+-]?_|__|_$|_[^\d]|[^\d]_/.test(text);
  const plain = text.replaceAll('_', '');
  if (!hasGoodUnderscores || !/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(plain)) return undefined;
  const number = Number(plain);
  return Number.isFinite(number) ? number : undefined;
}

function readHexadecimal([, sign, whole = '', fraction = '', exponent]: RegExpExecArray): number | undefined {
  const digits = (whole + fraction).replaceAll('_', '');
  if (digits === '') return undefined;
  const scale = Number(exponent) - 4 * fraction.replaceAll('_', '').length;
  const size = Number(BigInt(`0x${digits}`)) * 2 ** scale;
  if (!Number.isFinite(size)) return undefined;
  return sign === '-' ? -size : size;
}

function readDuration(text: string): DurationValue | undefined {
  try {
    return new DurationValue(parseGoDuration(text));
  } catch {
    return undefined;
  }
}

function toInteger(value: Value): Value | undefined {
  if (value instanceof DoubleValue) return doubleToInt(value.value);
  if (value instanceof UintValue) return value.value > maxInt64 ? integerOverflow : toInt(value.value);
  if (value instanceof DurationValue) return toInt(value.nanoseconds);
  if (value instanceof TimestampValue) return value.seconds;
  if (typeof value !== 'string' || !/^[+-]?\d+$/.test(value)) return undefined;
  const number = BigInt(value.replace('+', ''));
  return number > maxInt64 || number < minInt64 ? undefined : toInt(number);
}

function toUnsigned(value: Value): Value | undefined {
  if (value instanceof DoubleValue) return doubleToUint(value.value);
  if (isInt(value)) return value < 0 ? unsignedOverflowOfInt : new UintValue(BigInt(value));
  if (typeof value !== 'string' || !/^\d+$/.test(value)) return undefined;
  const number = BigInt(value);
  return number > maxUint64 ? undefined : new UintValue(number);
}

const unsignedOverflowOfInt = new CelError('unsigned integer overflow');

function toText(value: Value): Value | undefined {
  if (typeof value === 'boolean' || isInt(value)) return String(value);
  if (value === null) return 'null';
  if (typeof value === 'string') return value;
  if (value instanceof UintValue) return String(value.value);
  if (value instanceof DoubleValue) return goFloat(value.value);
  if (value instanceof BytesValue) return decodeUtf8(value.value);
  if (value instanceof TimestampValue) return rfc3339(value);
  if (value instanceof DurationValue) return `${plainDecimal(durationSeconds(value.nanoseconds))}s`;
  if (value instanceof TypeValue) return value.name;
  return value instanceof OpaqueValue ? value.text() : undefined;
}

function decodeUtf8(bytes: Uint8Array): Value {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return new CelError('invalid UTF-8 in bytes, cannot convert to string');
  }
}

/** Go's Duration.Seconds: whole seconds and the rest, each as a double. */
export const durationSeconds = (nanoseconds: bigint): number => durationIn(nanoseconds, 1_000_000_000n);

/** Go's Duration.Hours and its like. */
export const durationIn = (nanoseconds: bigint, unit: bigint): number =>
  Number(nanoseconds / unit) + Number(nanoseconds % unit) / Number(unit);

function toTimestamp(value: Value): Value | undefined {
  if (isInt(value)) {
    const seconds = Number(value);
    return inRange(seconds) ? new TimestampValue(seconds, 0) : timestampOverflow;
  }
  const time = typeof value === 'string' ? parseTimestamp(value) : undefined;
  return time === undefined || inRange(time.seconds) ? time : timestampOverflow;
}
