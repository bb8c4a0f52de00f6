import type { Value } from '../values/index.ts';

/** Thrown through the evaluation when it has cost more than allowed; the message is cel-go's. */
export class CostLimitExceeded extends Error {
  readonly code = 'CelCostLimitExceeded';

  constructor() {
    super('operation cancelled: actual cost limit exceeded');
    this.name = 'CostLimitExceeded';
  }
}

/** Thrown where cel-go's evaluation breaks off in the middle; the server reports it in these words. */
export class EvaluationPanic extends Error {
  readonly code = 'CelEvaluationPanic';

  constructor(conversion: string) {
    super(`internal error: interface conversion: ${conversion}`);
    this.name = 'EvaluationPanic';
  }
}

/**
 * What an evaluation has cost so far, reckoned as cel-go does, so that the same expressions are refused: every step
 * leaves its value on a stack under its node's id, and a call's cost follows from the values it finds there. Values of
 * steps that nobody takes off stay until something below them is taken, and an argument that was never evaluated is not
 * found, which makes the call free.
 */
export class CostTracker {
  cost = 0;
  readonly #limit: number;
  readonly #ids: number[] = [];
  readonly #values: Value[] = [];
  /** For each entry, the place of the next lower one of the same id. */
  readonly #lower: number[] = [];
  /** For each id, its highest place, or -1. */
  readonly #highest: Int32Array;

  constructor(limit: number, highestId: number) {
    this.#limit = limit;
    this.#highest = new Int32Array(highestId + 1).fill(-1);
  }

  /** A step is done. */
  push(id: number, value: Value): void {
    this.#lower.push(this.#highest[id] as number);
    this.#highest[id] = this.#ids.length;
    this.#ids.push(id);
    this.#values.push(value);
    if (this.cost > this.#limit) throw new CostLimitExceeded();
  }

  /** Takes off the highest entry of the id and all above it; nothing if there is none. */
  drop(id: number): void {
    const place = this.#highest[id] as number;
    if (place >= 0) this.#cut(place);
  }

  /** Takes off the arguments from the last to the first; undefined if one of them is not there. */
  take(ids: readonly number[]): Value[] | undefined {
    const values: Value[] = new Array(ids.length);
    for (let i = ids.length - 1; i >= 0; i--) {
      const place = this.#highest[ids[i] as number] as number;
      if (place < 0) return undefined;
      values[i] = this.#values[place] as Value;
      this.#cut(place);
    }
    return values;
  }

  #cut(place: number): void {
    for (let i = this.#ids.length - 1; i >= place; i--) {
      this.#highest[this.#ids.pop() as number] = this.#lower.pop() as number;
      this.#values.pop();
    }
  }
}
