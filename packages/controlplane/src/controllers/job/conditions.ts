import type { MutableObject } from '../../registry/index.ts';
import { timestamp } from '../../verbs/index.ts';

export interface JobCondition {
  readonly type: string;
  readonly status: string;
  readonly lastProbeTime: string;
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

export function newCondition(
  type: string,
  reason: string,
  message: string,
  now: number,
  status = 'True',
): JobCondition {
  const time = timestamp(now);
  return { type, status, lastProbeTime: time, lastTransitionTime: time, reason, message };
}

/** The condition, if it holds. */
export function trueCondition({ status }: MutableObject, type: string): JobCondition | undefined {
  return (status?.conditions ?? []).find((one: JobCondition) => one.type === type && one.status === 'True');
}

export function isFinished(job: MutableObject): boolean {
  return trueCondition(job, 'Complete') !== undefined || trueCondition(job, 'Failed') !== undefined;
}

/** Whether that has changed anything. What is not the case is not told first. */
export function ensureCondition(status: MutableObject['status'], condition: JobCondition): boolean {
  const conditions: readonly JobCondition[] = status.conditions ?? [];
  const old = conditions.find(({ type }) => type === condition.type);
  const { status: value, reason, message } = condition;
  if (!old) {
    if (value === 'False') return false;
    status.conditions = [...conditions, condition];
    return true;
  }
  if (old.status === value && old.reason === reason && old.message === message) return false;
  status.conditions = conditions.map((one) => (one === old ? condition : one));
  return true;
}
