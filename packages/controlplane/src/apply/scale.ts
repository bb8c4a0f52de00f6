import type { ManagedFieldsEntry } from '@setpoint/apimachinery/meta';
import { decodeManagedFields, encodeManagedFields, type FieldsEncoder } from './managed.ts';
import type { VersionedSet } from './merge/index.ts';
import { FieldSet } from './merge/index.ts';

const scaleVersion = 'autoscaling/v1';
const replicasInScale: readonly string[] = ['spec', 'replicas'];

/**
 * Where each version of a resource keeps its replicas. Undefined: that version has no scale; what no version here
 * says is of a version that is not known.
 */
export type ReplicasPaths = ReadonlyMap<string, readonly string[] | undefined>;

/** Who owns the replicas of an object, as owners of the replicas of its scale. */
export function ownersOfScale(
  parent: readonly ManagedFieldsEntry[] | undefined,
  paths: ReplicasPaths,
  encode: FieldsEncoder,
): readonly ManagedFieldsEntry[] | undefined {
  const { fields, times } = decodeManagedFields(parent);
  const owners = new Map<string, VersionedSet>();
  const since = new Map<string, string>();
  for (const [identifier, owned] of fields) {
    const path = paths.get(owned.apiVersion);
    if (!path || !owned.set.has(path)) continue;
    owners.set(identifier, { ...owned, set: FieldSet.of(replicasInScale), apiVersion: scaleVersion });
    const time = times.get(identifier);
    if (time !== undefined) since.set(identifier, time);
  }
  return encodeManagedFields({ fields: owners, times: since }, encode);
}

/**
 * The owners of an object whose scale was written and now has the owners `scale`. Who owned the replicas and is no
 * longer among them owns them no more; who came to own them gets an entry of its own, without a time unless it had
 * one: the real server loses it on the way.
 */
export function ownersAfterScale(
  parent: readonly ManagedFieldsEntry[] | undefined,
  scale: readonly ManagedFieldsEntry[] | undefined,
  apiVersion: string,
  paths: ReplicasPaths,
  encode: FieldsEncoder,
): readonly ManagedFieldsEntry[] | undefined {
  const before = decodeManagedFields(parent);
  const owners = new Map(decodeManagedFields(scale).fields);
  const fields = new Map<string, VersionedSet>();
  for (const [identifier, owned] of before.fields) {
    if (!paths.has(owned.apiVersion)) continue;
    const path = paths.get(owned.apiVersion);
    if (!path || !owned.set.has(path) || owners.delete(identifier)) {
      fields.set(identifier, owned);
      continue;
    }
    const set = owned.set.difference(FieldSet.of(path));
    if (!set.isEmpty) fields.set(identifier, { ...owned, set });
  }
  const path = paths.get(apiVersion);
  for (const [identifier, owned] of owners) {
    if (!owned.set.has(replicasInScale)) continue;
    fields.set(identifier, { ...owned, set: path ? FieldSet.of(path) : FieldSet.empty, apiVersion });
  }
  const times = new Map([...before.times].filter(([identifier]) => fields.has(identifier)));
  return encodeManagedFields({ fields, times }, encode);
}
