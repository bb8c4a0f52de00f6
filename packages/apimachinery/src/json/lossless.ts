import type { JsonValue } from '../meta/index.ts';
import { JsonSyntaxError } from './errors.ts';

/** Go stops at 10,000; here whatever walks the value recursively must live with the stack that JavaScript has. */
const maxDepth = 1000;
const maxDuplicates = 100;

type Container = JsonValue[] | Record<string, JsonValue>;

/** The parser behind parseJson for texts that JSON.parse refuses or would lose something of. */
export function parseLossless(text: string, onDuplicate?: (path: string) => void): JsonValue {
  return new LosslessParser(text, onDuplicate).parse();
}

/** One text being read: position, and the path from the root to it. */
class LosslessParser {
  readonly #text: string;
  readonly #onDuplicate: ((path: string) => void) | undefined;
  readonly #reported = new Set<string>();
  readonly #path: (string | number)[] = [];
  #at = 0;
  #overflow: JsonSyntaxError | undefined;

  constructor(text: string, onDuplicate: ((path: string) => void) | undefined) {
    this.#text = text;
    this.#onDuplicate = onDuplicate;
  }

  parse(): JsonValue {
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) this.#unexpected('after top-level value');
    // Go checks the whole text before it looks at what it means.
    if (this.#overflow) throw this.#overflow;
    for (const path of this.#reported) this.#onDuplicate?.(path);
    return value;
  }

  #value(): JsonValue {
    this.#space();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      case '"':
        return this.#string();
      case 't':
        return this.#literal('true', true);
      case 'f':
        return this.#literal('false', false);
      case 'n':
        return this.#literal('null', null);
      default:
        return this.#number();
    }
  }

  #object(): Container {
    const object: Record<string, JsonValue> = {};
    const depth = this.#enter();
    this.#space();
    if (this.#take('}')) return object;
    for (;;) {
      this.#space();
      if (this.#text[this.#at] !== '"') this.#unexpected('looking for beginning of object key string');
      const key = this.#string();
      this.#space();
      if (!this.#take(':')) this.#unexpected('after object key');
      if (this.#onDuplicate && Object.hasOwn(object, key)) this.#duplicate(depth, key);
      this.#path[depth] = key;
      this.#path.length = depth + 1;
      setMember(object, key, this.#value());
      this.#space();
      if (this.#take(',')) continue;
      if (!this.#take('}')) this.#unexpected('after object key:value pair');
      this.#path.length = depth;
      return object;
    }
  }

  #array(): Container {
    const array: JsonValue[] = [];
    const depth = this.#enter();
    this.#space();
    if (this.#take(']')) return array;
    for (;;) {
      this.#path[depth] = array.length;
      this.#path.length = depth + 1;
      array.push(this.#value());
      this.#space();
      if (this.#take(',')) continue;
      if (!this.#take(']')) this.#unexpected('after array element');
      this.#path.length = depth;
      return array;
    }
  }

  #enter(): number {
    this.#at++;
    if (this.#path.length >= maxDepth) {
      throw new JsonSyntaxError(`invalid character '${this.#text[this.#at - 1]}' exceeded max depth`);
    }
    return this.#path.length;
  }

  #duplicate(depth: number, key: string): void {
    if (this.#reported.size >= maxDuplicates) return;
    let path = '';
    for (const step of this.#path.slice(0, depth)) {
      path += typeof step === 'number' ? `[${step}]` : path === '' ? step : `.${step}`;
    }
    path = depth === 0 ? key : `${path}.${key}`;
    this.#reported.add(path);
  }

  #string(): string {
    const start = ++this.#at;
    for (;;) {
      const c = this.#text.charCodeAt(this.#at);
      if (c === 0x22) {
        const plain = this.#text.slice(start, this.#at++);
        return plain.isWellFormed() ? plain : plain.toWellFormed();
      }
      if (c === 0x5c) return this.#escaped(start);
      if (c < 0x20 || Number.isNaN(c)) this.#unexpected('in string literal');
      this.#at++;
    }
  }

  /** The rest of a string from its first escape on. */
  #escaped(start: number): string {
    let value = this.#text.slice(start, this.#at);
    for (;;) {
      const c = this.#text[this.#at];
      if (c === '"') {
        this.#at++;
        return value.toWellFormed();
      }
      if (c === undefined || c < ' ') this.#unexpected('in string literal');
      this.#at++;
      value += c === '\\' ? this.#escape() : c;
    }
  }

  #escape(): string {
    const c = this.#text[this.#at] ?? '';
    if (c === 'u') return this.#hexadecimal();
    const value = escapes.get(c);
    if (value === undefined) this.#unexpected('in string escape code');
    this.#at++;
    return value;
  }

  #hexadecimal(): string {
    this.#at++;
    const start = this.#at;
    for (; this.#at < start + 4; this.#at++) {
      if (!/[0-9a-fA-F]/.test(this.#text[this.#at] ?? '')) this.#unexpected('in \\u hexadecimal character escape');
    }
    return String.fromCharCode(Number.parseInt(this.#text.slice(start, this.#at), 16));
  }

  #literal<T extends JsonValue>(word: string, value: T): T {
    for (let i = 1; i < word.length; i++) {
      this.#at++;
      if (this.#text[this.#at] !== word[i]) this.#unexpected(`in literal ${word} (expecting '${word[i]}')`);
    }
    this.#at++;
    return value;
  }

  #number(): number | bigint {
    const start = this.#at;
    const negative = this.#take('-');
    if (this.#take('0')) {
      // A leading zero stands alone.
    } else if (!this.#digits()) this.#unexpected(negative ? 'in numeric literal' : 'looking for beginning of value');
    let integer = true;
    if (this.#take('.')) {
      integer = false;
      if (!this.#digits()) this.#unexpected('after decimal point in numeric literal');
    }
    if (this.#take('e') || this.#take('E')) {
      integer = false;
      if (!this.#take('+')) this.#take('-');
      if (!this.#digits()) this.#unexpected('in exponent of numeric literal');
    }
    const literal = this.#text.slice(start, this.#at);
    const value = toNumber(literal, integer);
    if (!Number.isFinite(Number(value))) {
      this.#overflow ??= new JsonSyntaxError(`json: cannot unmarshal number ${literal} into Go value of type float64`);
    }
    return value;
  }

  #digits(): boolean {
    const start = this.#at;
    for (;;) {
      const c = this.#text.charCodeAt(this.#at);
      if (!(c >= 0x30 && c <= 0x39)) return this.#at > start;
      this.#at++;
    }
  }

  #space(): void {
    for (;;) {
      const c = this.#text.charCodeAt(this.#at);
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return;
      this.#at++;
    }
  }

  #take(c: string): boolean {
    if (this.#text[this.#at] !== c) return false;
    this.#at++;
    return true;
  }

  #unexpected(where: string): never {
    const point = this.#text.codePointAt(this.#at);
    if (point === undefined) {
      // At the end Go's scanner is given a blank, which some states take and others refuse.
      const refused = /^(in (literal|numeric|exponent|string escape|.u)|after decimal)/.test(where);
      throw new JsonSyntaxError(refused ? `invalid character ' ' ${where}` : 'unexpected end of JSON input');
    }
    throw new JsonSyntaxError(`invalid character ${quoteByte(point)} ${where}`);
  }
}

const escapes = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

function toNumber(literal: string, integer: boolean): number | bigint {
  const value = Number(literal);
  if (!integer) return value;
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  const exact = BigInt(literal);
  return BigInt.asIntN(64, exact) === exact ? exact : value;
}

function setMember(object: Record<string, JsonValue>, key: string, value: JsonValue): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else object[key] = value;
}

/** Go's scanner works on bytes and shows the offending one as a character. */
function quoteByte(point: number): string {
  const byte = firstByte(point);
  if (byte === 0x27) return "'\\''";
  if (byte === 0x22) return `'"'`;
  const named = new Map([
    [0x07, '\\a'],
    [0x08, '\\b'],
    [0x09, '\\t'],
    [0x0a, '\\n'],
    [0x0b, '\\v'],
    [0x0c, '\\f'],
    [0x0d, '\\r'],
    [0x5c, '\\\\'],
  ]).get(byte);
  if (named) return `'${named}'`;
  if (byte < 0x20 || byte === 0x7f) return `'\\x${byte.toString(16).padStart(2, '0')}'`;
  if ((byte >= 0x80 && byte < 0xa1) || byte === 0xad) return `'\\u${byte.toString(16).padStart(4, '0')}'`;
  return `'${String.fromCharCode(byte)}'`;
}

function firstByte(point: number): number {
  if (point < 0x80) return point;
  if (point < 0x800) return 0xc0 | (point >> 6);
  if (point < 0x10000) return 0xe0 | (point >> 12);
  return 0xf0 | (point >> 18);
}
