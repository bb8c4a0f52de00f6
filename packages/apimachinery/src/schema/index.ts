export { checkStructuralSchema } from './check.ts';
export { Correlated, mapItemKey } from './correlate.ts';
export { applyDefaults, dropNulls, hasDefault } from './defaults.ts';
export { type Coerced, coerceEmbedded, hasEmbedded, validateEmbedded } from './embedded.ts';
export { type FollowedPath, followFieldPath } from './field-path.ts';
export { effectiveFormat, stringFormat } from './formats.ts';
export { internalRule, internalSchema } from './internal-schema.ts';
export { validateListTypes } from './list-types.ts';
export {
  fieldManagerLimit,
  isPrintable,
  validateFieldManager,
  validateManagedFields,
} from './managed-fields-rules.ts';
export { type DecodedObjectMeta, decodeObjectMeta } from './object-meta.ts';
export {
  finalizerWarnings,
  type ObjectMetaRules,
  validateAnnotations,
  validateLabels,
  validateObjectMeta,
} from './object-meta-rules.ts';
export { type Pruned, type PruneOptions, prune } from './prune.ts';
export type {
  DefinitionRules,
  RuleEngine,
  RuleOptions,
  RuleResult,
  RuleScope,
  RuleValidator,
} from './rule-engine.ts';
export type { StructuralSchema, ValidationRule } from './types.ts';
export { type CompiledSchema, compileSchema, type ValidateOptions, validate } from './validate.ts';
export { schemaHas, subSchemas, usesCel } from './walk.ts';
