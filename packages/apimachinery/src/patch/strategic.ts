import { deepCopy, dropNulls, isObject, type JsonObject, setMember, withoutDirectives } from './strategic-json.ts';
import { haveObjects, mergeLists, placesAfterMerge } from './strategic-lists.ts';
import { inWantedOrder, isDeletion } from './strategic-order.ts';
import {
  badFormat,
  badType,
  failure,
  goValue,
  listRules,
  noMergeKey,
  objectRules,
  type PatchType,
  unknownDirective,
} from './strategic-schema.ts';

const deletePrefix = '$deleteFromPrimitiveList';
const orderPrefix = '$setElementOrder';
const retainKeys = '$retainKeys';

/** The patched object, and what is left of the patch: the server shows that in what it finds wrong afterwards. */
export interface StrategicMergeResult {
  readonly object: Record<string, unknown>;
  readonly patch: Record<string, unknown>;
}

/**
 * Applies a strategic merge patch, the format of `kubectl apply`, `edit` and `patch`: like a JSON merge patch, but
 * lists whose type says so are merged element by element, and `$patch`, `$retainKeys`, `$setElementOrder/…` and
 * `$deleteFromPrimitiveList/…` say what a plain patch cannot. Behaves as k8s.io/apimachinery's strategicpatch of
 * Kubernetes 1.36 on the server's side. Neither input is changed.
 *
 * @throws StrategicPatchError
 */
export function applyStrategicMergePatch(target: unknown, patch: unknown, type: PatchType): StrategicMergeResult {
  const copy = deepCopy(patch ?? {}) as JsonObject;
  return { object: mergeObjects(deepCopy(target) as JsonObject, copy, type), patch: copy };
}

/** Changes both, as its steps take from the patch what they have done. */
function mergeObjects(original: JsonObject, patch: JsonObject, type: PatchType): JsonObject {
  if (Object.hasOwn(patch, '$patch')) return followDirective(patch);
  keepOnlyRetained(original, patch);
  for (const key of Object.keys(patch)) {
    if (key.startsWith(orderPrefix)) mergeOrdered(original, patch, key, type);
  }
  for (const key of Object.keys(patch)) mergeMember(original, key, patch[key], type);
  return original;
}

function followDirective(patch: JsonObject): JsonObject {
  const directive = patch.$patch;
  if (directive === 'delete') return {};
  if (directive !== 'replace') throw unknownDirective(directive, patch);
  delete patch.$patch;
  return patch;
}

/** `$retainKeys`: members of the object that it does not list go. */
function keepOnlyRetained(original: JsonObject, patch: JsonObject): void {
  if (!Object.hasOwn(patch, retainKeys)) return;
  const list = patch[retainKeys];
  delete patch[retainKeys];
  if (!Array.isArray(list)) throw badFormat('retainKeys');
  const kept = new Set(list);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || key.startsWith(deletePrefix) || key.startsWith(orderPrefix)) continue;
    if (!kept.has(key)) throw badFormat('retainKeys');
  }
  for (const key of Object.keys(original)) if (!kept.has(key)) delete original[key];
}

function mergeMember(original: JsonObject, name: string, value: unknown, type: PatchType): void {
  const deleting = name.startsWith(deletePrefix);
  const key = deleting ? afterSlash(name, deletePrefix) : name;
  if (value === null) {
    delete original[key];
    return;
  }
  const present = Object.hasOwn(original, key) ? original[key] : undefined;
  if (isObject(present) && isObject(value)) {
    const rules = objectRules(type, key);
    setMember(original, key, rules.strategy === 'replace' ? value : mergeObjects(present, value, rules.type));
  } else if (Array.isArray(present) && Array.isArray(value)) {
    setMember(original, key, mergeLists(present, value, listRules(type, key), deleting, mergeObjects));
  } else if (!deleting) {
    dropNulls(value);
    const added = withoutDirectives(value);
    if (added === undefined) delete original[key];
    else setMember(original, key, added);
  }
}

/** The field that a directive is about: what stands behind its slash. */
function afterSlash(name: string, prefix: string): string {
  const slash = name.indexOf('/');
  if (slash < 0 || name.slice(0, slash) !== prefix) {
    throw badFormat(prefix === deletePrefix ? 'primitive list' : 'setElementOrder list');
  }
  return name.slice(slash + 1);
}

/** `$setElementOrder/list` and the list itself, which is merged here and then done with. */
function mergeOrdered(original: JsonObject, patch: JsonObject, directive: string, type: PatchType): void {
  const wanted = patch[directive];
  delete patch[directive];
  if (!Array.isArray(wanted)) throw badType('list', wanted);
  const key = afterSlash(directive, orderPrefix);
  const present = listOf(original, key);
  const given = listOf(patch, key);
  const rules = listRules(type, key);
  checkOrder(given ?? [], wanted, rules.mergeKey);
  if (!present && !given) return;
  const placed = present && given ? placesAfterMerge(present, given, rules) : (present ?? []);
  const merged =
    given === undefined
      ? (present as unknown[])
      : present
        ? mergeLists(present, given, rules, false, mergeObjects)
        : (withoutDirectives(given) as unknown[]);
  const objects = haveObjects(present ?? [], given ?? []);
  setMember(original, key, inWantedOrder(merged, wanted, placed, rules.mergeKey, objects));
  delete patch[key];
}

function listOf(object: JsonObject, key: string): unknown[] | undefined {
  if (!Object.hasOwn(object, key)) return undefined;
  const value = object[key];
  if (!Array.isArray(value)) throw badType('list', value);
  return value;
}

/** All elements of the patch must stand in the order that it asks for, and in that order. */
function checkOrder(given: readonly unknown[], wanted: readonly unknown[], mergeKey: string): void {
  if (given.length === 0 || wanted.length === 0) return;
  const rest = mergeKey === '' ? given : given.filter((element) => !isDeletion(element));
  let place = 0;
  let index = 0;
  while (index < rest.length && place < wanted.length) {
    const element = rest[index];
    if (isObject(element) && Object.hasOwn(element, '$patch')) {
      index++;
      continue;
    }
    if (sameElement(element, wanted[place], mergeKey)) index++;
    place++;
  }
  if (index < rest.length && place >= wanted.length) {
    throw failure(
      `The order in patch list:\n${goValue(given)}\n doesn't match ${orderPrefix} list:\n${goValue(wanted)}\n`,
    );
  }
}

function sameElement(left: unknown, right: unknown, mergeKey: string): boolean {
  if (mergeKey === '') return left === right;
  for (const element of [left, right]) if (!isObject(element)) throw badType('object', element);
  for (const element of [left, right] as JsonObject[]) {
    if (!Object.hasOwn(element, mergeKey)) throw noMergeKey(element, mergeKey);
  }
  return (left as JsonObject)[mergeKey] === (right as JsonObject)[mergeKey];
}
