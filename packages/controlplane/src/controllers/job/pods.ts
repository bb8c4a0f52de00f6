import type { MutableObject } from '../../registry/index.ts';
import { inOrderOfDeletion, isReady, isTerminating, phaseOf, readySince } from '../workload/index.ts';
import { indexAnnotation, indexOf, isIndexed, parseIndexes } from './indexes.ts';
import { isPodFailed, judge } from './policies.ts';

export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';
const failureCount = 'batch.kubernetes.io/job-index-failure-count';

/** What a Job's pods come to at this moment. */
export interface Tally {
  readonly pods: readonly MutableObject[];
  readonly active: readonly MutableObject[];
  ready: number;
  terminating: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly succeededIndexes: ReadonlySet<number>;
  readonly failedIndexes: ReadonlySet<number>;
  /** They have ended since the last look. */
  readonly newSucceeded: readonly MutableObject[];
  readonly newFailed: readonly MutableObject[];
}

export function isTracked(pod: MutableObject): boolean {
  return pod.metadata.finalizers?.includes(trackingFinalizer) ?? false;
}

export function tallyOf(job: MutableObject, pods: readonly MutableObject[], active: readonly MutableObject[]): Tally {
  const { status = {}, spec } = job;
  const uncounted = status.uncountedTerminatedPods ?? {};
  const isNew = (list: readonly string[] | undefined) => (pod: MutableObject) =>
    isTracked(pod) && !(list ?? []).includes(pod.metadata.uid ?? '');
  const fits = (pod: MutableObject) => !isIndexed(job) || indexOf(pod, spec.completions) !== undefined;
  const newSucceeded = pods
    .filter((pod) => phaseOf(pod) === 'Succeeded')
    .filter(isNew(uncounted.succeeded))
    .filter(fits);
  const newFailed = pods
    .filter((pod) => isPodFailed(job, pod))
    .filter(isNew(uncounted.failed))
    .filter(fits);
  const counted = newFailed.filter((pod) => judge(job, pod).counts).length;
  const succeededIndexes = new Set<number>();
  const failedIndexes = new Set<number>();
  if (isIndexed(job)) {
    for (const index of parseIndexes(status.completedIndexes, spec.completions)) succeededIndexes.add(index);
    for (const pod of newSucceeded) succeededIndexes.add(indexOf(pod, spec.completions) as number);
    if (spec.backoffLimitPerIndex !== undefined) collectFailed(job, pods, failedIndexes);
  }
  return {
    pods,
    active,
    ready: active.filter(isReady).length,
    terminating: pods.filter(isTerminating).length,
    succeeded: isIndexed(job)
      ? succeededIndexes.size
      : (status.succeeded ?? 0) + newSucceeded.length + (uncounted.succeeded ?? []).length,
    failed: (status.failed ?? 0) + counted + (uncounted.failed ?? []).length,
    succeededIndexes,
    failedIndexes,
    newSucceeded,
    newFailed,
  };
}

function collectFailed(job: MutableObject, pods: readonly MutableObject[], failed: Set<number>): void {
  const { completions, backoffLimitPerIndex } = job.spec;
  for (const index of parseIndexes(job.status?.failedIndexes, completions)) failed.add(index);
  for (const pod of pods) {
    const index = indexOf(pod, completions);
    if (index === undefined || !isPodFailed(job, pod)) continue;
    if (judge(job, pod).failIndex || failuresOf(job, pods, index) > backoffLimitPerIndex) failed.add(index);
  }
}

/** How many pods of an index have failed, of those that are still there. */
export function failuresOf(job: MutableObject, pods: readonly MutableObject[], index: number): number {
  const ofIndex = pods.filter((pod) => indexOf(pod, job.spec.completions) === index && isPodFailed(job, pod));
  return ofIndex.filter((pod) => judge(job, pod).counts).length;
}

/** When a pod has ended, in milliseconds. */
export function finishedAt(pod: MutableObject, now: number): number {
  const times = (pod.status?.containerStatuses ?? []).map((one: MutableObject['status']) =>
    Date.parse(one.state?.terminated?.finishedAt ?? ''),
  );
  const known = times.filter((time: number) => !Number.isNaN(time));
  if (known.length > 0) return Math.max(...known);
  return readySince(pod) || now;
}

/** Which active pods are too many: several of an index first. */
export function tooMany(
  job: MutableObject,
  active: readonly MutableObject[],
  count: number,
  now: number,
): MutableObject[] {
  const removed = new Set<MutableObject>();
  if (isIndexed(job)) {
    const seen = new Set<number>();
    for (const pod of active.toSorted((a, b) => Number(isReady(b)) - Number(isReady(a)))) {
      const index = indexOf(pod, job.spec.completions);
      if (index === undefined || seen.has(index)) removed.add(pod);
      else seen.add(index);
    }
  }
  const rest = active.filter((pod) => !removed.has(pod));
  for (const pod of inOrderOfDeletion(rest, [], now) as MutableObject[]) {
    if (removed.size >= count) break;
    removed.add(pod);
  }
  return [...removed];
}

/** The first indexes that neither run nor are done. */
export function pendingIndexes(job: MutableObject, tally: Tally, count: number): number[] {
  const { completions } = job.spec;
  const busy = new Set(tally.active.map((pod) => indexOf(pod, completions)));
  const pending: number[] = [];
  for (let index = 0; index < completions && pending.length < count; index++) {
    if (!busy.has(index) && !tally.succeededIndexes.has(index) && !tally.failedIndexes.has(index)) pending.push(index);
  }
  return pending;
}

/** The template of the pod of one index, or of any where there are none. */
export function templateOf(job: MutableObject, index: number | undefined, failures: number | undefined): MutableObject {
  const { template } = job.spec;
  const finalizers = [...new Set([...(template.metadata?.finalizers ?? []), trackingFinalizer])];
  if (index === undefined) return { ...template, metadata: { ...template.metadata, finalizers } };
  const text = String(index);
  const annotations = {
    ...template.metadata?.annotations,
    [indexAnnotation]: text,
    ...(failures === undefined ? {} : { [failureCount]: String(failures) }),
  };
  const labels = { ...template.metadata?.labels, [indexAnnotation]: text };
  const withIndex = (container: MutableObject['spec']) => {
    const env: readonly { name: string }[] = container.env ?? [];
    if (env.some(({ name }) => name === 'JOB_COMPLETION_INDEX')) return container;
    const fieldRef = { fieldPath: `metadata.labels['${indexAnnotation}']` };
    return { ...container, env: [...env, { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef } }] };
  };
  const { containers, initContainers } = template.spec;
  const spec = {
    ...template.spec,
    containers: containers.map(withIndex),
    ...(initContainers ? { initContainers: initContainers.map(withIndex) } : {}),
    hostname: `${job.metadata.name}-${index}`,
  };
  return { ...template, metadata: { ...template.metadata, finalizers, annotations, labels }, spec };
}
