export { Collection } from './collection.ts';
export { Change, type Entry } from './entry.ts';
export { deepFreeze } from './freeze.ts';
export { AppendLog, type Disk, type LogRecord, openFolder } from './log/index.ts';
export { Store } from './store.ts';
export type { View } from './view.ts';
