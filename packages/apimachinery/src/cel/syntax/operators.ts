import { type Expr, operators } from './ast.ts';
import type { Macro } from './macros.ts';
import { type TokenType, token } from './tokens.ts';

/** Words that no variable or function may be called. */
export const reserved: ReadonlySet<string> = new Set(
  'as break const continue else false for function if import in let loop package namespace null return true var void while'.split(
    ' ',
  ),
);

export const relations: ReadonlyMap<TokenType, string> = new Map<TokenType, string>([
  [token.less, operators.less],
  [token.lessEquals, operators.lessEquals],
  [token.greaterEquals, operators.greaterEquals],
  [token.greater, operators.greater],
  [token.equals, operators.equals],
  [token.notEquals, operators.notEquals],
  [token.in, operators.in],
]);
export const additions: ReadonlyMap<TokenType, string> = new Map<TokenType, string>([
  [token.plus, operators.add],
  [token.minus, operators.subtract],
]);
export const multiplications: ReadonlyMap<TokenType, string> = new Map<TokenType, string>([
  [token.star, operators.multiply],
  [token.slash, operators.divide],
  [token.percent, operators.modulo],
]);

const macroTables = new WeakMap<readonly Macro[], ReadonlyMap<string, Macro>>();

export const macroKey = (name: string, argCount: number, member: boolean): string => `${name}:${argCount}:${member}`;

export const macroTable = (macros: readonly Macro[]): ReadonlyMap<string, Macro> => {
  const known = macroTables.get(macros);
  if (known !== undefined) return known;
  const table = new Map(macros.map((macro) => [macroKey(macro.name, macro.argCount, macro.member), macro]));
  macroTables.set(macros, table);
  return table;
};

/** The terms of a chain as a tree of calls with the operators' ids, as high as it has to be and no higher. */
export const balanced = (
  name: string,
  terms: readonly Expr[],
  ids: readonly number[],
  low: number,
  high: number,
): Expr => {
  if (terms.length === 1) return terms[0] as Expr;
  const middle = Math.floor((low + high + 1) / 2);
  const left = middle === low ? (terms[middle] as Expr) : balanced(name, terms, ids, low, middle - 1);
  const right = middle === high ? (terms[middle + 1] as Expr) : balanced(name, terms, ids, middle + 1, high);
  return { kind: 'call', id: ids[middle] as number, function: name, target: undefined, args: [left, right] };
};
