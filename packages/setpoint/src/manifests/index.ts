/**
 * What a cluster needs to know of an operator, computed from its declarations: CRDs, rules of RBAC, webhook
 * configurations. Pure functions.
 *
 * @module setpoint/manifests
 */

export {
  type CrdManifest,
  type CrdManifestOptions,
  type CrdNames,
  type CrdVersion,
  conversionPath,
  crdManifest,
} from './crd.ts';
export { type RoleManifest, roleManifest } from './rbac-manifests.ts';
export {
  confinedTo,
  type PolicyRule,
  type PolicyRules,
  type RbacNeed,
  type RbacNeeds,
  type RbacVerb,
  rulesFor,
} from './rbac-rules.ts';
export {
  certificateNeeds,
  type WebhookManifestOptions,
  type WebhookServiceOptions,
  webhookHosts,
  webhookManifests,
  webhookNames,
  webhookServiceManifest,
} from './webhook-manifests.ts';
export type {
  MatchCondition,
  WebhookConfigurationManifest,
  WebhookConnection,
  WebhookEndpoint,
  WebhookRegistration,
} from './webhook-types.ts';
export { manifestYaml } from './yaml.ts';
