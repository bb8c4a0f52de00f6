import { type CheckedAst, check, type Environment } from './checker/index.ts';
import { PlanError, type Program, plan, programOf } from './interpret/index.ts';
import { functionBindings } from './library/index.ts';
import { type Issues, parse } from './syntax/index.ts';
import type { Type } from './types/index.ts';

/** An expression that can be evaluated, or what is wrong with it. */
export type Compiled =
  | { readonly ok: true; readonly ast: CheckedAst; readonly type: Type; readonly program: Program }
  /** It is no expression, or its types do not fit. */
  | { readonly ok: false; readonly issues: Issues }
  /** A constant part of it fails whenever it is evaluated, such as `int('x')`. */
  | { readonly ok: false; readonly issues: undefined; readonly message: string };

/** Parses, checks and plans an expression of an environment, to be evaluated many times. */
export function compile(expression: string, environment: Environment): Compiled {
  const parsed = parse(expression, { macros: environment.macros });
  if (!parsed.ok) return parsed;
  const checked = check(parsed.ast, environment);
  if (!checked.ok) return checked;
  return planned(checked.ast, environment);
}

function planned(ast: CheckedAst, environment: Environment): Compiled {
  try {
    const program = programOf(plan(ast, environment, functionBindings()));
    return { ok: true, ast, type: ast.resultType, program };
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    return { ok: false, issues: undefined, message: error.message };
  }
}
