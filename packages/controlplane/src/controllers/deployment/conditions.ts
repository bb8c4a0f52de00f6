import type { MutableObject } from '../../registry/index.ts';
import { timestamp } from '../../verbs/index.ts';

export interface DeploymentCondition {
  readonly type: string;
  readonly status: string;
  readonly lastUpdateTime: string;
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

export function newCondition(
  type: string,
  status: 'True' | 'False' | 'Unknown',
  reason: string,
  message: string,
  now: number,
): DeploymentCondition {
  const time = timestamp(now);
  return { type, status, lastUpdateTime: time, lastTransitionTime: time, reason, message };
}

export function conditionIn(status: MutableObject['status'], type: string): DeploymentCondition | undefined {
  return status?.conditions?.find((one: DeploymentCondition) => one.type === type);
}

/** With the same status and reason the old one stays; a changed one goes to the end. */
export function setCondition(status: MutableObject['status'], condition: DeploymentCondition): void {
  const current = conditionIn(status, condition.type);
  if (current?.status === condition.status && current.reason === condition.reason) return;
  const since = current?.status === condition.status ? { lastTransitionTime: current.lastTransitionTime } : {};
  removeCondition(status, condition.type);
  status.conditions = [...(status.conditions ?? []), { ...condition, ...since }];
}

export function removeCondition(status: MutableObject['status'], type: string): void {
  if (!status.conditions) return;
  status.conditions = status.conditions.filter((one: DeploymentCondition) => one.type !== type);
}
