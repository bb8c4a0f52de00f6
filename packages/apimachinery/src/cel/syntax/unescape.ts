const simpleEscapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  "'": 39,
  '"': 34,
  '`': 96,
  '?': 63,
};

const digits: Readonly<Record<string, number>> = { x: 2, X: 2, u: 4, U: 8 };

const isScalar = (point: number): boolean => point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);

const body = (literal: string): { text: string; raw: boolean } => {
  let text = literal.replaceAll('\r\n', '\n').replaceAll('\r', '\n');
  const raw = text[0] === 'r' || text[0] === 'R';
  if (raw) text = text.slice(1);
  const quotes = text.length >= 6 && (text.startsWith('"""') || text.startsWith("'''")) ? 3 : 1;
  return { text: text.slice(quotes, -quotes), raw };
};

interface Escape {
  readonly value: number;
  readonly length: number;
}

/** The escape sequence at `at` (behind the backslash), or what is wrong with it. */
const readEscape = (text: string, at: number, bytes: boolean): Escape | string => {
  const c = text[at] ?? '';
  const simple = simpleEscapes[c];
  if (simple !== undefined) return { value: simple, length: 1 };
  const count = digits[c];
  if (count !== undefined) {
    if (bytes && count > 2) return 'unable to unescape string';
    const value = Number.parseInt(text.slice(at + 1, at + 1 + count), 16);
    return bytes || isScalar(value) ? { value, length: 1 + count } : 'invalid unicode code point';
  }
  return { value: Number.parseInt(text.slice(at, at + 3), 8), length: 3 };
};

/** What a string literal, as the lexer found it, stands for; or what is wrong with it. */
export const unescapeString = (literal: string): { value: string } | { error: string } => {
  const { text, raw } = body(literal);
  if (raw || !text.includes('\\')) return { value: text };
  let value = '';
  for (let i = 0; i < text.length; ) {
    if (text[i] !== '\\') {
      value += text[i++];
      continue;
    }
    const sequence = readEscape(text, i + 1, false);
    if (typeof sequence === 'string') return { error: sequence };
    value += String.fromCodePoint(sequence.value);
    i += 1 + sequence.length;
  }
  return { value };
};

/** As `unescapeString` for bytes: text is UTF-8, octal and hexadecimal escapes are bytes, code points cannot be written. */
export const unescapeBytes = (literal: string): { value: Uint8Array } | { error: string } => {
  const { text, raw } = body(literal);
  const encoder = new TextEncoder();
  if (raw || !text.includes('\\')) return { value: encoder.encode(text) };
  const value: number[] = [];
  for (let i = 0; i < text.length; ) {
    if (text[i] !== '\\') {
      const next = text.indexOf('\\', i);
      const end = next < 0 ? text.length : next;
      value.push(...encoder.encode(text.slice(i, end)));
      i = end;
      continue;
    }
    const sequence = readEscape(text, i + 1, true);
    if (typeof sequence === 'string') return { error: sequence };
    value.push(sequence.value & 0xff);
    i += 1 + sequence.length;
  }
  return { value: Uint8Array.from(value) };
};
