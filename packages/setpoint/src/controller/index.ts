/**
 * Declarations of controllers, watches, sources and predicates as data, and what runs them.
 *
 * @module setpoint/controller
 */

export type { AdmissionRequest } from './admission-request.ts';
export { collectorOf } from './collector.ts';
export { checkConfinement } from './confinement.ts';
export type { CheckedContentPath } from './content-path.ts';
export { controller, owned, source, watch } from './controller.ts';
export { type ControllerMetrics, noMetrics, type ReconcileResultLabel } from './metrics.ts';
export { metricNeeds, needs, needsIn, readKinds, writableKinds } from './needs.ts';
export {
  allOf,
  annotationsChanged,
  anyOf,
  changed,
  contentChanged,
  generationChanged,
  generationOrFinalizersChanged,
  labelsChanged,
  matching,
  not,
  statusChanged,
} from './predicates.ts';
export type { ControllerActivity, ControllerRunner, RunnerOptions } from './runner.ts';
export type { ShardGate, ShardKeys, WhichKeys } from './shard-keys.ts';
export { acquireStores, type ControllerStores } from './stores.ts';
export type * from './types.ts';

/** What runs a controller; loaded only by a program that runs one, since declaring is all that most imports are for. */
export const loadControllerRunner = () => import('./runner.ts');
