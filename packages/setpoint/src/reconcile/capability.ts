import type { PassRevoked } from '../errors/index.ts';

/**
 * The right to act in the name of one pass. Everything a pass asks of the API server goes through `guard`; after
 * `revoke` it rejects, and what is on its way is given up.
 */
export class Capability {
  readonly #abort = new AbortController();
  readonly #inFlight = new Set<Promise<unknown>>();
  #writesInFlight = 0;

  /** Aborts when the right ends; its reason is the PassRevoked. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  revoke(reason: PassRevoked): void {
    this.#abort.abort(reason);
  }

  /** @throws PassRevoked */
  check(): void {
    this.signal.throwIfAborted();
  }

  /**
   * Runs the action while the right lasts. When it ends first the caller gets PassRevoked at once, whatever becomes
   * of the action.
   */
  async guard<T>(action: (signal: AbortSignal) => Promise<T>, options: { readonly write?: boolean } = {}): Promise<T> {
    this.check();
    const running = action(this.signal);
    this.#inFlight.add(running);
    if (options.write) this.#writesInFlight++;
    const over = () => {
      this.#inFlight.delete(running);
      if (options.write) this.#writesInFlight--;
    };
    running.then(over, over);
    try {
      return await endedBy(this.signal, running);
    } catch (error) {
      this.check();
      throw error;
    }
  }

  /** Writes whose answer is not there yet. */
  get writesInFlight(): number {
    return this.#writesInFlight;
  }

  /** Whether verbs run that nobody waited for; resolves when they are over. */
  async settled(): Promise<boolean> {
    const unawaited = this.#inFlight.size > 0;
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight);
    return unawaited;
  }
}

/** The promise, or the signal's reason if that comes first. */
export function endedBy<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
