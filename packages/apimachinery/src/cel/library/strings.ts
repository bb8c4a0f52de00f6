import type { FunctionLibrary } from '../interpret/index.ts';
import { ArrayList, CelError, codePoints, goText, type Int, type ListValue, type Value } from '../values/index.ts';
import { formatString } from './format-string.ts';

/** cel-go's strings extension, version 2. Positions count code points. */

const outOfRange = (index: Int): CelError => new CelError(`index out of range: ${index}`);

function charAt(text: string, index: Int): Value {
  const characters = [...text];
  if (index < 0 || index > characters.length) return outOfRange(index);
  return characters[Number(index)] ?? '';
}

/** The place of a part in code points, searched forwards from an offset. */
function indexOf(text: string, part: string, offset: Int): Value {
  if (part === '') return offset;
  if (offset < 0) return outOfRange(offset);
  const units = unitOffset(text, offset);
  const found = units === undefined ? -1 : text.indexOf(part, units);
  return found < 0 ? -1 : codePoints(text.slice(0, found));
}

/** Backwards, from the offset on. */
function lastIndexOf(text: string, part: string, offset: Int): Value {
  if (part === '') return offset;
  if (offset < 0) return outOfRange(offset);
  const units = unitOffset(text, offset);
  const found = units === undefined ? -1 : text.lastIndexOf(part, units);
  return found < 0 ? -1 : codePoints(text.slice(0, found));
}

/** Where the code point of that number begins; undefined at or behind the end. */
function unitOffset(text: string, point: Int): number | undefined {
  let seen = 0;
  for (let i = 0; i < text.length; i++, seen++) {
    if (seen === point) return i;
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) i++;
  }
  return undefined;
}

function substring(text: string, start: Int, end: Int | undefined): Value {
  const characters = [...text];
  if (end !== undefined && start > end) {
    return new CelError(`invalid substring range. start: ${start}, end: ${end}`);
  }
  if (start < 0 || start > characters.length) return outOfRange(start);
  if (end !== undefined && (end < 0 || end > characters.length)) return outOfRange(end);
  return characters.slice(Number(start), end === undefined ? undefined : Number(end)).join('');
}

/** Up to `count` parts, the last with all the rest; negative is no limit. */
function split(text: string, separator: string, count: Int): Value {
  if (count === 0) return new ArrayList([]);
  const parts = separator === '' ? [...text] : text.split(separator);
  if (count < 0 || parts.length <= count) return new ArrayList(parts);
  const kept = Number(count) - 1;
  return new ArrayList([...parts.slice(0, kept), parts.slice(kept).join(separator)]);
}

function replace(text: string, from: string, to: string, count: Int): Value {
  if (count < 0)
    return from === '' ? to + [...text].map((character) => character + to).join('') : text.replaceAll(from, to);
  if (from === '') {
    const characters = [...text];
    const inserted = Math.min(Number(count), characters.length + 1);
    return (
      characters.map((character, i) => (i < inserted ? to : '') + character).join('') +
      (inserted > characters.length ? to : '')
    );
  }
  const parts = text.split(from);
  const replaced = Math.min(Number(count), parts.length - 1);
  return (
    parts.slice(0, replaced + 1).join(to) +
    parts
      .slice(replaced + 1)
      .map((part) => from + part)
      .join('')
  );
}

const spaces = '[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+';
const leading = new RegExp(`^${spaces}`);
const space = new RegExp(`^${spaces}$`);

function trim(text: string): string {
  let end = text.length;
  while (end > 0 && space.test(text[end - 1] as string)) end--;
  return text.slice(0, end).replace(leading, '');
}

function join(list: ListValue, separator: string): Value {
  const parts: string[] = [];
  for (let i = 0; i < list.size; i++) {
    const part = list.at(i);
    if (typeof part !== 'string') return new CelError(`join: invalid input: ${goText(part)}`);
    parts.push(part);
  }
  return parts.join(separator);
}

const escapes = new Map([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
  ['"', '\\"'],
]);

const quote = (text: string): string =>
  `"${[...text.toWellFormed()].map((character) => escapes.get(character) ?? character).join('')}"`;

const lower = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
const upper = (text: string): string => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());

type Args = readonly [string, string, string, Int];

/** The guards of the overloads have looked at the types already. */
const variadic = (call: (...args: Args) => Value) => ({
  variadic: (args: readonly Value[]) => call(...(args as Args)),
});

export const stringFunctions: FunctionLibrary = {
  charAt: { overloads: { string_char_at_int: { binary: (text, index) => charAt(text as string, index as Int) } } },
  indexOf: {
    overloads: {
      string_index_of_string: { binary: (text, part) => indexOf(text as string, part as string, 0) },
      string_index_of_string_int: {
        variadic: ([text, part, offset]) => indexOf(text as string, part as string, offset as Int),
      },
    },
  },
  lastIndexOf: {
    overloads: {
      string_last_index_of_string: { binary: (text, part) => lastIndex(text as string, part as string) },
      string_last_index_of_string_int: {
        variadic: ([text, part, offset]) => lastIndexOf(text as string, part as string, offset as Int),
      },
    },
  },
  lowerAscii: { overloads: { string_lower_ascii: { unary: (text) => lower(text as string) } } },
  upperAscii: { overloads: { string_upper_ascii: { unary: (text) => upper(text as string) } } },
  trim: { overloads: { string_trim: { unary: (text) => trim(text as string) } } },
  replace: {
    overloads: {
      string_replace_string_string: variadic((text, from, to) => replace(text, from, to, -1)),
      string_replace_string_string_int: variadic(replace),
    },
  },
  split: {
    overloads: {
      string_split_string: { binary: (text, separator) => split(text as string, separator as string, -1) },
      string_split_string_int: {
        variadic: ([text, separator, count]) => split(text as string, separator as string, count as Int),
      },
    },
  },
  substring: {
    overloads: {
      string_substring_int: { binary: (text, start) => substring(text as string, start as Int, undefined) },
      string_substring_int_int: {
        variadic: ([text, start, end]) => substring(text as string, start as Int, end as Int),
      },
    },
  },
  format: {
    overloads: {
      string_format: { variadic: ([text, args]) => formatString(text as string, args as ListValue) },
    },
  },
  'strings.quote': { overloads: { strings_quote: { unary: (text) => quote(text as string) } } },
  join: {
    overloads: {
      list_join: { unary: (list) => join(list as ListValue, '') },
      list_join_string: { binary: (list, separator) => join(list as ListValue, separator as string) },
    },
  },
};

function lastIndex(text: string, part: string): Value {
  const length = codePoints(text);
  if (part === '') return length;
  return length === 0 ? -1 : lastIndexOf(text, part, length - 1);
}
