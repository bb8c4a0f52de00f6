export {
  type Condition,
  type JsonObject,
  type JsonValue,
  type KubeObject,
  type LabelSelector,
  type LabelSelectorRequirement,
  type ListMeta,
  type ManagedFieldsEntry,
  type ObjectList,
  type ObjectMeta,
  type OwnerReference,
  objectMetaFields,
  type Status,
  type StatusCause,
  type StatusDetails,
  type WatchEvent,
} from './types.ts';
export { formatApiVersion, type GroupVersion, groupResource, parseApiVersion } from './version.ts';
