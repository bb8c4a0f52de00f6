import { type Fields, isFields, isMetaField, itemSchema, propertySchema, setField } from './objects.ts';
import type { StructuralSchema } from './types.ts';

/** Options of `prune`. */
export interface PruneOptions {
  /** The value is a whole object: its apiVersion, kind and metadata are not the schema's business. Default true. */
  readonly isResourceRoot?: boolean;
}

/** What is left after pruning, and what was cut. */
export interface Pruned<T> {
  /** What is left; the very same value when nothing was dropped. Unchanged parts are shared. */
  readonly value: T;
  /** Paths of dropped fields (`spec.list[0].b`), in byte order. */
  readonly paths: readonly string[];
}

/**
 * Drops what the schema does not name, except below `x-kubernetes-preserve-unknown-fields`, and except
 * apiVersion, kind and metadata of embedded resources. Never changes its argument.
 */
export function prune<T>(value: T, schema: StructuralSchema, options: PruneOptions = {}): Pruned<T> {
  const paths: string[] = [];
  const root =
    (options.isResourceRoot ?? true) && schema['x-kubernetes-embedded-resource'] !== true
      ? { ...schema, 'x-kubernetes-embedded-resource': true }
      : schema;
  const pruned = pruneValue(value, root, '', paths) as T;
  return { value: pruned, paths: paths.length > 1 ? paths.sort(byBytes) : paths };
}

function pruneValue(value: unknown, schema: StructuralSchema | undefined, path: string, paths: string[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (schema?.['x-kubernetes-preserve-unknown-fields'] === true) return keepUnknown(value, schema, path, paths);
  if (Array.isArray(value)) {
    const items = schema && itemSchema(schema);
    return mapItems(value, (item, i) => pruneValue(item, items, `${path}[${i}]`, paths));
  }
  return pruneFields(value as Fields, schema, path, paths);
}

function pruneFields(fields: Fields, schema: StructuralSchema | undefined, path: string, paths: string[]): Fields {
  let copy: Fields | undefined;
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    if (schema?.['x-kubernetes-embedded-resource'] === true && isMetaField.has(key)) continue;
    const property = schema && propertySchema(schema, key);
    const additional = schema?.additionalProperties;
    if (property === undefined && additional === undefined) {
      if (!isMetaField.has(key) || path !== '') paths.push(join(path, key));
      copy ??= { ...fields };
      delete copy[key];
      continue;
    }
    if (typeof value !== 'object' || value === null) continue;
    const below = property ?? (typeof additional === 'object' ? additional : undefined);
    const next = pruneValue(value, below, join(path, key), paths);
    if (next !== value) copy = setField(copy ?? { ...fields }, key, next);
  }
  return copy ?? fields;
}

/** Below preserve-unknown-fields nothing is dropped, until the schema names a property again. */
function keepUnknown(value: object, schema: StructuralSchema, path: string, paths: string[]): unknown {
  if (Array.isArray(value)) {
    const items = itemSchema(schema);
    if (items === undefined) return value;
    return mapItems(value, (item, i) =>
      isFields(item) || Array.isArray(item) ? keepUnknown(item, items, `${path}[${i}]`, paths) : item,
    );
  }
  let copy: Fields | undefined;
  const fields = value as Fields;
  for (const key of Object.keys(fields)) {
    if (schema['x-kubernetes-embedded-resource'] === true && isMetaField.has(key)) continue;
    const property = propertySchema(schema, key);
    const additional = schema.additionalProperties;
    if (property === undefined && additional === undefined) continue;
    const below = property ?? (typeof additional === 'object' ? additional : undefined);
    const next = pruneValue(fields[key], below, join(path, key), paths);
    if (next !== fields[key]) copy = setField(copy ?? { ...fields }, key, next);
  }
  return copy ?? fields;
}

function mapItems(items: readonly unknown[], map: (item: unknown, index: number) => unknown): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let i = 0; i < items.length; i++) {
    const next = map(items[i], i);
    if (next === items[i]) continue;
    copy ??= [...items];
    copy[i] = next;
  }
  return copy ?? items;
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
