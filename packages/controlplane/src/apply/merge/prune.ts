import { FieldSet } from '../fieldpath/index.ts';
import { removeItems, type TypedValue, toFieldSet, withNamedFields } from '../typed/index.ts';
import { type Converter, type ManagedFields, MissingVersionError, type VersionedSet } from './types.ts';

/** Takes from the merged object what its manager applied before and does not now, unless others own it. */
export function prune(
  converter: Converter,
  merged: TypedValue,
  managers: ManagedFields,
  apiVersion: string,
  last: VersionedSet,
): TypedValue {
  const versioned = convert(converter, merged, last.apiVersion);
  if (!versioned) return merged;
  const reduced = removeItems(versioned, withNamedFields(last.set, versioned.type));
  if (reduced === versioned) return converter.convert(versioned, apiVersion);
  const withOwned = addBackOwned(converter, versioned, reduced, last.apiVersion, managers);
  const pruned = addBackDangling(converter, versioned, withOwned, last);
  return converter.convert(pruned, apiVersion);
}

/** In the version of the object first: what is not there any more may be needed to convert it. */
function addBackOwned(
  converter: Converter,
  merged: TypedValue,
  reduced: TypedValue,
  apiVersion: string,
  managers: ManagedFields,
): TypedValue {
  const byVersion = new Map<string, FieldSet>([[apiVersion, FieldSet.empty]]);
  for (const owned of managers.values()) {
    byVersion.set(owned.apiVersion, (byVersion.get(owned.apiVersion) ?? FieldSet.empty).union(owned.set));
  }
  if (![...managers.values()].some((owned) => owned.apiVersion === apiVersion)) byVersion.delete(apiVersion);
  let pruned = reduced;
  let whole = merged;
  for (const [version, owned] of byVersion) {
    const versionedWhole = convert(converter, whole, version);
    const versionedPruned = versionedWhole && convert(converter, pruned, version);
    if (!versionedPruned) continue;
    whole = versionedWhole;
    const { type } = whole;
    const present = withNamedFields(toFieldSet(whole), type);
    const kept = withNamedFields(toFieldSet(versionedPruned), type).union(withNamedFields(owned, type));
    pruned = removeItems(whole, present.difference(kept));
  }
  return pruned;
}

/** What goes is what was applied before; what is in no set, such as an item's keys, comes back. */
function addBackDangling(converter: Converter, merged: TypedValue, pruned: TypedValue, last: VersionedSet): TypedValue {
  const versioned = convert(converter, pruned, last.apiVersion);
  if (!versioned) return merged;
  const { type } = merged;
  const kept = withNamedFields(toFieldSet(versioned), type);
  const present = withNamedFields(toFieldSet(merged), type);
  return removeItems(merged, present.difference(kept).intersection(withNamedFields(last.set, type)));
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
