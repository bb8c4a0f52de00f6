import { isJsonObject } from '@setpoint/apimachinery/json';
import type { JsonObject, JsonValue } from '@setpoint/apimachinery/meta';
import { type FieldEntry, FieldSet } from './field-set.ts';
import { compareElements, indexElement, keyElement, type PathElement, valueElement } from './path-element.ts';

/** Says why something is not FieldsV1. */
export class FieldsV1Error extends Error {
  override readonly name = 'FieldsV1Error';
}

const nothing: JsonObject = Object.freeze({});

export function writeFieldsV1(set: FieldSet): JsonObject {
  return set.entries.length === 0 ? {} : writeInto({}, set);
}

function writeInto(json: { [key: string]: JsonValue }, set: FieldSet): JsonObject {
  for (const { element, member, children } of set.entries) {
    const key = typeof element === 'string' ? `f:${element}` : element.text;
    json[key] = children ? writeInto(member ? { '.': nothing } : {}, children) : nothing;
  }
  return json;
}

export function readFieldsV1(fields: JsonObject): FieldSet {
  return readLevel(fields).children ?? FieldSet.empty;
}

/** What a key stands for: itself, what is below it, or both. Nothing below means itself. */
function readLevel(fields: JsonValue): { member: boolean; children: FieldSet | undefined } {
  if (fields === null) return { member: true, children: undefined };
  if (!isJsonObject(fields)) throw new FieldsV1Error('ReadMapCB: expect { or n');
  let member = false;
  let sorted = true;
  const entries: FieldEntry[] = [];
  for (const key in fields) {
    if (key === '.') {
      member = true;
      continue;
    }
    const element = readElement(key);
    if (element === undefined) continue;
    const below = readLevel(fields[key] as JsonValue);
    const last = entries.at(-1);
    if (last && compareElements(last.element, element) >= 0) sorted = false;
    entries.push({ element, member: below.member, children: below.children });
  }
  if (entries.length === 0) return { member: true, children: undefined };
  return { member, children: new FieldSet(sorted ? entries : normalise(entries)) };
}

/** Sorted; of two spellings of one element the later says what is below it. */
function normalise(entries: readonly FieldEntry[]): FieldEntry[] {
  const out: FieldEntry[] = [];
  for (const entry of entries.toSorted((a, b) => compareElements(a.element, b.element))) {
    const last = out.at(-1);
    if (!last || compareElements(last.element, entry.element) !== 0) out.push(entry);
    else {
      const member = last.member || entry.member;
      out[out.length - 1] = { element: last.element, member, children: entry.children ?? last.children };
    }
  }
  return out;
}

/** Undefined for an element of a kind that is not known. */
function readElement(key: string): PathElement | undefined {
  if (key.length < 2) throw new FieldsV1Error('parsing key as path element: key must be 2 characters long:');
  if (key[1] !== ':') throw new FieldsV1Error(`parsing key as path element: missing colon: ${key}`);
  const content = key.slice(2);
  switch (key[0]) {
    case 'f':
      return content;
    case 'v':
      return valueElement(parse(content));
    case 'k': {
      const value = parse(content);
      if (!isJsonObject(value)) throw new FieldsV1Error('parsing key as path element: ReadObjectCB: expect { or n');
      const fields = Object.keys(value).map((name) => ({ name, value: value[name] as JsonValue }));
      return keyElement(fields);
    }
    case 'i':
      if (!/^[+-]?\d+$/.test(content)) {
        throw new FieldsV1Error(`parsing key as path element: strconv.Atoi: parsing "${content}": invalid syntax`);
      }
      return indexElement(Number(content));
    default:
      return undefined;
  }
}

/** All numbers are doubles here, unlike those of objects. */
function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw new FieldsV1Error(`parsing key as path element: ${text} is not JSON`, { cause: error });
  }
}
