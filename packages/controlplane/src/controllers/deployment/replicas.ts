import type { KubeObject } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import type { MutableObject } from '../../registry/index.ts';
import { byCreation, scaledValue } from '../workload/index.ts';

/** What a Deployment's fields and its ReplicaSets come to, as upstream's deployment/util has it. */

export const revisionAnnotation = 'deployment.kubernetes.io/revision';
export const revisionHistoryAnnotation = 'deployment.kubernetes.io/revision-history';
export const desiredReplicasAnnotation = 'deployment.kubernetes.io/desired-replicas';
export const maxReplicasAnnotation = 'deployment.kubernetes.io/max-replicas';
export const rollbackAnnotation = 'deprecated.deployment.rollback.to';
export const hashLabel = 'pod-template-hash';

/** What stands for "no limit". */
const unlimited = 2 ** 31 - 1;

export function isRollingUpdate(deployment: MutableObject): boolean {
  return deployment.spec.strategy.type === 'RollingUpdate';
}

export function hasProgressDeadline({ spec }: MutableObject): boolean {
  return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== unlimited;
}

export function hasHistoryLimit({ spec }: MutableObject): boolean {
  return spec.revisionHistoryLimit !== undefined && spec.revisionHistoryLimit !== unlimited;
}

/** Both round to nothing: one may be missing, as otherwise nothing could ever move. */
function fenceposts({ spec }: MutableObject): { surge: number; unavailable: number } {
  const { maxSurge, maxUnavailable } = spec.strategy.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge, spec.replicas, true);
  const unavailable = scaledValue(maxUnavailable, spec.replicas, false);
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}

export function maxSurge(deployment: MutableObject): number {
  return isRollingUpdate(deployment) ? fenceposts(deployment).surge : 0;
}

export function maxUnavailable(deployment: MutableObject): number {
  const { replicas } = deployment.spec;
  if (!isRollingUpdate(deployment) || replicas === 0) return 0;
  return Math.min(fenceposts(deployment).unavailable, replicas);
}

export function maxReplicas(deployment: MutableObject): number {
  return deployment.spec.replicas + maxSurge(deployment);
}

type Sets = readonly (MutableObject | undefined)[];

function sum(sets: Sets, count: (set: MutableObject) => number | undefined): number {
  return sets.reduce((total, set) => total + ((set && count(set)) ?? 0), 0);
}

export const wantedReplicas = (sets: Sets) => sum(sets, (set) => set.spec.replicas);
export const actualReplicas = (sets: Sets) => sum(sets, (set) => set.status?.replicas);
export const readyReplicas = (sets: Sets) => sum(sets, (set) => set.status?.readyReplicas);
export const availableReplicas = (sets: Sets) => sum(sets, (set) => set.status?.availableReplicas);

/** Undefined while one of the sets does not say. */
export function terminatingReplicas(sets: Sets): number | undefined {
  const silent = (set: MutableObject | undefined) =>
    set?.status?.observedGeneration && set.status.terminatingReplicas === undefined;
  return sets.some(silent) ? undefined : sum(sets, (set) => set.status?.terminatingReplicas);
}

export function activeSets(sets: Sets): MutableObject[] {
  return sets.filter((set) => set !== undefined).filter((set) => set.spec.replicas > 0);
}

/** The templates are the same, but for the label that tells them apart. */
export function sameTemplate(a: MutableObject, b: MutableObject): boolean {
  return deepEqual(withoutHash(a.spec.template), withoutHash(b.spec.template));
}

export function withoutHash(template: MutableObject): MutableObject {
  const { [hashLabel]: _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

/** The oldest set with the Deployment's template. */
export function newSetOf(deployment: MutableObject, sets: readonly MutableObject[]): MutableObject | undefined {
  return sets.toSorted(byCreation).find((set) => sameTemplate(set, deployment));
}

/** 0: it has none, or one that is no number. */
export function revisionOf({ metadata }: KubeObject): number {
  return numberIn(metadata.annotations?.[revisionAnnotation]) ?? 0;
}

export function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** How many pods the new set may have at this moment. */
export function newSetReplicas(deployment: MutableObject, sets: Sets, newSet: MutableObject): number {
  const { replicas } = deployment.spec;
  if (!isRollingUpdate(deployment)) return replicas;
  const current = wantedReplicas(sets);
  const most = replicas + scaledValue(deployment.spec.strategy.rollingUpdate?.maxSurge, replicas, true);
  if (current >= most) return newSet.spec.replicas;
  return newSet.spec.replicas + Math.min(most - current, replicas - newSet.spec.replicas);
}

export function isSaturated(deployment: MutableObject, set: MutableObject | undefined): boolean {
  if (!set) return false;
  const { replicas } = deployment.spec;
  const desired = numberIn(set.metadata.annotations?.[desiredReplicasAnnotation]);
  return set.spec.replicas === replicas && desired === replicas && (set.status?.availableReplicas ?? 0) === replicas;
}

/** How many of the pods to add (or, negative, to remove) fall to this set by its share. */
export function proportion(set: MutableObject, deployment: MutableObject, toAdd: number, added: number): number {
  if (set.spec.replicas === 0 || toAdd === 0 || toAdd === added) return 0;
  const share = fraction(set, deployment);
  return toAdd > 0 ? Math.min(share, toAdd - added) : Math.max(share, toAdd - added);
}

function fraction(set: MutableObject, deployment: MutableObject): number {
  if (deployment.spec.replicas === 0) return -set.spec.replicas;
  const annotated = numberIn(set.metadata.annotations?.[maxReplicasAnnotation]);
  const before = annotated || deployment.status?.replicas;
  if (!before) return 0;
  const size = (set.spec.replicas * maxReplicas(deployment)) / before;
  return Math.round(size) - set.spec.replicas;
}
