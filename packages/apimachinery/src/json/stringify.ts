import { compareBytes } from './order.ts';

/** Options of `stringifyJson`. */
export interface StringifyJsonOptions {
  /** Keys in byte order, as Go writes a map. Otherwise they come as the object has them. */
  readonly sortKeys?: boolean;
  /** Spaces a level; 0, the default, writes no white space. */
  readonly indent?: number;
}

/** What Go escapes inside strings beyond what JSON asks for; they occur nowhere else in JSON. */
const escapedByGo = /[<>&\u2028\u2029]/g;
const mayNeedEscape = /[<>&\u2028\u2029]/;
/** An object that begins with a key that looks like a number, or (harmlessly) a string that holds such a text. */
const numberLikeKey = /\{\s*"\d/;
const halfPair = /\\ud[89a-f]/;

/**
 * Writes JSON as Go's encoding/json does: `<`, `>`, `&`, U+2028 and U+2029 escaped, doubles in their shortest form,
 * `bigint` as an integer. `undefined` members are left out.
 *
 * An object with a key that looks like a number is a map, whatever `sortKeys` says, and gets its keys in byte
 * order: the order they were added in is not known, for V8 enumerates such keys first and by value.
 */
export function stringifyJson(value: unknown, options: StringifyJsonOptions = {}): string {
  const indent = options.indent ?? 0;
  if (options.sortKeys) return write(value, true, indent, '\n');
  let text: string | undefined;
  try {
    text = JSON.stringify(value, undefined, indent);
  } catch (error) {
    // A bigint: JSON.stringify knows no way to write it.
    if (!(error instanceof TypeError)) throw error;
  }
  if (text === undefined || numberLikeKey.test(text) || halfPair.test(text)) return write(value, false, indent, '\n');
  return mayNeedEscape.test(text) ? text.replace(escapedByGo, escapeAsGo) : text;
}

/** One string as JSON, with Go's escapes. */
export function quoteJsonString(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x20 || c === 0x22 || c === 0x5c || c === 0x3c || c === 0x3e || c === 0x26 || c > 0x7e) {
      return JSON.stringify(text.isWellFormed() ? text : text.toWellFormed()).replace(escapedByGo, escapeAsGo);
    }
  }
  return `"${text}"`;
}

function escapeAsGo(c: string): string {
  return `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function write(value: unknown, sort: boolean, indent: number, line: string): string {
  switch (typeof value) {
    case 'string':
      return quoteJsonString(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${value} cannot be written as JSON`);
      return String(value);
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value)
        ? writeArray(value, sort, indent, line)
        : writeObject(value as Record<string, unknown>, sort, indent, line);
    default:
      throw new TypeError(`a ${typeof value} cannot be written as JSON`);
  }
}

function writeArray(array: readonly unknown[], sort: boolean, indent: number, line: string): string {
  if (array.length === 0) return '[]';
  const inner = indent === 0 ? '' : line + ' '.repeat(indent);
  let text = '[';
  for (let i = 0; i < array.length; i++) {
    const item = array[i];
    text += (i === 0 ? inner : `,${inner}`) + (item === undefined ? 'null' : write(item, sort, indent, inner));
  }
  return `${text}${indent === 0 ? '' : line}]`;
}

function writeObject(object: Record<string, unknown>, sort: boolean, indent: number, line: string): string {
  const keys = Object.keys(object);
  if (sort || startsWithDigit(keys[0])) sortByBytes(keys);
  const inner = indent === 0 ? '' : line + ' '.repeat(indent);
  let text = '';
  for (const key of keys) {
    const member = object[key];
    if (member === undefined) continue;
    text += `${text === '' ? '' : ','}${inner}${quoteJsonString(key)}${indent === 0 ? ':' : ': '}`;
    text += write(member, sort, indent, inner);
  }
  return text === '' ? '{}' : `{${text}${indent === 0 ? '' : line}}`;
}

function startsWithDigit(key: string | undefined): boolean {
  const c = key?.charCodeAt(0) ?? 0;
  return c >= 0x30 && c <= 0x39;
}

/** Most objects are written in order already, and most keys are ASCII, where both orders agree. */
function sortByBytes(keys: string[]): void {
  for (let i = 1; i < keys.length; i++) {
    if (compareBytes(keys[i - 1] as string, keys[i] as string) > 0) {
      keys.sort(compareBytes);
      return;
    }
  }
}
