import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { MutableObject } from '../../registry/index.ts';
import { isAvailable } from '../workload/index.ts';

export const revisionLabel = 'controller-revision-hash';
export const podNameLabel = 'statefulset.kubernetes.io/pod-name';
const indexLabel = 'apps.kubernetes.io/pod-index';

/** A place in a set: a pod, or the one that is to be made there. */
export interface Replica {
  readonly ordinal: number;
  readonly pod: MutableObject;
  readonly isCreated: boolean;
}

/** The name of the set that a pod says it belongs to, and its number; -1: its name has none. */
export function placeOf({ metadata: { name = '' } }: KubeObject): {
  readonly parent: string;
  readonly ordinal: number;
} {
  const match = /^(.*)-(\d{1,10})$/.exec(name);
  return match ? { parent: match[1] as string, ordinal: Number(match[2]) } : { parent: '', ordinal: -1 };
}

export function firstOrdinal({ spec }: MutableObject): number {
  return spec.ordinals?.start ?? 0;
}

export function isInRange(set: MutableObject, ordinal: number): boolean {
  const first = firstOrdinal(set);
  return ordinal >= first && ordinal < first + set.spec.replicas;
}

export function isUnavailable({ pod }: Replica, minReadySeconds: number, now: number): boolean {
  return !isAvailable(pod, minReadySeconds, now) || pod.metadata.deletionTimestamp !== undefined;
}

export function claimName(set: MutableObject, template: MutableObject, ordinal: number): string {
  return `${template.metadata.name}-${set.metadata.name}-${ordinal}`;
}

/** The claims of one pod of the set. */
export function claimsOf(set: MutableObject, ordinal: number): MutableObject[] {
  return (set.spec.volumeClaimTemplates ?? []).map((template: MutableObject) => {
    const { apiVersion: _, kind: __, status: ___, ...claim } = template;
    const labels = { ...template.metadata.labels, ...set.spec.selector.matchLabels };
    const name = claimName(set, template, ordinal);
    return { ...claim, metadata: { ...template.metadata, name, namespace: set.metadata.namespace, labels } };
  });
}

/** The pod with a place in the set: by its name, its labels and its volumes. */
export function withIdentity(set: MutableObject, pod: MutableObject, ordinal: number, revision: string): MutableObject {
  const name = `${set.metadata.name}-${ordinal}`;
  const { generateName: _, ...metadata } = pod.metadata;
  const labels = { ...metadata.labels, [podNameLabel]: name, [indexLabel]: String(ordinal), [revisionLabel]: revision };
  const spec = { ...pod.spec, hostname: name, ...(set.spec.serviceName ? { subdomain: set.spec.serviceName } : {}) };
  const volumes = volumesOf(set, spec.volumes, ordinal);
  if (volumes.length > 0) spec.volumes = volumes;
  return {
    ...pod,
    metadata: { ...metadata, name, generateName: `${set.metadata.name}-`, labels },
    spec,
  };
}

function volumesOf(set: MutableObject, present: readonly { name: string }[] = [], ordinal: number): object[] {
  const templates: readonly MutableObject[] = set.spec.volumeClaimTemplates ?? [];
  const claimed = templates.map((template) => ({
    name: template.metadata.name,
    persistentVolumeClaim: { claimName: claimName(set, template, ordinal) },
  }));
  return [...claimed, ...present.filter(({ name }) => !claimed.some((one) => one.name === name))];
}
