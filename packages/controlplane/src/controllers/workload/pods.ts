import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { MutableObject } from '../../registry/index.ts';

/** What controllers ask of pods, as kubernetes' pkg/api/v1/pod and controller_utils.go answer it. */

export function phaseOf(pod: KubeObject): string {
  return (pod as MutableObject).status?.phase ?? '';
}

/** It is over: nothing in it will run again. */
export function isTerminal(pod: KubeObject): boolean {
  const phase = phaseOf(pod);
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Neither over nor on its way out. */
export function isActive(pod: KubeObject): boolean {
  return !isTerminal(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** On its way out, and not over yet. */
export function isTerminating(pod: KubeObject): boolean {
  return !isTerminal(pod) && pod.metadata.deletionTimestamp !== undefined;
}

export interface ConditionLike {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string | null;
}

export function conditionOf(object: KubeObject, type: string): ConditionLike | undefined {
  const { conditions } = (object as MutableObject).status ?? {};
  return conditions?.find((one: ConditionLike) => one.type === type);
}

export function isReady(pod: KubeObject): boolean {
  return conditionOf(pod, 'Ready')?.status === 'True';
}

/** Since when it is ready, in milliseconds; 0: it is not, or does not say. */
export function readySince(pod: KubeObject): number {
  const ready = conditionOf(pod, 'Ready');
  return ready?.status === 'True' && ready.lastTransitionTime ? Date.parse(ready.lastTransitionTime) : 0;
}

/** Ready for so long that it counts. */
export function isAvailable(pod: KubeObject, minReadySeconds: number, now: number): boolean {
  if (!isReady(pod)) return false;
  if (minReadySeconds === 0) return true;
  const since = readySince(pod);
  return since > 0 && since + minReadySeconds * 1000 <= now;
}

/** Milliseconds until the next of them becomes available by the passing of time alone; undefined: none will. */
export function untilNextAvailable(
  pods: readonly KubeObject[],
  minReadySeconds: number,
  now: number,
): number | undefined {
  if (minReadySeconds <= 0) return undefined;
  const waits = pods
    .filter((pod) => readySince(pod) > 0)
    .map((pod) => readySince(pod) + minReadySeconds * 1000 - now)
    .filter((wait) => wait > 0);
  return waits.length === 0 ? undefined : Math.min(...waits);
}

/** The controller among the owners. */
export function controllerOf({ metadata }: KubeObject) {
  return metadata.ownerReferences?.find((reference) => reference.controller);
}

export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

/** Milliseconds since 1970; 0 where it is not known. */
export function createdAt({ metadata }: KubeObject): number {
  return metadata.creationTimestamp ? Date.parse(metadata.creationTimestamp) : 0;
}

/** Older ones first, those of one second by name. */
export function byCreation(a: KubeObject, b: KubeObject): number {
  return createdAt(a) - createdAt(b) || compareText(a.metadata.name ?? '', b.metadata.name ?? '');
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
