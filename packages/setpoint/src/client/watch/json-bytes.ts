/**
 * Finding one's way in the bytes of JSON without parsing them. Everything here assumes that the bytes are valid JSON;
 * where they are not, positions are wrong but in range, and the parser that comes after says so.
 */
const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;

/** A half-open range of bytes. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A member of an object: from the quote of its name to the end of its value. */
export interface Member extends Span {
  readonly value: Span;
}

/** The first position at or after `position` that is no white space, comma or colon. */
export function skipSeparators(bytes: Uint8Array, position: number, end: number): number {
  let i = position;
  for (; i < end; i++) {
    const c = bytes[i] as number;
    // Space, tab, line feed, carriage return, comma, colon.
    if (c !== 0x20 && c !== comma && c !== 0x3a && c !== 0x0a && c !== 0x0d && c !== 0x09) break;
  }
  return i;
}

/** The position after the string that begins at `position`. */
export function skipString(bytes: Uint8Array, position: number, end: number): number {
  for (let i = position + 1; i < end; i++) {
    const c = bytes[i];
    if (c === quote) return i + 1;
    if (c === backslash) i++;
  }
  return end;
}

/** The position after the value that begins at `position`. */
export function skipValue(bytes: Uint8Array, position: number, end: number): number {
  const first = bytes[position];
  if (first === quote) return skipString(bytes, position, end);
  if (first !== openBrace && first !== openBracket) return skipScalar(bytes, position, end);
  let depth = 0;
  for (let i = position; i < end; i++) {
    const c = bytes[i];
    if (c === quote) i = skipString(bytes, i, end) - 1;
    else if (c === openBrace || c === openBracket) depth++;
    else if ((c === closeBrace || c === closeBracket) && --depth === 0) return i + 1;
  }
  return end;
}

function skipScalar(bytes: Uint8Array, position: number, end: number): number {
  let i = position;
  for (; i < end; i++) {
    const c = bytes[i] as number;
    if (c === comma || c === closeBrace || c === closeBracket || c <= 0x20) break;
  }
  return i;
}

/** The member `path[0]`.`path[1]`.… of the object whose brace is at `position`; undefined if there is none. */
export function findMember(
  bytes: Uint8Array,
  position: number,
  end: number,
  path: readonly Uint8Array[],
): Member | undefined {
  let found: Member | undefined;
  let from = position;
  for (const name of path) {
    const at = findValue(bytes, from, end, name);
    if (!at) return undefined;
    const valueEnd = skipValue(bytes, at.start, end);
    found = { start: at.nameStart, end: valueEnd, value: { start: at.start, end: valueEnd } };
    from = at.start;
  }
  return found;
}

/** A member's name and where its value begins; the value itself is not walked through. */
export function findValue(
  bytes: Uint8Array,
  position: number,
  end: number,
  name: Uint8Array,
): { readonly nameStart: number; readonly start: number } | undefined {
  if (bytes[position] !== openBrace) return undefined;
  let i = skipSeparators(bytes, position + 1, end);
  while (i < end && bytes[i] === quote) {
    const nameEnd = skipString(bytes, i, end);
    const start = skipSeparators(bytes, nameEnd, end);
    if (nameEnd - i - 2 === name.length && equalAt(bytes, i + 1, name)) return { nameStart: i, start };
    i = skipSeparators(bytes, skipValue(bytes, start, end), end);
  }
  return undefined;
}

function equalAt(bytes: Uint8Array, position: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) if (bytes[position + i] !== name[i]) return false;
  return true;
}

/** The elements of the array whose bracket is at `position`; returns the position after it, or -1 if it has no end. */
export function* elementsOf(bytes: Uint8Array, position: number, end: number): Generator<Span, number> {
  if (bytes[position] !== openBracket) return skipValue(bytes, position, end);
  let i = skipSeparators(bytes, position + 1, end);
  while (i < end && bytes[i] !== closeBracket) {
    const valueEnd = skipValue(bytes, i, end);
    // A stray closing brace is no value and would be met for ever.
    if (valueEnd === i) return -1;
    yield { start: i, end: valueEnd };
    i = skipSeparators(bytes, valueEnd, end);
  }
  return i < end ? i + 1 : -1;
}

/** What to leave out so that the object is as if it had no such member: the member and one comma. */
export function withComma(bytes: Uint8Array, member: Span, end: number): Span {
  let after = member.end;
  while (after < end && (bytes[after] as number) <= 0x20) after++;
  if (bytes[after] === comma) return { start: member.start, end: after + 1 };
  let before = member.start - 1;
  while (before > 0 && (bytes[before] as number) <= 0x20) before--;
  return { start: bytes[before] === comma ? before : member.start, end: member.end };
}
