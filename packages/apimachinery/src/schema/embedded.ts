import { FieldError, FieldPath } from '../errors/index.ts';
import { dns1035Label, pathSegmentName } from '../names/index.ts';
import { decodeObjectMeta } from './object-meta.ts';
import { validateObjectMeta } from './object-meta-rules.ts';
import { type Fields, itemSchema, propertySchema, setField, sortedJson } from './objects.ts';
import type { StructuralSchema } from './types.ts';
import { schemaHas } from './walk.ts';

/** What came of reading embedded objects. */
export interface Coerced<T> {
  /** With the metadata of embedded objects decoded and cleaned; shares what did not change. */
  readonly value: T;
  /** Unknown fields of embedded metadata, in byte order. */
  readonly unknown: readonly string[];
  readonly error?: FieldError;
}

/** Whether a schema has `x-kubernetes-embedded-resource` anywhere: without it nothing here has work to do. */
export function hasEmbedded(schema: StructuralSchema): boolean {
  return schemaHas(schema, (node) => node['x-kubernetes-embedded-resource'] === true);
}

/**
 * Decodes apiVersion, kind and metadata of embedded resources as the server does; a member of a wrong type is
 * an error (a server answers 400), unknown members of metadata are dropped and reported.
 */
export function coerceEmbedded<T>(value: T, schema: StructuralSchema, path = ''): Coerced<T> {
  const unknown: string[] = [];
  try {
    const coerced = coerce(value, schema, path, unknown) as T;
    return { value: coerced, unknown: unknown.sort() };
  } catch (error) {
    if (error instanceof CoerceError) return { value, unknown, error: error.fieldError };
    throw error;
  }
}

class CoerceError extends Error {
  readonly fieldError: FieldError;
  constructor(fieldError: FieldError) {
    super(String(fieldError));
    this.fieldError = fieldError;
  }
}

function coerce(value: unknown, schema: StructuralSchema | undefined, path: string, unknown: string[]): unknown {
  if (schema === undefined || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = itemSchema(schema);
    if (items === undefined) return value;
    let copy: unknown[] | undefined;
    for (let i = 0; i < value.length; i++) {
      const next = coerce(value[i], items, `${path}[${i}]`, unknown);
      if (next === value[i]) continue;
      copy ??= [...value];
      copy[i] = next;
    }
    return copy ?? value;
  }
  const fields =
    schema['x-kubernetes-embedded-resource'] === true ? coerceTyped(value as Fields, path, unknown) : value;
  return coerceFields(fields as Fields, schema, path, unknown);
}

function coerceTyped(fields: Fields, path: string, unknown: string[]): Fields {
  for (const key of ['apiVersion', 'kind']) {
    if (Object.hasOwn(fields, key) && typeof fields[key] !== 'string') {
      throw new CoerceError(FieldError.invalid(join(path, key), sortedJson(fields[key]), 'must be a string'));
    }
  }
  if (!Object.hasOwn(fields, 'metadata')) return fields;
  const at = join(path, 'metadata');
  const meta = decodeObjectMeta(fields.metadata);
  if (meta.error !== undefined) throw new CoerceError(FieldError.invalid(at, sortedJson(fields.metadata), meta.error));
  for (const field of meta.unknown) unknown.push(`${at}.${field}`);
  return { ...fields, metadata: meta.value };
}

function coerceFields(fields: Fields, schema: StructuralSchema, path: string, unknown: string[]): Fields {
  let copy: Fields | undefined;
  for (const key of Object.keys(fields)) {
    const property = propertySchema(schema, key);
    const { additionalProperties } = schema;
    const below = property ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
    if (below === undefined) continue;
    const at = property === undefined ? `${path}[${key}]` : join(path, key);
    const next = coerce(fields[key], below, at, unknown);
    if (next !== fields[key]) copy = setField(copy ?? { ...fields }, key, next);
  }
  return copy ?? fields;
}

/** The server's rules for apiVersion, kind and metadata of embedded resources. */
export function validateEmbedded(value: unknown, schema: StructuralSchema | undefined, path = ''): FieldError[] {
  if (schema === undefined || typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) {
    const items = itemSchema(schema);
    return items === undefined ? [] : value.flatMap((item, i) => validateEmbedded(item, items, `${path}[${i}]`));
  }
  const fields = value as Fields;
  const errors = schema['x-kubernetes-embedded-resource'] === true ? validateTyped(fields, path) : [];
  for (const key of Object.keys(fields)) {
    const property = propertySchema(schema, key);
    const { additionalProperties } = schema;
    if (property !== undefined) errors.push(...validateEmbedded(fields[key], property, join(path, key)));
    else if (typeof additionalProperties === 'object') {
      errors.push(...validateEmbedded(fields[key], additionalProperties, `${path}[${key}]`));
    }
  }
  return errors;
}

function validateTyped(fields: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of ['apiVersion', 'kind']) {
    if (!Object.hasOwn(fields, key)) errors.push(FieldError.required(join(path, key)));
  }
  if (Object.hasOwn(fields, 'apiVersion'))
    errors.push(...validateApiVersion(fields.apiVersion, join(path, 'apiVersion')));
  if (Object.hasOwn(fields, 'kind')) errors.push(...validateKind(fields.kind, join(path, 'kind')));
  if (!Object.hasOwn(fields, 'metadata')) return errors;
  const at = FieldPath.of(join(path, 'metadata'));
  const meta = decodeObjectMeta(fields.metadata);
  if (meta.error !== undefined) return [...errors, FieldError.invalid(at, sortedJson(fields.metadata), meta.error)];
  const namespaced = typeof meta.value.namespace === 'string';
  // Names may be missing here; the rules want one.
  const named = { name: 'fakename', ...meta.value };
  errors.push(...validateObjectMeta(named, { namespaced, name: pathSegment }, at));
  return errors;
}

function pathSegment(name: string, isPrefix: boolean): string[] {
  // A prefix may be what a name may not: `.` and `..`.
  return isPrefix && (name === '.' || name === '..') ? [] : pathSegmentName(name);
}

function validateApiVersion(value: unknown, path: string): FieldError[] {
  if (typeof value !== 'string') return [FieldError.invalid(path, sortedJson(value), 'must be a string')];
  if (value === '') return [FieldError.invalid(path, value, 'must not be empty')];
  if (value.split('/').length > 2) return [FieldError.invalid(path, value, `unexpected GroupVersion string: ${value}`)];
  return [];
}

function validateKind(value: unknown, path: string): FieldError[] {
  if (typeof value !== 'string') return [FieldError.invalid(path, sortedJson(value), 'must be a string')];
  if (value === '') return [FieldError.invalid(path, value, 'must not be empty')];
  const problems = dns1035Label(value.toLowerCase());
  if (problems.length === 0) return [];
  const detail = `may have mixed case, but should otherwise match: ${problems.join(',')}`;
  return [FieldError.invalid(path, value, detail)];
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
