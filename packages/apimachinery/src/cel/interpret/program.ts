import { isError, type Value } from '../values/index.ts';
import { CostLimitExceeded, CostTracker, EvaluationPanic } from './cost.ts';
import { Frame } from './frame.ts';
import type { Plan } from './plan.ts';

/** The variables of one evaluation: by name, or looked up when an expression asks for them. */
export type Activation = Readonly<Record<string, Value>> | ((name: string) => Value | undefined);

export interface EvaluateOptions {
  /** The evaluation ends with an error once it has cost more. Kubernetes' limit per call unless given. */
  readonly costLimit?: number;
  /** Looked at in every hundredth turn of a loop. */
  readonly signal?: AbortSignal;
}

/** What an evaluation came to, and what it cost until there. */
export type Evaluation =
  | { readonly value: Value; readonly cost: number }
  | { readonly error: string; readonly cost: number; readonly isLimitExceeded: boolean };

/** What a call of a program may cost in a Kubernetes 1.36 API server. */
export const perCallLimit = 1_000_000;

/** What all rules of one object may cost together there. */
export const objectCostBudget = 10_000_000;

/** An expression that can be evaluated. */
export interface Program {
  evaluate(activation: Activation, options?: EvaluateOptions): Evaluation;
}

export function programOf({ step, slots, highestId }: Plan): Program {
  return {
    evaluate(activation, { costLimit = perCallLimit, signal } = {}) {
      const cost = new CostTracker(costLimit, highestId);
      const resolve =
        typeof activation === 'function'
          ? activation
          : (name: string) => (Object.hasOwn(activation, name) ? activation[name] : undefined);
      try {
        const value = step(new Frame(slots, cost, resolve, signal));
        return isError(value)
          ? { error: value.message, cost: cost.cost, isLimitExceeded: false }
          : { value, cost: cost.cost };
      } catch (error) {
        const isLimitExceeded = error instanceof CostLimitExceeded;
        if (isLimitExceeded || error instanceof EvaluationPanic) {
          return { error: error.message, cost: cost.cost, isLimitExceeded };
        }
        // A text or number larger than JavaScript holds; whatever else is thrown is a mistake of ours.
        if (!(error instanceof RangeError)) throw error;
        return { error: `internal error: ${error.message}`, cost: cost.cost, isLimitExceeded };
      }
    },
  };
}
