/**
 * The abstract syntax of CEL: the tree that cel-spec's `syntax.proto` describes, with cel-go's node ids, so that types,
 * references and costs can be kept per id. Nodes are never changed once made; the checker hands back a new tree that
 * shares what it did not have to rewrite.
 */

/** The value of a literal. Integers are 64-bit and therefore bigint; bytes are the bytes themselves. */
export type Constant =
  | { readonly kind: 'null' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'uint'; readonly value: bigint }
  | { readonly kind: 'double'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'bytes'; readonly value: Uint8Array };

/** A node the parser could not fill (after an error), or a place in a remembered macro call whose own call stands under the same id. */
export interface UnspecifiedExpr {
  readonly kind: 'unspecified';
  readonly id: number;
}

export interface LiteralExpr {
  readonly kind: 'literal';
  readonly id: number;
  readonly value: Constant;
}

/** A name. It starts with a dot if it was written so: looked up in the root container only. */
export interface IdentExpr {
  readonly kind: 'ident';
  readonly id: number;
  readonly name: string;
}

/** `operand.field`, or with `testOnly` the presence test `has(operand.field)`. */
export interface SelectExpr {
  readonly kind: 'select';
  readonly id: number;
  readonly operand: Expr;
  readonly field: string;
  readonly testOnly: boolean;
}

/** A function call; `target` is what stands before the dot. Operators are calls of the functions in `operators`. */
export interface CallExpr {
  readonly kind: 'call';
  readonly id: number;
  readonly function: string;
  readonly target: Expr | undefined;
  readonly args: readonly Expr[];
}

/** `[a, ?b]`; `optionalIndices` names the elements written with a question mark. */
export interface ListExpr {
  readonly kind: 'list';
  readonly id: number;
  readonly elements: readonly Expr[];
  readonly optionalIndices: readonly number[];
}

export interface MapEntry {
  readonly id: number;
  readonly key: Expr;
  readonly value: Expr;
  readonly optional: boolean;
}

export interface MapExpr {
  readonly kind: 'map';
  readonly id: number;
  readonly entries: readonly MapEntry[];
}

export interface StructField {
  readonly id: number;
  readonly name: string;
  readonly value: Expr;
  readonly optional: boolean;
}

/** `Type.Name{field: value}`. */
export interface StructExpr {
  readonly kind: 'struct';
  readonly id: number;
  readonly typeName: string;
  readonly fields: readonly StructField[];
}

/**
 * What the macros become: a fold of `range` into `accuVar`. With `iterVar2` set, `iterVar` is the index or key and
 * `iterVar2` the element or value; without it (empty string), `iterVar` is the element of a list or the key of a map.
 */
export interface ComprehensionExpr {
  readonly kind: 'comprehension';
  readonly id: number;
  readonly range: Expr;
  readonly iterVar: string;
  readonly iterVar2: string;
  readonly accuVar: string;
  readonly accuInit: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

export type Expr =
  | UnspecifiedExpr
  | LiteralExpr
  | IdentExpr
  | SelectExpr
  | CallExpr
  | ListExpr
  | MapExpr
  | StructExpr
  | ComprehensionExpr;

/** A stretch of the source in Unicode code points, `stop` exclusive. */
export interface OffsetRange {
  readonly start: number;
  readonly stop: number;
}

/** What is known of the text a tree was parsed from. */
export interface SourceInfo {
  readonly source: Source;
  /** Where each node stands. Calls and selections stand at their operator. */
  readonly positions: ReadonlyMap<number, OffsetRange>;
  /** By the id of an expansion, the call that was written; nested expansions appear in it as unspecified nodes of their id. */
  readonly macroCalls: ReadonlyMap<number, Expr>;
}

export interface Ast {
  readonly expr: Expr;
  readonly info: SourceInfo;
}

/** An expression's text, split for messages. Lines count from 1, columns and offsets from 0, all in code points. */
export interface Source {
  readonly text: string;
  /** The name messages use, `<input>` unless told otherwise. */
  readonly description: string;
  /** Length in code points. */
  readonly length: number;
  /** The offset behind each line feed, and one past the end. */
  readonly lineOffsets: readonly number[];
}

/** Line from 1, column from 0. `line: -1` is no place at all. */
export interface Location {
  readonly line: number;
  readonly column: number;
}

/** The names of the functions that stand for operators. */
export const operators = {
  conditional: '_?_:_',
  logicalAnd: '_&&_',
  logicalOr: '_||_',
  logicalNot: '!_',
  equals: '_==_',
  notEquals: '_!=_',
  less: '_<_',
  lessEquals: '_<=_',
  greater: '_>_',
  greaterEquals: '_>=_',
  add: '_+_',
  subtract: '_-_',
  multiply: '_*_',
  divide: '_/_',
  modulo: '_%_',
  negate: '-_',
  index: '_[_]',
  optionalIndex: '_[?_]',
  optionalSelect: '_?._',
  in: '@in',
  notStrictlyFalse: '@not_strictly_false',
} as const;

/** The accumulator's name in expanded macros; no expression can spell it. */
export const accumulatorName = '@result';
