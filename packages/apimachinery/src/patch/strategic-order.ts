import { isObject, type JsonObject } from './strategic-json.ts';
import { badType, failure, noMergeKey } from './strategic-schema.ts';

/** How the elements of a list are told apart: objects by their merge key, plain values by themselves. */
export type Identity = (element: unknown) => unknown;

export function identityOf(mergeKey: string, objects: boolean): Identity {
  if (!objects) return (element) => element;
  return (element) => (isObject(element) && Object.hasOwn(element, mergeKey) ? element[mergeKey] : null);
}

/**
 * Splits `merged` into what `wanted` lists and what it does not, then puts the former in the order of `wanted`, the
 * latter in that of `present`, and interleaves both as they were in `present` as far as that is known.
 */
export function inWantedOrder(
  merged: readonly unknown[],
  wanted: readonly unknown[],
  present: readonly unknown[],
  mergeKey: string,
  objects: boolean,
): unknown[] {
  const [listed, others] = mergeKey === '' ? splitValues(merged, wanted) : splitObjects(merged, wanted, mergeKey);
  const identity = identityOf(mergeKey, objects);
  const places = placesOf(present, identity);
  const first = sorted(listed, wanted, placesOf(wanted, identity), mergeKey, objects);
  const second = sorted(others, present, places, mergeKey, objects);
  return interleave(second, first, places, identity);
}

function splitValues(merged: readonly unknown[], wanted: readonly unknown[]): [unknown[], unknown[]] {
  const known = new Set(wanted.map(hashable));
  return split(merged, (element) => known.has(hashable(element)));
}

function splitObjects(
  merged: readonly unknown[],
  wanted: readonly unknown[],
  mergeKey: string,
): [unknown[], unknown[]] {
  const finder = new Finder(wanted, mergeKey);
  return split(merged, (element) => {
    if (!isObject(element)) throw badType('object', element);
    if (!Object.hasOwn(element, mergeKey)) throw noMergeKey(element, mergeKey);
    return finder.find(element[mergeKey]) !== undefined;
  });
}

function split(elements: readonly unknown[], belongs: (element: unknown) => boolean): [unknown[], unknown[]] {
  const yes: unknown[] = [];
  const no: unknown[] = [];
  for (const element of elements) (belongs(element) ? yes : no).push(element);
  return [yes, no];
}

/** Sorted by where each stands in an order; elements that are to be deleted go last. */
function sorted(
  elements: readonly unknown[],
  order: readonly unknown[],
  places: ReadonlyMap<unknown, number>,
  mergeKey: string,
  objects: boolean,
): unknown[] {
  const identity = identityOf(mergeKey, objects);
  let [deleted, rest]: [unknown[], unknown[]] = [[], [...elements]];
  if (objects) {
    requireMergeKeys(elements, mergeKey);
    requireMergeKeys(order, mergeKey);
    [deleted, rest] = split(elements, isDeletion);
  }
  const place = (element: unknown) => places.get(identity(element)) ?? -1;
  return [...rest.sort((a, b) => place(a) - place(b)), ...deleted];
}

function interleave(
  left: readonly unknown[],
  right: readonly unknown[],
  places: ReadonlyMap<unknown, number>,
  identity: Identity,
): unknown[] {
  const result: unknown[] = [];
  let [i, j] = [0, 0];
  while (i < left.length && j < right.length) {
    const mine = places.get(identity(left[i]));
    const theirs = places.get(identity(right[j]));
    result.push(mine !== undefined && theirs !== undefined && mine < theirs ? left[i++] : right[j++]);
  }
  return [...result, ...left.slice(i), ...right.slice(j)];
}

/** Where each element first stands. */
function placesOf(elements: readonly unknown[], identity: Identity): ReadonlyMap<unknown, number> {
  const places = new Map<unknown, number>();
  for (const [index, element] of elements.entries()) {
    const key = identity(element);
    if (!places.has(key)) places.set(key, index);
  }
  return places;
}

export function requireMergeKeys(list: readonly unknown[], mergeKey: string): void {
  for (const element of list) {
    if (!isObject(element)) throw badType('object', element);
    if (!Object.hasOwn(element, mergeKey)) throw noMergeKey(element, mergeKey);
  }
}

export function isDeletion(element: unknown): boolean {
  if (!isObject(element)) throw badType('object', element);
  return Object.hasOwn(element, '$patch') && element.$patch === 'delete';
}

/** Finds elements by their merge key, in a list that may grow. One that is no plain value is like no other. */
export class Finder {
  readonly #indexes = new Map<unknown, number>();
  readonly #notObject: number | undefined;

  constructor(list: readonly unknown[], mergeKey: string) {
    for (const [index, element] of list.entries()) {
      if (!isObject(element)) {
        this.#notObject = index;
        return;
      }
      this.add(element, mergeKey, index);
    }
  }

  add(element: JsonObject, mergeKey: string, index: number): void {
    if (!Object.hasOwn(element, mergeKey)) return;
    const value = element[mergeKey];
    if (!this.#indexes.has(value)) this.#indexes.set(value, index);
  }

  /** The first that has the value. Looking past an element that is no object is an error. */
  find(value: unknown): number | undefined {
    const index = this.#indexes.get(value);
    if (index === undefined && this.#notObject !== undefined) {
      throw failure(`value for key ${this.#notObject} is not a map`);
    }
    return index;
  }
}

/** Objects and lists are nothing that plain values could be compared with: a server fails at such a request. */
export function hashable(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) throw failure('a list of plain values holds an object or a list');
  return value;
}
