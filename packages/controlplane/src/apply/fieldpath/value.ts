import { goFloat, goQuote } from '@setpoint/apimachinery/errors';
import { compareBytes, quoteJsonString } from '@setpoint/apimachinery/json';
import type { JsonObject, JsonValue } from '@setpoint/apimachinery/meta';

/** Numbers, strings, booleans, lists, objects, null: values of different types in this order. */
export function compareValues(a: JsonValue, b: JsonValue): number {
  const difference = rank(a) - rank(b);
  if (difference !== 0) return difference;
  switch (typeof a) {
    case 'number':
    case 'bigint':
      return a === b ? 0 : a < (b as number) ? -1 : a > (b as number) ? 1 : 0;
    case 'string':
      return compareBytes(a, b as string);
    case 'boolean':
      return Number(a) - Number(b);
    default:
      if (a === null) return 0;
      return Array.isArray(a)
        ? compareLists(a, b as readonly JsonValue[])
        : compareObjects(a as JsonObject, b as JsonObject);
  }
}

function rank(value: JsonValue): number {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return 0;
    case 'string':
      return 1;
    case 'boolean':
      return 2;
    default:
      return value === null ? 5 : Array.isArray(value) ? 3 : 4;
  }
}

function compareLists(a: readonly JsonValue[], b: readonly JsonValue[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = compareValues(a[i] as JsonValue, b[i] as JsonValue);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** By the first key, in order, that only one has, or that has other values. */
function compareObjects(a: JsonObject, b: JsonObject): number {
  const left = Object.keys(a).length;
  const right = Object.keys(b).length;
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort(compareBytes);
  for (const [index, key] of keys.entries()) {
    if (index === left) return -1;
    if (index === right) return 1;
    if (!Object.hasOwn(a, key)) return 1;
    if (!Object.hasOwn(b, key)) return -1;
    const difference = compareValues(a[key] as JsonValue, b[key] as JsonValue);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** As it stands in a path of FieldsV1: JSON with Go's escapes and exponents, keys in byte order. */
export function valueJson(value: JsonValue): string {
  switch (typeof value) {
    case 'string':
      return quoteJsonString(value);
    case 'number':
      return String(value).replace(/e-(\d)$/, 'e-0$1');
    case 'object': {
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map(valueJson).join(',')}]`;
      const object = value as JsonObject;
      const keys = Object.keys(object).sort(compareBytes);
      return `{${keys.map((key) => `${quoteJsonString(key)}:${valueJson(object[key] as JsonValue)}`).join(',')}}`;
    }
    default:
      return String(value);
  }
}

/** As it stands in a message. What was read from FieldsV1 has only doubles, and large ones get an exponent. */
export function valueText(value: JsonValue, doubles: boolean): string {
  switch (typeof value) {
    case 'string':
      return goQuote(value);
    case 'number':
    case 'bigint':
      return doubles || (typeof value === 'number' && !Number.isInteger(value))
        ? goFloat(Number(value))
        : String(value);
    case 'object': {
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map((item) => valueText(item, doubles)).join(',')}]`;
      const members = Object.entries(value as JsonObject);
      return members.map(([key, member]) => `${key}=${valueText(member, doubles)}`).join('');
    }
    default:
      return String(value);
  }
}
