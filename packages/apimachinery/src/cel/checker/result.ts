import type { Ast, Constant } from '../syntax/index.ts';
import type { Type } from '../types/index.ts';

/** What a name in the tree was resolved to: a variable or constant, or the overloads a call may mean. */
export type Reference =
  | { readonly kind: 'ident'; readonly name: string; readonly value?: Constant }
  | { readonly kind: 'function'; readonly overloadIds: readonly string[] };

/**
 * A checked expression. In its tree qualified names are single identifiers (`a.b.c` as one `ident`), namespaced
 * functions are calls without a target (`sets.contains`), and struct literals name the full type.
 */
export interface CheckedAst extends Ast {
  readonly types: ReadonlyMap<number, Type>;
  readonly references: ReadonlyMap<number, Reference>;
  readonly resultType: Type;
}
