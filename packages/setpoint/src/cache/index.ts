export { type Index, type IndexKeys, index } from '../kinds/index.ts';
export { createCaches } from './caches.ts';
export { cachesOfClusters } from './clusters.ts';
export { isIndex, UndeclaredReadError } from './reads.ts';
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
