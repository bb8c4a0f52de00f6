export { conditionsJsonSchema } from './conditions.ts';
export {
  cutRecursion,
  embeddedResource,
  goDuration,
  immutable,
  int32,
  int64,
  intOrString,
  listAtomic,
  listMap,
  listSet,
  mapAtomic,
  preserveUnknown,
  quantity,
  rules,
} from './markers.ts';
export { SchemaError, type SchemaErrorCode, type SchemaProblem } from './schema-error.ts';
export { fromJsonSchema, type SchemaInput, type SchemaOutput, type SchemaSource } from './source.ts';
export { type StructuralOptions, type StructuralResult, structuralSchema } from './structural.ts';
