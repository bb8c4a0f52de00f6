import {
  BytesValue,
  CelError,
  DoubleValue,
  DurationValue,
  elements,
  ListValue,
  MapValue,
  OptionalValue,
  rfc3339,
  TimestampValue,
  TypeValue,
  typeName,
  UintValue,
  type Value,
} from '@setpoint/apimachinery/cel';
import { goFloat } from '@setpoint/apimachinery/errors';

/** A value as the oracle writes it: two are written alike only if they are alike. */
export function valueText(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return goJson(value);
  if (typeof value !== 'object') return String(value);
  if (value instanceof UintValue) return `${value.value}u`;
  if (value instanceof DoubleValue) return `double ${goFloat(value.value)}`;
  if (value instanceof BytesValue) return `bytes ${Buffer.from(value.value).toString('hex')}`;
  if (value instanceof TimestampValue) return `timestamp ${rfc3339(value)}`;
  if (value instanceof DurationValue) return `duration ${value.nanoseconds}`;
  if (value instanceof TypeValue) return `type ${value.name}`;
  if (value instanceof OptionalValue) return value.value === undefined ? 'none' : `optional(${valueText(value.value)})`;
  if (value instanceof CelError) return `error ${value.message}`;
  if (value instanceof ListValue) return `[${elements(value).map(valueText).join(', ')}]`;
  if (!(value instanceof MapValue)) return typeName(value);
  const parts = [...value.keys()].map((key) => `${valueText(key)}: ${valueText(value.find(key) as Value)}`);
  return `{${parts.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).join(', ')}}`;
}

const goJson = (text: string): string =>
  JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
