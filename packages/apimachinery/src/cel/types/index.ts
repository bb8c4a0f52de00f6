export { mutationTypes } from './mutation.ts';
export type { FieldType, TypeProvider } from './provider.ts';
export type { Type, TypeKind } from './types.ts';
export {
  anyType,
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  errorType,
  intType,
  isAssignableType,
  isDynamic,
  listType,
  mapType,
  nullableType,
  nullType,
  objectType,
  opaqueType,
  optionalType,
  sameType,
  stringType,
  timestampType,
  typeOfType,
  typeParameter,
  typeType,
  uintType,
} from './types.ts';
export { structTypes, wellKnownTypes } from './well-known.ts';
