import { isJsonObject } from '../json/index.ts';
import { deepEqual } from './equal.ts';
import { JsonPatchError } from './error.ts';

type JsonRecord = Readonly<Record<string, unknown>>;

/**
 * JSON merge patch (RFC 7386): members of `patch` replace those of `target`, `null` removes, objects merge.
 *
 * Follows the API server in two points where the RFC leaves or says otherwise: a patch must be an object (or
 * an array, which replaces the target), and nulls are also dropped from objects inside an array that is added
 * whole. The result shares unchanged parts with `target`; neither input is changed.
 *
 * @throws JsonPatchError `Invalid JSON Patch` for a patch that is a scalar or null
 */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (Array.isArray(patch)) return withoutNulls(patch);
  if (!isJsonObject(patch)) throw new JsonPatchError('Invalid', 'Invalid JSON Patch');
  return isJsonObject(target) ? mergeObjects(target, patch) : withoutNulls(patch);
}

function mergeObjects(target: JsonRecord, patch: JsonRecord): JsonRecord {
  let result: Record<string, unknown> | undefined;
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    if (value === undefined) continue;
    const present = Object.hasOwn(target, key);
    if (value === null) {
      if (!present) continue;
      result ??= { ...target };
      delete result[key];
      continue;
    }
    const current = present ? target[key] : undefined;
    const next = isJsonObject(current) ? mergeInto(current, value) : withoutNulls(value);
    if (present && next === current) continue;
    result ??= { ...target };
    define(result, key, next);
  }
  return result ?? target;
}

function mergeInto(current: JsonRecord, value: unknown): unknown {
  return isJsonObject(value) ? mergeObjects(current, value) : value;
}

/** `value` without members that are null, at any depth; elements of arrays that are null stay. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return mapShared(value);
  if (!isJsonObject(value)) return value;
  let result: Record<string, unknown> | undefined;
  for (const key of Object.keys(value)) {
    const member = value[key];
    const next = withoutNulls(member);
    if (next === member && next !== null && next !== undefined) continue;
    result ??= { ...value };
    if (next === null || next === undefined) delete result[key];
    else define(result, key, next);
  }
  return result ?? value;
}

function mapShared(values: readonly unknown[]): readonly unknown[] {
  const next = values.map(withoutNulls);
  return next.some((value, index) => value !== values[index]) ? next : values;
}

/**
 * The smallest merge patch that makes `to` of `from`; `{}` if they are equal.
 *
 * Caveat of the format: a member that is null in `to` cannot be expressed (it comes out as removed), and
 * arrays are replaced whole.
 */
export function createMergePatch(from: JsonRecord, to: JsonRecord): JsonRecord {
  const patch: [string, unknown][] = [];
  for (const key of Object.keys(from)) {
    const before = from[key];
    if (before === undefined) continue;
    const after = Object.hasOwn(to, key) ? to[key] : undefined;
    if (after === undefined || after === null) patch.push([key, null]);
    else if (isJsonObject(before) && isJsonObject(after)) {
      const nested = createMergePatch(before, after);
      if (Object.keys(nested).length > 0) patch.push([key, nested]);
    } else if (!deepEqual(before, after)) patch.push([key, after]);
  }
  for (const key of Object.keys(to)) {
    const after = to[key];
    const before = Object.hasOwn(from, key) ? from[key] : undefined;
    if (before === undefined && after !== undefined && after !== null) patch.push([key, after]);
  }
  return Object.fromEntries(patch);
}

/** Sets a member as JSON means it: `__proto__` is a name like any other. */
function define(object: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}
