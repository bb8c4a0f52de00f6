export { type BackoffPolicy, BackoffRecords, defaultBackoff, slowBackoff } from './backoff.ts';
export {
  type AddOptions,
  KeyedQueue,
  lowPriority,
  type QueueObserver,
  type QueueOptions,
  type Taken,
} from './queue.ts';
