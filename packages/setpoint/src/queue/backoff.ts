/** How the delay between passes that fail grows; all in milliseconds. */
export interface BackoffPolicy {
  /** Milliseconds after the first failure. */
  readonly initial: number;
  /** By how much the delay grows with each further failure. */
  readonly factor: number;
  /** Milliseconds at most. */
  readonly maximum: number;
}

/** What client-go's default rate limiter does per key: 5 ms, ×2, at most 1000 s. */
export const defaultBackoff: BackoffPolicy = { initial: 5, factor: 2, maximum: 1_000_000 };

/** For work that is dear to repeat: 1 s, ×2, at most 6 hours. */
export const slowBackoff: BackoffPolicy = { initial: 1000, factor: 2, maximum: 6 * 3_600_000 };

/**
 * Counts failures in a row per key. A record belongs to the object that failed, known by its UID:
 * an object of the same name with another UID starts afresh.
 */
export class BackoffRecords {
  readonly #policy: BackoffPolicy;
  readonly #records = new Map<string, { uid: string | undefined; failures: number }>();

  constructor(policy: BackoffPolicy) {
    this.#policy = policy;
  }

  /** Failures in a row of this object; 0 for an object of another UID. */
  failures(id: string, uid: string | undefined): number {
    const record = this.#records.get(id);
    return record && record.uid === uid ? record.failures : 0;
  }

  /** Counts a failure and answers with the delay until the next attempt. */
  next(id: string, uid: string | undefined): number {
    const failures = this.failures(id, uid);
    this.#records.set(id, { uid, failures: failures + 1 });
    const { initial, factor, maximum } = this.#policy;
    return Math.min(initial * factor ** failures, maximum);
  }

  /** Failures in a row of whatever object has the key. */
  count(id: string): number {
    return this.#records.get(id)?.failures ?? 0;
  }

  /** The next failure of the key is its first again. */
  forget(id: string): void {
    this.#records.delete(id);
  }

  get size(): number {
    return this.#records.size;
  }
}
