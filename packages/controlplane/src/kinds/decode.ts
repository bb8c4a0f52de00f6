import { compareBytes, isJsonObject } from '@setpoint/apimachinery/json';
import { structType, type TypeRef } from '@setpoint/apimachinery/kinds';
import type { JsonValue } from '@setpoint/apimachinery/meta';
import { canonicalQuantity } from '@setpoint/apimachinery/quantity';
import { DecodeError } from './decode-error.ts';
import { decodeMicroTime, decodeTime } from './time.ts';

/**
 * Reads a JSON value as a Go program reads it into a struct: what the struct does not have is dropped and
 * reported, null is absence, quantities and times take their canonical form, and a value of another type is
 * an error. Members come out in the order of the struct.
 * @throws DecodeError
 */
export function decodeStruct(key: string, value: unknown, problems: string[]): Record<string, unknown> {
  return decodeObject(key, value, { problems, goPath: '', owner: '' }, '');
}

interface Place {
  readonly problems: string[];
  /** `spec.template`: field names only, as Go's decoder tracks them. */
  readonly goPath: string;
  /** The Go struct that has the field. */
  readonly owner: string;
}

function decodeObject(key: string, value: unknown, place: Place, path: string): Record<string, unknown> {
  const type = structType(key);
  if (!isJsonObject(value)) throw mismatch(value, goName(key), place);
  // In the order of the body, so that the first of several mistakes is the one that Go reports.
  const decoded = new Map<string, unknown>();
  for (const name of Object.keys(value)) {
    const field = type.byName.get(name);
    const given = value[name];
    if (!field) place.problems.push(`unknown field ${JSON.stringify(join(path, name))}`);
    else if (given !== null && given !== undefined) {
      const goPath = place.goPath === '' ? name : `${place.goPath}.${name}`;
      const inside = { problems: place.problems, goPath, owner: type.name };
      decoded.set(name, decodeValue(field.type, given, inside, join(path, name)));
    }
  }
  const result: Record<string, unknown> = {};
  for (const field of type.fields) if (decoded.has(field.name)) result[field.name] = decoded.get(field.name);
  return result;
}

function decodeValue(type: TypeRef, value: unknown, place: Place, path: string): unknown {
  switch (type.kind) {
    case 'string':
      if (typeof value === 'string') return value;
      throw mismatch(value, type.name ?? 'string', place);
    case 'bool':
      if (typeof value === 'boolean') return value;
      throw mismatch(value, 'bool', place);
    case 'integer':
      return decodeInteger(type.bits, value, place);
    case 'float64':
      if (typeof value === 'number' || typeof value === 'bigint') return value;
      throw mismatch(value, 'float64', place);
    case 'list':
      if (!Array.isArray(value)) throw mismatch(value, goType(type), place);
      return value.map((item, index) => decodeItem(type.items, item, place, `${path}[${index}]`));
    case 'map':
      if (!isJsonObject(value)) throw mismatch(value, goType(type), place);
      return decodeMap(type.values, value, place, path);
    case 'struct':
      return decodeObject(type.type, value, place, path);
    default:
      return decodeSpecial(type.kind, value, place, path);
  }
}

/** A null in a list or map is the zero value of its type. */
function decodeItem(type: TypeRef, item: unknown, place: Place, path: string): unknown {
  if (item === null) return zeroOf(type);
  return decodeValue(type, item, place, path);
}

/** Go writes the keys of a map in byte order. */
function decodeMap(values: TypeRef, value: Readonly<Record<string, unknown>>, place: Place, path: string) {
  const keys = Object.keys(value).sort(compareBytes);
  const entries = keys.map((key) => [key, decodeItem(values, value[key], place, join(path, key))] as const);
  return Object.fromEntries(entries);
}

export function zeroOf(type: TypeRef): JsonValue {
  switch (type.kind) {
    case 'string':
    case 'bytes':
    case 'Duration':
      return '';
    case 'bool':
      return false;
    case 'integer':
    case 'float64':
    case 'IntOrString':
      return 0;
    case 'Quantity':
      return '0';
    case 'struct':
      return {};
    default:
      return null;
  }
}

function decodeInteger(bits: 32 | 64, value: unknown, place: Place): number | bigint {
  const name = `int${bits}`;
  if (typeof value !== 'number' && typeof value !== 'bigint') throw mismatch(value, name, place);
  if (typeof value === 'number' && !Number.isInteger(value)) throw mismatch(value, name, place, `number ${value}`);
  const limit = 2n ** BigInt(bits - 1);
  const exact = BigInt(value);
  if (exact >= limit || exact < -limit) throw mismatch(value, name, place, `number ${value}`);
  return value === 0 ? 0 : value;
}

function decodeSpecial(kind: string, value: unknown, place: Place, path: string): unknown {
  switch (kind) {
    case 'Quantity':
      return decodeQuantity(value);
    case 'IntOrString':
      return decodeIntOrString(value);
    case 'Time':
      return decodeTime(value);
    case 'MicroTime':
      return decodeMicroTime(value);
    case 'bytes':
      return decodeBytes(value, place);
    case 'Duration':
      if (typeof value !== 'string')
        throw new DecodeError(`json: cannot unmarshal ${jsonType(value)} into Go value of type string`);
      return value;
    case 'RawExtension':
    case 'FieldsV1':
    case 'JSON':
      return value;
    case 'JSONSchemaPropsOrBool':
      return typeof value === 'boolean' ? value : decodeSchema(value, place, path);
    case 'JSONSchemaPropsOrArray':
      if (!Array.isArray(value)) return decodeSchema(value, place, path);
      return value.map((item, index) => decodeSchema(item, place, `${path}[${index}]`));
    case 'JSONSchemaPropsOrStringArray':
      return Array.isArray(value) ? value : decodeSchema(value, place, path);
    default:
      throw new Error(`no decoder for ${kind}`);
  }
}

/** These have a decoder of their own in Go, which does not report unknown fields. */
function decodeSchema(value: unknown, place: Place, path: string): unknown {
  return decodeObject('apiextensions.k8s.io/v1.JSONSchemaProps', value, { ...place, problems: [] }, path);
}

function decodeQuantity(value: unknown): string {
  const text = typeof value === 'string' ? value.trim() : typeof value === 'number' ? value : JSON.stringify(value);
  try {
    return canonicalQuantity(text);
  } catch (error) {
    throw new DecodeError((error as Error).message);
  }
}

function decodeIntOrString(value: unknown): number | string {
  if (typeof value === 'string') return value;
  const fits = typeof value === 'number' && Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31;
  if (fits) return value as number;
  const what = typeof value === 'number' ? `number ${value}` : jsonType(value);
  throw new DecodeError(`json: cannot unmarshal ${what} into Go value of type int32`);
}

/** Base64 with padding; Go skips line breaks and says where it stopped. */
function decodeBytes(value: unknown, place: Place): string {
  if (typeof value !== 'string') throw mismatch(value, '[]uint8', place);
  const text = value.replace(/[\r\n]/g, '');
  const bad = /[^A-Za-z0-9+/=]/.exec(text);
  if (bad) throw new DecodeError(`illegal base64 data at input byte ${bad.index}`);
  const padding = /^[^=]*(={0,2})$/.exec(text);
  if (!padding) throw new DecodeError(`illegal base64 data at input byte ${text.indexOf('=') + 1}`);
  const full = Math.floor(text.replace(/=+$/, '').length / 4) * 4;
  if (text.length % 4 !== 0)
    throw new DecodeError(`illegal base64 data at input byte ${padding[1] ? text.length : full}`);
  return text;
}

function mismatch(value: unknown, type: string, place: Place, what = jsonType(value)): DecodeError {
  const into =
    place.goPath === '' ? `Go value of type ${type}` : `Go struct field ${place.owner}.${place.goPath} of type ${type}`;
  return new DecodeError(`json: cannot unmarshal ${what} into ${into}`);
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'bigint' ? 'number' : typeof value;
}

/** How Go prints a type: `[]v1.Container`. */
function goType(type: TypeRef): string {
  switch (type.kind) {
    case 'string':
      return type.name ?? 'string';
    case 'integer':
      return `int${type.bits}`;
    case 'list':
      return `[]${goType(type.items)}`;
    case 'map':
      return type.values.kind === 'Quantity' ? 'v1.ResourceList' : `map[string]${goType(type.values)}`;
    case 'struct':
      return goName(type.type);
    case 'bytes':
      return '[]uint8';
    case 'Quantity':
      return 'resource.Quantity';
    case 'bool':
    case 'float64':
      return type.kind;
    default:
      return `v1.${type.kind}`;
  }
}

/** `core/v1.PodSpec` → `v1.PodSpec` */
function goName(key: string): string {
  return key.slice(key.indexOf('/') + 1);
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
