import type { KubeObject } from '@setpoint/apimachinery/meta';
import { conditionOf, listAt, numberAt, textAt, valueAt } from './fields.ts';
import { failed, progressing, ready } from './states.ts';
import type { Readiness } from './types.ts';

/** Counts that have to be reached, in the order in which they are looked at. */
type Count = readonly [reason: string, word: string, present: number, wanted: number];

function firstMissing(counts: readonly Count[]): Readiness | undefined {
  for (const [reason, word, present, wanted] of counts) {
    if (present < wanted) return progressing(reason, `${word}: ${present}/${wanted}`);
  }
  return undefined;
}

function surplus(present: number, wanted: number): Readiness | undefined {
  return present > wanted ? progressing('ExtraPods', `to be ended: ${present - wanted}`) : undefined;
}

/** What the counts say is of another generation until the workload's own controller has looked at it. */
function unobserved(object: KubeObject): Readiness | undefined {
  if (valueAt(object, 'status', 'observedGeneration') !== undefined) return undefined;
  return progressing('NotObserved', `no controller has looked at the ${object.kind} yet`);
}

export function deployment(object: KubeObject): Readiness {
  const progress = conditionOf(object, 'Progressing');
  if (progress?.reason === 'ProgressDeadlineExceeded') return failed(progress.reason, progress.message);
  const wanted = numberAt(object, 1, 'spec', 'replicas');
  const count = (name: string) => numberAt(object, 0, 'status', name);
  const updated = count('updatedReplicas');
  const missing =
    unobserved(object) ??
    firstMissing([
      ['LessReplicas', 'replicas', count('replicas'), wanted],
      ['LessUpdated', 'updated', updated, wanted],
    ]) ??
    surplus(count('replicas'), wanted) ??
    firstMissing([
      ['LessAvailable', 'available', count('availableReplicas'), updated],
      ['LessReady', 'ready', count('readyReplicas'), wanted],
    ]);
  if (missing) return missing;
  // Without a deadline there is no such condition; 2^31-1 stands for none.
  const deadline = numberAt(object, 2 ** 31 - 1, 'spec', 'progressDeadlineSeconds');
  const rolledOut = progress?.status === 'True' && progress.reason === 'NewReplicaSetAvailable';
  if (deadline < 2 ** 31 - 1 && !rolledOut) {
    return progressing('ReplicaSetNotAvailable', 'the new ReplicaSet is not available yet');
  }
  if (conditionOf(object, 'Available')?.status !== 'True') {
    return progressing('DeploymentNotAvailable', 'it is not available yet');
  }
  return ready;
}

export function replicaSet(object: KubeObject): Readiness {
  const failure = conditionOf(object, 'ReplicaFailure');
  if (failure?.status === 'True') return progressing('ReplicaFailure', failure.message || 'Pods cannot be made');
  const wanted = numberAt(object, 1, 'spec', 'replicas');
  const count = (name: string) => numberAt(object, 0, 'status', name);
  return (
    unobserved(object) ??
    firstMissing([
      ['LessLabelled', 'labelled', count('fullyLabeledReplicas'), wanted],
      ['LessAvailable', 'available', count('availableReplicas'), wanted],
      ['LessReady', 'ready', count('readyReplicas'), wanted],
    ]) ??
    surplus(count('replicas'), wanted) ??
    ready
  );
}

export function statefulSet(object: KubeObject): Readiness {
  const missing = unobserved(object);
  if (missing) return missing;
  // Whoever deletes the Pods decides when they are updated.
  if (textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete') return ready;
  const wanted = numberAt(object, 1, 'spec', 'replicas');
  const count = (name: string) => numberAt(object, 0, 'status', name);
  const counted =
    firstMissing([
      ['LessReplicas', 'replicas', count('replicas'), wanted],
      ['LessReady', 'ready', count('readyReplicas'), wanted],
    ]) ?? surplus(count('replicas'), wanted);
  if (counted) return counted;
  const partition = valueAt(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');
  if (typeof partition === 'number' && partition > 0) {
    const updated: Count = ['PartitionRollout', 'updated', count('updatedReplicas'), Math.max(wanted - partition, 0)];
    return firstMissing([updated]) ?? ready;
  }
  if (textAt(object, 'status', 'currentRevision') !== textAt(object, 'status', 'updateRevision')) {
    return progressing('RevisionMismatch', `updated: ${count('updatedReplicas')}/${wanted}`);
  }
  return ready;
}

export function daemonSet(object: KubeObject): Readiness {
  const wanted = numberAt(object, -1, 'status', 'desiredNumberScheduled');
  const missing = unobserved(object);
  if (missing) return missing;
  if (wanted < 0) return progressing('NoDesiredNumber', 'it is not known yet how many Pods it needs');
  const count = (name: string) => numberAt(object, 0, 'status', name);
  return (
    firstMissing([
      ['LessCurrent', 'current', count('currentNumberScheduled'), wanted],
      ['LessUpdated', 'updated', count('updatedNumberScheduled'), wanted],
      ['LessAvailable', 'available', count('numberAvailable'), wanted],
      ['LessReady', 'ready', count('numberReady'), wanted],
    ]) ?? ready
  );
}

/** Ready is a Job that has completed, unlike in kstatus, where it need only have begun. */
export function job(object: KubeObject): Readiness {
  const isTrue = (type: string) => {
    const condition = conditionOf(object, type);
    return condition?.status === 'True' ? condition : undefined;
  };
  const failure = isTrue('Failed');
  if (failure) return failed('JobFailed', failure.message || failure.reason);
  if (isTrue('Complete')) return ready;
  if (isTrue('Suspended')) return progressing('JobSuspended', 'it is suspended');
  if (textAt(object, 'status', 'startTime') === '') return progressing('JobNotStarted', 'it has not begun');
  const count = (name: string) => numberAt(object, 0, 'status', name);
  const figures = `succeeded: ${count('succeeded')}, active: ${count('active')}, failed: ${count('failed')}`;
  return progressing('JobInProgress', figures);
}

/** A Pod that failed is failed, unlike in kstatus, where nothing more is to come of it. */
export function pod(object: KubeObject): Readiness {
  const phase = textAt(object, 'status', 'phase');
  switch (phase) {
    case 'Succeeded':
      return ready;
    case 'Failed':
      return failed('PodFailed', textAt(object, 'status', 'message') || 'it has failed');
    case 'Running': {
      if (conditionOf(object, 'Ready')?.status === 'True') return ready;
      const looping = crashLooping(object);
      if (looping.length > 0)
        return failed('ContainerCrashLooping', `containers in a crash loop: ${looping.join(', ')}`);
      return progressing('PodRunningNotReady', 'it runs and is not ready');
    }
    case 'Pending': {
      const scheduled = conditionOf(object, 'PodScheduled');
      // Left as it is: how long it has been so is nobody's event, and the next node may end it.
      if (scheduled?.status === 'False') return progressing('PodNotScheduled', scheduled.message || 'no node takes it');
      return progressing('PodPending', 'it has not begun');
    }
    default:
      return progressing('PodNotObserved', 'no kubelet or scheduler has looked at it yet');
  }
}

function crashLooping(object: KubeObject): string[] {
  const statuses = [
    ...listAt(object, 'status', 'initContainerStatuses'),
    ...listAt(object, 'status', 'containerStatuses'),
  ];
  return statuses
    .filter((status) => textAt(status, 'state', 'waiting', 'reason') === 'CrashLoopBackOff')
    .map((status) => textAt(status, 'name'));
}
