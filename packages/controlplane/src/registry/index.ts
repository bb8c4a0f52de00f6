export type { Action, ActionRequest, Read, ReadRequest } from './action.ts';
export { type AwaitedConversion, afterConversions, ConversionPending, whenConverted } from './conversion.ts';
export { Registry, type RegistryChange } from './registry.ts';
export type {
  ColumnDefinition,
  Decoded,
  MutableObject,
  OpenApiComponents,
  PartStrategy,
  ResourceNames,
  ResourceVersions,
  ScalePaths,
  ServedResource,
  Strategy,
  TableConvertor,
} from './resource.ts';
export type { UserInfo } from './user.ts';
