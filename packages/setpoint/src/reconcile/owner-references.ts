import type { KubeObject, OwnerReference } from '@setpoint/apimachinery/meta';
import { parseApiVersion } from '@setpoint/apimachinery/meta';
import type { ObjectKey } from '../client/index.ts';
import type { AnyKind } from '../kinds/index.ts';
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
 * namespaced owner of a cluster-scoped object.
 */
export function checkOwner(kind: AnyKind, owner: KubeObject, childKind: AnyKind, child: ObjectKey): void {
  if (kind.scope === 'Cluster') return;
  const what = `${describeObject(kind, keyOf(owner))} cannot own ${describeObject(childKind, child)}`;
  if (childKind.scope === 'Cluster') {
    throw new Error(`${what}: a namespaced object cannot own a cluster-scoped one; apply it with owner: 'none'`);
  }
  if (child.namespace !== owner.metadata.namespace) {
    throw new Error(`${what}: owner and child must be in one namespace; apply it with owner: 'none'`);
  }
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
