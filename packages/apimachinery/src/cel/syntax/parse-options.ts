import type { Ast } from './ast.ts';
import type { Issues } from './errors.ts';
import type { Macro } from './macros.ts';

export interface ParseOptions {
  /** The macros to expand; those of the language if not given. */
  readonly macros?: readonly Macro[];
  /** Whether `a.?b`, `a[?b]` and `{?k: v}` may be written. Yes if not given. */
  readonly optionalSyntax?: boolean;
  /** Whether fields may be written between backticks. No if not given, as in Kubernetes. */
  readonly escapedIdentifiers?: boolean;
  /** The longest expression in code points; 100,000 if not given. */
  readonly maxCodePoints?: number;
}

/** Either a tree, or everything that is wrong with the text. */
export type ParseResult = { readonly ok: true; readonly ast: Ast } | { readonly ok: false; readonly issues: Issues };
