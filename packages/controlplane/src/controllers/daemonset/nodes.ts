import type { MutableObject } from '../../registry/index.ts';
import { choosesNode, untoleratedTaint } from '../node-fit/index.ts';

export const revisionLabel = 'controller-revision-hash';
export const generationLabel = 'pod-template-generation';
export const generationAnnotation = 'deprecated.daemonset.template.generation';

/** What every daemon bears with. */
const bearable: readonly (readonly [key: string, effect: string])[] = [
  ['node.kubernetes.io/not-ready', 'NoExecute'],
  ['node.kubernetes.io/unreachable', 'NoExecute'],
  ['node.kubernetes.io/disk-pressure', 'NoSchedule'],
  ['node.kubernetes.io/memory-pressure', 'NoSchedule'],
  ['node.kubernetes.io/pid-pressure', 'NoSchedule'],
  ['node.kubernetes.io/unschedulable', 'NoSchedule'],
];

function withTolerations(spec: MutableObject['spec']): MutableObject['spec'] {
  const tolerations: MutableObject['spec'][] = [...(spec.tolerations ?? [])];
  const wanted = spec.hostNetwork
    ? [...bearable, ['node.kubernetes.io/network-unavailable', 'NoSchedule'] as const]
    : bearable;
  for (const [key, effect] of wanted) {
    const same = (one: MutableObject['spec']) =>
      one.key === key && one.effect === effect && one.operator === 'Exists' && !one.value;
    if (!tolerations.some(same)) tolerations.push({ key, operator: 'Exists', effect });
  }
  return { ...spec, tolerations };
}

/** The template of the pods of one revision. */
export function templateOf(set: MutableObject, hash: string): MutableObject {
  const { template } = set.spec;
  const generation = set.metadata.annotations?.[generationAnnotation];
  const labels = {
    ...template.metadata?.labels,
    ...(generation === undefined ? {} : { [generationLabel]: generation }),
    [revisionLabel]: hash,
  };
  return { ...template, metadata: { ...template.metadata, labels }, spec: withTolerations(template.spec) };
}

/** The spec of a daemon that only that node takes. */
export function pinned(spec: MutableObject['spec'], node: string): MutableObject['spec'] {
  const term = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] };
  const { nodeAffinity = {}, ...affinity } = spec.affinity ?? {};
  const required = nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const nodeSelectorTerms = required
    ? required.map((one: { matchExpressions?: object }) => ({ ...one, ...term }))
    : [term];
  return {
    ...spec,
    affinity: {
      ...affinity,
      nodeAffinity: { ...nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
    },
  };
}

/** Whether a daemon is to start on the node, and whether one that is there may stay. */
export function shouldRun(
  set: MutableObject,
  node: MutableObject,
): { readonly start: boolean; readonly stay: boolean } {
  const spec = withTolerations(set.spec.template.spec);
  if (spec.nodeName && spec.nodeName !== node.metadata.name) return { start: false, stay: false };
  if (!choosesNode({ spec } as unknown as MutableObject, node)) return { start: false, stay: false };
  if (!untoleratedTaint(spec.tolerations, node)) return { start: true, stay: true };
  return { start: false, stay: !untoleratedTaint(spec.tolerations, node, ['NoExecute']) };
}

/** The node that a pod is on, or is meant for. */
export function targetOf({ spec }: MutableObject): string {
  if (spec.nodeName) return spec.nodeName;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  for (const { matchFields = [] } of required?.nodeSelectorTerms ?? []) {
    for (const { key, operator, values = [] } of matchFields)
      if (key === 'metadata.name' && operator === 'In' && values.length === 1) return values[0];
  }
  return '';
}
