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

/** An attempt that failed; times are monotonic. */
export interface Failure {
  readonly now: number;
  /** When the attempt began. */
  readonly began: number;
  /** Milliseconds to wait instead of what the policy says. */
  readonly after?: number | undefined;
  /** Milliseconds that it waits in any case. */
  readonly atLeast?: number | undefined;
}

interface FailureRecord {
  readonly uid: string | undefined;
  readonly failures: number;
  /** From when on an attempt counts again; monotonic. */
  readonly until: number;
}

/**
 * Counts failures in a row per key. A record belongs to the object that failed, known by its UID:
 * an object of the same name with another UID starts afresh.
 *
 * What fails because a change led to it while a delay was still running does not count, and is repeated when that delay
 * is over: else a storm of changes would bring a key to its longest delay within seconds.
 */
export class BackoffRecords {
  readonly #policy: BackoffPolicy;
  readonly #records = new Map<string, FailureRecord>();

  constructor(policy: BackoffPolicy) {
    this.#policy = policy;
  }

  /** Failures in a row of this object; 0 for an object of another UID. */
  failures(id: string, uid: string | undefined): number {
    const record = this.#records.get(id);
    return record && record.uid === uid ? record.failures : 0;
  }

  /** Notes a failure and answers with the milliseconds until the next attempt. */
  next(id: string, uid: string | undefined, failure: Failure): number {
    const { now, began, after, atLeast = 0 } = failure;
    const record = this.#records.get(id);
    const present = record?.uid === uid ? record : undefined;
    const early = present !== undefined && began < present.until && now < present.until;
    const failures = present?.failures ?? 0;
    const { initial, factor, maximum } = this.#policy;
    const own = early ? present.until - now : Math.min(initial * factor ** failures, maximum);
    const delay = Math.max(after ?? own, atLeast);
    if (!early) this.#records.set(id, { uid, failures: failures + 1, until: now + delay });
    return delay;
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
