export type {
  Condition,
  JsonObject,
  JsonValue,
  KubeObject,
  LabelSelector,
  LabelSelectorRequirement,
  ListMeta,
  ManagedFieldsEntry,
  ObjectList,
  ObjectMeta,
  OwnerReference,
  Status,
  StatusCause,
  StatusDetails,
  WatchEvent,
} from './types.ts';
export { formatApiVersion, type GroupVersion, groupResource, parseApiVersion } from './version.ts';
