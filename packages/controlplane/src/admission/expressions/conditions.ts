import { type Activation, boolType } from '@setpoint/apimachinery/cel';
import { compileExpression, type Expression } from './compile.ts';
import type { Declarations } from './environment.ts';
import { conditionBudget, evaluate } from './evaluate.ts';

export interface Condition {
  readonly name: string;
  readonly expression: string;
}

export type Matched = 'yes' | 'no' | { readonly error: string };

export function compileConditions(conditions: readonly Condition[], declarations: Declarations): readonly Expression[] {
  return conditions.map(({ expression }) => compileExpression(expression, declarations, [boolType]));
}

/** One that is false decides, whatever others came to; else one that fails is a failure, or a no where that is ignored. */
export function matchConditions(
  expressions: readonly Expression[],
  activation: Activation,
  failurePolicy: string | undefined,
): Matched {
  const errors: string[] = [];
  const budget = { left: conditionBudget };
  try {
    for (const expression of expressions) {
      const result = evaluate(expression, activation, budget);
      if ('error' in result) errors.push(result.error);
      else if (result.value === false) return 'no';
    }
  } catch (error) {
    errors.splice(0, errors.length, (error as Error).message);
  }
  if (errors.length === 0) return 'yes';
  if (failurePolicy === 'Ignore') return 'no';
  return { error: errors.length === 1 ? (errors[0] as string) : `[${[...new Set(errors)].join(', ')}]` };
}
