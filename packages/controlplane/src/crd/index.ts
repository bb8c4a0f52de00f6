export type { CrdHost } from './host.ts';
