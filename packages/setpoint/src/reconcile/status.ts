import type { KubeObject } from '@setpoint/apimachinery/meta';
import { applyMergePatch, createMergePatch, deepEqual } from '@setpoint/apimachinery/patch';
import type { Client } from '../client/index.ts';
import { isConflict, isNotFound } from '../errors/index.ts';
import { type AnyKind, kindName } from '../kinds/index.ts';
import { keyOf, type PassEnvironment } from './environment.ts';

type Status = Readonly<Record<string, unknown>>;

export interface StatusTarget {
  /** The client of the pass; asked for only when something has to be written. */
  readonly client: Client;
  /** The object as it is known now; undefined once it is gone or another took its name. */
  current(): KubeObject | undefined;
  /** Tells the pass what the object is now, or that it is gone. */
  seen(object: KubeObject | undefined): void;
}

/** What a status is and what it should be. */
interface Difference {
  readonly object: KubeObject;
  readonly before: Status;
  readonly after: Status;
}

/**
 * Writes the difference between the status and what `change` makes of it, under the resourceVersion that the
 * difference was computed for (`/status` would not notice a wrong UID). Answers whether a request was sent.
 *
 * A conflict is recomputed once against the present state, read by a list of that one name: it needs no further
 * permission. A second conflict is the caller's: the pass is repeated.
 */
export function writeStatus(
  environment: PassEnvironment,
  kind: AnyKind,
  target: StatusTarget,
  change: (status: Status) => Status,
): boolean | Promise<boolean> {
  if (!environment.declaration.writesStatus) throw statusNotWritten(kind);
  if (!kind.subresources.status) {
    throw new Error(`${kind.kind} has no status subresource: declare a status in its definition, or write its spec`);
  }
  const object = target.current();
  const difference = object && differenceOf(object, change);
  // Most statuses are as they should be: nothing is waited for then.
  return difference ? write(environment, kind, target, difference, change) : false;
}

async function write(
  environment: PassEnvironment,
  kind: AnyKind,
  target: StatusTarget,
  difference: Difference,
  change: (status: Status) => Status,
): Promise<boolean> {
  try {
    return await send(environment, kind, target, difference);
  } catch (error) {
    if (isNotFound(error)) return vanished(target);
    if (!isConflict(error)) throw error;
  }
  const { object } = difference;
  const present = await readOne(target.client, kind, object);
  if (!present || present.metadata.uid !== object.metadata.uid) return vanished(target);
  target.seen(present);
  const again = differenceOf(present, change);
  try {
    return again !== undefined && (await send(environment, kind, target, again));
  } catch (error) {
    if (isNotFound(error)) return vanished(target);
    throw error;
  }
}

/** What the role of the operator does not allow is refused before any request, also where roles are not checked. */
export function statusNotWritten(kind: AnyKind): Error {
  return new Error(
    `the status of ${kindName(kind)} is not written by this controller: add \`writesStatus: true\` to its declaration`,
  );
}

function vanished(target: StatusTarget): false {
  target.seen(undefined);
  return false;
}

function differenceOf(object: KubeObject, change: (status: Status) => Status): Difference | undefined {
  const before = statusOf(object);
  const after = change(before);
  return deepEqual(before, after) ? undefined : { object, before, after };
}

async function send(
  environment: PassEnvironment,
  kind: AnyKind,
  target: StatusTarget,
  { object, before, after }: Difference,
): Promise<true> {
  const uid = object.metadata.uid ?? '';
  environment.ownStatus.expect(uid, after);
  const body = {
    metadata: { resourceVersion: object.metadata.resourceVersion },
    status: createMergePatch(before, after),
  };
  const patch = { type: 'merge', body } as const;
  const answer = await target.client.patch(kind, keyOf(object), patch, { subresource: 'status' });
  environment.ownStatus.confirm(uid, statusOf(answer as KubeObject));
  target.seen(answer as KubeObject);
  return true;
}

/** The object's status; an empty one where there is none, or what is stored there is none. */
export function statusOf(object: KubeObject): Status {
  const { status } = object as { readonly status?: unknown };
  return typeof status === 'object' && status !== null && !Array.isArray(status) ? (status as Status) : {};
}

/** The status after a patch as users write it. @throws TypeError for an undefined member, which JSON would lose */
export function patchStatus(status: Status, patch: object, where: string): Status {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) {
    throw new TypeError(
      `${where}.patch was given ${patch === null ? 'null' : typeof patch}: give members of the status to change`,
    );
  }
  refuseUndefined(patch, where);
  return applyMergePatch(status, patch) as Status;
}

function refuseUndefined(value: unknown, path: string): void {
  if (value === undefined) throw new TypeError(`${path} is undefined: write null to remove it, or leave it out`);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) refuseUndefined(member, `${path}.${key}`);
}

/** The present state, by a consistent list: an operator may list what it watches, but need not be allowed to get. */
export async function readOne(
  client: Client,
  kind: AnyKind,
  object: KubeObject,
  { managedFields = 'cut' }: { readonly managedFields?: 'cut' | 'keep' } = {},
): Promise<KubeObject | undefined> {
  const { namespace, name } = keyOf(object);
  const list = await client.list(kind, { namespace, fieldSelector: `metadata.name=${name}`, managedFields });
  const found = list.items[0] as KubeObject | undefined;
  // Items of a list carry neither apiVersion nor kind.
  return found && { ...found, apiVersion: kind.apiVersion, kind: kind.kind };
}
