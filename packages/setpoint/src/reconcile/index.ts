/**
 * What a pass is and what it can do: status, conditions, apply, children, Events, finalizers.
 *
 * @module setpoint/reconcile
 */

export { problemsFound } from './answers.ts';
export { AppliedRecords, appliedId } from './applied.ts';
export { Attribution, describeWork, detailsOf, type Work } from './attribution.ts';
export { endedBy } from './capability.ts';
export {
  type Child,
  type ChildOf,
  type ChildOptions,
  child,
  type Dependency,
  type Step,
  type StepResult,
  step,
  waitFor,
} from './child.ts';
export { claimedOwners, ownerUidsOf } from './claims.ts';
export { conditionReason, readyType } from './conditions.ts';
export { type Outcome, runCycle, runKeyed } from './cycle.ts';
export {
  type CycleDeclaration,
  cachedObject,
  describeObject,
  keyOf,
  type OwnedObject,
  OwnStatus,
  type PassEnvironment,
  type WriteRecorder,
} from './environment.ts';
export { EventRecorder, type EventRecorderOptions } from './event-recorder.ts';
export { messageOf } from './message.ts';
export { controllerOf, controllerReference, ownerReference, ownersOf } from './owner-references.ts';
export { Pass, type PassOptions, type PassWrite } from './pass.ts';
export { type RetryTime, retryTime } from './retry-after.ts';
export { statusOf } from './status.ts';
export type * from './types.ts';
