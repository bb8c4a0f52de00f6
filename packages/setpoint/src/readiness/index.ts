export { readinessOf, readyByCondition } from './readiness.ts';
export { failed, progressing, ready } from './states.ts';
export type { Readiness, ReadinessCheck } from './types.ts';
