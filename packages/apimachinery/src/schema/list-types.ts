import { FieldError } from '../errors/index.ts';
import { stringifyJson } from '../json/index.ts';
import { type Fields, isFields, itemSchema, propertySchema, sortedJson } from './objects.ts';
import type { StructuralSchema } from './types.ts';
import { schemaHas } from './walk.ts';

/** Whether a schema has lists of type set or map: without them there is nothing to check. */
export function hasUniqueLists(schema: StructuralSchema): boolean {
  return schemaHas(schema, (node) => ['set', 'map'].includes(node['x-kubernetes-list-type'] ?? ''));
}

/** Items of `x-kubernetes-list-type: set`, and keys of items of `map`, must be unique. */
export function validateListTypes(value: unknown, schema: StructuralSchema | undefined, path = ''): FieldError[] {
  if (schema === undefined || typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return validateList(value, schema, path);
  const errors: FieldError[] = [];
  const fields = value as Fields;
  for (const key of Object.keys(fields)) {
    if (typeof schema.additionalProperties === 'object') {
      errors.push(...validateListTypes(fields[key], schema.additionalProperties, `${path}[${key}]`));
    }
    const property = propertySchema(schema, key);
    if (property) errors.push(...validateListTypes(fields[key], property, path === '' ? key : `${path}.${key}`));
  }
  return errors;
}

function validateList(items: readonly unknown[], schema: StructuralSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set') {
    for (const i of repeated(items)) errors.push(FieldError.duplicate(`${path}[${i}]`, sortedJson(items[i])));
  } else if (type === 'map') {
    errors.push(...validateMap(items, schema['x-kubernetes-list-map-keys'] ?? [], path));
  }
  const below = itemSchema(schema);
  for (const [i, item] of items.entries()) errors.push(...validateListTypes(item, below, `${path}[${i}]`));
  return errors;
}

function validateMap(items: readonly unknown[], keys: readonly string[], path: string): FieldError[] {
  const odd = items.findIndex((item) => item !== null && !isFields(item));
  if (odd >= 0) {
    const detail = 'must be an object for an array of list-type map';
    return [FieldError.invalid(`${path}[${odd}]`, sortedJson(items[odd]), detail)];
  }
  const itemKeys = items.map((item) => {
    const found: Fields = {};
    for (const key of keys) if (isFields(item) && Object.hasOwn(item, key)) found[key] = item[key];
    return found;
  });
  return repeated(itemKeys).map((i) => FieldError.duplicate(`${path}[${i}]`, sortedJson(itemKeys[i])));
}

/** Where a value appears for the second time; third and later times are not told. */
function repeated(items: readonly unknown[]): number[] {
  if (items.length <= 1) return [];
  const times = new Map<unknown, number>();
  const found: number[] = [];
  for (const [i, item] of items.entries()) {
    // Scalars are told apart by type, which the JSON text does: "1" and 1.
    const key = stringifyJson(item, { sortKeys: true });
    const count = times.get(key) ?? 0;
    if (count === 1) found.push(i);
    times.set(key, count + 1);
  }
  return found;
}
