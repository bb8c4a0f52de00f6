import { PassRevoked } from '../errors/index.ts';

/**
 * The right to act in the name of one pass. Everything a pass asks of the API server goes through `guard`; after
 * `revoke` it rejects, and what is on its way is given up.
 */
export class Capability {
  /** Made with the first request: most passes send none. */
  #inFlight: Map<Promise<unknown>, (reason: unknown) => void> | undefined;
  #abort: AbortController | undefined;
  /** Whether somebody has the signal who may listen for longer than one call. */
  #handedOut = false;
  #revoked: string | undefined;
  #writesInFlight = 0;

  /** Aborts when the right ends; its reason is the PassRevoked. */
  get signal(): AbortSignal {
    this.#handedOut = true;
    return this.#controller().signal;
  }

  get revoked(): boolean {
    return this.#revoked !== undefined;
  }

  /** Ends the right. Most passes end with nobody listening, and an error with its stack is dearer than they are. */
  revoke(reason: string): void {
    if (this.#revoked !== undefined) return;
    this.#revoked = reason;
    if (!this.#handedOut && !this.busy) return;
    const error = new PassRevoked(reason);
    this.#abort?.abort(error);
    for (const giveUp of this.#inFlight?.values() ?? []) giveUp(error);
  }

  /** @throws PassRevoked */
  check(): void {
    if (this.#revoked !== undefined) throw new PassRevoked(this.#revoked);
  }

  /**
   * Runs the action while the right lasts. When it ends first the caller gets PassRevoked at once, whatever becomes
   * of the action.
   */
  guard<T>(
    action: (signal: AbortSignal) => Promise<T>,
    options: {
      readonly write?: boolean;
      /** What it resolves with lives on, by the same signal. */
      readonly lasting?: boolean;
    } = {},
  ): Promise<T> {
    if (this.#revoked !== undefined) return Promise.reject(new PassRevoked(this.#revoked));
    const { signal } = options.lasting ? this : this.#controller();
    let running: Promise<T>;
    try {
      running = action(signal);
    } catch (error) {
      return Promise.reject(error);
    }
    return new Promise((resolve, reject) => {
      this.#inFlight ??= new Map();
      const inFlight = this.#inFlight.set(running, reject);
      if (options.write) this.#writesInFlight++;
      const over = () => {
        inFlight.delete(running);
        if (options.write) this.#writesInFlight--;
      };
      running.then(
        (value) => {
          over();
          resolve(value);
        },
        (error) => {
          over();
          reject(this.#revoked === undefined ? error : new PassRevoked(this.#revoked));
        },
      );
      // The action itself may have been what ended the right.
      if (this.#revoked !== undefined) reject(new PassRevoked(this.#revoked));
    });
  }

  /** Writes whose answer is not there yet. */
  get writesInFlight(): number {
    return this.#writesInFlight;
  }

  /** Whether verbs run whose answer is not there yet. */
  get busy(): boolean {
    return this.#inFlight !== undefined && this.#inFlight.size > 0;
  }

  /** Resolves when no verb runs. */
  async settled(): Promise<void> {
    while (this.#inFlight && this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight.keys());
  }

  #controller(): AbortController {
    this.#abort ??= new AbortController();
    if (this.#revoked !== undefined && !this.#abort.signal.aborted) this.#abort.abort(new PassRevoked(this.#revoked));
    return this.#abort;
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
