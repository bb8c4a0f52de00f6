import type { MutableObject } from '../../registry/index.ts';
import { phaseOf } from '../workload/index.ts';
import { parseIndexes } from './indexes.ts';

/** What a Job's policy says of a pod that has failed. */
export interface Verdict {
  /** Why the whole Job fails. */
  readonly failJob?: string;
  /** Whether it counts as a failure. */
  readonly counts: boolean;
  readonly failIndex: boolean;
}

export function isPodFailed(job: MutableObject, pod: MutableObject): boolean {
  if (phaseOf(pod) === 'Failed') return true;
  if (job.spec.podReplacementPolicy === 'Failed') return false;
  return pod.metadata.deletionTimestamp !== undefined && phaseOf(pod) !== 'Succeeded';
}

export function judge(job: MutableObject, pod: MutableObject): Verdict {
  const { namespace, name } = pod.metadata;
  for (const [index, rule] of (job.spec.podFailurePolicy?.rules ?? []).entries()) {
    const container = rule.onExitCodes && containerWithCode(pod, rule.onExitCodes);
    const condition = !rule.onExitCodes && rule.onPodConditions && conditionLike(pod, rule.onPodConditions);
    if (!container && !condition) continue;
    if (rule.action === 'Ignore') return { counts: false, failIndex: false };
    if (rule.action === 'FailIndex') return { counts: true, failIndex: true };
    if (rule.action === 'Count') return { counts: true, failIndex: false };
    const rest = `matching FailJob rule at index ${index}`;
    const failJob = container
      ? `Container ${container.name} for pod ${namespace}/${name} failed with exit code ${container.state.terminated.exitCode} ${rest}`
      : `Pod ${namespace}/${name} has condition ${condition.type} ${rest}`;
    return { failJob, counts: true, failIndex: false };
  }
  return { counts: true, failIndex: false };
}

function containerWithCode({ status = {} }: MutableObject, wanted: MutableObject['spec']): MutableObject['status'] {
  const statuses = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])];
  return statuses.find(({ name, state }) => {
    const code: number = state?.terminated?.exitCode ?? 0;
    if (code === 0 || (wanted.containerName && wanted.containerName !== name)) return false;
    return wanted.values.includes(code) === (wanted.operator === 'In');
  });
}

function conditionLike(
  { status = {} }: MutableObject,
  patterns: readonly { type: string; status?: string }[],
): { type: string } | undefined {
  return (status.conditions ?? []).find((one: { type: string; status: string }) =>
    patterns.some(({ type, status: value = 'True' }) => type === one.type && value === one.status),
  );
}

/** The message for the first rule of the success policy that is met. */
export function successByPolicy(job: MutableObject, succeeded: ReadonlySet<number>): string | undefined {
  if (succeeded.size === 0) return undefined;
  for (const [index, { succeededIndexes, succeededCount }] of (job.spec.successPolicy?.rules ?? []).entries()) {
    const required = succeededIndexes === undefined ? succeeded : parseIndexes(succeededIndexes, job.spec.completions);
    if (required.size === 0) continue;
    const met = [...required].filter((one) => succeeded.has(one)).length;
    const all = succeededIndexes !== undefined && met === required.size;
    if (all || (succeededCount !== undefined && met >= succeededCount)) return `Matched rules at index ${index}`;
  }
  return undefined;
}

/** Restarts of containers that the Job's pods have gone on with, where they count. */
export function restartsExceed({ spec }: MutableObject, pods: readonly MutableObject[]): boolean {
  if (spec.template.spec.restartPolicy !== 'OnFailure') return false;
  const running = pods.filter((pod) => ['Running', 'Pending'].includes(phaseOf(pod)));
  const restarts = running
    .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
    .reduce((sum, { restartCount = 0 }) => sum + restartCount, 0);
  return spec.backoffLimit === 0 ? restarts > 0 : restarts >= spec.backoffLimit;
}
