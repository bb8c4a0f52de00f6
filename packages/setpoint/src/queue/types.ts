import type { Clock } from '@setpoint/apimachinery/clock';
import type { BackoffPolicy } from './backoff.ts';
import type { RateLimit } from './pace.ts';

/** When, and before what, an added key runs. */
export interface AddOptions {
  /** Higher runs first; of a key that is there already the higher one counts. @default 0 */
  readonly priority?: number | undefined;
  /** Milliseconds until the key may run. @default 0 */
  readonly after?: number | undefined;
}

/** What a metrics part wants to know; every call is synchronous and must not throw. */
export interface QueueObserver {
  /** A key became ready to run (or moved between priorities: -1 at one, +1 at the other). */
  depth?(priority: number, change: 1 | -1): void;
  /** A key became ready to run, or is held until its pass has ended. */
  added?(): void;
  /** Milliseconds from being ready to being taken. */
  taken?(milliseconds: number): void;
  /** Milliseconds from being taken to being done. */
  done?(milliseconds: number): void;
  /** A key was added to run later: a failure's back-off, or `requeueAfter`. As controller-runtime counts retries. */
  retried?(): void;
}

/** Options of a `KeyedQueue`. */
export interface QueueOptions<T> {
  readonly clock: Clock;
  /** What makes two items the same key. */
  readonly id: (item: T) => string;
  /** How long a key that failed waits. @default `defaultBackoff` */
  readonly backoff?: BackoffPolicy | undefined;
  /** How often one key may be handed out, whatever adds it. @default as often as it is added */
  readonly rateLimit?: RateLimit | undefined;
  /** Told of what happens, for metrics. @default nobody is */
  readonly observer?: QueueObserver | undefined;
  /** Whether a key belongs here at all; what does not is not taken in. Asked at every add. @default all do */
  readonly accepts?: ((id: string) => boolean) | undefined;
}

/** A key that a worker holds; `done` must follow. */
export interface Taken<T> {
  readonly item: T;
  /** At which it was taken; higher goes first. */
  readonly priority: number;
}

/** Options of `addRateLimited`. */
export interface RetryOptions {
  /** Of the object that failed: another object of the same key starts afresh. */
  readonly uid?: string | undefined;
  /** Higher goes first. */
  readonly priority?: number | undefined;
  /** Milliseconds to wait instead of the back-off; the failure counts all the same. */
  readonly after?: number | undefined;
  /** Milliseconds that it waits in any case. */
  readonly atLeast?: number | undefined;
}

/** A key as the queue knows it, for people. */
export interface QueuedKey<T> {
  readonly item: T;
  /** `held`: added again while it runs. */
  readonly state: 'running' | 'ready' | 'held' | 'waiting';
  /** Higher goes first. */
  readonly priority: number;
  /** Milliseconds since it runs or is ready; for one that waits, until it is. */
  readonly milliseconds: number;
  /** Failures in a row. */
  readonly failures: number;
}
