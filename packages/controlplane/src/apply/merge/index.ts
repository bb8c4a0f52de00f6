/**
 * Server-side apply as pure functions: what sigs.k8s.io/structured-merge-diff v6 does (KEP-555).
 *
 *     const type = builtinType('apps', 'v1', 'Deployment');        // or structuralType(…), or deducedType
 *     const live = asTyped(object, type, { allowDuplicates: true }); // throws TypedValueError
 *     const updater = createUpdater({ converter, ignore });
 *     updater.update(live, next, 'apps/v1', managers, manager)     // { object, managers }
 *     updater.apply(live, intent, 'apps/v1', managers, manager, force) // throws ConflictError
 *
 * Objects are frozen or never changed; results share what did not change with what was given. Managers come and go as
 * ReadonlyMap from an identifier, which means nothing here, to a versioned set.
 */
export {
  anyElement,
  excludeFilter,
  type FieldFilter,
  type FieldPath,
  FieldSet,
  includeFilter,
  type PathElement,
  type PathMatcher,
  pathMatcher,
  pathText,
} from '../fieldpath/index.ts';
export {
  asTyped,
  asTypedUnvalidated,
  builtinType,
  type Comparison,
  compare,
  deducedType,
  extractItems,
  merge,
  removeItems,
  shapeOf,
  structuralType,
  type TypedValue,
  TypedValueError,
  type TypeSchema,
  toFieldSet,
  validate,
} from '../typed/index.ts';
export { type Conflict, ConflictError } from './conflict.ts';
export {
  type Converter,
  type ManagedFields,
  MissingVersionError,
  type Updated,
  type Updater,
  type UpdaterOptions,
  type VersionedSet,
} from './types.ts';
export { createUpdater } from './updater.ts';
