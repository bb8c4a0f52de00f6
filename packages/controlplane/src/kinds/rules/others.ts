import { pathSegmentName } from '@setpoint/apimachinery/names';
import { validateSlice } from '../validation/endpoints.ts';
import {
  ingressWarnings,
  validateIngress,
  validateIngressClass,
  validateIngressClassUpdate,
  validateIngressStatus,
  validateNewIngress,
} from '../validation/ingresses.ts';
import { addressName, validateAddress, validateNetworkPolicy, validateServiceRange } from '../validation/networks.ts';
import { validateBudget, validateLease } from '../validation/others.ts';
import {
  validateMutatingPolicy,
  validateMutatingPolicyBinding,
  validatePolicy,
  validatePolicyBinding,
} from '../validation/policies.ts';
import { validateBinding, validateBindingUpdate, validateRole } from '../validation/rbac.ts';
import { validateRevision } from '../validation/small.ts';
import { validateWebhooks } from '../validation/webhooks.ts';
import type { Loose } from '../walk.ts';
import type { KindRules, RuleTable } from './types.ts';

const role: KindRules = { name: pathSegmentName, createOnUpdate: true, validate: validateRole };
const binding: KindRules = {
  name: pathSegmentName,
  createOnUpdate: true,
  validate: validateBinding,
  validateUpdate: validateBindingUpdate,
};
const webhooks: KindRules = {
  generation: ['webhooks'],
  conditionalUpdateOnly: true,
  validate: validateWebhooks,
};
const policy: KindRules = { generation: ['spec'], conditionalUpdateOnly: true };

/** RBAC, coordination, admission, networking, policy and discovery. */
export const otherRules: RuleTable = {
  'rbac.authorization.k8s.io/v1.Role': role,
  'rbac.authorization.k8s.io/v1.ClusterRole': role,
  'rbac.authorization.k8s.io/v1.RoleBinding': binding,
  'rbac.authorization.k8s.io/v1.ClusterRoleBinding': binding,
  'coordination.k8s.io/v1.Lease': {
    createOnUpdate: true,
    conditionalUpdateOnly: true,
    prepareForCreate: dropCoordination,
    prepareForUpdate: dropCoordination,
    validate: validateLease,
  },
  'admissionregistration.k8s.io/v1.ValidatingWebhookConfiguration': webhooks,
  'admissionregistration.k8s.io/v1.MutatingWebhookConfiguration': webhooks,
  'admissionregistration.k8s.io/v1.ValidatingAdmissionPolicy': { ...policy, validate: validatePolicy },
  'admissionregistration.k8s.io/v1.ValidatingAdmissionPolicyBinding': {
    ...policy,
    validate: validatePolicyBinding,
  },
  'admissionregistration.k8s.io/v1.MutatingAdmissionPolicy': { ...policy, validate: validateMutatingPolicy },
  'admissionregistration.k8s.io/v1.MutatingAdmissionPolicyBinding': {
    ...policy,
    validate: validateMutatingPolicyBinding,
  },
  'networking.k8s.io/v1.Ingress': {
    generation: ['spec'],
    warnings: (ingress, old) => (old ? [] : ingressWarnings(ingress)),
    validateCreate: (ingress) => [...validateIngress(ingress), ...validateNewIngress(ingress)],
    validateUpdate: validateIngress,
    validateStatusUpdate: validateIngressStatus,
  },
  'networking.k8s.io/v1.IngressClass': {
    generation: ['spec'],
    validate: validateIngressClass,
    validateUpdate: validateIngressClassUpdate,
  },
  'networking.k8s.io/v1.NetworkPolicy': {
    generation: ['spec'],
    validateCreate: (policy) => validateNetworkPolicy(policy),
    validateUpdate: validateNetworkPolicy,
  },
  'apps/v1.ControllerRevision': { validate: validateRevision },
  'policy/v1.PodDisruptionBudget': {
    name: pathSegmentName,
    generation: ['spec'],
    conditionalUpdateOnly: true,
    validate: validateBudget,
  },
  'networking.k8s.io/v1.IPAddress': { name: addressName, validate: validateAddress },
  'networking.k8s.io/v1.ServiceCIDR': { validate: validateServiceRange },
  'discovery.k8s.io/v1.EndpointSlice': {
    generation: ['addressType', 'endpoints', 'ports'],
    generationOfMetadata: 'labels',
    prepareForCreate: dropTopology,
    warnings: ({ addressType }) => (addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []),
    validateCreate: (slice) => validateSlice(slice),
    validateUpdate: validateSlice,
  },
};

/** The topology of the versions before v1 is no longer written. */
function dropTopology(slice: Loose): void {
  for (const endpoint of slice.endpoints ?? []) delete endpoint.deprecatedTopology;
}

/** Behind a gate that is closed by default: coordinated leader election. */
function dropCoordination(lease: Loose): void {
  if (!lease.spec) return;
  delete lease.spec.strategy;
  delete lease.spec.preferredHolder;
}
