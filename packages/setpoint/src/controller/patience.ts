import type { Clock, Timer } from '@setpoint/apimachinery/clock';
import type { Pass } from '../reconcile/index.ts';

/** A pass that takes this long is worth a word even if no time-out is set. */
const suspicious = 5 * 60_000;

/** Says once of each pass that runs for minutes that it does. One timer serves all: most passes take no time at all. */
export class Patience {
  readonly #clock: Clock;
  readonly #stopping: AbortSignal;
  /** When each of them is due, in the order in which they began. */
  readonly #due = new Map<Pass, number>();
  #timer: Timer | undefined;

  constructor(clock: Clock, stopping: AbortSignal) {
    this.#clock = clock;
    this.#stopping = stopping;
    stopping.addEventListener('abort', () => this.#rest(), { once: true });
  }

  begin(pass: Pass): void {
    this.#due.set(pass, this.#clock.monotonic() + suspicious);
    if (!this.#timer) this.#arm(suspicious);
  }

  end(pass: Pass): void {
    this.#due.delete(pass);
    if (this.#stopping.aborted) this.#rest();
  }

  #arm(milliseconds: number): void {
    this.#timer = this.#clock.timer(milliseconds, () => this.#look(), { background: true });
  }

  #look(): void {
    this.#timer = undefined;
    const now = this.#clock.monotonic();
    for (const [pass, due] of this.#due) {
      if (due > now) {
        this.#arm(due - now);
        return;
      }
      this.#due.delete(pass);
      pass.log.warn('this pass has been running for 5 minutes; set `timeout` to end such passes');
    }
  }

  /** While the operator runs the timer may stay; afterwards nothing does. */
  #rest(): void {
    if (this.#due.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
