import type { JsonObject, JsonValue } from '@setpoint/apimachinery/meta';
import { FieldSet } from '../fieldpath/index.ts';
import { LevelBuilder } from './level.ts';
import { knownElement } from './list-item.ts';
import { firstShape, type ListSchema, type MapSchema, shapeOf, type TypeSchema } from './type-schema.ts';
import type { TypedValue } from './typed-value.ts';
import { asList, asObject, isEmptyObject } from './values.ts';

/** The value is a field of its own, not the parent of fields. */
const leaf = Symbol('leaf');

/**
 * The fields that a value has. Parents are not among them, but items of lists are, members of maps, and what is empty or
 * null and so has nothing below it.
 */
export function toFieldSet({ value, type }: TypedValue): FieldSet {
  const set = fieldsOf(value, type);
  return set === leaf || set === undefined ? FieldSet.empty : set;
}

function fieldsOf(value: JsonValue, type: TypeSchema): FieldSet | typeof leaf | undefined {
  switch (shapeOf(type, value) ?? firstShape(type)) {
    case 'scalar':
      return leaf;
    case 'list': {
      const list = type.list as ListSchema;
      if (list.atomic) return leaf;
      const items = asList(value);
      return items && itemsOf(items, list);
    }
    case 'map': {
      const map = type.map as MapSchema;
      if (map.atomic) return leaf;
      const object = asObject(value);
      return object && membersOf(object, map);
    }
    case undefined:
      return undefined;
  }
}

function membersOf(object: JsonObject, map: MapSchema): FieldSet | undefined {
  const level = new LevelBuilder();
  for (const key in object) {
    const value = object[key];
    if (value === undefined) continue;
    const field = map.fields.get(key);
    const type = field?.type ?? map.element;
    const below = type && fieldsOf(value, type);
    const children = below === leaf ? undefined : below;
    const itself = below === leaf || !field || value === null || isEmptyMap(value);
    if (field && itself && !children) level.add(field.leaf);
    else level.put(key, itself, children);
  }
  return level.build();
}

function isEmptyMap(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && isEmptyObject(value as JsonObject);
}

/** Of items that are there twice only that they are there is known, not what is below them. */
function itemsOf(items: readonly JsonValue[], list: ListSchema): FieldSet | undefined {
  const level = new LevelBuilder();
  const elements = items.map((item) => knownElement(list, item));
  const count = new Map<string, number>();
  for (const { text } of elements) count.set(text, (count.get(text) ?? 0) + 1);
  for (const [index, element] of elements.entries()) {
    const times = count.get(element.text);
    if (times === 0) continue;
    if (times !== 1) {
      count.set(element.text, 0);
      level.put(element, true, undefined);
      continue;
    }
    const below = fieldsOf(items[index] as JsonValue, list.element);
    level.put(element, true, below === leaf ? undefined : below);
  }
  return level.build();
}
