import type { parse as Parse } from '@babel/parser';
import { Failure, sentenceOf } from '../failure.ts';

type Tree = ReturnType<typeof Parse>;
export type Statement = Tree['program']['body'][number];
export type Expression = Extract<Statement, { type: 'ExpressionStatement' }>['expression'];
export type CallExpression = Extract<Expression, { type: 'CallExpression' }>;
export type ObjectExpression = Extract<Expression, { type: 'ObjectExpression' }>;
export type ObjectProperty = Extract<ObjectExpression['properties'][number], { type: 'ObjectProperty' }>;

/** From where to where something stands in a source. */
export interface Span {
  readonly start?: number | null;
  readonly end?: number | null;
}

/** How a person writes, as far as it shows. */
export interface Style {
  readonly quote: "'" | '"';
  readonly semicolon: '' | ';';
  readonly newline: '\n' | '\r\n';
  /** One step of indentation. */
  readonly indent: string;
}

/** A parsed TypeScript source. */
export interface Source {
  /** In the project, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly body: readonly Statement[];
  readonly comments: readonly { readonly start: number; readonly end: number }[];
  readonly style: Style;
}

/** A replacement of a part of a source; an insertion where `start` and `end` are the same. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** @throws Failure naming file and line for what is no TypeScript */
export async function parseSource(path: string, text: string): Promise<Source> {
  const { parse } = await import('@babel/parser');
  try {
    const { program, comments } = parse(text, {
      sourceType: 'module',
      plugins: ['typescript', 'decorators'],
      createParenthesizedExpressions: true,
    });
    const { body } = program;
    const spans = (comments ?? []).map(({ start, end }) => ({ start: start ?? 0, end: end ?? 0 }));
    return { path, text, body, comments: spans, style: styleOf(text, body) };
  } catch (error) {
    const { line } = (error as { readonly loc?: { readonly line: number } }).loc ?? {};
    const where = line === undefined ? path : `${path}:${line}`;
    const why = sentenceOf(error)
      .replace(/ \(\d+:\d+\)$/, '')
      .replace(/\.?$/, '.');
    throw new Failure(`${where} cannot be parsed: ${why} Mend it first; nothing was changed`, { cause: error });
  }
}

function styleOf(text: string, body: readonly Statement[]): Style {
  const ends = body
    .filter(({ type }) => /^(Import|ExportAll)Declaration$|^(Variable|Expression)/.test(type))
    .map(({ end }) => text[(end ?? 1) - 1] === ';');
  return {
    quote: occurrences(text, /'[^'"\n]*'/g) >= occurrences(text, /"[^'"\n]*"/g) ? "'" : '"',
    semicolon: ends.length === 0 || ends.includes(true) ? ';' : '',
    newline: text.includes('\r\n') ? '\r\n' : '\n',
    indent: /^(\t| {2,8})(?=[^\s*])/m.exec(text)?.[1] ?? '  ',
  };
}

function occurrences(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

/** A text with the quotes and semicolons of the source; lines and indentation follow where it is put in. */
export function inStyle(text: string, { quote, semicolon }: Style): string {
  return text
    .split('\n')
    .map((line) => {
      if (/^\s*(\/\/|\/?\*)/.test(line)) return line;
      const own = quoted(line, quote);
      return semicolon === '' ? own.replace(/;$/, '') : own;
    })
    .join('\n');
}

function quoted(line: string, quote: Style['quote']): string {
  return quote === "'" || line.includes('"') ? line : line.replaceAll("'", '"');
}

/** The source with all edits; those at one place in the order in which they are given. */
export function withEdits(text: string, edits: readonly Edit[]): string {
  let changed = '';
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    changed += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return changed + text.slice(at);
}

/** Where a span ends whose ends are known, as those of a parsed source are. */
export function startOf({ start }: Span): number {
  return start ?? 0;
}

export function endOf({ end }: Span): number {
  return end ?? 0;
}

/**
 * Puts `text` behind the last member of a list or an object, on a line of its own where that one has one; commas,
 * comments and indentation stay as they are.
 */
export function appendMember(source: Source, whole: Span, members: readonly Span[], text: string): readonly Edit[] {
  const { newline, indent: step } = source.style;
  const last = members.at(-1);
  const close = endOf(whole) - 1;
  if (last === undefined) return [intoEmpty(source, whole, text)];
  const end = endOf(last);
  const comma = nextComma(source, end, close);
  const at = comma ?? end;
  const lineStart = source.text.lastIndexOf('\n', startOf(last) - 1) + 1;
  const indent = source.text.slice(lineStart, startOf(last));
  const lineEnd = endOfLine(source, at);
  if (lineEnd > close || indent.trim() !== '') {
    const spaced = inLineStyle(text, source, startOf(whole));
    return [insertion(at, `${comma === undefined ? ',' : ''} ${spaced}${comma === undefined ? '' : ','}`)];
  }
  const lines = text.split('\n').map((line, i) => (i > 0 && line !== '' ? `${indent}${expanded(line, step)}` : line));
  const behind = `${newline}${indent}${lines.join(newline)}${comma === undefined ? '' : ','}`;
  return comma === undefined && lineEnd > at
    ? [insertion(at, ','), insertion(lineEnd, behind)]
    : [insertion(lineEnd, `${comma === undefined ? ',' : ''}${behind}`)];
}

function inLineStyle(text: string, source: Source, at: number): string {
  const { newline, indent: step } = source.style;
  const lineStart = source.text.lastIndexOf('\n', at - 1) + 1;
  const indent = /^[ \t]*/.exec(source.text.slice(lineStart))?.[0] ?? '';
  return text
    .split('\n')
    .map((line, i) => (i > 0 && line !== '' ? `${indent}${expanded(line, step)}` : line))
    .join(newline);
}

/** Indentation of two spaces in steps of the source. */
function expanded(line: string, step: string): string {
  return line.replace(/^( {2})+/, (spaces) => step.repeat(spaces.length / 2));
}

function intoEmpty(source: Source, whole: Span, text: string): Edit {
  const { newline, indent: step } = source.style;
  const open = startOf(whole) + 1;
  const close = endOf(whole) - 1;
  const inside = source.text.slice(open, close);
  const object = source.text[open - 1] === '{';
  if (inside.trim() !== '' && inside.includes('\n')) {
    const lineStart = source.text.lastIndexOf('\n', close - 1) + 1;
    const outer = /^[ \t]*/.exec(source.text.slice(lineStart, close))?.[0] ?? '';
    const lines = text.split('\n').map((line) => `${outer}${step}${expanded(line, step)}`);
    return insertion(lineStart, `${lines.join(newline)},${newline}`);
  }
  if (inside.trim() !== '') return insertion(close, ` ${inLineStyle(text, source, open)} `);
  const filled = inLineStyle(text, source, open);
  return { start: open, end: close, text: object ? ` ${filled} ` : filled };
}

/** The place behind the next comma before `close`; undefined if there is none. */
function nextComma(source: Source, from: number, close: number): number | undefined {
  for (let at = from; at < close; at++) {
    const comment = source.comments.find(({ start }) => start === at);
    if (comment) at = comment.end - 1;
    else if (source.text[at] === ',') return at + 1;
  }
  return undefined;
}

/** The end of the line, its comments included. */
export function endOfLine({ text, comments }: Source, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== '\n' && text[at] !== '\r') {
    const comment = comments.find(({ start }) => start === at);
    at = comment ? comment.end : at + 1;
  }
  return at;
}

export function insertion(at: number, text: string): Edit {
  return { start: at, end: at, text };
}

/** What stands between parentheses, before `as …` and `satisfies …`. */
export function unwrapped(node: unknown): Expression | undefined {
  let inner = node as Expression | null | undefined;
  while (
    inner?.type === 'ParenthesizedExpression' ||
    inner?.type === 'TSAsExpression' ||
    inner?.type === 'TSSatisfiesExpression' ||
    inner?.type === 'TSNonNullExpression'
  ) {
    inner = inner.expression as Expression;
  }
  return inner ?? undefined;
}

/** A member `name: value` of an object. */
export function propertyOf(object: ObjectExpression, name: string): ObjectProperty | undefined {
  return object.properties.find(
    (property): property is ObjectProperty => property.type === 'ObjectProperty' && keyOf(property) === name,
  );
}

/** Whether an object has a member of that name, in any form, or may have one that cannot be seen. */
export function hasMember(object: ObjectExpression, name: string): boolean {
  return object.properties.some((property) => property.type !== 'SpreadElement' && keyOf(property) === name);
}

function keyOf({ key, computed }: { readonly key: object; readonly computed?: boolean | undefined }) {
  const { type, name, value } = key as { readonly type: string; readonly name?: string; readonly value?: unknown };
  if (type === 'StringLiteral') return value as string;
  return type === 'Identifier' && !computed ? name : undefined;
}

/** The value of a string, or of a constant of this source that is one. */
export function stringOf(source: Source, node: unknown): string | undefined {
  const value = unwrapped(node);
  if (value?.type === 'StringLiteral') return value.value;
  if (value?.type === 'TemplateLiteral' && value.quasis.length === 1) return value.quasis[0]?.value.cooked ?? undefined;
  if (value?.type !== 'Identifier') return undefined;
  for (const { name, init } of constants(source)) if (name === value.name) return stringOf(source, init);
  return undefined;
}

/** The variables of a module, exported or not. */
export function constants(
  source: Source,
): readonly { readonly name: string; readonly init: Expression | undefined; readonly exported: boolean }[] {
  return source.body.flatMap((statement) => {
    const exported = statement.type === 'ExportNamedDeclaration';
    const declaration = exported ? statement.declaration : statement;
    if (declaration?.type !== 'VariableDeclaration') return [];
    return declaration.declarations.flatMap(({ id, init }) =>
      id.type === 'Identifier' ? [{ name: id.name, init: unwrapped(init), exported }] : [],
    );
  });
}
