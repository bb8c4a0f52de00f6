import { isUtf8 } from 'node:buffer';
import { compareBytes } from '@setpoint/apimachinery/json';
import type { JsonObject, JsonValue } from '@setpoint/apimachinery/meta';
import {
  Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type ScalarTag,
  type Tags,
  visit,
  type YAMLParseError,
} from 'yaml';

/** A text that is no YAML, or that JSON cannot hold. */
export class YamlError extends Error {
  override readonly name = 'YamlError';
}

export interface ParsedYaml {
  readonly value: JsonValue;
  /** Keys given twice, all in one text, as the server reports them. */
  readonly problems: readonly string[];
}

/**
 * Reads the first document of a text as kubectl and the server do (YAML 1.1 as go-yaml v2 understands it):
 * 0644 is 420, `yes` is true, times are text, keys become strings. Throws YamlError.
 */
export function parseYaml(source: string | Uint8Array): ParsedYaml {
  const text = typeof source === 'string' ? source : textOf(source);
  if (/(?![\t\n\r])\p{Cc}/u.test(text)) throw new YamlError('yaml: control characters are not allowed');
  const lines = new LineCounter();
  const [document] = parseAllDocuments(text, {
    version: '1.1',
    customTags,
    intAsBigInt: true,
    uniqueKeys: false,
    merge: true,
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
  });
  if (!document || !(document instanceof Document)) return { value: null, problems: [] };
  const [error] = document.errors;
  if (error) throw syntaxError(error, lines, text);
  const reader = new Reader(document, lines);
  const value = reader.read(document.contents);
  const problems = repetitions(reader.repeated);
  return { value, problems };
}

/** @throws YamlError where the bytes are no UTF-8, in the words of go-yaml */
function textOf(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw new YamlError(`yaml: ${utf8Mistake(bytes)}`);
  return new TextDecoder().decode(bytes);
}

function utf8Mistake(bytes: Uint8Array): string {
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] as number;
    const width = first < 0x80 ? 1 : first >= 0xf8 ? 0 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;
    if (width === 0) return 'invalid leading UTF-8 octet';
    if (at + width > bytes.length) return 'incomplete UTF-8 octet sequence';
    for (let i = 1; i < width; i++) {
      if (((bytes[at + i] as number) & 0xc0) !== 0x80) return 'invalid trailing UTF-8 octet';
    }
    if (!isUtf8(bytes.subarray(at, at + width))) {
      return first === 0xc0 || first === 0xc1 ? 'invalid length of a UTF-8 sequence' : 'invalid Unicode character';
    }
    at += width;
  }
  return 'invalid UTF-8';
}

/** One is told by itself, several under a headline. */
function repetitions(lines: readonly string[]): readonly string[] {
  if (lines.length < 2) return lines;
  return [`yaml: unmarshal errors:\n${lines.map((line) => `  ${line}`).join('\n')}`];
}

/** How go-yaml names the commonest mistakes; `scanner` finds them a line later than the parser behind it. */
const mistakes: readonly {
  readonly code: string;
  readonly text?: RegExp;
  readonly says: string;
  readonly scanner: boolean;
}[] = [
  { code: 'BLOCK_AS_IMPLICIT_KEY', says: 'mapping values are not allowed in this context', scanner: true },
  { code: 'TAB_AS_INDENT', says: 'found a tab character that violates indentation', scanner: true },
  { code: 'BAD_SCALAR_START', says: 'found character that cannot start any token', scanner: true },
  { code: 'MISSING_CHAR', text: /quote/, says: 'found unexpected end of stream', scanner: true },
  { code: 'MISSING_CHAR', text: /map values/, says: "could not find expected ':'", scanner: true },
  { code: 'MISSING_CHAR', text: /^Flow seq/, says: "did not find expected ',' or ']'", scanner: false },
  { code: 'MISSING_CHAR', text: /^Flow map/, says: "did not find expected ',' or '}'", scanner: false },
  { code: 'BAD_INDENT', text: /^Flow seq/, says: "did not find expected ',' or ']'", scanner: false },
  { code: 'BAD_INDENT', text: /^Flow map/, says: "did not find expected ',' or '}'", scanner: false },
  { code: 'BAD_INDENT', text: /mapping items/, says: 'did not find expected key', scanner: false },
];

/** In the words of go-yaml where they are known. It leaves out the line of a mistake that its scanner finds in the first. */
function syntaxError(error: YAMLParseError, lines: LineCounter, source: string): YamlError {
  const { line } = lines.linePos(error.pos[0]);
  const wrongEnd = /\[\s*\}|\{\s*\]/.exec(source);
  if (wrongEnd && error.code === 'BAD_INDENT') {
    const before = source.slice(0, wrongEnd.index + wrongEnd[0].length).split('\n').length - 1;
    return new YamlError(`yaml: line ${before}: did not find expected node content`);
  }
  if (error.code === 'MISSING_CHAR' && /^Flow/.test(error.message) && /[[{,:]\s*$/.test(source)) {
    return new YamlError(`yaml: line ${line}: did not find expected node content`);
  }
  // A tab goes on with a text, or else begins something, which it cannot.
  if (error.code === 'TAB_AS_INDENT' && /:[ \t]*\n[ \t]*$/.test(source.slice(0, error.pos[0]))) {
    return new YamlError(`yaml: line ${line}: found character that cannot start any token`);
  }
  // The parser descends as deep as the text; how deep that may be depends on the stack.
  if (/call stack/.test(error.message)) return new YamlError('yaml: exceeded max depth of 1000');
  const mistake = mistakes.find(({ code, text }) => code === error.code && (text?.test(error.message) ?? true));
  if (!mistake) return new YamlError(`yaml: line ${line}: ${error.message}`);
  return new YamlError(mistake.scanner && line === 1 ? `yaml: ${mistake.says}` : `yaml: line ${line}: ${mistake.says}`);
}

/** Octal as people write it since YAML 1.2; kubectl reads both. */
const modernOctal: ScalarTag = {
  identify: () => false,
  default: true,
  tag: 'tag:yaml.org,2002:int',
  format: 'OCT',
  test: /^[-+]?0o[0-7_]+$/,
  resolve: (text) => {
    const digits = BigInt(`0o${text.replace(/[_+-]/g, '').slice(2)}`);
    return text.startsWith('-') ? -digits : digits;
  },
};

/** Without times (1:30, 2024-01-01), sets and the like, which the server takes for text. */
function customTags(tags: Tags): Tags {
  const unwanted = new Set(['timestamp', 'set', 'omap', 'pairs'].map((name) => `tag:yaml.org,2002:${name}`));
  const wanted = tags.filter(
    (tag) => typeof tag === 'string' || (!unwanted.has(tag.tag) && !('format' in tag && tag.format === 'TIME')),
  );
  return [modernOctal, ...wanted];
}

/** A point by itself is no number to go-yaml, and needs no quotes. */
function noPoint<T extends object>(tag: T): T {
  const { test } = tag as { readonly test?: RegExp };
  return test?.test('.') ? { ...tag, test: new RegExp(`(?!^\\.$)${test.source}`) } : tag;
}

/** An alias may stand for much: nobody needs more nodes than this from aliases. */
const maxAliasedNodes = 100_000;

class Reader {
  readonly repeated: string[] = [];
  readonly #document: Document;
  readonly #lines: LineCounter;
  #aliases = 0;
  #aliased = 0;

  constructor(document: Document, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  read(node: unknown, depth = 0): JsonValue {
    if (this.#aliases > 0 && ++this.#aliased > maxAliasedNodes) {
      throw new YamlError('yaml: document contains excessive aliasing');
    }
    if (depth > 1000) throw new YamlError('yaml: exceeded max depth of 1000');
    if (node === null || node === undefined) return null;
    if (isAlias(node)) {
      this.#aliases++;
      const value = this.read(this.#resolve(node), depth + 1);
      this.#aliases--;
      return value;
    }
    if (isScalar(node)) return scalar(node.value);
    if (isSeq(node)) return node.items.map((item) => this.read(item, depth + 1));
    if (isMap(node)) return this.#map(node.items, depth);
    throw new YamlError('yaml: unexpected node');
  }

  #resolve(alias: Parameters<typeof isAlias>[0] & { resolve(document: Document): Node | undefined; source: string }) {
    const target = alias.resolve(this.#document);
    if (!target) throw new YamlError(`yaml: unknown anchor '${alias.source}' referenced`);
    return target;
  }

  #map(items: readonly unknown[], depth: number): JsonValue {
    const own: Record<string, JsonValue> = Object.create(null);
    const merged: Record<string, JsonValue> = Object.create(null);
    for (const pair of items) {
      if (!isPair(pair)) continue;
      if (isMergeKey(pair.key)) {
        this.#merge(merged, pair.value, depth);
        continue;
      }
      const key = keyText(isAlias(pair.key) ? this.#resolve(pair.key as never) : pair.key);
      if (key in own)
        this.repeated.push(`line ${this.#lineOf(pair.key)}: key ${JSON.stringify(key)} already set in map`);
      own[key] = this.read(pair.value, depth + 1);
    }
    const object: Record<string, JsonValue> = {};
    for (const [key, value] of Object.entries({ ...merged, ...own })) define(object, key, value);
    return object;
  }

  #merge(into: Record<string, JsonValue>, value: unknown, depth: number): void {
    const source = this.read(value, depth + 1);
    for (const map of Array.isArray(source) ? source : [source]) {
      if (typeof map !== 'object' || map === null || Array.isArray(map)) {
        throw new YamlError('yaml: map merge requires map or sequence of maps as the value');
      }
      for (const [key, member] of Object.entries(map as JsonObject)) if (!(key in into)) into[key] = member;
    }
  }

  #lineOf(node: unknown): number {
    const range = (node as { range?: readonly number[] } | null)?.range;
    return this.#lines.linePos(range?.[0] ?? 0).line;
  }
}

function define(object: Record<string, JsonValue>, key: string, value: JsonValue): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && (key.source === '<<' || typeof key.value === 'symbol') && (key.type ?? 'PLAIN') === 'PLAIN';
}

function keyText(key: unknown): string {
  const value = isScalar(key) ? scalar(key.value) : undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  throw new YamlError('yaml: a key must be a scalar');
}

function scalar(value: unknown): JsonValue {
  if (typeof value === 'bigint') return integer(value);
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new YamlError(`json: unsupported value: ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`);
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  return value as JsonValue;
}

function integer(value: bigint): number | bigint {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  return BigInt.asIntN(64, value) === value ? value : number;
}

/** Writes YAML as the server does: sorted keys, lists not indented, nothing that a YAML 1.1 reader would misread. */
export function formatYaml(value: unknown): string {
  const document = new Document(value, {
    version: '1.1',
    compat: 'yaml-1.1',
    merge: false,
    customTags: (tags) =>
      customTags(tags)
        .filter((tag) => typeof tag !== 'string' && tag.tag !== 'tag:yaml.org,2002:merge')
        .map((tag) => (typeof tag === 'string' ? tag : noPoint(tag))),
    aliasDuplicateObjects: false,
    sortMapEntries: (a, b) =>
      compareBytes(String((a.key as { value?: unknown }).value), String((b.key as { value?: unknown }).value)),
  });
  document.schema.compat = document.schema.compat?.map(noPoint) ?? null;
  visit(document, {
    // As a key it would merge.
    Scalar: (_, node) => {
      if (node.value === '<<') node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ indentSeq: false, lineWidth: 0, directives: false });
}
