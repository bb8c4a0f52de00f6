import { FieldError, type FieldPath } from '../errors/index.ts';
import { deepEqual } from '../patch/index.ts';
import { itemSchema } from './objects.ts';
import { compilePattern } from './pattern.ts';
import { checkNested } from './structural-nested.ts';
import type { StructuralSchema } from './types.ts';

export type Level = 'root' | 'item' | 'field';

const whereTypeIsMissing: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

/** The rules of the part of a schema that says how objects are built: every node typed, and so on. */
export function checkInvariants(schema: StructuralSchema, level: Level, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const items = itemSchema(schema);
  if (schema.type === 'array' && items === undefined) {
    errors.push(FieldError.required(path.child('items'), 'must be specified'));
  }
  if (items) errors.push(...checkInvariants(items, 'item', path.child('items')));
  for (const [key, below] of Object.entries(schema.properties ?? {})) {
    errors.push(...checkInvariants(below, 'field', path.child('properties').key(key)));
  }
  const { additionalProperties } = schema;
  if (additionalProperties !== undefined) {
    const at = path.child('additionalProperties');
    if (level === 'root') errors.push(FieldError.forbidden(at, 'must not be used at the root'));
    if (typeof additionalProperties === 'object') errors.push(...checkInvariants(additionalProperties, 'field', at));
  }
  errors.push(...checkIntOrString(schema, path));
  errors.push(...checkValueRules(schema, isIntOrStringPattern(schema.anyOf), startsWithIntOrString(schema), path));
  errors.push(...checkType(schema, level, path));
  errors.push(...checkTypeMeta(schema, level, path));
  return errors;
}

function checkIntOrString(schema: StructuralSchema, path: FieldPath): FieldError[] {
  if (schema['x-kubernetes-int-or-string'] !== true) return [];
  const others = ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const;
  return others
    .filter((name) => schema[name] === true)
    .map((name) => FieldError.invalid(path.child(name), true, 'must be false if x-kubernetes-int-or-string is true'));
}

function checkType(schema: StructuralSchema, level: Level, path: FieldPath): FieldError[] {
  const { type = '' } = schema;
  const errors: FieldError[] = [];
  const preserves = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const at = path.child('type');
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
  if (isEmbedded && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type === '' ? FieldError.required(at, detail) : FieldError.invalid(at, type, detail));
  } else if (type === '' && schema['x-kubernetes-int-or-string'] !== true && !preserves) {
    errors.push(FieldError.required(at, whereTypeIsMissing[level]));
  }
  if (isEmbedded && schema.additionalProperties !== undefined) {
    const detail = 'must not be used if x-kubernetes-embedded-resource is set';
    errors.push(FieldError.forbidden(path.child('additionalProperties'), detail));
  }
  if (level === 'root' && type !== '' && type !== 'object') {
    errors.push(FieldError.invalid(at, type, 'must be object at the root'));
  }
  if (isEmbedded && !preserves && Object.keys(schema.properties ?? {}).length === 0) {
    const detail =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(FieldError.required(path.child('properties'), detail));
  }
  return errors;
}

/** apiVersion, kind and metadata, at the root and in embedded resources. */
function checkTypeMeta(schema: StructuralSchema, level: Level, path: FieldPath): FieldError[] {
  const isResource = level === 'root' || schema['x-kubernetes-embedded-resource'] === true;
  if (!isResource || schema.properties === undefined) return [];
  const errors: FieldError[] = [];
  const at = (name: string) => path.child('properties').key(name);
  for (const name of ['kind', 'apiVersion']) {
    const below = schema.properties[name];
    if (below && below.type !== 'string') {
      errors.push(FieldError.invalid(at(name).child('type'), below.type ?? '', 'must be string'));
    }
  }
  const { metadata } = schema.properties;
  if (metadata === undefined) return errors;
  if (metadata.type !== 'object') {
    errors.push(FieldError.invalid(at('metadata').child('type'), metadata.type ?? '', 'must be object'));
  }
  if (level === 'root' && restrictsMetadata(metadata)) {
    const detail = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
    errors.push(FieldError.forbidden(at('metadata'), detail));
  }
  return errors;
}

function restrictsMetadata(metadata: StructuralSchema): boolean {
  const { type: _type, default: _default, properties = {}, additionalProperties, ...rest } = metadata;
  const isOnlyNames = Object.keys(properties).every((name) => name === 'name' || name === 'generateName');
  return !isOnlyNames || additionalProperties !== undefined || Object.values(rest).some((value) => !isZero(value));
}

/** Whether Go would not have written it: its zero value, or a list or map without members. */
export function isZero(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** The rules of junctors and patterns; two patterns for int-or-string may name types. */
export function checkValueRules(
  schema: StructuralSchema,
  skipAnyOf: boolean,
  skipFirstAllOf: boolean,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  const nested = (below: StructuralSchema, at: FieldPath, skip = false) =>
    errors.push(...checkNested(below, skip, at, checkValueRules));
  if (!skipAnyOf) for (const [i, below] of (schema.anyOf ?? []).entries()) nested(below, path.child('anyOf').index(i));
  for (const [i, below] of (schema.allOf ?? []).entries()) {
    nested(below, path.child('allOf').index(i), skipFirstAllOf && i === 0);
  }
  for (const [i, below] of (schema.oneOf ?? []).entries()) nested(below, path.child('oneOf').index(i));
  if (schema.not) nested(schema.not, path.child('not'));
  if (schema.pattern !== undefined && schema.pattern !== '') {
    const compiled = compilePattern(schema.pattern);
    if ('error' in compiled) {
      const detail = `must be a valid regular expression, but isn't: ${compiled.error}`;
      errors.push(FieldError.invalid(path.child('pattern'), schema.pattern, detail));
    }
  }
  return errors;
}

const intOrString = [{ type: 'integer' }, { type: 'string' }];

function isIntOrStringPattern(anyOf: readonly StructuralSchema[] | undefined): boolean {
  return anyOf !== undefined && deepEqual(anyOf, intOrString);
}

function startsWithIntOrString(schema: StructuralSchema): boolean {
  return isIntOrStringPattern(schema.allOf?.[0]?.anyOf);
}
