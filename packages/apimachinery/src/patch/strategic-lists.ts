import { isObject, type JsonObject } from './strategic-json.ts';
import { Finder, hashable, inWantedOrder } from './strategic-order.ts';
import {
  badType,
  failure,
  goTypeName,
  goValue,
  type MergeRules,
  noMergeKey,
  type PatchType,
  StrategicPatchError,
  unknownDirective,
} from './strategic-schema.ts';

type MergeObjects = (original: JsonObject, patch: JsonObject, type: PatchType) => JsonObject;

/** Merges a list of a patch into one of the object, or takes the one for the other where the field is not merged. */
export function mergeLists(
  original: unknown[],
  patch: unknown[],
  rules: MergeRules,
  deleting: boolean,
  mergeObjects: MergeObjects,
): unknown[] {
  if (rules.strategy !== 'merge' && !deleting) return patch;
  if (original.length === 0 && patch.length === 0) return original;
  const { mergeKey, type } = rules;
  if (!haveObjects(original, patch)) {
    if (deleting) return without(original, patch);
    return inWantedOrder(distinct([...original, ...patch]), patch, original, mergeKey, false);
  }
  if (mergeKey === '') throw failure(`cannot merge lists without merge key for ${type.pointer ? 'ptr' : type.kind}`);
  const [kept, given] = followDirectives(original, patch, mergeKey);
  const merged = mergeElements(kept, given, mergeKey, type, mergeObjects);
  return inWantedOrder(merged, given, kept, mergeKey, true);
}

/** Whether the elements are objects; all of them must be of one type. */
export function haveObjects(...lists: readonly (readonly unknown[])[]): boolean {
  let first: string | undefined;
  for (const element of lists.flat()) {
    const name = goTypeName(element);
    if (first === undefined) {
      if (Array.isArray(element)) throw new StrategicPatchError('Unprocessable', 'lists of lists are not supported');
      if (element === null) throw failure('a list that is merged holds a null');
      first = name;
    } else if (name !== first) {
      throw failure(`list element types are not identical: ${goValue(lists)}`);
    }
  }
  if (first === undefined) throw failure('no elements in any of the given slices');
  return first.startsWith('map');
}

function without(list: readonly unknown[], deleted: readonly unknown[]): unknown[] {
  const gone = new Set(deleted.map(hashable));
  return list.filter((element) => !gone.has(hashable(element)));
}

function distinct(list: readonly unknown[]): unknown[] {
  return [...new Set(list.map(hashable))];
}

/** Elements of the patch that carry `$patch`: they delete one of the object's, or all that the patch does not have. */
function followDirectives(original: unknown[], patch: readonly unknown[], mergeKey: string): [unknown[], unknown[]] {
  const given: unknown[] = [];
  const deleted = new Set<unknown>();
  let replace = false;
  for (const element of patch as readonly JsonObject[]) {
    if (!Object.hasOwn(element, '$patch')) given.push(element);
    else if (element.$patch === 'delete') {
      if (!Object.hasOwn(element, mergeKey)) throw noMergeKey(element, mergeKey);
      deleted.add(element[mergeKey]);
    } else if (element.$patch === 'replace') replace = true;
    else if (element.$patch === 'merge') throw failure('merging lists cannot yet be specified in the patch');
    else throw unknownDirective(element.$patch, element);
  }
  if (replace) return [given, []];
  if (deleted.size === 0) return [original, given];
  const kept = original.filter(
    (element) => !(isObject(element) && Object.hasOwn(element, mergeKey) && deleted.has(element[mergeKey])),
  );
  return [kept, given];
}

function mergeElements(
  original: readonly unknown[],
  patch: readonly unknown[],
  mergeKey: string,
  type: PatchType,
  mergeObjects: MergeObjects,
): unknown[] {
  const merged = [...original];
  const finder = new Finder(merged, mergeKey);
  for (const element of patch) {
    if (!isObject(element)) throw badType('object', element);
    if (!Object.hasOwn(element, mergeKey)) throw noMergeKey(element, mergeKey);
    const index = finder.find(element[mergeKey]);
    if (index !== undefined) merged[index] = mergeObjects(merged[index] as JsonObject, element, type);
    else {
      finder.add(element, mergeKey, merged.length);
      merged.push(element);
    }
  }
  return merged;
}

/**
 * The order that counts as the object's own once both lists are merged under `$setElementOrder`. Go deletes and
 * appends in the same memory: behind what stays stands what stood last at each deletion, and what the patch adds
 * takes the places that became free, as if it had always stood there.
 */
export function placesAfterMerge(
  present: readonly unknown[],
  given: readonly unknown[],
  { mergeKey, strategy }: MergeRules,
): readonly unknown[] {
  if (mergeKey === '' || strategy !== 'merge') return present;
  const keyOf = (element: unknown) => (isObject(element) ? element[mergeKey] : undefined);
  const directives = given.filter((element) => isObject(element) && Object.hasOwn(element, '$patch')) as JsonObject[];
  const deletions = directives.filter((element) => element.$patch === 'delete');
  if (deletions.length === 0) return present;
  const [kept, behind] = deleteInPlace(present, deletions.map(keyOf), keyOf);
  if (directives.some((element) => element.$patch === 'replace')) return [...kept, ...behind];
  const known = new Set(kept.map(keyOf));
  const added: unknown[] = [];
  for (const element of given) {
    if ((isObject(element) && Object.hasOwn(element, '$patch')) || known.has(keyOf(element))) continue;
    known.add(keyOf(element));
    added.push(element);
  }
  const places = [...kept, ...added.slice(0, behind.length)];
  return [...places, ...behind.slice(places.length - kept.length)];
}

/** What stays, and what then stands in the freed places behind it. */
function deleteInPlace(
  present: readonly unknown[],
  deleted: readonly unknown[],
  keyOf: (element: unknown) => unknown,
): [unknown[], unknown[]] {
  const byKey = Map.groupBy(present.keys(), (index) => keyOf(present[index]));
  const gone = new Set<number>();
  const behind: unknown[] = [];
  let last = present.length - 1;
  for (const key of new Set(deleted)) {
    for (const index of byKey.get(key) ?? []) {
      while (gone.has(last)) last--;
      behind.push(present[last]);
      gone.add(index);
    }
  }
  return [present.filter((_, index) => !gone.has(index)), behind.reverse()];
}
