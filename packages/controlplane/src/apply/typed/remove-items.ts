import type { JsonObject, JsonValue } from '@setpoint/apimachinery/meta';
import { type FieldPath, FieldSet } from '../fieldpath/index.ts';
import { knownElement } from './list-item.ts';
import { toFieldSet } from './to-field-set.ts';
import { firstShape, type ListSchema, type MapSchema, shapeOf, type TypeSchema } from './type-schema.ts';
import type { TypedValue } from './typed-value.ts';
import { asList, asObject, isEmptyObject, type MutableObject, setMember } from './values.ts';

/** The value without these fields; the value itself if it has none of them. What nothing is left of becomes null. */
export function removeItems(typed: TypedValue, items: FieldSet): TypedValue {
  const value = select(typed.value, items, typed.type, false);
  return value === typed.value ? typed : { value, type: typed.type };
}

/** Nothing of the value but these fields, and with `keys` the keys of the items that they are in. */
export function extractItems(typed: TypedValue, items: FieldSet, keys = false): TypedValue {
  const wanted = keys ? items.union(keysOf(typed, items)) : items;
  return { value: select(typed.value, wanted, typed.type, true), type: typed.type };
}

function keysOf(typed: TypedValue, items: FieldSet): FieldSet {
  const present = toFieldSet(typed);
  const keys: FieldPath[] = [];
  for (const path of items.paths()) {
    if (!present.has(path)) continue;
    for (const [index, element] of path.entries()) {
      if (typeof element === 'string' || element.kind !== 'key') continue;
      for (const { name } of element.fields) keys.push([...path.slice(0, index + 1), name]);
    }
  }
  return FieldSet.of(...keys);
}

function select(value: JsonValue, items: FieldSet, type: TypeSchema | undefined, extract: boolean): JsonValue {
  const shape = type && (shapeOf(type, value) ?? firstShape(type));
  switch (shape) {
    case 'scalar':
      return value;
    case 'list': {
      const list = type?.list as ListSchema;
      const values = asList(value);
      if (!values) return null;
      if (list.atomic || values.length === 0) return extract ? value : null;
      return selectItems(values, items, list, extract);
    }
    case 'map': {
      const map = type?.map as MapSchema;
      const object = asObject(value);
      if (!object) return null;
      if (map.atomic || isEmptyObject(object)) return extract ? value : null;
      return extract ? extractMembers(object, items, map) : removeMembers(object, items, map);
    }
    case undefined:
      return null;
  }
}

function selectItems(values: readonly JsonValue[], items: FieldSet, list: ListSchema, extract: boolean): JsonValue {
  const out: JsonValue[] = [];
  let changed = false;
  for (const value of values) {
    const entry = items.entry(knownElement(list, value));
    if (extract ? !entry : entry?.member) {
      changed = true;
      continue;
    }
    const kept = entry?.children ? select(value, entry.children, list.element, extract) : value;
    if (kept !== value) changed = true;
    out.push(kept);
  }
  if (out.length === 0) return null;
  return changed ? out : values;
}

function removeMembers(object: JsonObject, items: FieldSet, { fields, element }: MapSchema): JsonValue {
  let out: MutableObject | undefined;
  for (const { element: key, member, children } of items.entries) {
    if (typeof key !== 'string' || !Object.hasOwn(object, key)) continue;
    const value = object[key] as JsonValue;
    if (member) {
      out ??= { ...object };
      delete out[key];
      continue;
    }
    const kept = children ? select(value, children, fields.get(key)?.type ?? element, false) : value;
    if (kept === value) continue;
    out ??= { ...object };
    setMember(out, key, kept);
  }
  if (!out) return object;
  return isEmptyObject(out) ? null : out;
}

function extractMembers(object: JsonObject, items: FieldSet, { fields, element }: MapSchema): JsonValue {
  const out: MutableObject = {};
  for (const { element: key, member, children } of items.entries) {
    if (typeof key !== 'string' || !Object.hasOwn(object, key)) continue;
    const value = object[key] as JsonValue;
    // Of a member that is wanted itself, the server looks for the fields of its parent.
    const wanted = member ? items : children;
    if (wanted) setMember(out, key, select(value, wanted, fields.get(key)?.type ?? element, true));
  }
  return isEmptyObject(out) ? null : out;
}
