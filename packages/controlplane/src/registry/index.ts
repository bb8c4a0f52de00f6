export type { Action, ActionRequest } from './action.ts';
export { Registry, type RegistryChange } from './registry.ts';
export type {
  ColumnDefinition,
  Decoded,
  MutableObject,
  OpenApiComponents,
  ResourceNames,
  PartStrategy,
  ResourceVersions,
  ScalePaths,
  ServedResource,
  Strategy,
  TableConvertor,
} from './resource.ts';
export type { UserInfo } from './user.ts';
