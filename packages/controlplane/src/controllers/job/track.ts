import type { MutableObject } from '../../registry/index.ts';
import { phaseOf } from '../workload/index.ts';
import { ensureCondition, type JobCondition, newCondition, trueCondition } from './conditions.ts';
import { type JobWork, untrack } from './controller.ts';
import { formatIndexes, indexOf, isIndexed } from './indexes.ts';
import { rememberFailures } from './manage.ts';
import { isTracked, type Tally } from './pods.ts';
import { isPodFailed, judge } from './policies.ts';

/**
 * Counts pods that have ended, exactly once: they are written down by uid, lose their finalizer, and are counted then.
 * Says how the Job ends once all of its pods have.
 *
 * @param before the status as it was read, as JSON
 */
export async function track(
  work: JobWork,
  tally: Tally,
  finished: JobCondition | undefined,
  before: string,
): Promise<void> {
  const { job, now } = work;
  const { status } = job;
  const ended = tally.pods.filter((pod) => isTracked(pod) && mayGo(job, pod, finished));
  dropCounted(status, new Set(tally.pods.filter(isTracked).map(({ metadata }) => metadata.uid ?? '')));
  for (const pod of ended) writeDown(job, pod, finished);
  if (isIndexed(job)) {
    status.completedIndexes = formatIndexes(tally.succeededIndexes);
    status.succeeded = tally.succeededIndexes.size;
    if (job.spec.backoffLimitPerIndex !== undefined) status.failedIndexes = formatIndexes(tally.failedIndexes);
  }
  let end = finished;
  if (finished?.type === 'FailureTarget') {
    status.conditions = [...(status.conditions ?? []), finished];
    end = newCondition('Failed', finished.reason, finished.message, now);
  } else if (finished?.type === 'SuccessCriteriaMet') {
    if (!trueCondition(job, 'SuccessCriteriaMet')) status.conditions = [...(status.conditions ?? []), finished];
    end = newCondition('Complete', finished.reason, finished.message, now);
  }
  if (JSON.stringify(status) !== before) {
    await work.writeStatus();
    rememberFailures(work, tally);
  }
  for (const pod of ended) await untrack(work.context, work.pods, pod);
  const isCounted = dropCounted(
    status,
    new Set(
      tally.pods
        .filter((pod) => !ended.includes(pod))
        .filter(isTracked)
        .map(({ metadata }) => metadata.uid ?? ''),
    ),
  );
  const isOver = end !== undefined && enact(status, end, tally);
  if (!isCounted && !isOver) return;
  await work.writeStatus();
  if (isOver && end) await tellFinished(work, end);
}

function mayGo(job: MutableObject, pod: MutableObject, finished: JobCondition | undefined): boolean {
  return (
    job.metadata.deletionTimestamp !== undefined ||
    finished !== undefined ||
    phaseOf(pod) === 'Succeeded' ||
    isPodFailed(job, pod)
  );
}

/** Notes a pod that has ended among those that are not counted yet. */
function writeDown(job: MutableObject, pod: MutableObject, finished: JobCondition | undefined): void {
  const uncounted = job.status.uncountedTerminatedPods;
  const { uid = '' } = pod.metadata;
  const isNoted = (list: readonly string[] | undefined) => list?.includes(uid) ?? false;
  if (phaseOf(pod) === 'Succeeded' && !isNoted(uncounted.failed)) {
    if (!isIndexed(job) && !isNoted(uncounted.succeeded)) uncounted.succeeded = [...(uncounted.succeeded ?? []), uid];
    return;
  }
  if (!isPodFailed(job, pod) && (!finished || finished.type === 'SuccessCriteriaMet')) return;
  if (isNoted(uncounted.failed) || (isIndexed(job) && indexOf(pod, job.spec.completions) === undefined)) return;
  if (judge(job, pod).counts) uncounted.failed = [...(uncounted.failed ?? []), uid];
}

/** Counts those that hold their finalizer no more. Whether there were any. */
function dropCounted(status: MutableObject['status'], tracked: ReadonlySet<string>): boolean {
  const uncounted = status.uncountedTerminatedPods;
  let any = false;
  for (const [list, count] of [
    ['succeeded', 'succeeded'],
    ['failed', 'failed'],
  ] as const) {
    const noted: readonly string[] = uncounted[list] ?? [];
    const left = noted.filter((uid) => tracked.has(uid));
    if (left.length === noted.length) continue;
    any = true;
    status[count] = (status[count] ?? 0) + noted.length - left.length;
    if (left.length > 0) uncounted[list] = left;
    else delete uncounted[list];
  }
  return any;
}

/** It is over once its pods are counted and gone. */
function enact(status: MutableObject['status'], end: JobCondition, tally: Tally): boolean {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods;
  if (succeeded.length + failed.length > 0 || tally.terminating > 0) return false;
  ensureCondition(status, end);
  if (end.type === 'Complete') status.completionTime = end.lastTransitionTime;
  return true;
}

async function tellFinished({ job, tell }: JobWork, end: JobCondition): Promise<void> {
  if (end.type !== 'Complete') return tell('Warning', end.reason, end.message);
  const { completions } = job.spec;
  if (completions !== undefined && (job.status.succeeded ?? 0) > completions)
    await tell('Warning', 'TooManySucceededPods', 'Too many succeeded pods running after completion count reached');
  await tell('Normal', 'Completed', 'Job completed');
}
