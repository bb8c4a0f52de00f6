import { deepEqual } from '../patch/index.ts';
import { isFields, itemSchema, propertySchema } from './objects.ts';
import type { StructuralSchema } from './types.ts';

/** By what an item of a list of type map is known; undefined for one that lacks a key. */
export function mapItemKey(item: unknown, list: StructuralSchema): string | undefined {
  const keys = list['x-kubernetes-list-map-keys'] ?? [];
  if (!isFields(item) || keys.length === 0) return undefined;
  let text = '';
  for (const key of keys) {
    const value = Object.hasOwn(item, key) ? item[key] : undefined;
    if (value === undefined || value === null || typeof value === 'object') return undefined;
    text += `\0${typeof value}:${String(value)}`;
  }
  return text;
}

/**
 * A value beside the old value it took the place of, as far as the schema tells which that was: members of
 * objects by name, items of `x-kubernetes-list-type: map` by their keys, items of other lists never
 * (KEP-4008, CRD validation ratcheting).
 */
export class Correlated {
  readonly #value: unknown;
  readonly #old: unknown;
  readonly #schema: StructuralSchema;
  readonly #children = new Map<string | number, Correlated | undefined>();
  #isEqual: boolean | undefined;
  #oldItems: Map<string, unknown> | undefined;

  constructor(value: unknown, old: unknown, schema: StructuralSchema) {
    this.#value = value;
    this.#old = old;
    this.#schema = schema;
  }

  field(key: string): Correlated | undefined {
    if (!this.#children.has(key)) this.#children.set(key, this.#correlateField(key));
    return this.#children.get(key);
  }

  item(index: number): Correlated | undefined {
    if (!this.#children.has(index)) this.#children.set(index, this.#correlateItem(index));
    return this.#children.get(index);
  }

  /** Whether nothing changed. Members that the schema does not name cannot be compared: they count as changed. */
  isUnchanged(): boolean {
    this.#isEqual ??= this.#compare();
    return this.#isEqual;
  }

  #correlateField(key: string): Correlated | undefined {
    if (!isFields(this.#value) || !isFields(this.#old)) return undefined;
    if (!Object.hasOwn(this.#value, key) || !Object.hasOwn(this.#old, key)) return undefined;
    const { additionalProperties } = this.#schema;
    const below =
      propertySchema(this.#schema, key) ??
      (typeof additionalProperties === 'object' ? additionalProperties : undefined);
    return below && new Correlated(this.#value[key], this.#old[key], below);
  }

  #correlateItem(index: number): Correlated | undefined {
    if (!Array.isArray(this.#value) || !Array.isArray(this.#old)) return undefined;
    const below = itemSchema(this.#schema);
    if (below === undefined || this.#schema['x-kubernetes-list-type'] !== 'map') return undefined;
    const key = this.#keyOf(this.#value[index]);
    if (key === undefined) return undefined;
    if (this.#oldItems === undefined) {
      this.#oldItems = new Map();
      for (const item of this.#old) {
        const oldKey = this.#keyOf(item);
        if (oldKey !== undefined && !this.#oldItems.has(oldKey)) this.#oldItems.set(oldKey, item);
      }
    }
    const old = this.#oldItems.get(key);
    return old === undefined ? undefined : new Correlated(this.#value[index], old, below);
  }

  #keyOf(item: unknown): string | undefined {
    return mapItemKey(item, this.#schema);
  }

  #compare(): boolean {
    const [value, old] = [this.#value, this.#old];
    if (Array.isArray(value) && Array.isArray(old)) {
      if (value.length !== old.length) return false;
      if (this.#schema['x-kubernetes-list-type'] !== 'map') return deepEqual(value, old);
      return value.every((_, i) => this.item(i)?.isUnchanged() === true);
    }
    if (isFields(value) && isFields(old)) {
      const keys = Object.keys(value);
      if (keys.length !== Object.keys(old).length) return false;
      return keys.every((key) => this.field(key)?.isUnchanged() === true);
    }
    return deepEqual(value, old);
  }
}
