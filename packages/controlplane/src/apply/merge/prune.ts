import { FieldSet } from '../fieldpath/index.ts';
import { removeItems, type TypedValue, toFieldSet, withNamedFields } from '../typed/index.ts';
import { type Converter, type ManagedFields, MissingVersionError, type VersionedSet } from './types.ts';

/** Takes from the merged object what its manager applied before and does not now, unless others own it. */
export function prune(
  converter: Converter,
  merged: TypedValue,
  managers: ManagedFields,
  apiVersion: string,
  applied: { readonly last: VersionedSet; readonly now: FieldSet },
): TypedValue {
  const { last, now } = applied;
  // What was applied before is applied again, and stays.
  if (last.apiVersion === apiVersion && last.set.difference(now).isEmpty) return merged;
  const versioned = convert(converter, merged, last.apiVersion);
  if (!versioned) return merged;
  const whole = describe(versioned);
  const reduced = removeItems(versioned, withNamedFields(last.set, versioned.type));
  const withOwned = addBackOwned(converter, whole, reduced, last.apiVersion, managers);
  const pruned = addBackDangling(converter, whole, withOwned, last);
  return converter.convert(pruned, apiVersion);
}

/** An object and all that it has. */
interface Described {
  readonly object: TypedValue;
  readonly fields: FieldSet;
}

function describe(object: TypedValue): Described {
  return { object, fields: withNamedFields(toFieldSet(object), object.type) };
}

/** In the version of the object first: what is not there any more may be needed to convert it. */
function addBackOwned(
  converter: Converter,
  merged: Described,
  reduced: TypedValue,
  apiVersion: string,
  managers: ManagedFields,
): TypedValue {
  let pruned = reduced;
  let whole = merged;
  for (const [version, owned] of ownedByVersion(managers, apiVersion)) {
    const versioned = convert(converter, whole.object, version);
    const versionedPruned = versioned && convert(converter, pruned, version);
    if (!versionedPruned) continue;
    if (versioned !== whole.object) whole = describe(versioned);
    const kept = describe(versionedPruned).fields.union(withNamedFields(owned, versioned.type));
    pruned = removeItems(versioned, whole.fields.difference(kept));
  }
  return pruned;
}

function ownedByVersion(managers: ManagedFields, first: string): Iterable<readonly [string, FieldSet]> {
  const byVersion = new Map<string, FieldSet>();
  for (const { apiVersion, set } of managers.values()) {
    byVersion.set(apiVersion, (byVersion.get(apiVersion) ?? FieldSet.empty).union(set));
  }
  return [...byVersion].sort(([a], [b]) => Number(b === first) - Number(a === first));
}

/** What goes is what was applied before; what is in no set, such as an item's keys, comes back. */
function addBackDangling(converter: Converter, merged: Described, pruned: TypedValue, last: VersionedSet): TypedValue {
  const { object, fields } = merged;
  const versioned = convert(converter, pruned, last.apiVersion);
  if (!versioned) return object;
  const kept = withNamedFields(toFieldSet(versioned), object.type);
  return removeItems(object, fields.difference(kept).intersection(withNamedFields(last.set, object.type)));
}

/** Undefined for a version that is not known. */
function convert(converter: Converter, object: TypedValue, apiVersion: string): TypedValue | undefined {
  try {
    return converter.convert(object, apiVersion);
  } catch (error) {
    if (error instanceof MissingVersionError) return undefined;
    throw error;
  }
}
