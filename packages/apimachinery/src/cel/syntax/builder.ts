import {
  accumulatorName,
  type CallExpr,
  type ComprehensionExpr,
  type Constant,
  type Expr,
  type ListExpr,
  type Location,
  type MapEntry,
  type OffsetRange,
  type Source,
  type StructField,
} from './ast.ts';
import { Issues } from './errors.ts';
import { locationOf, noLocation } from './source.ts';

/** What a comprehension is made of, but for its id. */
export type Fold = Omit<ComprehensionExpr, 'kind' | 'id' | 'iterVar2' | 'accuVar'> & {
  readonly iterVar2?: string;
  readonly accuVar?: string;
};

/** Makes the nodes of one expression: hands out ids and remembers where each node stands. */
export class TreeBuilder {
  readonly source: Source;
  readonly issues: Issues;
  readonly positions = new Map<number, OffsetRange>();
  readonly macroCalls = new Map<number, Expr>();
  #nextId = 1;

  constructor(source: Source) {
    this.source = source;
    this.issues = new Issues(source);
  }

  idAt(range: OffsetRange): number {
    const id = this.#nextId++;
    this.positions.set(id, range);
    return id;
  }

  /** Gives an id back: a call that a macro replaced has none. */
  release(id: number): void {
    this.positions.delete(id);
    if (id === this.#nextId - 1) this.#nextId--;
  }

  /** The range of a node, reduced to its start: where nodes that a macro made are said to stand. */
  startRange(id: number): OffsetRange {
    const start = this.positions.get(id)?.start ?? 0;
    return { start, stop: start };
  }

  /** Reports an issue about a new node at `range` and returns that node. */
  fail(range: OffsetRange, message: string): Expr {
    const id = this.idAt(range);
    this.issues.report(id, locationOf(this.source, range.start), message);
    return { kind: 'unspecified', id };
  }

  failNowhere(message: string): void {
    this.issues.report(0, noLocation, message);
  }

  /** Remembers the call a macro replaced. Calls within it that are expansions themselves stay under their own ids. */
  rememberMacro(id: number, name: string, target: Expr | undefined, args: readonly Expr[]): void {
    const call: CallExpr = {
      kind: 'call',
      id: 0,
      function: name,
      target: target === undefined ? undefined : this.#macroArgument(target),
      args: args.map((arg) => this.#macroArgument(arg)),
    };
    this.macroCalls.set(id, call);
  }

  #macroArgument(expr: Expr): Expr {
    if (this.macroCalls.has(expr.id)) return { kind: 'unspecified', id: expr.id };
    if (expr.kind === 'call') {
      const target = expr.target === undefined ? undefined : this.#macroArgument(expr.target);
      return { ...expr, target, args: expr.args.map((arg) => this.#macroArgument(arg)) };
    }
    if (expr.kind === 'list')
      return { ...expr, elements: expr.elements.map((element) => this.#macroArgument(element)) };
    return expr;
  }
}

/** An issue a macro has with its arguments: the argument's id and what is wrong. */
export interface MacroError {
  readonly error: string;
  readonly id: number;
}

/** Makes the nodes of one expansion: every node stands where the macro call stood. */
export class MacroBuilder {
  readonly #tree: TreeBuilder;
  readonly #range: OffsetRange;

  constructor(tree: TreeBuilder, callId: number) {
    this.#tree = tree;
    this.#range = tree.startRange(callId);
  }

  #id(): number {
    return this.#tree.idAt(this.#range);
  }

  literal(value: Constant): Expr {
    return { kind: 'literal', id: this.#id(), value };
  }

  bool(value: boolean): Expr {
    return this.literal({ kind: 'bool', value });
  }

  int(value: bigint): Expr {
    return this.literal({ kind: 'int', value });
  }

  ident(name: string): Expr {
    return { kind: 'ident', id: this.#id(), name };
  }

  accumulator(): Expr {
    return this.ident(accumulatorName);
  }

  list(...elements: Expr[]): ListExpr {
    return { kind: 'list', id: this.#id(), elements, optionalIndices: [] };
  }

  map(): Expr {
    return { kind: 'map', id: this.#id(), entries: [] };
  }

  call(name: string, ...args: Expr[]): Expr {
    return { kind: 'call', id: this.#id(), function: name, target: undefined, args };
  }

  memberCall(name: string, target: Expr, ...args: Expr[]): Expr {
    return { kind: 'call', id: this.#id(), function: name, target, args };
  }

  presenceTest(operand: Expr, field: string): Expr {
    return { kind: 'select', id: this.#id(), operand, field, testOnly: true };
  }

  fold(parts: Fold): Expr {
    return { kind: 'comprehension', id: this.#id(), iterVar2: '', accuVar: accumulatorName, ...parts };
  }

  /** The same expression with new ids, for macros that use an argument twice. */
  copy(expr: Expr): Expr {
    const id = this.#tree.idAt(this.#tree.positions.get(expr.id) ?? { start: 0, stop: 0 });
    switch (expr.kind) {
      case 'literal':
      case 'ident':
      case 'unspecified':
        return { ...expr, id };
      case 'select':
        return { ...expr, id, operand: this.copy(expr.operand) };
      case 'call': {
        const args = expr.args.map((arg) => this.copy(arg));
        return { ...expr, id, args, target: expr.target === undefined ? undefined : this.copy(expr.target) };
      }
      case 'list':
        return { ...expr, id, elements: expr.elements.map((element) => this.copy(element)) };
      case 'map':
        return { ...expr, id, entries: expr.entries.map((entry) => this.#copyEntry(entry)) };
      case 'struct':
        return { ...expr, id, fields: expr.fields.map((field) => this.#copyField(field)) };
      case 'comprehension':
        return {
          ...expr,
          id,
          range: this.copy(expr.range),
          accuInit: this.copy(expr.accuInit),
          condition: this.copy(expr.condition),
          step: this.copy(expr.step),
          result: this.copy(expr.result),
        };
      default:
        return expr satisfies never;
    }
  }

  #copyEntry(entry: MapEntry): MapEntry {
    return { id: this.#id(), key: this.copy(entry.key), value: this.copy(entry.value), optional: entry.optional };
  }

  #copyField(field: StructField): StructField {
    return { ...field, id: this.#id(), value: this.copy(field.value) };
  }
}

/** The place a macro's issue is reported at: that of the argument it names. */
export const macroErrorLocation = (
  tree: TreeBuilder,
  error: MacroError,
): { location: Location; range: OffsetRange } => {
  const range = tree.startRange(error.id);
  return { location: locationOf(tree.source, range.start), range };
};
