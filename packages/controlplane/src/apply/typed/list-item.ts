import type { JsonValue } from '@setpoint/apimachinery/meta';
import { type ItemElement, invalidElement, type KeyField, keyElement, valueElement } from '../fieldpath/index.ts';
import type { ListSchema } from './type-schema.ts';
import { asObject, member } from './values.ts';

/** The element that an item of a list that is a set or a map has in paths, or why it has none. */
export function itemElement(list: ListSchema, item: JsonValue): ItemElement | string {
  if (list.atomic) return 'invalid indexing of non-associative list';
  return list.keys.length > 0 ? keyedItem(list, item) : setItem(item);
}

/** Like itemElement, for lists that have been looked at before. */
export function knownElement(list: ListSchema, item: JsonValue): ItemElement {
  const element = itemElement(list, item);
  return typeof element === 'string' ? invalidElement : element;
}

/** A key that is missing and has no default is left out: that is another item than one with the key. */
function keyedItem(list: ListSchema, item: JsonValue): ItemElement | string {
  if (item === null) return 'associative list with keys may not have a null element';
  const object = asObject(item);
  if (!object) return 'associative list with keys may not have non-map elements';
  const fields: KeyField[] = [];
  for (const name of list.keys) {
    const given = member(object, name);
    if (given !== undefined) {
      fields.push({ name, value: given });
      continue;
    }
    const { map } = list.element;
    if (!map) return `couldn't find default value for ${name}: associative list may not have non-map types`;
    const fallback = map.fields.get(name)?.default;
    if (fallback !== undefined && fallback !== null) fields.push({ name, value: fallback });
  }
  if (fields.length > 0) return keyElement(fields);
  const names = list.keys.map((key) => JSON.stringify(key)).join(' ');
  return `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`;
}

function setItem(item: JsonValue): ItemElement | string {
  if (item === null) return "associative list without keys has an element that's an explicit null";
  if (typeof item !== 'object') return valueElement(item);
  return Array.isArray(item)
    ? 'not supported: associative list with lists as elements'
    : "associative list without keys has an element that's a map type";
}
