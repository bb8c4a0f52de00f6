import { structType } from './tables.ts';
import type { TypeRef } from './types.ts';

/**
 * Why a JSON object is none of the struct `key`, in the words in which Go says it of an object that a strategic merge
 * patch made: there it is converted, not decoded. Undefined where nothing is wrong, or only within a type with an
 * encoding of its own, which says so as ever.
 */
export function unstructuredError(key: string, value: unknown): string | undefined {
  if (!isObject(value)) return `cannot restore struct from: ${goKind(value)}`;
  for (const field of structType(key).fields) {
    const given = Object.hasOwn(value, field.name) ? value[field.name] : undefined;
    const error = valueError(field.type, given);
    if (error !== undefined) return error;
  }
  return undefined;
}

function valueError(type: TypeRef, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  switch (type.kind) {
    case 'string':
    case 'bool':
    case 'integer':
    case 'float64':
      return scalarError(type, value);
    case 'bytes':
      return typeof value === 'string' ? undefined : `cannot restore slice from ${goKind(value)}`;
    case 'list':
      if (!Array.isArray(value)) return `cannot restore slice from ${goKind(value)}`;
      return first(value, (element) => valueError(type.items, element));
    case 'map':
      if (!isObject(value)) return `cannot restore map from ${goKind(value)}`;
      return first(Object.values(value), (member) => valueError(type.values, member));
    case 'struct':
      return unstructuredError(type.type, value);
    default:
      return undefined;
  }
}

/** Go converts between numbers, and would between numbers and texts, were that not caught. */
function scalarError(type: TypeRef, value: unknown): string | undefined {
  const found = goKind(value);
  const name = type.kind === 'integer' ? `int${type.bits}` : type.kind;
  const number = found === 'int64' || found === 'float64';
  if (found === type.kind || (number && type.kind === 'float64')) return undefined;
  if (type.kind === 'integer' && number) {
    return found === 'int64' || Number.isInteger(value) ? undefined : `cannot convert float64 to ${name}`;
  }
  if (type.kind === 'string' && found === 'int64') return `cannot convert int64 to ${type.name ?? name}`;
  return `unrecognized type: ${name}`;
}

function first<T>(values: readonly T[], errorOf: (value: T) => string | undefined): string | undefined {
  for (const value of values) {
    const error = errorOf(value);
    if (error !== undefined) return error;
  }
  return undefined;
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  if (isObject(value)) return 'map';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return typeof value === 'bigint' || Number.isSafeInteger(value) ? 'int64' : 'float64';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
