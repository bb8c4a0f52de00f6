import { JsonPathError, type Node } from './nodes.ts';

/** A template: text and actions `{…}` in turn, each action a list of nodes walked one after the other. */
export type Template = readonly (readonly Node[])[];

/** Reads a template in the dialect of k8s.io/client-go/util/jsonpath (without `range`). */
export function parseTemplate(text: string): Template {
  const actions: (readonly Node[])[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('{', at);
    if (open < 0) {
      actions.push([{ type: 'text', value: text.slice(at) }]);
      break;
    }
    if (open > at) actions.push([{ type: 'text', value: text.slice(at, open) }]);
    const parser = new ActionParser(text, open + 1);
    actions.push(parser.parse());
    at = parser.at;
  }
  return actions;
}

function parseAction(text: string): readonly Node[] {
  return parseTemplate(`{${text}}`)[0] ?? [];
}

/** Reads one action, from behind its `{` to behind its `}`. */
class ActionParser {
  readonly #text: string;
  readonly #nodes: Node[] = [];
  at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.at = at;
  }

  parse(): readonly Node[] {
    while (this.#text[this.at] !== '}') this.#node();
    this.at++;
    return this.#nodes;
  }

  #node(): void {
    const rest = this.#text.slice(this.at, this.at + 3);
    if (rest.startsWith('[?(')) this.#filter();
    else if (rest.startsWith('..')) this.#recursive();
    else {
      const c = this.#text[this.at];
      if (c === undefined || c === '\n' || c === '\r') throw new JsonPathError('unclosed action');
      if (c === ' ' || c === '@' || c === '$') this.at++;
      else if (c === '[') this.#brackets();
      else if (c === '"' || c === "'") this.#quoted(c);
      else if (c === '.') this.#field(this.at + 1);
      else if (/[+\-\p{Nd}]/u.test(c)) this.#number();
      else if (isWord(c)) this.#identifier();
      else throw new JsonPathError(`unrecognized character in action: ${describe(c)}`);
    }
  }

  #recursive(): void {
    if (this.#nodes.at(-1)?.type === 'recursive') throw new JsonPathError('invalid multiple recursive descent');
    this.at += 2;
    this.#nodes.push({ type: 'recursive' });
    if (isWord(this.#text[this.at] ?? '')) this.#field(this.at);
  }

  #field(start: number): void {
    this.at = start;
    while (this.at < this.#text.length && !isTerminator(this.#text[this.at] as string)) {
      this.at += this.#text[this.at] === '\\' ? 2 : 1;
    }
    const name = this.#text.slice(start, this.at);
    this.#nodes.push(name === '*' ? { type: 'wildcard' } : { type: 'field', name: name.replaceAll('\\', '') });
  }

  #number(): void {
    const [literal = ''] = /^[+-]?[.\p{Nd}]*/u.exec(this.#text.slice(this.at)) ?? [];
    this.at += literal.length;
    const value = Number(literal);
    if (!/\d/.test(literal) || Number.isNaN(value)) throw new JsonPathError(`cannot parse number ${literal}`);
    this.#nodes.push({ type: 'number', value, integer: !literal.includes('.') });
  }

  #identifier(): void {
    const start = this.at;
    while (this.at < this.#text.length && !isTerminator(this.#text[this.at] as string)) this.at++;
    const word = this.#text.slice(start, this.at);
    const isBoolean = word === 'true' || word === 'false';
    this.#nodes.push(isBoolean ? { type: 'boolean', value: word === 'true' } : { type: 'identifier', name: word });
  }

  #quoted(quote: string): void {
    const start = ++this.at;
    for (; ; this.at++) {
      const c = this.#text[this.at];
      if (c === undefined || c === '\n') throw new JsonPathError('unterminated quoted string');
      if (c === quote && this.#text[this.at - 1] !== '\\') break;
    }
    this.#nodes.push({ type: 'text', value: unquote(this.#text.slice(start, this.at++)) });
  }

  /** `[0]`, `[1:3]`, `[*]`, `['key']` or several of them. */
  #brackets(): void {
    const end = this.#text.indexOf(']', this.at);
    const line = this.#text.indexOf('\n', this.at);
    if (end < 0 || (line >= 0 && line < end)) throw new JsonPathError('unterminated array');
    const text = this.#text.slice(this.at + 1, end);
    this.at = end + 1;
    const parts = text.split(',');
    if (parts.length > 1) {
      const trim = (part: string) => part.replace(/^ +| +$/g, '');
      this.#nodes.push({ type: 'union', alternatives: parts.map((part) => parseAction(`[${trim(part)}]`)) });
      return;
    }
    const key = /^'([^']*)'$/.exec(text)?.[1];
    if (key !== undefined) this.#nodes.push(...parseAction(`.${key}`));
    else this.#nodes.push(parseSlice(text));
  }

  #filter(): void {
    const start = this.at + 3;
    this.at = start;
    let quote: string | undefined;
    let closed = false;
    for (; ; this.at++) {
      const c = this.#text[this.at];
      if (c === undefined || c === '\n') throw new JsonPathError('unterminated filter');
      if (c === '"' || c === "'") {
        if (quote === undefined) quote = c;
        else if (c === quote && this.#text[this.at - 1] !== '\\') closed = true;
      } else if (c === ')' && (quote !== undefined) === closed) break;
    }
    const text = this.#text.slice(start, this.at);
    if (this.#text[++this.at] !== ']') throw new JsonPathError('unclosed array expect ]');
    this.at++;
    const [, left, operator = 'exists', right] = /^([^!<>=]+)([!<>=]+)(.+?)$/.exec(text) ?? [];
    this.#nodes.push(
      left === undefined || right === undefined
        ? { type: 'filter', left: parseAction(text), operator: 'exists', right: [] }
        : { type: 'filter', left: parseAction(left), operator, right: parseAction(right) },
    );
  }
}

function parseSlice(text: string): Node {
  const match = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(text === '*' ? ':' : text);
  if (!match) throw new JsonPathError(`invalid array index ${text}`);
  const number = (part: string | undefined) => {
    const digits = part?.replace(':', '') ?? '';
    if (digits === '-') throw new JsonPathError(`array index ${digits} is not a number`);
    return digits === '' ? undefined : Number(digits);
  };
  const [start, end, step] = [number(match[1]), number(match[2]), number(match[3])];
  return {
    type: 'slice',
    index: match[2] === undefined,
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    ...(step === undefined ? {} : { step }),
  };
}

function isTerminator(c: string): boolean {
  return ' \t\r\n.,[]$@{}'.includes(c);
}

function isWord(c: string): boolean {
  return /[_\p{L}\p{Nd}]/u.test(c);
}

/** As Go's %#U writes a character. */
function describe(c: string): string {
  return `U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')} '${c}'`;
}

const named = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);

function unquote(text: string): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)/gs, (_, c: string) =>
    c.length > 1 ? String.fromCharCode(Number.parseInt(c.slice(1), 16)) : (named.get(c) ?? c),
  );
}
