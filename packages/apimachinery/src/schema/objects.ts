import { isJsonObject } from '../json/index.ts';
import type { StructuralSchema } from './types.ts';

/** A JSON object as the walkers see it. */
export type Fields = { [key: string]: unknown };

export function isFields(value: unknown): value is Fields {
  return isJsonObject(value);
}

/** Sets an own member, also one called `__proto__`, and hands the object back. */
export function setField(fields: Fields, key: string, value: unknown): Fields {
  if (key === '__proto__') {
    Object.defineProperty(fields, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    fields[key] = value;
  }
  return fields;
}

export function propertySchema(schema: StructuralSchema, key: string): StructuralSchema | undefined {
  const { properties } = schema;
  return properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined;
}

export function itemSchema(schema: StructuralSchema): StructuralSchema | undefined {
  return schema.items !== undefined && !Array.isArray(schema.items) ? (schema.items as StructuralSchema) : undefined;
}

export const isMetaField: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** JSON is shared freely as long as nobody changes it; defaults get a copy because decoded objects are mutable. */
export function copyJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyJson) as T;
  const copy: Fields = {};
  for (const key of Object.keys(value)) setField(copy, key, copyJson((value as Fields)[key]));
  return copy as T;
}

/** With keys in byte order, as Go writes a map: for values that messages repeat. */
export function sortedJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sortedJson) as T;
  const sorted: Fields = {};
  for (const key of Object.keys(value).sort()) setField(sorted, key, sortedJson((value as Fields)[key]));
  return sorted as T;
}
