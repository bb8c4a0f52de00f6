import { deepEqual } from '@setpoint/apimachinery/patch';
import type { FieldFilter, FieldSet } from '../fieldpath/index.ts';
import {
  type Comparison,
  compare,
  merge,
  reconcileFieldSet,
  type TypedValue,
  TypedValueError,
  toFieldSet,
} from '../typed/index.ts';
import { ConflictError, conflictsOf } from './conflict.ts';
import { prune } from './prune.ts';
import {
  type Converter,
  type ManagedFields,
  MissingVersionError,
  type Updated,
  type Updater,
  type UpdaterOptions,
  type VersionedSet,
} from './types.ts';

type Managers = Map<string, VersionedSet>;

export function createUpdater(options: UpdaterOptions): Updater {
  return {
    update: (live, next, apiVersion, managers, manager) =>
      update(options, { live, next, apiVersion, manager }, reconcile(options.converter, live, managers)),
    apply: (live, intent, apiVersion, managers, manager, force) =>
      apply(options, { live, intent, apiVersion, manager, force }, reconcile(options.converter, live, managers)),
  };
}

interface Update {
  readonly live: TypedValue;
  readonly next: TypedValue;
  readonly apiVersion: string;
  readonly manager: string;
}

function update(options: UpdaterOptions, given: Update, managers: Managers): Updated<TypedValue> {
  const { next, apiVersion, manager } = given;
  const changed = takeFromOthers(options, given, managers, true);
  const before = managers.get(manager)?.set;
  const gained = changed.modified.union(changed.added);
  const owned = before ? before.difference(changed.removed).union(gained) : gained;
  const set = filtered(owned, options.ignore?.get(apiVersion));
  if (set.isEmpty) managers.delete(manager);
  else managers.set(manager, { set, apiVersion, applied: false });
  return { object: next, managers };
}

interface Apply {
  readonly live: TypedValue;
  readonly intent: TypedValue;
  readonly apiVersion: string;
  readonly manager: string;
  readonly force: boolean;
}

function apply(options: UpdaterOptions, given: Apply, managers: Managers): Updated<TypedValue | undefined> {
  const { live, intent, apiVersion, manager, force } = given;
  const merged = merge(live, intent);
  const last = managers.get(manager);
  const set = filtered(toFieldSet(intent), options.ignore?.get(apiVersion));
  managers.set(manager, { set, apiVersion, applied: true });
  const next =
    last && !last.set.isEmpty ? prune(options.converter, merged, managers, apiVersion, { last, now: set }) : merged;
  takeFromOthers(options, { live, next, apiVersion, manager }, managers, force);
  const unchanged = options.returnInputOnNoop !== true && deepEqual(live.value, next.value);
  return { object: unchanged ? undefined : next, managers };
}

/**
 * Takes from all other managers what changed. Managers of versions that are not known any more are forgotten, and those
 * that own nothing any more. Answers with what changed, in the version of the write.
 */
function takeFromOthers(options: UpdaterOptions, given: Update, managers: Managers, force: boolean): Comparison {
  const { live, next, apiVersion, manager } = given;
  const comparisons = createComparisons(options, live, next);
  const own = comparisons(apiVersion) as Comparison;
  const lost = new Map<string, { readonly conflict: FieldSet; readonly removed: FieldSet }>();
  const conflicts = new Map<string, FieldSet>();
  for (const [other, { set, apiVersion: version }] of managers) {
    if (other === manager) continue;
    const changed = comparisons(version);
    if (!changed) {
      managers.delete(other);
      continue;
    }
    const conflict = set.intersection(changed.modified.union(changed.added));
    if (!conflict.isEmpty) conflicts.set(other, conflict);
    if (!conflict.isEmpty || !changed.removed.isEmpty) lost.set(other, { conflict, removed: changed.removed });
  }
  if (!force && conflicts.size > 0) throw new ConflictError(conflictsOf(conflicts));
  for (const [other, { conflict, removed }] of lost) {
    const owned = managers.get(other) as VersionedSet;
    managers.set(other, { ...owned, set: owned.set.difference(conflict).difference(removed) });
  }
  for (const [other, { set }] of managers) if (set.isEmpty) managers.delete(other);
  return own;
}

/** What changed, by version; compared once a version. Undefined for a version that is not known. */
function createComparisons({ converter, ignore }: UpdaterOptions, live: TypedValue, next: TypedValue) {
  const known = new Map<string, Comparison | undefined>();
  return (apiVersion: string): Comparison | undefined => {
    if (known.has(apiVersion)) return known.get(apiVersion);
    const before = known.size === 0 ? live : convert(converter, live, apiVersion, 'old');
    const after = known.size === 0 ? next : before && convert(converter, next, apiVersion, 'new');
    const changed = before && after && filteredComparison(compare(before, after), ignore?.get(apiVersion));
    known.set(apiVersion, changed);
    return changed;
  };
}

/** Undefined for a version that is not known. */
function convert(
  converter: Converter,
  object: TypedValue,
  apiVersion: string,
  which?: 'old' | 'new',
): TypedValue | undefined {
  try {
    return converter.convert(object, apiVersion);
  } catch (error) {
    if (error instanceof MissingVersionError) return undefined;
    if (error instanceof TypedValueError && which)
      throw new Error(`failed to convert ${which} object: ${error.message}`);
    throw error;
  }
}

function filtered(set: FieldSet, filter: FieldFilter | undefined): FieldSet {
  return filter ? filter(set) : set;
}

function filteredComparison(comparison: Comparison, filter: FieldFilter | undefined): Comparison {
  if (!filter) return comparison;
  const { removed, modified, added } = comparison;
  return { removed: filter(removed), modified: filter(modified), added: filter(added) };
}

/** The sets in terms of the types as they are now. Managers of versions that are not known are forgotten. */
function reconcile(converter: Converter, live: TypedValue, managers: ManagedFields): Managers {
  const reconciled: Managers = new Map();
  for (const [manager, owned] of managers) {
    const versioned = convert(converter, live, owned.apiVersion);
    if (!versioned) continue;
    const set = reconcileFieldSet(owned.set, versioned.type);
    reconciled.set(manager, set === owned.set ? owned : { ...owned, set });
  }
  return reconciled;
}
