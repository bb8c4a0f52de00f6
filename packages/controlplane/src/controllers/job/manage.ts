import type { MutableObject } from '../../registry/index.ts';
import { isNamespaceTerminating, isReady, slowStart } from '../workload/index.ts';
import { type JobWork, untrack } from './controller.ts';
import { isIndexed } from './indexes.ts';
import { failuresOf, finishedAt, pendingIndexes, type Tally, templateOf, tooMany } from './pods.ts';

/** Waits after failed pods: the first and the longest, in milliseconds. */
const firstBackoff = 10_000;
const longestBackoff = 600_000;
/** Pods that are made or deleted in one go at most. */
const burst = 500;

/** Failures since the last success, by key of the Job. */
export type Backoffs = Map<string, { readonly failures: number; readonly last: number }>;

/** Makes what is missing, deletes what is too much; how many pods are active then. */
export async function manage(work: JobWork, tally: Tally): Promise<{ active: number; failure?: unknown }> {
  const { job, now } = work;
  const { parallelism = 1, completions, suspend, podReplacementPolicy } = job.spec;
  const active = tally.active.length;
  if (suspend) return remove(work, tally, tooMany(job, tally.active, active, now));
  const open =
    completions === undefined
      ? tally.succeeded > 0
        ? active
        : parallelism
      : Math.max(0, Math.min(parallelism, completions - tally.succeeded));
  const excess = tooMany(job, tally.active, Math.max(0, active - open), now).slice(0, burst);
  if (excess.length > 0) return remove(work, tally, excess);
  const leaving = podReplacementPolicy === 'Failed' ? tally.terminating : 0;
  const missing = Math.min(open - leaving - active, burst);
  if (missing <= 0) return { active };
  const { backoffLimitPerIndex } = job.spec;
  const wait = backoffLimitPerIndex === undefined ? waitAfterFailures(work, tally) : 0;
  if (wait > 0) {
    work.again(wait);
    return { active };
  }
  const indexes = isIndexed(job) ? pendingIndexes(job, tally, missing) : [];
  const ready = backoffLimitPerIndex === undefined ? indexes : withoutBackoff(work, tally, indexes);
  return create(work, tally, isIndexed(job) ? ready.length : missing, ready);
}

async function create(work: JobWork, tally: Tally, count: number, indexes: readonly number[]) {
  const { job, control } = work;
  let made = 0;
  try {
    await slowStart(count, async (at) => {
      const index = indexes[at];
      const perIndex = index !== undefined && job.spec.backoffLimitPerIndex !== undefined;
      const template = templateOf(job, index, perIndex ? failuresOf(job, tally.pods, index) : undefined);
      const prefix = index === undefined ? undefined : `${job.metadata.name}-${index}-`;
      try {
        await control.create(job, control.podOf(job, template, prefix));
      } catch (error) {
        if (!isNamespaceTerminating(error)) throw error;
      }
      made++;
    });
  } catch (failure) {
    return { active: tally.active.length + made, failure };
  }
  return { active: tally.active.length + made };
}

/** What is deleted to make room is not counted. */
async function remove({ context, pods, job, control }: JobWork, tally: Tally, excess: readonly MutableObject[]) {
  let removed = 0;
  for (const pod of excess) {
    await untrack(context, pods, pod);
    await control.delete(job, pod);
    removed++;
    tally.terminating++;
    if (isReady(pod)) tally.ready--;
  }
  return { active: tally.active.length - removed };
}

/** Milliseconds until a failed pod is replaced. */
function waitAfterFailures({ backoffs, key, now }: JobWork, { newSucceeded, newFailed }: Tally): number {
  const before = newSucceeded.length > 0 ? undefined : backoffs.get(key);
  const failures = (before?.failures ?? 0) + newFailed.length;
  if (failures === 0) return 0;
  const last = Math.max(before?.last ?? 0, ...newFailed.map((pod) => finishedAt(pod, now)));
  return last + Math.min(firstBackoff * 2 ** (failures - 1), longestBackoff) - now;
}

/** Once its pods are counted, what they have come to is remembered. */
export function rememberFailures({ backoffs, key, now }: JobWork, { newSucceeded, newFailed }: Tally): void {
  if (newSucceeded.length > 0) backoffs.delete(key);
  if (newFailed.length === 0) return;
  const before = backoffs.get(key);
  const last = Math.max(before?.last ?? 0, ...newFailed.map((pod) => finishedAt(pod, now)));
  backoffs.set(key, { failures: (before?.failures ?? 0) + newFailed.length, last });
}

/** The indexes whose back-off is over; the Job is looked at again for the others. */
function withoutBackoff({ job, now, again }: JobWork, { pods }: Tally, indexes: readonly number[]): number[] {
  return indexes.filter((index) => {
    const failures = failuresOf(job, pods, index);
    if (failures === 0) return true;
    const ended = pods.filter(
      (pod) => pod.metadata.annotations?.['batch.kubernetes.io/job-completion-index'] === String(index),
    );
    const last = Math.max(...ended.map((pod) => finishedAt(pod, now)));
    const wait = last + Math.min(firstBackoff * 2 ** (failures - 1), longestBackoff) - now;
    if (wait > 0) again(wait);
    return wait <= 0;
  });
}
