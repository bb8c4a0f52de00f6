export { type Disk, type GrowingFile, openFolder } from './disk.ts';
export { AppendLog, type AppendLogOptions } from './log.ts';
export type { LogRecord } from './record.ts';
