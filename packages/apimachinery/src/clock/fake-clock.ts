import type { Clock, Timer } from './clock.ts';

interface Pending {
  readonly due: number;
  readonly order: number;
  readonly background: boolean;
  readonly callback: () => void;
}

/**
 * A clock that stands still until it is told to move.
 *
 * Timers run in order of their due time, then of their creation. Between two of them the clock lets all
 * pending promise callbacks and immediates run, so that work started by one timer can arm the next
 * before time moves on.
 */
export class FakeClock implements Clock {
  #now: number;
  readonly #start: number;
  #order = 0;
  /** In the order in which they run. */
  readonly #pending: Pending[] = [];

  /** @param start wall time in milliseconds; defaults to 2026-01-01T00:00:00Z */
  constructor(start: number = Date.UTC(2026, 0, 1)) {
    this.#now = start;
    this.#start = start;
  }

  /** Whole milliseconds, as the system's clock has them; `monotonic` keeps fractions. */
  now(): number {
    return Math.floor(this.#now);
  }

  /** Milliseconds since the clock was made, with fractions. */
  monotonic(): number {
    return this.#now - this.#start;
  }

  /** Calls back once the clock was moved so far; `background` timers are none that a test waits for. */
  timer(milliseconds: number, callback: () => void, options?: { readonly background?: boolean }): Timer {
    const pending: Pending = {
      due: this.#now + Math.max(milliseconds, 0),
      order: this.#order++,
      background: options?.background ?? false,
      callback,
    };
    this.#pending.splice(this.#placeOf(pending), 0, pending);
    return {
      cancel: () => {
        const place = this.#placeOf(pending);
        if (this.#pending[place] === pending) this.#pending.splice(place, 1);
      },
    };
  }

  /** Milliseconds until the next timer that is not a background one is due; undefined if there is none. */
  nextDue(): number | undefined {
    const next = this.#pending.find((timer) => !timer.background);
    return next && next.due - this.#now;
  }

  /** Moves time forward, running every timer that falls due on the way. */
  async advance(milliseconds: number): Promise<void> {
    const target = this.#now + milliseconds;
    await flush();
    for (let [timer] = this.#pending; timer && timer.due <= target; [timer] = this.#pending) {
      this.#pending.shift();
      this.#now = Math.max(this.#now, timer.due);
      timer.callback();
      await flush();
    }
    this.#now = Math.max(this.#now, target);
  }

  /** Where the timer is, or would be: by due time, then by creation. */
  #placeOf({ due, order }: Pending): number {
    let [low, high] = [0, this.#pending.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#pending[middle] as Pending;
      if (other.due < due || (other.due === due && other.order < order)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Two turns of the event loop: promises, immediates, and what those started. */
async function flush(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
