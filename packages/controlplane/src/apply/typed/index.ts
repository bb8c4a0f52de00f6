export { builtinType } from './builtin.ts';
export { type Comparison, compare } from './compare.ts';
export { type Issue, TypedValueError } from './issues.ts';
export { merge } from './merge.ts';
export { withNamedFields } from './named-fields.ts';
export { reconcileFieldSet } from './reconcile.ts';
export { extractItems, removeItems } from './remove-items.ts';
export { structuralType } from './structural.ts';
export { toFieldSet } from './to-field-set.ts';
export {
  deducedType,
  type FieldSchema,
  fieldSchema,
  type ListSchema,
  type MapSchema,
  type ScalarType,
  type Shape,
  shapeOf,
  type TypeParts,
  type TypeSchema,
  typeSchema,
  untypedType,
} from './type-schema.ts';
export { asTyped, asTypedUnvalidated, type TypedOptions, type TypedValue, validate } from './typed-value.ts';
