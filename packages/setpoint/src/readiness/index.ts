/**
 * How far an object is: ready, progressing or failed, by what Kubernetes' own kinds say of themselves and by
 * conditions.
 *
 * @module setpoint/readiness
 */

export { readinessOf, readyByCondition } from './readiness.ts';
export { failed, progressing, ready } from './states.ts';
export type { Readiness, ReadinessCheck } from './types.ts';
