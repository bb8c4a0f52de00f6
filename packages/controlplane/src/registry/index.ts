export { Registry, type RegistryChange } from './registry.ts';
export type {
  ColumnDefinition,
  Decoded,
  MutableObject,
  ResourceNames,
  ScalePaths,
  ServedResource,
  Strategy,
  TableConvertor,
} from './resource.ts';
