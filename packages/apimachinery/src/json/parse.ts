import type { JsonValue } from '../meta/index.ts';
import { parseLossless } from './lossless.ts';

/** Options of `parseJson`. */
export interface ParseJsonOptions {
  /**
   * Told of each key that an object has twice, in the order of the text, each path once and at most 100 of them:
   * `spec.a`, `spec.containers[0].name`. The last value of such a key wins.
   */
  readonly onDuplicate?: (path: string) => void;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Where JSON.parse would lose something: an integer of 16 digits or more, a negative zero, an exponent that
 * may overflow, half of a surrogate pair. Matches inside strings as well, which costs time but no correctness.
 */
const special = /(?:^|[\s:,[])-?(?:\d{16}|\d[\d.]*[eE]\+?\d{3})|(?:^|[\s:,[])-0(?!\.)|\\u[dD][89a-fA-F]/;

/**
 * Reads JSON as an API server does: integers beyond 2^53 that fit 64 bits come as `bigint`, larger ones as the
 * nearest double; `__proto__` is a key like any other; half surrogate pairs become U+FFFD. With onDuplicate, nesting
 * deeper than 1,000 is refused, so that nothing that walks the value overflows.
 *
 * Throws JsonSyntaxError with the message of Go's encoding/json. About as fast as JSON.parse unless the text
 * holds something that JSON.parse cannot keep.
 */
export function parseJson(text: string | Uint8Array, options: ParseJsonOptions = {}): JsonValue {
  const source = typeof text === 'string' ? text : decoder.decode(text);
  if (special.test(source)) return parseLossless(source, options.onDuplicate);
  let value: JsonValue;
  try {
    value = JSON.parse(source);
  } catch {
    return parseLossless(source, options.onDuplicate);
  }
  if (!options.onDuplicate) return value;
  const members = countMembers(source);
  if (members !== undefined && members === countKeys(value)) return value;
  return parseLossless(source, options.onDuplicate);
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
/** Deeper texts go to the lossless parser, which refuses them. */
const plainDepth = 1000;

/** Members of all objects of a valid text, repeated ones included: the colons outside strings. */
function countMembers(text: string): number | undefined {
  let members = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === quote) {
      for (i++; ; i++) {
        const s = text.charCodeAt(i);
        if (s === quote) break;
        if (s === backslash) i++;
      }
    } else if (c === colon) members++;
    else if (c === 0x7b || c === 0x5b) {
      if (++depth > plainDepth) return undefined;
    } else if (c === 0x7d || c === 0x5d) depth--;
  }
  return members;
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let keys = 0;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') keys += countKeys(item);
    return keys;
  }
  for (const key in value) {
    keys++;
    const member = (value as Record<string, unknown>)[key];
    if (typeof member === 'object') keys += countKeys(member);
  }
  return keys;
}
