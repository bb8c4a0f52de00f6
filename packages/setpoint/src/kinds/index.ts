/**
 * What a kind is, and how one is made: `defineKind`, `defineCrd`, `dynamicKind`, `externalKind`, `metadata`,
 * `onCluster`; indexes and rules about what is kept in memory.
 *
 * @module setpoint/kinds
 */

export {
  bothSelectors,
  type CacheRule,
  type CacheRuleOptions,
  type CacheScope,
  cacheOf,
  checkRules,
  type KindScope,
  scopeOf,
  type Transform,
} from './cache-rule.ts';
export { type Cached, isCached, markCached, type NotCached } from './cached.ts';
export type { DeepReadonly, Draft } from './deep.ts';
export {
  type CompatibleVersions,
  type ConvertedVersions,
  type Crd,
  type CrdOptions,
  defineCrd,
} from './define-crd.ts';
export {
  type CustomResource,
  type CustomResourceInput,
  type DefinedKind,
  defineKind,
  type KindOptions,
} from './define-kind.ts';
export type { KindDefinition, PrinterColumn, ScaleDefinition } from './definition.ts';
export { draft } from './draft.ts';
export { dropping, essentialMetadata, withoutLastApplied } from './dropping.ts';
export {
  type DynamicKindOptions,
  type DynamicResource,
  type DynamicResourceInput,
  dynamicKind,
} from './dynamic-kind.ts';
export { type ExternalKindOptions, externalKind } from './external-kind.ts';
export { type Index, type IndexKeys, index } from './index-definition.ts';
export {
  type AnyKind,
  type Kind,
  kindKey,
  kindName,
  type Resource,
  type ResourceInput,
  type Scope,
  type SpecOf,
  type StatusOf,
} from './kind.ts';
export { type MetadataOf, metadata } from './metadata.ts';
export type {
  MetadataInput,
  NamespacedMetadata,
  PartialObjectMetadata,
  ServedMetadata,
} from './metadata-types.ts';
export { type OnCluster, onCluster } from './on-cluster.ts';
export { pluralOf } from './plural.ts';
export { type Converted, type Spoke, type SpokeOptions, spoke } from './spoke.ts';
export { declaresConditions } from './status-conditions.ts';
export type { CheckedStatusPatch, NoUndefined, StatusPatch } from './status-patch.ts';
export { type AnyDefinedKind, compareVersions } from './versions.ts';
