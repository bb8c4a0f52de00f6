/**
 * From schemas of any library that speaks Standard JSON Schema to the structural schemas of CRDs, with markers for
 * what JSON Schema cannot say.
 *
 * @module setpoint/schema
 */

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
