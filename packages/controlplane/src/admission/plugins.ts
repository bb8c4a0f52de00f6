import type { WebhookClient } from '../http/index.ts';
import { certificateApproval, certificateSigning, certificateSubjectRestriction } from './certificate-plugins.ts';
import { priority, runtimeClass } from './class-plugins.ts';
import type { AuthorizerOf } from './expressions/activation.ts';
import { limitRanger } from './limit-ranger.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import {
  alwaysDeny,
  claimResize,
  defaultIngressClass,
  defaultStorageClass,
  denyServiceExternalIPs,
  storageObjectInUseProtection,
  taintNodesByCondition,
} from './object-plugins.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { alwaysPullImages, defaultTolerationSeconds } from './pod-plugins.ts';
import { podSecurity } from './pod-security/plugin.ts';
import { mutatingPolicies, validatingPolicies } from './policy/plugin.ts';
import { resourceQuota } from './resource-quota.ts';
import { serviceAccount } from './service-account.ts';
import { mutatingWebhooks } from './webhook/mutating.ts';
import { validatingWebhooks } from './webhook/validating.ts';

/** Which admission plugins run, by kube-apiserver's names. */
export interface AdmissionPlugins {
  /** Beside those that run by default. */
  readonly enable?: readonly string[];
  /** Of those that run by default. */
  readonly disable?: readonly string[];
}

/** What plugins work with. */
export interface PluginTools {
  readonly client: WebhookClient;
  readonly authorizerOf: AuthorizerOf;
}

type Availability = 'on' | 'off';

/** Every plugin of kube-apiserver 1.36 in the order in which they run, and whether they do by default. */
const known: readonly (readonly [string, Availability])[] = [
  ['AlwaysAdmit', 'off'],
  ['NamespaceAutoProvision', 'off'],
  ['NamespaceLifecycle', 'on'],
  ['NamespaceExists', 'off'],
  ['LimitPodHardAntiAffinityTopology', 'off'],
  ['LimitRanger', 'on'],
  ['ServiceAccount', 'on'],
  ['NodeRestriction', 'off'],
  ['TaintNodesByCondition', 'on'],
  ['AlwaysPullImages', 'off'],
  ['ImagePolicyWebhook', 'off'],
  ['PodSecurity', 'on'],
  ['PodNodeSelector', 'off'],
  ['Priority', 'on'],
  ['DefaultTolerationSeconds', 'on'],
  ['PodTolerationRestriction', 'off'],
  ['EventRateLimit', 'off'],
  ['ExtendedResourceToleration', 'off'],
  ['DefaultStorageClass', 'on'],
  ['StorageObjectInUseProtection', 'on'],
  ['PodGroupProtection', 'on'],
  ['OwnerReferencesPermissionEnforcement', 'off'],
  ['PersistentVolumeClaimResize', 'on'],
  ['RuntimeClass', 'on'],
  ['CertificateApproval', 'on'],
  ['CertificateSigning', 'on'],
  ['ClusterTrustBundleAttest', 'on'],
  ['CertificateSubjectRestriction', 'on'],
  ['DefaultIngressClass', 'on'],
  ['DenyServiceExternalIPs', 'off'],
  ['PodTopologyLabels', 'on'],
  ['PodGroupWorkloadExists', 'on'],
  ['NodeDeclaredFeatureValidator', 'on'],
  ['JobValidation', 'on'],
  ['PodResizeValidator', 'on'],
  ['MutatingAdmissionPolicy', 'on'],
  ['MutatingAdmissionWebhook', 'on'],
  ['ValidatingAdmissionPolicy', 'on'],
  ['ValidatingAdmissionWebhook', 'on'],
  ['ResourceQuota', 'on'],
  ['AlwaysDeny', 'off'],
];

/** Those that are implemented. Some others do nothing here even where they are on: there is nothing for them to see. */
const makers: Readonly<Record<string, (tools: PluginTools) => AdmissionPlugin>> = {
  NamespaceLifecycle: () => namespaceLifecycle,
  LimitRanger: () => limitRanger,
  ServiceAccount: () => serviceAccount,
  TaintNodesByCondition: () => taintNodesByCondition,
  AlwaysPullImages: () => alwaysPullImages,
  Priority: () => priority,
  DefaultTolerationSeconds: () => defaultTolerationSeconds,
  DefaultStorageClass: () => defaultStorageClass,
  StorageObjectInUseProtection: () => storageObjectInUseProtection,
  PersistentVolumeClaimResize: () => claimResize,
  RuntimeClass: () => runtimeClass,
  CertificateApproval: ({ authorizerOf }) => certificateApproval(authorizerOf),
  CertificateSigning: ({ authorizerOf }) => certificateSigning(authorizerOf),
  CertificateSubjectRestriction: () => certificateSubjectRestriction,
  DefaultIngressClass: () => defaultIngressClass,
  DenyServiceExternalIPs: () => denyServiceExternalIPs,
  PodSecurity: () => podSecurity,
  ResourceQuota: () => resourceQuota,
  AlwaysDeny: () => alwaysDeny,
  MutatingAdmissionPolicy: ({ authorizerOf }) => mutatingPolicies(authorizerOf),
  MutatingAdmissionWebhook: mutatingWebhooks,
  ValidatingAdmissionPolicy: ({ authorizerOf }) => validatingPolicies(authorizerOf),
  ValidatingAdmissionWebhook: validatingWebhooks,
};

/** Nothing is lost by taking their word: they refuse nothing, or nothing that is not refused anyway or not served. */
const harmless: readonly string[] = [
  'AlwaysAdmit',
  'NamespaceExists',
  'NodeRestriction',
  'PodGroupProtection',
  'PodGroupWorkloadExists',
  'ClusterTrustBundleAttest',
  'PodResizeValidator',
];

/**
 * The names of the plugins to run, in order.
 * @throws Error naming a plugin that does not exist, is both enabled and disabled, or is not implemented
 */
export function enabledPlugins({ enable = [], disable = [] }: AdmissionPlugins = {}): string[] {
  for (const name of [...enable, ...disable]) {
    if (!known.some(([one]) => one === name)) throw new Error(`there is no admission plugin ${name}`);
  }
  const both = enable.find((name) => disable.includes(name));
  if (both !== undefined) throw new Error(`the admission plugin ${both} is both enabled and disabled`);
  for (const name of enable) {
    if (makers[name] || harmless.includes(name)) continue;
    throw new Error(`the admission plugin ${name} is not implemented by this control plane`);
  }
  return known
    .filter(([name, availability]) => (availability === 'on' || enable.includes(name)) && !disable.includes(name))
    .map(([name]) => name)
    .filter((name) => makers[name]);
}

export function makePlugin(name: string, tools: PluginTools): AdmissionPlugin {
  const make = makers[name];
  if (!make) throw new Error(`the admission plugin ${name} is not implemented by this control plane`);
  return make(tools);
}
