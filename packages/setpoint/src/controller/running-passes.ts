import type { Clock, Timer } from '@setpoint/apimachinery/clock';
import type { Pass } from '../reconcile/index.ts';

/** A pass that takes this long is worth a word even if no time-out is set. */
const suspicious = 5 * 60_000;

interface Entry {
  readonly pass: Pass;
  readonly since: number;
  warned: boolean;
}

/** The passes that run, and a word about each that does so for minutes; one timer serves all. */
export class RunningPasses {
  readonly #clock: Clock;
  readonly #stopping: AbortSignal;
  readonly #entries: Entry[] = [];
  #timer: Timer | undefined;

  constructor(clock: Clock, stopping: AbortSignal) {
    this.#clock = clock;
    this.#stopping = stopping;
    stopping.addEventListener('abort', () => this.#rest(), { once: true });
  }

  get size(): number {
    return this.#entries.length;
  }

  has(pass: Pass): boolean {
    return this.#entries.some((entry) => entry.pass === pass);
  }

  *[Symbol.iterator](): Iterator<Pass> {
    for (const { pass } of [...this.#entries]) yield pass;
  }

  add(pass: Pass): void {
    this.#entries.push({ pass, since: this.#clock.monotonic(), warned: false });
    if (!this.#timer) this.#arm(suspicious);
  }

  remove(pass: Pass): void {
    const at = this.#entries.findIndex((entry) => entry.pass === pass);
    const last = this.#entries.pop();
    if (last && at < this.#entries.length) this.#entries[at] = last;
    if (this.#stopping.aborted) this.#rest();
  }

  #arm(milliseconds: number): void {
    this.#timer = this.#clock.timer(milliseconds, () => this.#look(), { background: true });
  }

  #look(): void {
    this.#timer = undefined;
    const now = this.#clock.monotonic();
    let next = Number.POSITIVE_INFINITY;
    for (const entry of this.#entries) {
      const left = entry.since + suspicious - now;
      if (entry.warned) continue;
      if (left > 0) {
        next = Math.min(next, left);
        continue;
      }
      entry.warned = true;
      entry.pass.log.warn('this pass has been running for 5 minutes; set `timeout` to end such passes');
    }
    if (next < suspicious) this.#arm(next);
  }

  /** While the operator runs the timer may stay; afterwards nothing does. */
  #rest(): void {
    if (this.#entries.length > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
