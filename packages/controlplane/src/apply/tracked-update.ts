import type { KubeObject } from '@setpoint/apimachinery/meta';
import { ConversionPending } from '../registry/index.ts';
import { capUpdateManagers } from './cap.ts';
import { objectText } from './errors.ts';
import { identifierOf } from './identity.ts';
import type { Managed } from './managed.ts';
import { FieldSet, type VersionedSet } from './merge/index.ts';
import { emptyTyped, type Tools, typed, type Writer } from './tools.ts';

/** The fields that nobody owns: what an object is, and what only the server sets. */
const unowned = FieldSet.of(
  ['apiVersion'],
  ['kind'],
  ['metadata'],
  ['metadata', 'name'],
  ['metadata', 'namespace'],
  ['metadata', 'creationTimestamp'],
  ['metadata', 'selfLink'],
  ['metadata', 'uid'],
  ['metadata', 'clusterName'],
  ['metadata', 'generation'],
  ['metadata', 'managedFields'],
  ['metadata', 'resourceVersion'],
);

/** While a write is worked on its fields are by this one; then they are added to those of its manager. */
const thisOperation = 'current-operation';

/** Who owns what once `next` is in place of `live`; without it, `next` is new. The same as before if nothing changed. */
export function updateManaged(
  tools: Tools,
  live: KubeObject | undefined,
  next: KubeObject,
  managed: Managed,
  { manager, now }: Writer,
): Managed {
  const { options, updater } = tools;
  if (options.unconvertible && !live) {
    const why = `to proper version: ${options.unconvertible}`;
    throw new Error(`failed to convert live object (${objectText(options.empty)}) ${why}`);
  }
  const nextTyped = typed(options.type, next, true, 'failed to convert new object', 'to smd typed');
  const liveTyped = live
    ? typed(options.type, live, true, 'failed to convert live object', 'to smd typed')
    : emptyTyped(tools);
  const { managers } = naming(`failed to update ManagedFields (${objectText(next)})`, () =>
    updater.update(liveTyped, nextTyped, options.apiVersion, managed.fields, thisOperation),
  );
  const own = managers.get(thisOperation);
  const set = own?.set.difference(unowned) ?? FieldSet.empty;
  if (!own || set.isEmpty) {
    const fields = withoutOperation(managers);
    return capUpdateManagers(sameFields(fields, managed.fields) ? managed : { fields, times: managed.times });
  }
  const identifier = identifierOf({
    manager: manager || 'unknown',
    operation: 'Update',
    apiVersion: options.apiVersion,
    subresource: options.subresource,
  });
  const fields = withoutOperation(managers);
  const before = fields.get(identifier);
  fields.set(identifier, { ...own, set: before ? before.set.union(set) : set });
  return capUpdateManagers({ fields, times: new Map(managed.times).set(identifier, now) });
}

/** What an apply leaves of its manager's own fields. */
export function withoutUnowned(managers: ReadonlyMap<string, VersionedSet>, identifier: string) {
  const own = managers.get(identifier);
  const set = own?.set.difference(unowned);
  if (!own || !set || set === own.set) return managers;
  const fields = new Map(managers);
  if (set.isEmpty) fields.delete(identifier);
  else fields.set(identifier, { ...own, set });
  return fields;
}

/** Says with an error what failed by it. */
export function naming<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof Error) || isMistake(error)) throw error;
    throw new Error(`${what}: ${error.message}`, { cause: error });
  }
}

/** An error of this program, not of what it was given. */
export function isMistake(error: unknown): boolean {
  // What has to be waited for is asked again.
  if (error instanceof ConversionPending) return true;
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
}

function withoutOperation(managers: ReadonlyMap<string, VersionedSet>): Map<string, VersionedSet> {
  const fields = new Map(managers);
  fields.delete(thisOperation);
  return fields;
}

function sameFields(a: ReadonlyMap<string, VersionedSet>, b: ReadonlyMap<string, VersionedSet>): boolean {
  if (a.size !== b.size) return false;
  for (const [identifier, owned] of a) {
    const other = b.get(identifier);
    if (other === owned) continue;
    if (!other || other.apiVersion !== owned.apiVersion || !owned.set.equals(other.set)) return false;
  }
  return true;
}
