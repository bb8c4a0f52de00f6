import type { KubeObject } from '@setpoint/apimachinery/meta';
import { isConflict, isPassRevoked } from '../errors/index.ts';
import type { AnyKind } from '../kinds/index.ts';
import { appliedId } from './applied.ts';
import { deleteObject, fieldsOfCached } from './apply.ts';
import { orderAnnotation } from './claims.ts';
import { describeObject, keyOf } from './environment.ts';
import { messageOf } from './message.ts';
import type { Pass } from './pass.ts';
import type { Waiting } from './types.ts';

interface OwnChild {
  readonly kind: AnyKind;
  readonly object: KubeObject;
  /** How many came before it. */
  readonly order: number;
}

/** What this controller applied for the owner, whatever its present set is; last in order first. */
function ownChildren({ environment, uid = '' }: Pass): readonly OwnChild[] {
  const found = environment
    .childrenOf(uid)
    // Other controllers of the same owner have their own.
    .filter(({ kind, object }) => fieldsOfCached(environment, kind, object) !== undefined)
    .map(({ kind, object }) => ({ kind, object, order: orderOf(object) }));
  const name = ({ kind, object }: OwnChild) => describeObject(kind, keyOf(object));
  return found.sort((a, b) => b.order - a.order || (name(a) < name(b) ? -1 : 1));
}

function orderOf({ metadata }: KubeObject): number {
  const order = Number(metadata.annotations?.[orderAnnotation] ?? 0);
  return Number.isFinite(order) ? order : 0;
}

/** Deletes what this controller once applied for the owner and did not touch in this pass. */
export async function pruneChildren(pass: Pass): Promise<void> {
  const errors: unknown[] = [];
  for (const { kind, object } of ownChildren(pass)) {
    if (pass.touched.has(appliedId(kind, keyOf(object))) || object.metadata.deletionTimestamp) continue;
    try {
      await deleteObject(pass.environment, pass.client, object);
    } catch (error) {
      if (isPassRevoked(error)) throw error;
      errors.push(error);
    }
  }
  throwAll(errors);
}

/**
 * Deletes the children of an owner that is being deleted, in the reverse of the order in which they were made: what
 * others depend on goes when these are gone, with all that they own.
 *
 * @returns what is still there; undefined if nothing is
 */
export async function deleteInReverse(pass: Pass): Promise<Waiting | undefined> {
  for (;;) {
    const left = ownChildren(pass);
    const [first] = left;
    if (!first) return undefined;
    const last = left.filter(({ order }) => order === first.order);
    const alive = last.filter(({ object }) => !object.metadata.deletionTimestamp);
    for (const { object } of alive) {
      // In the foreground: a Deployment is gone when its Pods are.
      await deleteObject(pass.environment, pass.client, object, { propagationPolicy: 'Foreground' });
    }
    // What went at once is hidden by the answer already.
    if (alive.length === 0) return stillThere(last, left.length);
    if (ownChildren(pass).length === left.length) return stillThere(last, left.length);
  }
}

/** At most so many are named. */
const mostNamed = 5;

function stillThere(children: readonly OwnChild[], all: number): Waiting {
  const named = children.slice(0, mostNamed).map(({ kind, object }) => {
    const { finalizers = [] } = object.metadata;
    return `${describeObject(kind, keyOf(object))}${finalizers.length > 0 ? ` (held by ${finalizers.join(', ')})` : ''}`;
  });
  const rest = all > named.length ? `; ${all} children are left in all` : '';
  return { reason: 'DeletingChildren', message: `waiting for the end of ${named.join(', ')}${rest}` };
}

/** @throws the one error, or an AggregateError of all; a conflict only if there is nothing worse */
export function throwAll(errors: readonly unknown[]): void {
  if (errors.length === 0) return;
  const serious = errors.filter((error) => !isConflict(error));
  if (serious.length === 0) throw errors[0];
  if (serious.length === 1) throw serious[0];
  throw new AggregateError(serious, `${serious.length} children failed: ${serious.map(messageOf).join('; ')}`);
}
