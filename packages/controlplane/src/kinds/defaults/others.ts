import type { Loose, Visitors } from '../walk.ts';
import { fill, fillAbsent, isEmpty } from './core.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

/** Defaults of networking, RBAC, admission, storage and discovery. */
export const otherDefaults: Visitors = {
  'networking.k8s.io/v1.NetworkPolicyPort': (port) => fillAbsent(port, 'protocol', 'TCP'),
  'networking.k8s.io/v1.NetworkPolicySpec': (spec) => {
    if (isEmpty(spec.policyTypes)) spec.policyTypes = isEmpty(spec.egress) ? ['Ingress'] : ['Ingress', 'Egress'];
  },
  'networking.k8s.io/v1.IngressClassParametersReference': (reference) => fillAbsent(reference, 'scope', 'Cluster'),
  'authentication.k8s.io/v1.TokenRequestSpec': (spec) => fillAbsent(spec, 'expirationSeconds', 3600),
  'rbac.authorization.k8s.io/v1.ClusterRoleBinding': defaultBinding,
  'rbac.authorization.k8s.io/v1.RoleBinding': defaultBinding,
  'rbac.authorization.k8s.io/v1.Subject': (subject) => {
    if (subject.kind === 'User' || subject.kind === 'Group') fill(subject, 'apiGroup', rbacGroup);
  },
  'admissionregistration.k8s.io/v1.ValidatingWebhook': defaultWebhook,
  'admissionregistration.k8s.io/v1.MutatingWebhook': (webhook) => {
    defaultWebhook(webhook);
    fillAbsent(webhook, 'reinvocationPolicy', 'Never');
  },
  'admissionregistration.k8s.io/v1.RuleWithOperations': (rule) => fillAbsent(rule, 'scope', '*'),
  'admissionregistration.k8s.io/v1.NamedRuleWithOperations': (rule) => fillAbsent(rule, 'scope', '*'),
  'admissionregistration.k8s.io/v1.ServiceReference': (reference) => fill(reference, 'port', 443),
  'admissionregistration.k8s.io/v1.ValidatingAdmissionPolicySpec': (spec) => fillAbsent(spec, 'failurePolicy', 'Fail'),
  'admissionregistration.k8s.io/v1.MutatingAdmissionPolicySpec': (spec) => fillAbsent(spec, 'failurePolicy', 'Fail'),
  'admissionregistration.k8s.io/v1.MatchResources': (resources) => {
    fillAbsent(resources, 'matchPolicy', 'Equivalent');
    fill(resources, 'namespaceSelector', {});
    fill(resources, 'objectSelector', {});
  },
  'storage.k8s.io/v1.StorageClass': (storageClass) => {
    fillAbsent(storageClass, 'reclaimPolicy', 'Delete');
    fillAbsent(storageClass, 'volumeBindingMode', 'Immediate');
  },
  'storage.k8s.io/v1.CSIDriverSpec': (spec) => {
    fill(spec, 'attachRequired', true);
    fill(spec, 'podInfoOnMount', false);
    fill(spec, 'storageCapacity', false);
    fillAbsent(spec, 'fsGroupPolicy', 'ReadWriteOnceWithFSType');
    if (isEmpty(spec.volumeLifecycleModes)) spec.volumeLifecycleModes = ['Persistent'];
    fill(spec, 'requiresRepublish', false);
    fill(spec, 'seLinuxMount', false);
  },
  'scheduling.k8s.io/v1.PriorityClass': (one) => fillAbsent(one, 'preemptionPolicy', 'PreemptLowerPriority'),
  'flowcontrol.apiserver.k8s.io/v1.FlowSchemaSpec': (spec) => fillZero(spec, 'matchingPrecedence', 1000),
  'flowcontrol.apiserver.k8s.io/v1.ExemptPriorityLevelConfiguration': (exempt) => {
    fill(exempt, 'nominalConcurrencyShares', 0);
    fill(exempt, 'lendablePercent', 0);
  },
  'flowcontrol.apiserver.k8s.io/v1.LimitedPriorityLevelConfiguration': (limited) => {
    fill(limited, 'nominalConcurrencyShares', 30);
    fill(limited, 'lendablePercent', 0);
  },
  'flowcontrol.apiserver.k8s.io/v1.QueuingConfiguration': (queuing) => {
    fillZero(queuing, 'handSize', 8);
    fillZero(queuing, 'queues', 64);
    fillZero(queuing, 'queueLengthLimit', 50);
  },
  'apiregistration.k8s.io/v1.ServiceReference': (reference) => fill(reference, 'port', 443),
  'discovery.k8s.io/v1.EndpointPort': (port) => {
    if (port.name === undefined) port.name = '';
    fillAbsent(port, 'protocol', 'TCP');
  },
};

/** Where Go has a number in any case, none and zero are the same. */
function fillZero(owner: Loose, name: string, value: number): void {
  if (!owner[name]) owner[name] = value;
}

function defaultBinding(binding: Loose): void {
  binding.roleRef ??= {};
  fill(binding.roleRef, 'apiGroup', rbacGroup);
}

function defaultWebhook(webhook: Loose): void {
  fillAbsent(webhook, 'failurePolicy', 'Fail');
  fillAbsent(webhook, 'matchPolicy', 'Equivalent');
  fill(webhook, 'namespaceSelector', {});
  fill(webhook, 'objectSelector', {});
  fill(webhook, 'timeoutSeconds', 10);
}
