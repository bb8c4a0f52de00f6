import { goQuote } from '@setpoint/apimachinery/errors';
import { condition, type Definition, type DefinitionCondition, withCondition } from './definition.ts';

export const approvalAnnotation = 'api-approved.kubernetes.io';

export interface Approval {
  readonly state: 'missing' | 'bypassed' | 'approved' | 'invalid';
  readonly reason: string;
}

/** Groups under these domains belong to the Kubernetes community: definitions in them name their approval. */
export function isProtectedGroup(group: string): boolean {
  return ['k8s.io', 'kubernetes.io'].some((domain) => group === domain || group.endsWith(`.${domain}`));
}

export function approvalOf(definition: Definition): Approval {
  const annotation = definition.metadata.annotations?.[approvalAnnotation] ?? '';
  const must = `protected groups must have approval annotation ${goQuote(approvalAnnotation)}`;
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111';
  if (annotation === '') return { state: 'missing', reason: `${must}, ${see}` };
  if (annotation.startsWith('unapproved')) return { state: 'bypassed', reason: `not approved: ${goQuote(annotation)}` };
  if (/^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/?#\s]+/.test(annotation)) {
    return { state: 'approved', reason: `approved in ${annotation}` };
  }
  return { state: 'invalid', reason: `${must} with either a URL or a reason starting with "unapproved", ${see}` };
}

const conditions: Readonly<Record<Approval['state'], Pick<DefinitionCondition, 'status' | 'reason'>>> = {
  invalid: { status: 'False', reason: 'InvalidAnnotation' },
  missing: { status: 'False', reason: 'MissingAnnotation' },
  approved: { status: 'True', reason: 'ApprovedAnnotation' },
  bypassed: { status: 'False', reason: 'UnapprovedAnnotation' },
};

/** Keeps the condition KubernetesAPIApprovalPolicyConformant, which only protected groups have. */
export function judgeApproval(definition: Definition, now: number): Definition {
  if (!isProtectedGroup(definition.spec.group)) return definition;
  const { state, reason: message } = approvalOf(definition);
  const next = { type: 'KubernetesAPIApprovalPolicyConformant', ...conditions[state], message };
  const old = condition(definition, next.type);
  if (old?.status === next.status && old.reason === next.reason && old.message === message) return definition;
  return withCondition(definition, next, now);
}
