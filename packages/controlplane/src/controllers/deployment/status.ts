import { deepEqual } from '@setpoint/apimachinery/patch';
import type { MutableObject } from '../../registry/index.ts';
import { mutableCopy } from '../../verbs/index.ts';
import type { ConditionLike } from '../workload/index.ts';
import { conditionIn, newCondition, removeCondition, setCondition } from './conditions.ts';
import {
  actualReplicas,
  availableReplicas,
  hasProgressDeadline,
  maxUnavailable,
  readyReplicas,
  terminatingReplicas,
  wantedReplicas,
} from './replicas.ts';
import type { Rollout } from './rollout.ts';

/** The status that follows from the ReplicaSets. */
function calculate({ deployment, now }: Rollout, sets: readonly MutableObject[], newSet: MutableObject | undefined) {
  const available = availableReplicas(sets);
  const leaving = terminatingReplicas(sets);
  const { collisionCount, conditions } = deployment.status ?? {};
  const status: MutableObject['status'] = {
    observedGeneration: deployment.metadata.generation,
    replicas: actualReplicas(sets),
    updatedReplicas: actualReplicas([newSet]),
    readyReplicas: readyReplicas(sets),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, wantedReplicas(sets) - available),
    ...(leaving === undefined ? {} : { terminatingReplicas: leaving }),
    ...(conditions ? { conditions: [...conditions] } : {}),
    ...(collisionCount === undefined ? {} : { collisionCount }),
  };
  const enough = available >= deployment.spec.replicas - maxUnavailable(deployment);
  setCondition(
    status,
    enough
      ? newCondition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', now())
      : newCondition(
          'Available',
          'False',
          'MinimumReplicasUnavailable',
          'Deployment does not have minimum availability.',
          now(),
        ),
  );
  return status;
}

/** Writes the status, without judging progress. */
export async function syncStatus(rollout: Rollout, sets: readonly MutableObject[], newSet: MutableObject | undefined) {
  const status = calculate(rollout, sets, newSet);
  if (sameStatus(rollout.deployment.status, status)) return;
  rollout.deployment.status = status;
  await rollout.writeStatus();
}

export function isComplete(deployment: MutableObject, status: MutableObject['status']): boolean {
  const { replicas } = deployment.spec;
  const {
    updatedReplicas = 0,
    replicas: all = 0,
    availableReplicas: available = 0,
    observedGeneration = 0,
  } = status ?? {};
  return (
    updatedReplicas === replicas &&
    all === replicas &&
    available === replicas &&
    observedGeneration >= (deployment.metadata.generation ?? 0)
  );
}

/** Writes the status in the course of a rollout, whose progress is judged. */
export async function syncRolloutStatus(
  rollout: Rollout,
  sets: readonly MutableObject[],
  newSet: MutableObject | undefined,
): Promise<void> {
  const { deployment } = rollout;
  const status = calculate(rollout, sets, newSet);
  if (!hasProgressDeadline(deployment)) removeCondition(status, 'Progressing');
  const current = conditionIn(deployment.status, 'Progressing');
  const wasComplete = status.replicas === status.updatedReplicas && current?.reason === 'NewReplicaSetAvailable';
  if (hasProgressDeadline(deployment) && !wasComplete) judgeProgress(rollout, status, newSet);
  const failure = failureOf(newSet ? [newSet, ...sets] : sets);
  if (failure) {
    const { lastTransitionTime: since, reason = '', message = '', status: value, type } = failure;
    const time = since ?? '';
    setCondition(status, { type, status: value, lastUpdateTime: time, lastTransitionTime: time, reason, message });
  } else removeCondition(status, 'ReplicaFailure');
  if (sameStatus(deployment.status, status)) {
    lookAgain(rollout, status);
    return;
  }
  deployment.status = status;
  await rollout.writeStatus();
}

function judgeProgress(
  { deployment, now }: Rollout,
  status: MutableObject['status'],
  newSet: MutableObject | undefined,
) {
  const what = newSet ? `ReplicaSet "${newSet.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  const current = conditionIn(deployment.status, 'Progressing');
  if (isComplete(deployment, status)) {
    const message = `${what} has successfully progressed.`;
    setCondition(status, newCondition('Progressing', 'True', 'NewReplicaSetAvailable', message, now()));
  } else if (isProgressing(deployment.status ?? {}, status)) {
    const condition = newCondition('Progressing', 'True', 'ReplicaSetUpdated', `${what} is progressing.`, now());
    const since = current?.status === 'True' ? { lastTransitionTime: current.lastTransitionTime } : {};
    // The time of the last progress is told even where nothing else has changed.
    if (current) removeCondition(status, 'Progressing');
    setCondition(status, { ...condition, ...since });
  } else if (isTimedOut(deployment, status, now())) {
    const message = `${what} has timed out progressing.`;
    setCondition(status, newCondition('Progressing', 'False', 'ProgressDeadlineExceeded', message, now()));
  }
}

/** New pods have come, become ready or available, or old ones have gone. */
function isProgressing(before: MutableObject['status'], after: MutableObject['status']): boolean {
  const { replicas = 0, updatedReplicas = 0, readyReplicas: ready = 0, availableReplicas: available = 0 } = before;
  return (
    after.updatedReplicas > updatedReplicas ||
    after.replicas - after.updatedReplicas < replicas - updatedReplicas ||
    after.readyReplicas > ready ||
    after.availableReplicas > available
  );
}

function isTimedOut(deployment: MutableObject, status: MutableObject['status'], now: number): boolean {
  const condition = conditionIn(status, 'Progressing');
  if (!condition || condition.reason === 'NewReplicaSetAvailable') return false;
  if (condition.reason === 'ProgressDeadlineExceeded') return true;
  return Date.parse(condition.lastUpdateTime) + deployment.spec.progressDeadlineSeconds * 1000 < now;
}

function failureOf(sets: readonly MutableObject[]): ConditionLike | undefined {
  const conditions = sets.flatMap((set): ConditionLike[] => set.status?.conditions ?? []);
  return conditions.find(({ type }) => type === 'ReplicaFailure');
}

/** Nothing may ever happen again: the deadline has to be looked at by the clock. */
function lookAgain({ deployment, again, now }: Rollout, status: MutableObject['status']): void {
  const current = conditionIn(deployment.status, 'Progressing');
  if (!hasProgressDeadline(deployment) || !current) return;
  if (isComplete(deployment, status) || current.reason === 'ProgressDeadlineExceeded') return;
  const deadline = Date.parse(current.lastUpdateTime) + deployment.spec.progressDeadlineSeconds * 1000;
  again(Math.max(0, deadline - now()) + 1000);
}

/** As they are written: what is zero is not there. */
function sameStatus(before: MutableObject['status'], after: MutableObject['status']): boolean {
  return deepEqual(written(before ?? {}), written(after));
}

function written(status: object): object {
  const kept = Object.entries(status).filter(
    ([name, value]) => (value !== 0 || name === 'terminatingReplicas' || name === 'collisionCount') && !isEmpty(value),
  );
  return mutableCopy(Object.fromEntries(kept) as MutableObject);
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
