/**
 * Local copies of kinds, kept up to date by list and watch: synchronous reads, indexes, and own writes that are
 * visible at once. An operator gets them through the context of a pass; this is for what runs without a controller.
 *
 * @module setpoint/cache
 */

export { type Index, type IndexKeys, index } from '../kinds/index.ts';
export { createCaches } from './caches.ts';
export { cachesOfClusters } from './clusters.ts';
export { isIndex, UndeclaredReadError } from './reads.ts';
export { compareRevisions } from './revision.ts';
export { nextTurn } from './turn.ts';
export type {
  CacheEvent,
  CacheListOptions,
  CacheLog,
  CacheReader,
  Caches,
  CachesOptions,
  DeleteAnswer,
  IndexOf,
  KindOf,
  Read,
  StoreHandle,
  StoreRequest,
  StoreStats,
  Subscription,
  Trouble,
  UndeclaredIndex,
  UndeclaredKind,
  WriteAnswer,
} from './types.ts';
