import { compareBytes } from '@setpoint/apimachinery/json';
import { objectMetaFields } from '@setpoint/apimachinery/meta';

/** The fields of what ObjectMeta holds, in the order of the Go structs. */
const ownerReference = ['apiVersion', 'kind', 'name', 'uid', 'controller', 'blockOwnerDeletion'];
const managedFields = ['manager', 'operation', 'apiVersion', 'time', 'fieldsType', 'fieldsV1', 'subresource'];

type Members = Readonly<Record<string, unknown>>;

/** Metadata as the server writes it for a kind that it knows: fields in their order, maps sorted, nothing empty. */
export function orderedMetadata(metadata: Members): Record<string, unknown> {
  const ordered = pick(metadata, objectMetaFields);
  for (const map of ['labels', 'annotations']) if (ordered[map]) ordered[map] = sorted(ordered[map] as Members);
  if (ordered.ownerReferences) ordered.ownerReferences = each(ordered.ownerReferences, ownerReference);
  if (ordered.managedFields) ordered.managedFields = each(ordered.managedFields, managedFields);
  return ordered;
}

function each(items: unknown, names: readonly string[]): unknown[] {
  return (items as Members[]).map((item) => {
    const copy: Record<string, unknown> = {};
    for (const name of names) {
      // `controller: false` says something, an empty text does not.
      if (item[name] !== undefined && item[name] !== '') copy[name] = item[name];
    }
    return copy;
  });
}

function pick(object: Members, names: readonly string[]): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const name of names) if (!isEmpty(object[name])) copy[name] = object[name];
  // deletionGracePeriodSeconds is a pointer: its zero says something.
  if (copy.generation === 0) delete copy.generation;
  return copy;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function sorted(map: Members): Record<string, unknown> {
  const keys = Object.keys(map);
  return Object.fromEntries(keys.sort(compareBytes).map((key) => [key, map[key]]));
}

/** A copy with the keys of all maps in byte order: what a custom resource looks like inside a typed answer. */
export function sortedKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sortedKeys);
  const entries = Object.keys(value).sort(compareBytes);
  return Object.fromEntries(entries.map((key) => [key, sortedKeys((value as Record<string, unknown>)[key])]));
}
