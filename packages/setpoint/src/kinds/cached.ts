import type { KubeObject } from '@setpoint/apimachinery/meta';

declare const cachedBrand: unique symbol;

type CachedMessage =
  'this object comes from the cache: applying it would take ownership of all its fields. Build an object that has only the fields you mean to own';

/**
 * An object that a cache handed out: frozen, and not to be applied. It fits wherever the object itself does;
 * only what takes `NotCached` refuses it.
 */
export type Cached<R> = R & { readonly [cachedBrand]: CachedMessage };

/** Put on a parameter (`object: ResourceInput<K> & NotCached`), it makes a cached object an error that says why. */
export interface NotCached {
  readonly [cachedBrand]?: never;
}

/** Registered, since two copies of the package in one process must recognise each other's objects. */
const mark: unique symbol = Symbol.for('setpoint.cached') as never;

/**
 * Marks an object as handed out by a cache; call it before freezing. The mark sits on the metadata, so that
 * `{ ...cached, spec }` is recognised too, and nothing that enumerates, prints or compares the object sees it.
 */
export function markCached<R extends KubeObject>(object: R): Cached<R> {
  Object.defineProperty(object.metadata, mark, { value: true });
  return object as Cached<R>;
}

/** Whether the object came out of a cache, or was made from one by spreading it or by `draft`. */
export function isCached(object: unknown): boolean {
  if (typeof object !== 'object' || object === null) return false;
  const { metadata } = object as { readonly metadata?: unknown };
  return typeof metadata === 'object' && metadata !== null && (metadata as { [mark]?: unknown })[mark] === true;
}
