import {
  type Activation,
  CelError,
  MapValue,
  objectCostBudget,
  type Value,
  valueOfJson,
} from '@setpoint/apimachinery/cel';
import type { Expression } from './compile.ts';

/** What all conditions of one webhook or policy may cost together: a quarter of what validations may. */
export const conditionBudget = objectCostBudget / 4;

/** What evaluations may still cost; shared by those that are counted together. */
export interface Budget {
  left: number;
}

export type Result = { readonly value: Value } | { readonly error: string };

/** There is nothing left of the budget: no further expression is evaluated. */
export class OutOfBudget extends Error {
  override readonly name = 'OutOfBudget';

  constructor() {
    super('validation failed due to running out of cost budget, no further validation rules will be run');
  }
}

/** @throws OutOfBudget */
export function evaluate(expression: Expression, activation: Activation, budget: Budget): Result {
  const { text, program, error } = expression;
  if (!program) return { error: `compilation error: ${error}` };
  const result = program.evaluate(activation);
  if (result.cost > budget.left) throw new OutOfBudget();
  budget.left -= result.cost;
  if ('error' in result) return { error: `expression '${text}' resulted in error: ${result.error}` };
  return { value: result.value };
}

/** The variables of a policy: each evaluated when it is first read, and once for one activation. */
export class Variables extends MapValue {
  readonly #expressions: ReadonlyMap<string, Expression>;
  readonly #activation: Activation;
  readonly #budget: Budget;
  readonly #values = new Map<string, Value>();

  constructor(expressions: ReadonlyMap<string, Expression>, activation: Activation, budget: Budget) {
    super();
    this.#expressions = expressions;
    this.#activation = activation;
    this.#budget = budget;
  }

  get size(): number {
    return this.#expressions.size;
  }

  keys(): Iterable<Value> {
    return this.#expressions.keys();
  }

  find(key: Value): Value | undefined {
    if (typeof key !== 'string') return undefined;
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const expression = this.#expressions.get(key);
    if (!expression) return undefined;
    const value = this.#evaluate(key, expression);
    this.#values.set(key, value);
    return value;
  }

  #evaluate(name: string, { program, error }: Expression): Value {
    if (!program) return new CelError(`composited variable "${name}" fails to compile: ${error}`);
    const result = program.evaluate(this.#activation);
    this.#budget.left -= result.cost;
    if (this.#budget.left < 0) throw new OutOfBudget();
    return 'error' in result
      ? new CelError(`composited variable "${name}" fails to evaluate: ${result.error}`)
      : result.value;
  }
}

export { valueOfJson };
