/** How often one key may run. */
export interface RateLimit {
  /** Milliseconds after which a key may run once more. */
  readonly interval: number;
  /** So many times in a row at once, if it was quiet before; at least 1. */
  readonly burst: number;
}

/** With fewer records than this none is looked through. */
const fewRecords = 1000;

/** The earliest time at which a key may run again: by a rate limit, or because it is held back. */
export class Pace {
  readonly #limit: RateLimit | undefined;
  /** When the allowance of a key is whole again. */
  readonly #whole = new Map<string, number>();
  readonly #holds = new Map<string, number>();
  #sweepAt = fewRecords;

  constructor(limit: RateLimit | undefined) {
    this.#limit = limit;
  }

  /** A time that is past, or now, means at once. */
  earliest(id: string): number {
    const held = this.#holds.get(id) ?? -Infinity;
    if (!this.#limit) return held;
    const { interval, burst } = this.#limit;
    return Math.max(held, (this.#whole.get(id) ?? -Infinity) - (burst - 1) * interval);
  }

  /** The key runs. */
  started(id: string, now: number): void {
    this.#holds.delete(id);
    if (!this.#limit) return;
    this.#whole.set(id, Math.max(this.#whole.get(id) ?? now, now) + this.#limit.interval);
    if (this.#whole.size < this.#sweepAt) return;
    for (const [key, whole] of this.#whole) if (whole <= now) this.#whole.delete(key);
    this.#sweepAt = Math.max(2 * this.#whole.size, fewRecords);
  }

  hold(id: string, until: number): void {
    this.#holds.set(id, until);
  }

  /** Ends what `hold` began; the rate limit stays. */
  release(id: string): void {
    this.#holds.delete(id);
  }

  /** Keys of which something is remembered. */
  get size(): number {
    return this.#whole.size + this.#holds.size;
  }
}
