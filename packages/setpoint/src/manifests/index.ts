export { type CrdManifest, type CrdManifestOptions, type CrdNames, type CrdVersion, crdManifest } from './crd.ts';
export {
  type RbacOptions,
  type RoleManifest,
  rbacManifests,
  roleManifest,
  serviceAccountManifest,
} from './rbac-manifests.ts';
export {
  type PolicyRule,
  type PolicyRules,
  type RbacNeed,
  type RbacNeeds,
  type RbacVerb,
  rulesFor,
} from './rbac-rules.ts';
export { manifestYaml } from './yaml.ts';
