import type { Loose, Visitors } from '../walk.ts';
import { fill, isEmpty } from './core.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

/** Defaults of networking, RBAC, admission, storage and discovery. */
export const otherDefaults: Visitors = {
  'networking.k8s.io/v1.NetworkPolicyPort': (port) => fill(port, 'protocol', 'TCP'),
  'networking.k8s.io/v1.NetworkPolicySpec': (spec) => {
    if (isEmpty(spec.policyTypes)) spec.policyTypes = isEmpty(spec.egress) ? ['Ingress'] : ['Ingress', 'Egress'];
  },
  'networking.k8s.io/v1.IngressClassParametersReference': (reference) => fill(reference, 'scope', 'Cluster'),
  'rbac.authorization.k8s.io/v1.ClusterRoleBinding': defaultBinding,
  'rbac.authorization.k8s.io/v1.RoleBinding': defaultBinding,
  'rbac.authorization.k8s.io/v1.Subject': (subject) => {
    if (subject.kind === 'User' || subject.kind === 'Group') fill(subject, 'apiGroup', rbacGroup);
  },
  'admissionregistration.k8s.io/v1.ValidatingWebhook': defaultWebhook,
  'admissionregistration.k8s.io/v1.MutatingWebhook': (webhook) => {
    defaultWebhook(webhook);
    fill(webhook, 'reinvocationPolicy', 'Never');
  },
  'admissionregistration.k8s.io/v1.RuleWithOperations': (rule) => fill(rule, 'scope', '*'),
  'admissionregistration.k8s.io/v1.NamedRuleWithOperations': (rule) => fill(rule, 'scope', '*'),
  'admissionregistration.k8s.io/v1.ServiceReference': (reference) => fill(reference, 'port', 443),
  'admissionregistration.k8s.io/v1.ValidatingAdmissionPolicySpec': (spec) => fill(spec, 'failurePolicy', 'Fail'),
  'admissionregistration.k8s.io/v1.MutatingAdmissionPolicySpec': (spec) => fill(spec, 'failurePolicy', 'Fail'),
  'admissionregistration.k8s.io/v1.MatchResources': (resources) => {
    fill(resources, 'matchPolicy', 'Equivalent');
    fill(resources, 'namespaceSelector', {});
    fill(resources, 'objectSelector', {});
  },
  'storage.k8s.io/v1.StorageClass': (storageClass) => {
    fill(storageClass, 'reclaimPolicy', 'Delete');
    fill(storageClass, 'volumeBindingMode', 'Immediate');
  },
  'storage.k8s.io/v1.CSIDriverSpec': (spec) => {
    fill(spec, 'attachRequired', true);
    fill(spec, 'podInfoOnMount', false);
    fill(spec, 'storageCapacity', false);
    fill(spec, 'fsGroupPolicy', 'ReadWriteOnceWithFSType');
    if (isEmpty(spec.volumeLifecycleModes)) spec.volumeLifecycleModes = ['Persistent'];
    fill(spec, 'requiresRepublish', false);
    fill(spec, 'seLinuxMount', false);
  },
  'discovery.k8s.io/v1.EndpointPort': (port) => {
    if (port.name === undefined) port.name = '';
    fill(port, 'protocol', 'TCP');
  },
};

function defaultBinding(binding: Loose): void {
  binding.roleRef ??= {};
  fill(binding.roleRef, 'apiGroup', rbacGroup);
}

function defaultWebhook(webhook: Loose): void {
  fill(webhook, 'failurePolicy', 'Fail');
  fill(webhook, 'matchPolicy', 'Equivalent');
  fill(webhook, 'namespaceSelector', {});
  fill(webhook, 'objectSelector', {});
  fill(webhook, 'timeoutSeconds', 10);
}
