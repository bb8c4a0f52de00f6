import type { Clock, Timer } from '@setpoint/apimachinery/clock';

/** First wait after a failure, and the longest, in milliseconds: those of client-go. */
const firstBackoff = 5;
const longestBackoff = 1_000_000;

/** Keys that may be worked off in one turn of the event loop, so that requests get theirs. */
const slice = 32;

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** How many keys are worked on at once; they only wait for each other where admission calls out. @default 8 */
  readonly workers?: number;
  /** Brings what the key names to where it should be. What it throws is reported, and the key comes again later. */
  reconcile(key: string): void | Promise<void>;
  /** Keys that are ready or worked on have become more or fewer. Those that wait for a time do not count. */
  pendingChanged(by: number): void;
  failed(error: unknown, key: string): void;
}

/**
 * Keys to look at. A key that is added many times is looked at once; it is never worked on twice at once, and added
 * while it is worked on it comes again. The work is done in a later turn of the event loop, as another process would.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #workers: number;
  readonly #ready = new Set<string>();
  readonly #running = new Set<string>();
  readonly #again = new Set<string>();
  readonly #timers = new Map<string, { readonly due: number; readonly timer: Timer }>();
  readonly #failures = new Map<string, number>();
  #immediate: NodeJS.Immediate | undefined;
  #closed = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#workers = options.workers ?? 8;
  }

  add(key: string): void {
    if (this.#closed || this.#ready.has(key)) return;
    this.#forgetTimer(key);
    if (this.#running.has(key)) {
      this.#again.add(key);
      return;
    }
    this.#ready.add(key);
    this.#options.pendingChanged(1);
    this.#arm();
  }

  /** Adds the key in so many milliseconds; of several times the earliest counts. */
  addAfter(key: string, milliseconds: number): void {
    if (this.#closed) return;
    if (milliseconds <= 0) {
      this.add(key);
      return;
    }
    const due = this.#options.clock.monotonic() + milliseconds;
    const waiting = this.#timers.get(key);
    if (waiting && waiting.due <= due) return;
    waiting?.timer.cancel();
    const timer = this.#options.clock.timer(milliseconds, () => {
      this.#timers.delete(key);
      this.add(key);
    });
    this.#timers.set(key, { due, timer });
  }

  /** When the first of the keys that wait for a time is due, by the monotonic clock. */
  get nextDue(): number | undefined {
    let next: number | undefined;
    for (const { due } of this.#timers.values()) if (next === undefined || due < next) next = due;
    return next;
  }

  /** Ends everything; what is under way comes to its next write and no further. Harmless twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearImmediate(this.#immediate);
    for (const { timer } of this.#timers.values()) timer.cancel();
    const pending = this.#ready.size + this.#running.size;
    if (pending > 0) this.#options.pendingChanged(-pending);
    for (const keys of [this.#timers, this.#ready, this.#running, this.#again, this.#failures]) keys.clear();
  }

  #arm(): void {
    this.#immediate ??= setImmediate(() => {
      this.#immediate = undefined;
      this.#turn();
    });
  }

  #turn(): void {
    for (let done = 0; done < slice && this.#running.size < this.#workers; done++) {
      const [key] = this.#ready;
      if (key === undefined) return;
      this.#ready.delete(key);
      this.#running.add(key);
      this.#run(key);
    }
    if (this.#ready.size > 0 && this.#running.size < this.#workers) this.#arm();
  }

  #run(key: string): void {
    try {
      const result = this.#options.reconcile(key);
      if (result === undefined) this.#done(key);
      else
        result.then(
          () => this.#done(key),
          (error: unknown) => this.#failed(key, error),
        );
    } catch (error) {
      this.#failed(key, error);
    }
  }

  #done(key: string): void {
    this.#failures.delete(key);
    this.#leave(key);
  }

  #failed(key: string, error: unknown): void {
    if (this.#closed) return;
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#options.failed(error, key);
    const isAgain = this.#again.has(key);
    this.#leave(key);
    if (!isAgain) this.addAfter(key, Math.min(firstBackoff * 2 ** failures, longestBackoff));
  }

  #leave(key: string): void {
    if (this.#closed) return;
    this.#running.delete(key);
    const isAgain = this.#again.delete(key);
    if (isAgain) this.#ready.add(key);
    else this.#options.pendingChanged(-1);
    if (this.#ready.size > 0) this.#arm();
  }

  #forgetTimer(key: string): void {
    this.#timers.get(key)?.timer.cancel();
    this.#timers.delete(key);
  }
}
