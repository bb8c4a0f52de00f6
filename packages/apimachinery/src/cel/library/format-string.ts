import { goQuote } from '../../errors/index.ts';
import {
  BytesValue,
  CelError,
  convert,
  DoubleValue,
  DurationValue,
  elements,
  goText,
  isInt,
  ListValue,
  MapValue,
  TimestampValue,
  TypeValue,
  typeName,
  UintValue,
  type Value,
} from '../values/index.ts';
import { fixed, localeFixed, localeScientific } from './decimals.ts';

/** `format(…)` of the strings extension, in the form it has up to version 3, and in the locale en_US. */
export function formatString(template: string, args: ListValue): Value {
  let out = '';
  let used = 0;
  for (let i = 0; i < template.length; ) {
    if (template[i] !== '%') out += template[i++];
    else if (template[i + 1] === '%') {
      out += '%';
      i += 2;
    } else {
      if (used >= args.size) return new CelError(`index ${used} out of range`);
      if (i + 1 >= template.length) return new CelError('unexpected end of string');
      const clause = readClause(template.slice(i + 1));
      if (typeof clause === 'string') return new CelError(`could not parse formatting clause: ${clause}`);
      const text = clause.format(args.at(used++));
      if (text instanceof CelError) return new CelError(`error during formatting: ${text.message}`);
      out += text;
      i += 1 + clause.length;
    }
  }
  return out;
}

type Formatter = (value: Value) => string | CelError;

/** The clause behind a per cent sign, or what is wrong with it. */
function readClause(text: string): { readonly length: number; readonly format: Formatter } | string {
  let at = 0;
  let precision: number | undefined;
  if (text[0] === '.') {
    const digits = /^\d*/.exec(text.slice(1))?.[0] ?? '';
    at = 1 + digits.length;
    if (at >= text.length) return 'error while parsing precision: could not find end of precision specifier';
    if (digits === '') {
      const cause = 'strconv.Atoi: parsing "": invalid syntax';
      return `error while parsing precision: error while converting precision to integer: ${cause}`;
    }
    precision = Number(digits);
  }
  const letter = text[at] as string;
  const format = formatters(letter, precision ?? 6);
  if (format === undefined) return `unrecognized formatting clause "${letter}"`;
  return { length: at + 1, format };
}

function formatters(letter: string, precision: number): Formatter | undefined {
  switch (letter) {
    case 's':
      return asString;
    case 'd':
      return asDecimal;
    case 'f':
      return (value) => asDouble(value, 'fixed-point', (number) => localeFixed(number, precision));
    case 'e':
      return (value) => asDouble(value, 'scientific', (number) => localeScientific(number, precision));
    case 'b':
      return asBinary;
    case 'x':
      return asHexadecimal;
    case 'X':
      return (value) => {
        const text = asHexadecimal(value);
        return typeof text === 'string' ? text.toUpperCase() : text;
      };
    case 'o':
      return asOctal;
    default:
      return undefined;
  }
}

function asString(value: Value): string | CelError {
  if (value === null) return 'null';
  if (value instanceof ListValue) return listText(value);
  if (value instanceof MapValue) return mapText(value);
  const hasText =
    typeof value !== 'object' ||
    value instanceof UintValue ||
    value instanceof DoubleValue ||
    value instanceof TimestampValue ||
    value instanceof BytesValue ||
    value instanceof DurationValue ||
    value instanceof TypeValue;
  if (!hasText) {
    return new CelError(
      'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and ' +
        `timestamps, was given ${typeName(value)}`,
    );
  }
  const text = convert(value, 'string');
  if (typeof text === 'string') return text;
  return new CelError(`could not convert argument ${goQuote(goText(text))} to string`);
}

function asDecimal(value: Value): string | CelError {
  if (isInt(value)) return String(value);
  if (value instanceof UintValue) return String(value.value);
  return new CelError(`decimal clause can only be used on integers, was given ${typeName(value)}`);
}

function asDouble(value: Value, clause: string, format: (number: number) => string): string | CelError {
  if (value instanceof DoubleValue) return format(value.value);
  if (value === 'NaN') return format(Number.NaN);
  if (value === 'Infinity' || value === '-Infinity') return format(Number(value));
  return new CelError(`${clause} clause can only be used on doubles, was given ${typeName(value)}`);
}

function asBinary(value: Value): string | CelError {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return (
    inBase(value, 2) ?? new CelError(`only integers and bools can be formatted as binary, was given ${typeName(value)}`)
  );
}

const asOctal = (value: Value): string | CelError =>
  inBase(value, 8) ?? new CelError(`octal clause can only be used on integers, was given ${typeName(value)}`);

function asHexadecimal(value: Value): string | CelError {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : undefined;
  const data = value instanceof BytesValue ? value.value : bytes;
  if (data !== undefined) return [...data].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return (
    inBase(value, 16) ??
    new CelError(`only integers, byte buffers, and strings can be formatted as hex, was given ${typeName(value)}`)
  );
}

function inBase(value: Value, base: number): string | undefined {
  if (isInt(value)) return value.toString(base);
  return value instanceof UintValue ? value.value.toString(base) : undefined;
}

/** A value within a list or map: written so that CEL could read it. */
function nested(value: Value): string | CelError {
  if (typeof value === 'string') return goQuote(value);
  if (value instanceof TimestampValue) return `timestamp(${goQuote(convert(value, 'string') as string)})`;
  if (value instanceof DurationValue) return `duration(${goQuote(convert(value, 'string') as string)})`;
  if (value instanceof BytesValue) {
    const text = asString(value);
    return typeof text === 'string' ? `b${goQuote(text)}` : text;
  }
  if (value instanceof DoubleValue) {
    if (Number.isNaN(value.value)) return '"NaN"';
    return Number.isFinite(value.value) ? fixed(value.value, 6) : value.value > 0 ? '"+Inf"' : '"-Inf"';
  }
  const isKnown =
    typeof value !== 'object' ||
    value === null ||
    value instanceof UintValue ||
    value instanceof TypeValue ||
    value instanceof ListValue ||
    value instanceof MapValue;
  return isKnown ? asString(value) : new CelError(`no formatting function for ${typeName(value)}`);
}

function listText(list: ListValue): string | CelError {
  const parts: string[] = [];
  for (const element of elements(list)) {
    const text = nested(element);
    if (typeof text !== 'string') return text;
    parts.push(text);
  }
  return `[${parts.join(', ')}]`;
}

function mapText(map: MapValue): string | CelError {
  const entries: { readonly key: string; readonly value: string }[] = [];
  for (const key of map.keys()) {
    const isKey = typeof key === 'string' || typeof key === 'boolean' || isInt(key) || key instanceof UintValue;
    if (!isKey) return new CelError(`no formatting function for map key of type ${typeName(key)}`);
    const value = nested(map.find(key) as Value);
    if (typeof value !== 'string') return value;
    entries.push({ key: nested(key) as string, value });
  }
  entries.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return `{${entries.map(({ key, value }) => `${key}:${value}`).join(', ')}}`;
}
