import { copyJson, type Fields, itemSchema, propertySchema, setField } from './objects.ts';
import type { StructuralSchema } from './types.ts';

/**
 * Makes of nulls what the server makes of them: a null where the schema does not allow one is dropped, unless
 * the schema has a default there, which `applyDefaults` then puts in its place. Nulls in lists stay.
 * Never changes its argument; unchanged parts are shared.
 */
export function dropNulls<T>(value: T, schema: StructuralSchema | undefined): T {
  if (typeof value !== 'object' || value === null || schema === undefined) return value;
  if (Array.isArray(value)) {
    const items = itemSchema(schema);
    let copy: unknown[] | undefined;
    for (let i = 0; i < value.length; i++) {
      const next = dropNulls(value[i], items);
      if (next === value[i]) continue;
      copy ??= [...value];
      copy[i] = next;
    }
    return (copy ?? value) as T;
  }
  const fields = value as Fields;
  let copy: Fields | undefined;
  for (const key of Object.keys(fields)) {
    const item = fields[key];
    if (item !== null && typeof item !== 'object') continue;
    const below = schemaOfField(schema, key);
    if (item === null) {
      if (below === undefined || below.nullable === true || hasDefault(below)) continue;
      copy ??= { ...fields };
      delete copy[key];
      continue;
    }
    const next = dropNulls(item, below);
    if (next !== item) copy = setField(copy ?? { ...fields }, key, next);
  }
  return (copy ?? value) as T;
}

/**
 * Fills in the defaults of the schema where a field is missing, or null without being nullable.
 * Never changes its argument; unchanged parts are shared; the same value comes back when nothing was missing.
 */
export function applyDefaults<T>(value: T, schema: StructuralSchema | undefined): T {
  if (typeof value !== 'object' || value === null || schema === undefined) return value;
  if (Array.isArray(value)) return defaultItems(value, schema) as T;
  return defaultFields(value as Fields, schema) as T;
}

function defaultItems(items: readonly unknown[], schema: StructuralSchema): readonly unknown[] {
  const below = itemSchema(schema);
  if (below === undefined) return items;
  let copy: unknown[] | undefined;
  for (let i = 0; i < items.length; i++) {
    const next = applyDefaults(fill(items[i], below), below);
    if (next === items[i]) continue;
    copy ??= [...items];
    copy[i] = next;
  }
  return copy ?? items;
}

function defaultFields(fields: Fields, schema: StructuralSchema): Fields {
  let copy: Fields | undefined;
  const { properties, additionalProperties } = schema;
  if (properties !== undefined) {
    for (const key of Object.keys(properties)) {
      const below = properties[key] as StructuralSchema;
      if (!hasDefault(below)) continue;
      const missing = !Object.hasOwn(fields, key) || (fields[key] === null && below.nullable !== true);
      if (missing) copy = setField(copy ?? { ...fields }, key, copyJson(below.default));
    }
  }
  const current = copy ?? fields;
  for (const key of Object.keys(current)) {
    const item = current[key];
    if (item !== null && typeof item !== 'object') continue;
    const property = propertySchema(schema, key);
    const below = property ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
    if (below === undefined) continue;
    const next = applyDefaults(property === undefined ? fill(item, below) : item, below);
    if (next !== item) copy = setField(copy ?? { ...fields }, key, next);
  }
  return copy ?? fields;
}

function fill(value: unknown, schema: StructuralSchema): unknown {
  if (value !== null || schema.nullable === true) return value;
  return hasDefault(schema) ? copyJson(schema.default) : null;
}

/** `default: null` is no default. */
export function hasDefault(schema: StructuralSchema): boolean {
  return schema.default !== undefined && schema.default !== null;
}

function schemaOfField(schema: StructuralSchema, key: string): StructuralSchema | undefined {
  const property = propertySchema(schema, key);
  if (property !== undefined) return property;
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}
