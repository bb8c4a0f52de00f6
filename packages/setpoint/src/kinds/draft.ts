import type { KubeObject } from '@setpoint/apimachinery/meta';
import { isCached, markCached } from './cached.ts';
import type { Draft } from './deep.ts';

/**
 * A changed copy of a frozen object: `draft(foo, (d) => { d.spec.size = 3; })`. What is equal afterwards is shared
 * with the original, and an unchanged object is answered as it is: `draft(foo, …) !== foo` tells whether anything
 * changed.
 *
 * For `update`. `apply` refuses it where the original came from a cache, since it would take ownership of every field.
 */
export function draft<T extends object>(object: T, change: (draft: Draft<T>) => void): T {
  const copy = clone(object);
  change(copy as Draft<T>);
  const changed = share(object, copy);
  // An untouched metadata is the original's, which is marked and frozen.
  if (isCached(object) && !isCached(changed)) markCached(changed as unknown as KubeObject);
  return changed as T;
}

/** Objects here are JSON; copying all of one costs some microseconds, and the draft is then an ordinary object. */
function clone(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(clone);
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) define(copy, key, clone((value as Record<string, unknown>)[key]));
  return copy;
}

/** The original where the copy equals it, else the copy with the original's parts where those are equal. */
function share(original: unknown, copy: unknown): unknown {
  if (Object.is(original, copy)) return original;
  if (typeof original !== 'object' || typeof copy !== 'object' || original === null || copy === null) return copy;
  if (Array.isArray(original) !== Array.isArray(copy)) return copy;
  const before = original as Record<string, unknown>;
  const after = copy as Record<string, unknown>;
  const keys = Object.keys(after);
  let same = keys.length === Object.keys(before).length;
  for (const key of keys) {
    if (!Object.hasOwn(before, key)) {
      same = false;
      continue;
    }
    const shared = share(before[key], after[key]);
    if (shared !== before[key]) same = false;
    else if (after[key] !== shared) define(after, key, shared);
  }
  return same ? original : copy;
}

/** `__proto__` is a key like any other. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') target[key] = value;
  else Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}
