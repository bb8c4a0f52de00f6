import type { KubeObject, ManagedFieldsEntry } from '@setpoint/apimachinery/meta';
import type { Client, JsonPatchOperation, ObjectKey } from '../client/index.ts';
import type { AnyKind } from '../kinds/index.ts';
import type { FieldSet } from './own-fields.ts';
import { readOne } from './status.ts';

/**
 * Hands over to `manager`, as applied, what the former managers wrote by create, update or patch: the fields that are
 * no longer wanted then go with the next apply, where they would belong to nobody for ever. What client-go's
 * `csaupgrade` does for `kubectl apply --server-side`.
 *
 * Under a precondition on the revision: whoever writes meanwhile makes it a conflict.
 *
 * @returns the object as it is then; undefined if it is gone
 */
export async function handOver(
  client: Client,
  kind: AnyKind,
  key: ObjectKey,
  managers: readonly string[],
): Promise<KubeObject | undefined> {
  const [manager = '', ...former] = managers;
  const present = await readOne(client, kind, { metadata: key } as KubeObject, { managedFields: 'keep' });
  const before = present?.metadata.managedFields ?? [];
  const after = upgradeManagedFields(before, former, manager);
  if (!present || after === before) return present;
  const body: JsonPatchOperation[] = [
    { op: 'replace', path: '/metadata/managedFields', value: after },
    // Not a test: the server would call a failed one an invalid request, and this is a conflict.
    { op: 'replace', path: '/metadata/resourceVersion', value: present.metadata.resourceVersion },
  ];
  return (await client.patch(kind, key, { type: 'json', body })) as KubeObject;
}

/**
 * The entries with those of the former managers' updates merged into the one that `manager` has by apply, or, if it
 * has none, with the newest of theirs turned into it. Fields of another apiVersion cannot be merged: nobody owns them
 * then. The same list, if there is nothing to do.
 */
export function upgradeManagedFields(
  entries: readonly ManagedFieldsEntry[],
  former: readonly string[],
  manager: string,
): readonly ManagedFieldsEntry[] {
  return former.reduce((present, name) => upgradeOne(present, name, manager), entries);
}

function upgradeOne(
  entries: readonly ManagedFieldsEntry[],
  former: string,
  manager: string,
): readonly ManagedFieldsEntry[] {
  const isFormer = (entry: ManagedFieldsEntry) =>
    entry.manager === former && entry.operation === 'Update' && !entry.subresource;
  const isOurs = (entry: ManagedFieldsEntry) =>
    entry.manager === manager && entry.operation === 'Apply' && !entry.subresource;
  const newest = entries.find(isFormer);
  if (!newest) return entries;
  const target = entries.find(isOurs) ?? newest;
  const merged = entries.find((entry) => isFormer(entry) && entry.apiVersion === target.apiVersion);
  const fieldsV1 = joined((target.fieldsV1 ?? {}) as FieldSet, (merged?.fieldsV1 ?? {}) as FieldSet);
  const upgraded: ManagedFieldsEntry = { ...target, manager, operation: 'Apply', fieldsV1 };
  return entries
    .filter((entry) => entry === target || !isFormer(entry))
    .map((entry) => (entry === target ? upgraded : entry));
}

/** What is in either set; an empty one is nothing. */
function joined(a: FieldSet, b: FieldSet): FieldSet {
  if (Object.keys(a).length === 0) return b;
  return Object.keys(b).length === 0 ? a : union(a, b);
}

/** What is in either node, below the top. A node without steps is owned as a whole; beside steps, `.` says so. */
function union(a: FieldSet, b: FieldSet): FieldSet {
  const [first, second] = [Object.keys(a), Object.keys(b)];
  if (first.length === 0 && second.length === 0) return {};
  const whole = first.length === 0 || second.length === 0 ? { '.': {} } : {};
  const steps = [...new Set([...first, ...second])].filter((step) => step !== '.');
  const self = '.' in a || '.' in b ? { '.': {} } : whole;
  return { ...self, ...Object.fromEntries(steps.map((step) => [step, unionOf(a[step], b[step])])) };
}

function unionOf(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet {
  return a && b ? union(a, b) : (a ?? b ?? {});
}
