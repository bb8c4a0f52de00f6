import type { KubeObject } from '@setpoint/apimachinery/meta';
import { parseApiVersion } from '@setpoint/apimachinery/meta';
import type { ObjectKey } from '../client/index.ts';
import { type AnyKind, kindName } from '../kinds/index.ts';
import { describeObject, keyOf } from './environment.ts';
import { controllerOf } from './owner-references.ts';
import type { Waiting } from './types.ts';

/** Whose children are applied. */
export interface Owner {
  readonly kind: AnyKind;
  readonly object: KubeObject;
}

/** On children that can have no owner reference: the UID of their owner. */
export const ownerUidLabel = 'setpoint.dev/owner-uid';
/** On the same: which object that is, as `Foo.tutorial.my.domain default/foo-1`. */
export const ownerAnnotation = 'setpoint.dev/owner';
/** On children that are deleted in reverse order: how many come before them. */
export const orderAnnotation = 'setpoint.dev/order';

/** The name of a child is not free yet, which time will change. */
export class NameTaken extends Error {
  override readonly name = 'NameTaken';
  readonly waiting: Waiting;

  constructor(message: string) {
    super(message);
    this.waiting = { reason: 'ChildTerminating', message };
  }
}

/** What marks a child without a reference as the owner's. */
export function claimOf({ kind, object }: Owner): { readonly labels: object; readonly annotations: object } {
  return {
    labels: { [ownerUidLabel]: object.metadata.uid ?? '' },
    annotations: { [ownerAnnotation]: describeObject(kind, keyOf(object)) },
  };
}

/** The owner of that kind that a child without a reference names, if it does. */
export function claimedOwners(kind: AnyKind, object: KubeObject): readonly ObjectKey[] {
  const [name, key = ''] = object.metadata.annotations?.[ownerAnnotation]?.split(' ') ?? [];
  if (name !== kindName(kind) || key === '') return [];
  const slash = key.indexOf('/');
  return [slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }];
}

/** UIDs of whoever an object belongs to alone: the controller in its references, or the owner in its label. */
export function ownerUidsOf({ metadata }: KubeObject): readonly (string | undefined)[] {
  const controller = metadata.ownerReferences?.find((reference) => reference.controller === true);
  return [controller?.uid, metadata.labels?.[ownerUidLabel]];
}

/**
 * Refuses an object that belongs to somebody else.
 *
 * @throws Error naming the other owner; NameTaken if that is an earlier object of the owner's own name, whose children
 * the garbage collector is about to delete
 */
export function refuseTheft(kind: AnyKind, key: ObjectKey, present: KubeObject, owner: Owner): void {
  const { uid } = owner.object.metadata;
  const what = describeObject(kind, key);
  const controller = controllerOf(present);
  if (controller && controller.uid !== uid) {
    const { group } = parseApiVersion(controller.apiVersion);
    const sameName =
      group === owner.kind.group &&
      controller.kind === owner.kind.kind &&
      controller.name === owner.object.metadata.name;
    if (sameName)
      throw new NameTaken(
        `${what} belongs to an earlier ${controller.kind} ${controller.name}, and is deleted with it`,
      );
    throw new Error(
      `${what} is controlled by ${controller.kind} ${controller.name} already and is left alone; choose another name for the child`,
    );
  }
  const claimed = present.metadata.labels?.[ownerUidLabel];
  const claim = present.metadata.annotations?.[ownerAnnotation];
  // An owner that was made anew takes up what the one before it left: nobody would delete it.
  if (!claimed || claimed === uid || claim === describeObject(owner.kind, keyOf(owner.object))) return;
  throw new Error(
    `${what} belongs to ${claim ?? `the owner with UID ${claimed}`} already and is left alone; choose another name for the child`,
  );
}
