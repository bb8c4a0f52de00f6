import { goFloat } from '../../errors/index.ts';
import { civil } from './time.ts';
import {
  BytesValue,
  CelError,
  DoubleValue,
  DurationValue,
  ListValue,
  MapValue,
  OpaqueValue,
  OptionalValue,
  TimestampValue,
  TypeValue,
  UintValue,
  type Value,
} from './value.ts';

/** Values as Go's `%v` prints cel-go's: the form in which messages quote them. */
export function goText(value: Value): string {
  if (typeof value === 'string') return value;
  if (value === null) return '0';
  if (typeof value !== 'object') return String(value);
  if (value instanceof UintValue) return String(value.value);
  if (value instanceof DoubleValue) return goFloat(value.value);
  if (value instanceof BytesValue) return `[${value.value.join(' ')}]`;
  if (value instanceof TimestampValue) return timeText(value);
  if (value instanceof DurationValue) return durationText(value.nanoseconds);
  if (value instanceof ListValue) return `[${elements(value).map(goText).join(', ')}]`;
  if (value instanceof MapValue) {
    const entries = [...value.keys()].map((key) => `${goText(key)}: ${goText(value.find(key) as Value)}`);
    return `{${entries.join(', ')}}`;
  }
  if (value instanceof TypeValue) return value.name;
  if (value instanceof OptionalValue) {
    return value.value === undefined ? 'optional.none()' : `optional(${goText(value.value)})`;
  }
  if (value instanceof CelError) return value.message;
  return value instanceof OpaqueValue ? (value.text() ?? value.typeName) : value.typeName;
}

/** The elements of a list, all made. */
export function elements(list: ListValue): Value[] {
  const values: Value[] = [];
  for (let i = 0; i < list.size; i++) values.push(list.at(i));
  return values;
}

/** The name of the Go type that holds it in cel-go, for the messages that show `%T`. */
export function goTypeName(value: Value): string {
  if (value === null) return 'types.Null';
  if (typeof value === 'string') return 'types.String';
  if (typeof value === 'boolean') return 'types.Bool';
  if (typeof value !== 'object') return 'types.Int';
  if (value instanceof UintValue) return 'types.Uint';
  if (value instanceof DoubleValue) return 'types.Double';
  if (value instanceof BytesValue) return 'types.Bytes';
  if (value instanceof TimestampValue) return 'types.Timestamp';
  if (value instanceof DurationValue) return 'types.Duration';
  if (value instanceof TypeValue) return '*types.Type';
  if (value instanceof OptionalValue) return '*types.Optional';
  if ('goType' in value) return String(value.goType);
  return value instanceof ListValue ? '*types.baseList' : '*types.baseMap';
}

function timeText(time: TimestampValue): string {
  const { date, clock } = civil(time);
  const fraction = time.nanoseconds === 0 ? '' : `.${fractionDigits(time.nanoseconds)}`;
  const zone = zoneText(time.offset, '');
  return `${date} ${clock}${fraction} ${zone} ${time.offset === 0 ? 'UTC' : zone}`;
}

/** RFC 3339 with as many digits of the second as are needed. */
export function rfc3339(time: TimestampValue): string {
  const { date, clock } = civil(time);
  const fraction = time.nanoseconds === 0 ? '' : `.${fractionDigits(time.nanoseconds)}`;
  return `${date}T${clock}${fraction}${time.offset === 0 ? 'Z' : zoneText(time.offset, ':')}`;
}

const fractionDigits = (nanoseconds: number): string => String(nanoseconds).padStart(9, '0').replace(/0+$/, '');

function zoneText(offset: number, separator: string): string {
  const minutes = Math.trunc(Math.abs(offset) / 60);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${two(Math.trunc(minutes / 60))}${separator}${two(minutes % 60)}`;
}

/** Go's Duration.String: `1h0m0.5s`. */
function durationText(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? '-' : '';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (size === 0n) return '0s';
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 1_000n)}µs`;
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 1_000_000n)}ms`;
  const seconds = decimal(size % 60_000_000_000n, 1_000_000_000n);
  const minutes = size / 60_000_000_000n;
  if (minutes === 0n) return `${sign}${seconds}s`;
  return minutes < 60n ? `${sign}${minutes}m${seconds}s` : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}s`;
}

function decimal(size: bigint, unit: bigint): string {
  const rest = size % unit;
  if (rest === 0n) return String(size / unit);
  return `${size / unit}.${String(rest + unit)
    .slice(1)
    .replace(/0+$/, '')}`;
}

/** The shortest digits of a double without an exponent, as Go's `'f', -1` prints them. */
export function plainDecimal(value: number): string {
  if (!Number.isFinite(value)) return goFloat(value);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const [mantissa = '', exponentText = '0'] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const exponent = Number(exponentText);
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`;
}
