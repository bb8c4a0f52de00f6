import type { KubeObject, OwnerReference } from '@setpoint/apimachinery/meta';
import { parseApiVersion } from '@setpoint/apimachinery/meta';
import type { ObjectKey } from '../client/index.ts';
import { type AnyKind, kindKey } from '../kinds/index.ts';
import { describeObject, keyOf } from './environment.ts';

/** The reference that makes `owner` the controller of its child: the child goes when the owner goes. */
export function controllerReference(kind: AnyKind, owner: KubeObject): OwnerReference {
  return { ...ownerReference(kind, owner), controller: true, blockOwnerDeletion: true };
}

/** A reference to one owner among several. */
export function ownerReference(kind: AnyKind, owner: KubeObject): OwnerReference {
  const { name = '', uid = '' } = owner.metadata;
  return { apiVersion: kind.apiVersion, kind: kind.kind, name, uid };
}

/**
 * Refuses pairs that the garbage collector would take for orphans and delete: an owner in another namespace, or a
 * namespaced owner of a cluster-scoped object; and an object as its own owner, which would never be collected.
 */
export function checkOwner(kind: AnyKind, owner: KubeObject, childKind: AnyKind, child: ObjectKey): void {
  const what = `${describeObject(kind, keyOf(owner))} cannot own ${describeObject(childKind, child)}`;
  const { namespace, name } = owner.metadata;
  if (kindKey(kind) === kindKey(childKind) && child.name === name && child.namespace === namespace) {
    throw new Error(`${what}: that is the object itself`);
  }
  if (kind.scope === 'Cluster') return;
  if (childKind.scope === 'Cluster') {
    throw new Error(`${what}: a namespaced object cannot own a cluster-scoped one; apply it with owner: 'none'`);
  }
  if (child.namespace !== owner.metadata.namespace) {
    throw new Error(`${what}: owner and child must be in one namespace; apply it with owner: 'none'`);
  }
}

/**
 * The references of a child with one more; an earlier one of the same owner makes room, as in controller-runtime.
 *
 * @throws Error if two of them claim to be the controller: the API server would refuse the object
 */
export function withReference(
  references: readonly OwnerReference[],
  added: OwnerReference | undefined,
  child: string,
): readonly OwnerReference[] {
  const all = added ? [...references.filter(({ uid }) => uid !== added.uid), added] : references;
  const [first, second] = all.filter(({ controller }) => controller === true);
  if (!first || !second) return all;
  const name = (reference: OwnerReference) => `${reference.kind} ${reference.name}`;
  throw new Error(
    `${child} cannot have two controllers, ${name(first)} and ${name(second)}: apply it with owner: 'owner' or 'none', or leave the other out`,
  );
}

/** The reference marked as controller. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

/** Keys of the owners of that kind, by group and kind: the version of a reference may be any served one. */
export function ownersOf(kind: AnyKind, object: KubeObject, everyOwner: boolean): ObjectKey[] {
  const keys: ObjectKey[] = [];
  for (const reference of object.metadata.ownerReferences ?? []) {
    if (reference.kind !== kind.kind || parseApiVersion(reference.apiVersion).group !== kind.group) continue;
    if (!everyOwner && reference.controller !== true) continue;
    const { namespace } = object.metadata;
    keys.push(
      kind.scope === 'Cluster' || namespace === undefined
        ? { name: reference.name }
        : { namespace, name: reference.name },
    );
  }
  return keys;
}
