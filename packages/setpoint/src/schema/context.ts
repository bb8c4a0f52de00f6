import { isJsonObject } from '@setpoint/apimachinery/json';
import type { StructuralSchema } from '@setpoint/apimachinery/schema';
import type { Findings } from './findings.ts';
import type { SchemaErrorCode, SchemaProblem } from './schema-error.ts';

/** A JSON Schema of any dialect, as a library wrote it. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** What one conversion knows and finds. */
export interface Conversion {
  /** The whole document, for `$ref`. */
  readonly document: JsonSchema;
  readonly problems: SchemaProblem[];
  readonly warnings: string[];
  readonly findings: Findings;
  readonly allowDefaults: boolean;
}

/** Where in the document the conversion stands. */
export interface Place {
  readonly conversion: Conversion;
  readonly path: string;
  /** The references being expanded around this place: meeting one of them again is recursion. */
  readonly expanding: readonly string[];
  /** Whether somebody consented to cutting the recursion here. */
  readonly cut: boolean;
}

export function member(place: Place, name: string): Place {
  return { ...place, path: `${place.path}.${name}` };
}

export function items(place: Place): Place {
  return { ...place, path: `${place.path}[]` };
}

/** Notes the problem and goes on with a schema that is harmless, so that one run finds everything. */
export function refuse(place: Place, code: SchemaErrorCode, message: string, advice: string): StructuralSchema {
  const { problems } = place.conversion;
  if (!problems.some((known) => known.path === place.path && known.code === code))
    problems.push({ code, path: place.path, message, advice });
  return { 'x-kubernetes-preserve-unknown-fields': true };
}

export function isObject(value: unknown): value is JsonSchema {
  return isJsonObject(value);
}

/** The schema without some of its keywords. */
export function without<T extends object>(schema: T, ...keywords: readonly string[]): T {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !keywords.includes(keyword))) as T;
}

/** Whether two schemas mean the same; texts for people do not count. */
export function sameShape(a: unknown, b: unknown): boolean {
  return JSON.stringify(shapeOf(a)) === JSON.stringify(shapeOf(b));
}

function shapeOf(value: unknown, isProperties = false): unknown {
  if (Array.isArray(value)) return value.map((item) => shapeOf(item));
  if (!isObject(value)) return value;
  const entries = Object.entries(value)
    .filter(([key]) => isProperties || (key !== 'description' && key !== 'title'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, member]) => [key, shapeOf(member, !isProperties && key === 'properties')]);
}
