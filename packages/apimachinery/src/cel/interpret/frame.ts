import type { Value } from '../values/index.ts';
import type { CostTracker } from './cost.ts';

/** One evaluation: the variables known so far, and what it has cost. */
export class Frame {
  /** By the slots that planning gave out; undefined is not looked up yet, or not begun. */
  readonly slots: (Value | undefined)[];
  readonly cost: CostTracker;
  readonly #resolve: (name: string) => Value | undefined;
  readonly #signal: AbortSignal | undefined;
  #turns = 0;

  constructor(
    slots: number,
    cost: CostTracker,
    resolve: (name: string) => Value | undefined,
    signal: AbortSignal | undefined,
  ) {
    this.slots = new Array(slots).fill(undefined);
    this.cost = cost;
    this.#resolve = resolve;
    this.#signal = signal;
  }

  /** A variable of the activation; undefined if it has none of that name. */
  variable(slot: number, name: string): Value | undefined {
    const known = this.slots[slot];
    if (known !== undefined) return known;
    const value = this.#resolve(name);
    this.slots[slot] = value;
    return value;
  }

  /** Asked in every turn of a loop: whether to stop. The signal is looked at in every hundredth. */
  isInterrupted(): boolean {
    return this.#signal !== undefined && ++this.#turns % 100 === 0 && this.#signal.aborted;
  }
}

/** A planned part of an expression. */
export type Step = (frame: Frame) => Value;
