import { type Token, type TokenType, token } from './tokens.ts';

/** Text no token starts with, as far as the lexer read before it gave up. */
export interface LexicalError {
  readonly start: number;
  readonly text: string;
}

export interface Lexed {
  /** The tokens without white space and comments; the last is always the end. */
  readonly tokens: readonly Token[];
  readonly errors: readonly LexicalError[];
}

const single: Readonly<Record<string, TokenType>> = {
  '[': token.leftBracket,
  ']': token.rightBracket,
  '{': token.leftBrace,
  '}': token.rightBrace,
  '(': token.leftParen,
  ')': token.rightParen,
  ',': token.comma,
  '-': token.minus,
  '?': token.question,
  ':': token.colon,
  '+': token.plus,
  '*': token.star,
  '/': token.slash,
  '%': token.percent,
};

const words: ReadonlyMap<string, TokenType> = new Map<string, TokenType>([
  ['in', token.in],
  ['true', token.true],
  ['false', token.false],
  ['null', token.null],
]);

const hidden = /(?:[\t \r\n\f]+|\/\/[^\n]*)+/y;
const word = /[A-Za-z_][A-Za-z0-9_]*/y;
const escaped = /`[A-Za-z0-9_.\-/ ]+`/y;
const escapedPrefix = /`[A-Za-z0-9_.\-/ ]*/y;
const number = /0x[0-9A-Fa-f]+[uU]?|[0-9]+[uU]|(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y;
const longWord = /[uU]$/;
const escapeSequence = /\\(?:[abfnrtv"'\\?`]|[0-3][0-7][0-7]|[xX][0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})/y;
const escapePrefix = /\\(?:[0-3][0-7]?|[xX][0-9A-Fa-f]?|u[0-9A-Fa-f]{0,3}|U[0-9A-Fa-f]{0,7})?/y;

const matchLength = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex - at : 0;
};

/** How far a token reaches, or, negative and counted from -1, how far one was still possible. */
type Reach = number;
const failed = (read: number): Reach => -1 - read;

/** A string that starts with its quote at `at`; raw ones know no escapes. */
const stringReach = (text: string, at: number, raw: boolean): Reach => {
  const quote = text[at] as string;
  if (text.startsWith(quote.repeat(3), at)) {
    const long = bodyReach(text, at, quote.repeat(3), raw);
    return long > 0 ? long : 2;
  }
  return bodyReach(text, at, quote, raw);
};

const bodyReach = (text: string, at: number, quotes: string, raw: boolean): Reach => {
  let i = at + quotes.length;
  while (i < text.length) {
    if (text.startsWith(quotes, i)) return i + quotes.length - at;
    const c = text[i];
    if (quotes.length === 1 && (c === '\n' || c === '\r')) return failed(i - at);
    if (c === '\\' && !raw) {
      const length = matchLength(escapeSequence, text, i);
      if (length === 0) return failed(i + matchLength(escapePrefix, text, i) - at);
      i += length;
    } else i++;
  }
  return failed(text.length - at);
};

/** The length of a string or bytes literal with its prefix letters at `at`; 0 if none starts there. */
const literalReach = (text: string, at: number): { type: TokenType; reach: Reach } | undefined => {
  const match = /^(?:([bB])?([rR])?)["']/.exec(text.slice(at, at + 3));
  if (match === null) return undefined;
  const prefix = match[0].length - 1;
  const reach = stringReach(text, at + prefix, match[2] !== undefined);
  return {
    type: match[1] === undefined ? token.string : token.bytes,
    reach: reach > 0 ? reach + prefix : reach - prefix,
  };
};

interface Step {
  readonly type: TokenType;
  readonly reach: Reach;
}

const pairReach = (text: string, at: number): Step | undefined => {
  const next = text[at + 1];
  switch (text[at]) {
    case '=':
      return { type: token.equals, reach: next === '=' ? 2 : failed(1) };
    case '&':
      return { type: token.and, reach: next === '&' ? 2 : failed(1) };
    case '|':
      return { type: token.or, reach: next === '|' ? 2 : failed(1) };
    case '!':
      return next === '=' ? { type: token.notEquals, reach: 2 } : { type: token.exclamation, reach: 1 };
    case '<':
      return next === '=' ? { type: token.lessEquals, reach: 2 } : { type: token.less, reach: 1 };
    case '>':
      return next === '=' ? { type: token.greaterEquals, reach: 2 } : { type: token.greater, reach: 1 };
    default:
      return undefined;
  }
};

const numberStep = (text: string, at: number): Step | undefined => {
  const length = matchLength(number, text, at);
  if (length === 0) return undefined;
  const found = text.slice(at, at + length);
  if (longWord.test(found)) return { type: token.uint, reach: length };
  return { type: found.startsWith('0x') || !/[.eE]/.test(found) ? token.int : token.float, reach: length };
};

const nextStep = (text: string, at: number): Step => {
  const c = text[at] as string;
  const literal = literalReach(text, at);
  if (literal !== undefined && (literal.reach > 0 || c === '"' || c === "'")) return literal;
  const length = matchLength(word, text, at);
  if (length > 0) return { type: words.get(text.slice(at, at + length)) ?? token.identifier, reach: length };
  const numeric = numberStep(text, at);
  if (numeric !== undefined) return numeric;
  if (c === '.') return { type: token.dot, reach: 1 };
  if (c === '`') {
    const whole = matchLength(escaped, text, at);
    return { type: token.escapedIdentifier, reach: whole > 0 ? whole : failed(matchLength(escapedPrefix, text, at)) };
  }
  const type = single[c];
  return pairReach(text, at) ?? (type === undefined ? { type: token.eof, reach: failed(0) } : { type, reach: 1 });
};

const isPair = (text: string, at: number): boolean => (text.codePointAt(at) as number) > 0xffff;

/** Splits an expression into tokens. What cannot be read is reported and skipped, and reading goes on behind it. */
export const lex = (text: string, codePoints: number): Lexed => {
  const tokens: Token[] = [];
  const errors: LexicalError[] = [];
  const wide = codePoints !== text.length;
  let surrogates = 0;
  let counted = 0;
  const offset = (at: number): number => {
    if (!wide) return at;
    for (; counted < at; counted++) if (isPair(text, counted)) surrogates++;
    return at - surrogates;
  };
  let at = 0;
  while (at < text.length) {
    at += matchLength(hidden, text, at);
    if (at >= text.length) break;
    const { type, reach } = nextStep(text, at);
    const start = offset(at);
    if (reach > 0) {
      tokens.push({ type, text: text.slice(at, at + reach), start, stop: offset(at + reach) });
      at += reach;
      continue;
    }
    let end = at - 1 - reach;
    if (end < text.length) end += isPair(text, end) ? 2 : 1;
    errors.push({ start, text: text.slice(at, end) });
    at = end;
  }
  tokens.push({ type: token.eof, text: '<EOF>', start: codePoints, stop: codePoints });
  return { tokens, errors };
};
