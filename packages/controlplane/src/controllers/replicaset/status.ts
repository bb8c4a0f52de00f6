import type { MutableObject } from '../../registry/index.ts';
import { timestamp } from '../../verbs/index.ts';
import { type ConditionLike, isAvailable, isReady } from '../workload/index.ts';

export interface Seen {
  readonly active: readonly MutableObject[];
  /** Pods on their way out; undefined: this kind does not say. */
  readonly leaving: number | undefined;
  /** Why pods could not be made or deleted. */
  readonly failure: unknown;
  /** Wall time in milliseconds. */
  readonly now: number;
}

/** The status of a ReplicaSet or ReplicationController that sees these pods. */
export function statusOf(set: MutableObject, { active, leaving, failure, now }: Seen): MutableObject['status'] {
  const { template, minReadySeconds = 0 } = set.spec;
  const labels = Object.entries<string>(template?.metadata?.labels ?? {});
  const conditions = conditionsOf(set, active.length, failure, now);
  return {
    replicas: active.length,
    fullyLabeledReplicas: active.filter((pod) => labels.every(([key, value]) => pod.metadata.labels?.[key] === value))
      .length,
    readyReplicas: active.filter(isReady).length,
    availableReplicas: active.filter((pod) => isAvailable(pod, minReadySeconds, now)).length,
    ...(leaving === undefined ? {} : { terminatingReplicas: leaving }),
    observedGeneration: set.metadata.generation,
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}

/** A failure is told while it lasts; once told it stays as it is. */
function conditionsOf(set: MutableObject, active: number, failure: unknown, now: number): readonly ConditionLike[] {
  const before: readonly ConditionLike[] = set.status?.conditions ?? [];
  const told = before.some(({ type }) => type === 'ReplicaFailure');
  if (failure === undefined) return told ? before.filter(({ type }) => type !== 'ReplicaFailure') : before;
  if (told) return before;
  const missing = (set.spec.replicas ?? 1) - active;
  const reason = missing > 0 ? 'FailedCreate' : missing < 0 ? 'FailedDelete' : '';
  const message = failure instanceof Error ? failure.message : String(failure);
  const condition = { type: 'ReplicaFailure', status: 'True', lastTransitionTime: timestamp(now), reason, message };
  return [...before, condition];
}
