import type { KubeObject, ManagedFieldsEntry } from '@setpoint/apimachinery/meta';

/**
 * What is ours of an object: the entries of `managedFields` that the first manager has by apply, and the others by
 * update, as text; undefined if there are none. It changes when our fields do, and with nothing else.
 */
export function ownFieldsOf(object: KubeObject, managers: readonly string[]): string | undefined {
  return ownFieldsOfEntries(object.metadata.managedFields ?? [], managers);
}

/** The same of the entries. */
export function ownFieldsOfEntries(
  entries: readonly ManagedFieldsEntry[],
  managers: readonly string[],
): string | undefined {
  const [own, ...former] = managers;
  const ours = entries.filter(({ manager = '', operation, subresource }) => {
    if (subresource) return false;
    return operation === 'Apply' ? manager === own : former.includes(manager);
  });
  if (ours.length === 0) return undefined;
  return JSON.stringify(ours.map(({ operation, apiVersion, fieldsV1 }) => [operation, apiVersion, fieldsV1]));
}
