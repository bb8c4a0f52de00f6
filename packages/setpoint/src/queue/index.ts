/**
 * The queue of a controller: one entry a key, priorities that age, delays, back-off and rates per key.
 *
 * @module setpoint/queue
 */

export { type BackoffPolicy, BackoffRecords, defaultBackoff, slowBackoff } from './backoff.ts';
export type { RateLimit } from './pace.ts';
export { KeyedQueue, lowPriority } from './queue.ts';
export type { AddOptions, QueuedKey, QueueObserver, QueueOptions, RetryOptions, Taken } from './types.ts';
