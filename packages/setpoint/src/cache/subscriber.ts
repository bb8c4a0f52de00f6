import { nextTurn } from './turn.ts';
import type { CacheEvent } from './types.ts';

/** Events after which other work gets a turn. */
const slice = 256;

/**
 * One handler and what it has not been told yet. Single events are handed on at once; a list of ten thousand
 * is handed on in slices, and what comes meanwhile waits behind it.
 */
export class Subscriber {
  readonly #handler: (event: CacheEvent) => void;
  readonly #onError: (event: CacheEvent, error: unknown) => void;
  /** Lists of events are shared with other handlers, and never copied. */
  #batches: (readonly CacheEvent[])[] = [];
  #position = 0;
  #draining = false;
  #closed = false;
  #waiting: (() => void)[] = [];

  constructor(handler: (event: CacheEvent) => void, onError: (event: CacheEvent, error: unknown) => void) {
    this.#handler = handler;
    this.#onError = onError;
  }

  /** Whether the handler has been told everything so far. */
  get isIdle(): boolean {
    return !this.#draining;
  }

  /** Events that the handler has not been told. */
  get pending(): number {
    return this.#batches.reduce((sum, { length }) => sum + length, -this.#position);
  }

  deliver(events: readonly CacheEvent[]): void {
    if (this.#closed) return;
    if (events.length > 0) this.#batches.push(events);
    if (!this.#draining) void this.#drain();
  }

  /** Calls back once everything so far has been handed on; at once if it has. */
  whenIdle(callback: () => void): void {
    if (this.#draining) this.#waiting.push(callback);
    else callback();
  }

  close(): void {
    this.#closed = true;
    this.#batches = [];
    this.#position = 0;
    for (const callback of this.#waiting.splice(0)) callback();
  }

  #report(event: CacheEvent, error: unknown): void {
    try {
      this.#onError(event, error);
    } catch {
      // A log that throws must not end the delivery.
    }
  }

  /** Synchronous up to the first pause. */
  async #drain(): Promise<void> {
    this.#draining = true;
    let told = 0;
    for (let batch = this.#batches[0]; batch && !this.#closed; batch = this.#batches[0]) {
      const event = batch[this.#position++] as CacheEvent;
      if (this.#position === batch.length) {
        this.#batches.shift();
        this.#position = 0;
      }
      try {
        this.#handler(event);
      } catch (error) {
        this.#report(event, error);
      }
      if (++told % slice === 0 && this.#batches.length > 0) await nextTurn();
    }
    this.#batches = [];
    this.#position = 0;
    this.#draining = false;
    for (const callback of this.#waiting.splice(0)) callback();
  }
}
