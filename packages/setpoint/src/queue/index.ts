/**
 * The queue of a controller: one entry a key, priorities that age, delays, back-off and rates per key.
 *
 * @module setpoint/queue
 */

export { type BackoffPolicy, BackoffRecords, defaultBackoff, slowBackoff } from './backoff.ts';
export type { RateLimit } from './pace.ts';
export {
  type AddOptions,
  KeyedQueue,
  lowPriority,
  type QueuedKey,
  type QueueObserver,
  type QueueOptions,
  type RetryOptions,
  type Taken,
} from './queue.ts';
