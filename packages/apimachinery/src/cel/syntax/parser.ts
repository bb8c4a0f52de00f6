import { type Constant, type Expr, type MapEntry, type OffsetRange, operators, type StructField } from './ast.ts';
import { MacroBuilder, TreeBuilder } from './builder.ts';
import { type Lexed, lex } from './lexer.ts';
import { literalOf } from './literals.ts';
import { type Macro, standardMacros } from './macros.ts';
import { additions, balanced, macroKey, macroTable, multiplications, relations, reserved } from './operators.ts';
import type { ParseOptions, ParseResult } from './parse-options.ts';
import { locationOf, textSource } from './source.ts';
import { reportSyntaxErrors } from './syntax-errors.ts';
import { type Token, type TokenType, token } from './tokens.ts';

const maxRecursionDepth = 250;
const defaultMaxCodePoints = 100_000;

/** Thrown where the text stops being an expression; the texts about it come from `syntaxErrors`. */
class Unexpected extends Error {}
/** Thrown when an expression nests deeper than the limit. */
class TooDeep extends Error {}

/**
 * Parses an expression as cel-go does: the same tree with the same node ids, the same limits and the same messages.
 * Macros are expanded; the calls that were written are kept in the result's `info.macroCalls`.
 */
export const parse = (text: string, options: ParseOptions = {}): ParseResult => {
  const source = textSource(text);
  const tree = new TreeBuilder(source);
  const limit = options.maxCodePoints ?? defaultMaxCodePoints;
  if (source.length > limit) {
    tree.failNowhere(`expression code point size exceeds limit: size: ${source.length}, limit ${limit}`);
    return { ok: false, issues: tree.issues };
  }
  const lexed = lex(text, source.length);
  for (const error of lexed.errors) {
    tree.issues.report(0, locationOf(source, error.start), `Syntax error: token recognition error at: '${error.text}'`);
  }
  const expr = new Parser(tree, lexed, options).run();
  if (expr === undefined || tree.issues.count > 0) return { ok: false, issues: tree.issues };
  return { ok: true, ast: { expr, info: { source, positions: tree.positions, macroCalls: tree.macroCalls } } };
};

/** A place in the list of tokens. One instance parses one expression. */
class Parser {
  readonly #tree: TreeBuilder;
  readonly #lexed: Lexed;
  readonly #tokens: readonly Token[];
  readonly #macros: ReadonlyMap<string, Macro>;
  readonly #optionalSyntax: boolean;
  readonly #escapedIdentifiers: boolean;
  #at = 0;
  /** How deep grammar rules nest, as the parser upstream counts while it reads. */
  readonly #depth = { expr: 0, relation: 0, calc: 0 };
  /** How deep the tree just read nests, as the visitor upstream counts afterwards. */
  #height = 0;

  constructor(tree: TreeBuilder, lexed: Lexed, options: ParseOptions) {
    this.#tree = tree;
    this.#lexed = lexed;
    this.#tokens = lexed.tokens;
    this.#macros = macroTable(options.macros ?? standardMacros);
    this.#optionalSyntax = options.optionalSyntax ?? true;
    this.#escapedIdentifiers = options.escapedIdentifiers ?? false;
  }

  run(): Expr | undefined {
    try {
      const expr = this.#expr();
      if (this.#peek.type !== token.eof) throw new Unexpected();
      if (this.#height > maxRecursionDepth) this.#tree.failNowhere('max recursion depth exceeded');
      return expr;
    } catch (error) {
      if (error instanceof TooDeep) {
        this.#tree.failNowhere(`expression recursion limit exceeded: ${maxRecursionDepth}`);
      } else if (error instanceof Unexpected) {
        reportSyntaxErrors(this.#tree, this.#lexed);
      } else throw error;
      return undefined;
    }
  }

  get #peek(): Token {
    return this.#tokens[this.#at] as Token;
  }

  #next(): Token {
    return this.#tokens[this.#at++] as Token;
  }

  #accept(type: TokenType): Token | undefined {
    return this.#peek.type === type ? this.#next() : undefined;
  }

  #expect(type: TokenType): Token {
    const found = this.#accept(type);
    if (found === undefined) throw new Unexpected();
    return found;
  }

  #within<T>(rule: 'expr' | 'relation' | 'calc', read: () => T): T {
    if (++this.#depth[rule] > maxRecursionDepth) throw new TooDeep();
    const result = read();
    this.#depth[rule]--;
    return result;
  }

  #expr(): Expr {
    return this.#within('expr', () => this.#conditional());
  }

  #conditional(): Expr {
    const condition = this.#logical(token.or);
    const question = this.#accept(token.question);
    if (question === undefined) return condition;
    let height = this.#height;
    const id = this.#tree.idAt(question);
    const yes = this.#logical(token.or);
    height = Math.max(height, this.#height);
    this.#expect(token.colon);
    const no = this.#expr();
    this.#height = Math.max(height, this.#height) + 1;
    return this.#call(id, operators.conditional, undefined, [condition, yes, no]);
  }

  /** A chain of `||` or `&&`, balanced into a tree: evaluation must not recurse as deep as the chain is long. */
  #logical(type: typeof token.or | typeof token.and): Expr {
    const term = () => (type === token.or ? this.#logical(token.and) : this.#relation());
    const terms = [term()];
    let height = this.#height;
    const ids: number[] = [];
    for (let operator = this.#accept(type); operator !== undefined; operator = this.#accept(type)) {
      terms.push(term());
      height = Math.max(height, this.#height);
      ids.push(this.#tree.idAt(operator));
    }
    this.#height = height;
    return balanced(type === token.or ? operators.logicalOr : operators.logicalAnd, terms, ids, 0, ids.length - 1);
  }

  #relation(): Expr {
    return this.#within('relation', () => this.#binary('relation', relations, () => this.#sum()));
  }

  #sum(): Expr {
    return this.#within('calc', () => this.#binary('calc', additions, () => this.#product()));
  }

  #product(): Expr {
    return this.#binary('calc', multiplications, () => this.#unary());
  }

  /** A chain of operators of one rank. What stands to the right of one is a rule within the rule. */
  #binary(rule: 'relation' | 'calc', table: ReadonlyMap<TokenType, string>, operand: () => Expr): Expr {
    let left = operand();
    for (let name = table.get(this.#peek.type); name !== undefined; name = table.get(this.#peek.type)) {
      const height = this.#height;
      const id = this.#tree.idAt(this.#next());
      const right = this.#within(rule, operand);
      const highest = Math.max(height, this.#height) + 1;
      left = this.#call(id, name, undefined, [left, right]);
      this.#height = highest;
    }
    return left;
  }

  #unary(): Expr {
    const first = this.#peek;
    if (first.type !== token.exclamation && first.type !== token.minus) return this.#member();
    const following = this.#tokens[this.#at + 1]?.type;
    if (first.type === token.minus && (following === token.int || following === token.float)) return this.#member();
    let count = 0;
    while (this.#accept(first.type) !== undefined) count++;
    if (count % 2 === 0) return this.#member();
    const id = this.#tree.idAt(first);
    const operand = this.#member();
    return this.#call(id, first.type === token.minus ? operators.negate : operators.logicalNot, undefined, [operand]);
  }

  #member(): Expr {
    let expr = this.#primary();
    for (;;) {
      const height = this.#height;
      if (this.#peek.type === token.dot) expr = this.#selection(expr, this.#next());
      else if (this.#peek.type === token.leftBracket) expr = this.#index(expr, this.#next());
      else return expr;
      this.#height = Math.max(height, this.#height) + 1;
    }
  }

  #selection(operand: Expr, dot: Token): Expr {
    const optional = this.#accept(token.question) !== undefined;
    const name = this.#next();
    if (name.type !== token.identifier && name.type !== token.escapedIdentifier) throw new Unexpected();
    if (!optional && name.type === token.identifier && this.#peek.type === token.leftParen) {
      const id = this.#tree.idAt(this.#next());
      return this.#call(id, name.text, operand, this.#args());
    }
    this.#height = 0;
    const field = this.#fieldName(name) ?? '';
    if (!optional) return { kind: 'select', id: this.#tree.idAt(dot), operand, field, testOnly: false };
    if (!this.#optionalSyntax) return this.#tree.fail(dot, "unsupported syntax '.?'");
    const literal = this.#literal(name, { kind: 'string', value: field });
    return {
      kind: 'call',
      id: this.#tree.idAt(dot),
      function: operators.optionalSelect,
      target: undefined,
      args: [operand, literal],
    };
  }

  /** The name a token gives a field; undefined after reporting that it cannot be written so. */
  #fieldName(name: Token): string | undefined {
    if (name.type === token.identifier) return name.text;
    if (this.#escapedIdentifiers) return name.text.slice(1, -1);
    this.#tree.fail(name, "unsupported syntax: '`'");
    return undefined;
  }

  #index(operand: Expr, bracket: Token): Expr {
    const id = this.#tree.idAt(bracket);
    const optional = this.#accept(token.question) !== undefined;
    const index = this.#expr();
    this.#expect(token.rightBracket);
    if (optional && !this.#optionalSyntax) return this.#tree.fail(bracket, "unsupported syntax '[?'");
    return this.#call(id, optional ? operators.optionalIndex : operators.index, undefined, [operand, index]);
  }

  /** The arguments of a call, its closing parenthesis included. */
  #args(): Expr[] {
    const args: Expr[] = [];
    let height = 0;
    if (this.#peek.type !== token.rightParen) {
      do {
        args.push(this.#expr());
        height = Math.max(height, this.#height);
      } while (this.#accept(token.comma) !== undefined);
    }
    this.#expect(token.rightParen);
    this.#height = height;
    return args;
  }

  #primary(): Expr {
    this.#height = 0;
    const first = this.#peek;
    switch (first.type) {
      case token.dot:
      case token.identifier:
        return this.#name();
      case token.leftParen: {
        this.#at++;
        const inner = this.#expr();
        this.#expect(token.rightParen);
        return inner;
      }
      case token.leftBracket:
        return this.#list(this.#next());
      case token.leftBrace:
        return this.#map(this.#next());
      default:
        return this.#constant();
    }
  }

  #name(): Expr {
    const dot = this.#accept(token.dot);
    const first = this.#expect(token.identifier);
    const prefix = dot === undefined ? '' : '.';
    const start = dot ?? first;
    const length = this.#messageNameLength();
    if (length !== undefined) return this.#message(prefix, first, length);
    const paren = this.#peek.type === token.leftParen ? this.#next() : undefined;
    if (reserved.has(first.text)) {
      if (paren !== undefined) this.#args();
      return this.#tree.fail({ start: start.start, stop: first.stop }, `reserved identifier: ${first.text}`);
    }
    if (paren === undefined) return { kind: 'ident', id: this.#tree.idAt(first), name: prefix + first.text };
    const id = this.#tree.idAt(paren);
    return this.#call(id, prefix + first.text, undefined, this.#args());
  }

  /** How many `.name` follow before a brace that opens a message literal; undefined if none does. */
  #messageNameLength(): number | undefined {
    let at = this.#at;
    while (this.#tokens[at]?.type === token.dot && this.#tokens[at + 1]?.type === token.identifier) at += 2;
    return this.#tokens[at]?.type === token.leftBrace ? (at - this.#at) / 2 : undefined;
  }

  #message(prefix: string, first: Token, length: number): Expr {
    let typeName = prefix + first.text;
    for (let i = 0; i < length; i++) {
      this.#at++;
      typeName += `.${this.#next().text}`;
    }
    const id = this.#tree.idAt(this.#next());
    const fields: StructField[] = [];
    const height = this.#entries(() => {
      const optional = this.#accept(token.question);
      const name = this.#next();
      if (name.type !== token.identifier && name.type !== token.escapedIdentifier) throw new Unexpected();
      const fieldId = this.#tree.idAt(this.#expect(token.colon));
      const field = this.#fieldName(name);
      const value = this.#expr();
      if (optional !== undefined && !this.#optionalSyntax) this.#tree.fail(optional, "unsupported syntax '?'");
      if (field !== undefined) fields.push({ id: fieldId, name: field, value, optional: optional !== undefined });
    });
    this.#height = height;
    return { kind: 'struct', id, typeName, fields };
  }

  #map(brace: Token): Expr {
    const id = this.#tree.idAt(brace);
    const entries: MapEntry[] = [];
    const height = this.#entries(() => {
      const optional = this.#accept(token.question);
      // The entry's id comes before its key's although the colon stands behind it.
      const place = this.#tree.idAt(this.#peek);
      const key = this.#expr();
      const keyHeight = this.#height;
      const colon = this.#expect(token.colon);
      this.#tree.positions.set(place, colon);
      const value = this.#expr();
      this.#height = Math.max(keyHeight, this.#height);
      if (optional !== undefined && !this.#optionalSyntax) this.#tree.fail(optional, "unsupported syntax '?'");
      entries.push({ id: place, key, value, optional: optional !== undefined });
    });
    this.#height = height;
    return { kind: 'map', id, entries };
  }

  /** Entries up to the closing brace; a comma may follow the last. Returns how high the highest is. */
  #entries(entry: () => void): number {
    let height = 0;
    for (let first = true; this.#peek.type !== token.rightBrace; first = false) {
      if (this.#peek.type === token.comma && first) {
        this.#at++;
        break;
      }
      entry();
      height = Math.max(height, this.#height);
      if (this.#accept(token.comma) === undefined) break;
    }
    this.#expect(token.rightBrace);
    return height;
  }

  #list(bracket: Token): Expr {
    const id = this.#tree.idAt(bracket);
    const elements: Expr[] = [];
    const optionalIndices: number[] = [];
    let height = 0;
    while (this.#peek.type !== token.rightBracket) {
      if (this.#peek.type === token.comma && elements.length === 0) {
        this.#at++;
        break;
      }
      const optional = this.#accept(token.question);
      elements.push(this.#expr());
      height = Math.max(height, this.#height);
      if (optional !== undefined) {
        if (this.#optionalSyntax) optionalIndices.push(elements.length - 1);
        else this.#tree.fail(optional, "unsupported syntax '?'");
      }
      if (this.#accept(token.comma) === undefined) break;
    }
    this.#expect(token.rightBracket);
    this.#height = height;
    return { kind: 'list', id, elements, optionalIndices };
  }

  #literal(range: OffsetRange, value: Constant): Expr {
    return { kind: 'literal', id: this.#tree.idAt(range), value };
  }

  #constant(): Expr {
    const sign = this.#accept(token.minus);
    const found = this.#next();
    const signed = found.type === token.int || found.type === token.float;
    const literal = sign === undefined || signed ? literalOf(found, sign !== undefined) : undefined;
    if (literal === undefined) throw new Unexpected();
    const range = { start: (sign ?? found).start, stop: found.stop };
    return 'error' in literal ? this.#tree.fail(range, literal.error) : this.#literal(range, literal);
  }

  /** A call, or what the macro of that name and number of arguments makes of it. */
  #call(id: number, name: string, target: Expr | undefined, args: readonly Expr[]): Expr {
    const macro = this.#macros.get(macroKey(name, args.length, target !== undefined));
    const call: Expr = { kind: 'call', id, function: name, target, args };
    if (macro === undefined) return call;
    const expanded = macro.expand(new MacroBuilder(this.#tree, id), target ?? call, args);
    if (expanded === undefined) return call;
    if ('error' in expanded) {
      const range = this.#tree.startRange(expanded.id);
      this.#tree.release(id);
      return this.#tree.fail(range, expanded.error);
    }
    this.#tree.rememberMacro(expanded.id, name, target, args);
    this.#tree.release(id);
    return expanded;
  }
}
