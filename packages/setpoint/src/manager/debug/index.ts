export type { DebugSubject } from './debug.ts';
export { requireLoopback } from './loopback.ts';
export { debugSubject } from './subject.ts';

/** What answers under /debug; loaded only where it was asked for. */
export const loadDebug = () => import('./debug.ts');
