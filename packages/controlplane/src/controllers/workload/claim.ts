import { formatApiVersion, type KubeObject, type OwnerReference } from '@setpoint/apimachinery/meta';
import type { Selector } from '@setpoint/apimachinery/selectors';
import type { MutableObject, ServedResource } from '../../registry/index.ts';
import { StatusError } from '../../status/index.ts';
import { type ControllerContext, isStatus } from '../host/index.ts';
import { controllerOf } from './pods.ts';

/** What makes `owner` the controller of a dependent. */
export function controllerReference(resource: ServedResource, owner: KubeObject): OwnerReference {
  const { name = '', uid = '' } = owner.metadata;
  const apiVersion = formatApiVersion(resource.group, resource.version);
  return { apiVersion, kind: resource.kind, name, uid, controller: true, blockOwnerDeletion: true };
}

export interface Claim {
  readonly owners: ServedResource;
  readonly owner: KubeObject;
  readonly selector: Selector;
  readonly dependents: ServedResource;
  /** Beyond the labels. */
  fits?(object: MutableObject): boolean;
  /** Put on what is adopted, and taken off what is released. */
  readonly finalizer?: string;
}

/**
 * Which of the objects are the owner's: those that it controls and selects, and those that it adopts because they are
 * nobody's. What it controls and selects no more is released.
 */
export async function claim(
  context: ControllerContext,
  claimed: Claim,
  objects: readonly MutableObject[],
): Promise<MutableObject[]> {
  const { owner, selector, fits } = claimed;
  const isGoing = owner.metadata.deletionTimestamp !== undefined;
  const ours: MutableObject[] = [];
  for (const object of objects) {
    const reference = controllerOf(object);
    const wanted = selector.matches(object.metadata.labels) && (fits?.(object) ?? true);
    if (reference) {
      if (reference.uid !== owner.metadata.uid) continue;
      if (wanted) ours.push(object);
      else if (!isGoing) await release(context, claimed, object);
    } else if (wanted && !isGoing && !object.metadata.deletionTimestamp) {
      const adopted = await adopt(context, claimed, object);
      if (adopted) ours.push(adopted);
    }
  }
  return ours;
}

async function adopt(
  { client }: ControllerContext,
  { owners, owner, dependents, finalizer }: Claim,
  object: MutableObject,
): Promise<MutableObject | undefined> {
  const { namespace = '', name = '', uid = '' } = object.metadata;
  const change = (current: MutableObject): boolean => {
    if (controllerOf(current)) return false;
    const metadata = current.metadata as { ownerReferences?: unknown; finalizers?: readonly string[] };
    const others = (current.metadata.ownerReferences ?? []).filter((one) => one.uid !== owner.metadata.uid);
    metadata.ownerReferences = [...others, controllerReference(owners, owner)];
    if (finalizer) metadata.finalizers = [...(current.metadata.finalizers ?? []), finalizer];
    return true;
  };
  const updated = await unlessGone(client.update(dependents, namespace, name, change, { uid }));
  return updated && controllerOf(updated)?.uid === owner.metadata.uid ? (updated as MutableObject) : undefined;
}

async function release(
  { client }: ControllerContext,
  { owner, dependents, finalizer }: Claim,
  object: MutableObject,
): Promise<void> {
  const { namespace = '', name = '', uid = '' } = object.metadata;
  const change = (current: MutableObject): boolean => {
    const metadata = current.metadata as { ownerReferences?: unknown; finalizers?: readonly string[] };
    const others = (current.metadata.ownerReferences ?? []).filter((one) => one.uid !== owner.metadata.uid);
    if (others.length > 0) metadata.ownerReferences = others;
    else delete metadata.ownerReferences;
    if (finalizer) metadata.finalizers = (current.metadata.finalizers ?? []).filter((one) => one !== finalizer);
    return true;
  };
  await unlessGone(client.update(dependents, namespace, name, change, { uid }));
}

/** That it is gone meanwhile, or is another one, is as good. */
async function unlessGone<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (isStatus(error, 404) || isStatus(error, 409)) return undefined;
    if (error instanceof StatusError && error.reason === 'Invalid') return undefined;
    throw error;
  }
}
