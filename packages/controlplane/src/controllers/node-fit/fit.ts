import type { MutableObject } from '../../registry/index.ts';

interface Expression {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

interface Term {
  readonly matchExpressions?: readonly Expression[];
  readonly matchFields?: readonly Expression[];
}

/** Whether the pod's selector and required affinity choose the node. */
export function choosesNode(pod: MutableObject, node: MutableObject): boolean {
  const labels = node.metadata.labels ?? {};
  for (const [key, value] of Object.entries(pod.spec.nodeSelector ?? {})) if (labels[key] !== value) return false;
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!required) return true;
  const fields = { 'metadata.name': node.metadata.name ?? '' };
  return (required.nodeSelectorTerms ?? []).some(({ matchExpressions = [], matchFields = [] }: Term) => {
    if (matchExpressions.length + matchFields.length === 0) return false;
    return matchExpressions.every((one) => meets(labels, one)) && matchFields.every((one) => meets(fields, one));
  });
}

function meets(labels: Readonly<Record<string, string>>, { key, operator, values = [] }: Expression): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}

interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** The first taint of the node with one of the effects that the pod does not tolerate. */
export function untoleratedTaint(
  tolerations: readonly MutableObject['spec'][] | undefined,
  node: MutableObject,
  effects: readonly string[] = ['NoSchedule', 'NoExecute'],
): Taint | undefined {
  const taints: readonly Taint[] = node.spec.taints ?? [];
  return taints.find(
    (taint) => effects.includes(taint.effect) && !(tolerations ?? []).some((one) => tolerates(one, taint)),
  );
}

function tolerates(toleration: MutableObject['spec'], taint: Taint): boolean {
  const { key = '', operator = 'Equal', value = '', effect = '' } = toleration;
  if (effect !== '' && effect !== taint.effect) return false;
  if (key !== '' && key !== taint.key) return false;
  return operator === 'Exists' || (key !== '' && value === (taint.value ?? ''));
}
