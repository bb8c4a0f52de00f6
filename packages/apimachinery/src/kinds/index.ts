export {
  type Documentation,
  loadDocumentation,
  type OpenApiSchema,
  openApiSchemas,
  publishedDefault,
} from './openapi.ts';
export { patchTypeOf } from './patch-type.ts';
export { builtinKind, builtinKinds, moduleOf, openApiName, structType, structTypesOf } from './tables.ts';
export type { BuiltinKind, Field, Member, SpecialType, StructType, SubresourceFacts, TypeRef } from './types.ts';
export { unstructuredError } from './unstructured.ts';
