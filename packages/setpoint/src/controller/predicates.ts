import type { KubeObject } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { type CheckedContentPath, compileContentPath } from './content-path.ts';
import type { Predicate } from './types.ts';

/**
 * Passes when what `part` picks differs before and after, and when the object appears or goes.
 *
 * Misses every change outside of that part.
 */
export function changed<R extends KubeObject = KubeObject>(part: (object: R) => unknown): Predicate<R> {
  return ({ old, new: now }) => !old || !now || !deepEqual(part(old), part(now));
}

/**
 * Passes when what stands at the path differs before and after, and when the object appears or goes: `.spec.x`,
 * `.data['tls.crt']`, `.spec.rules[*].host`, `.metadata.annotations['example.com/x']`.
 *
 * Misses every change outside of that path, and a list in which only what the path does not name changed.
 *
 * @throws Error for a path that cannot be read
 */
export function contentChanged<R extends KubeObject, const P extends string = string>(
  path: CheckedContentPath<R, P>,
): Predicate<R> {
  return changed(compileContentPath(path));
}

/**
 * Passes when the generation changed: the spec, or the beginning of a deletion.
 *
 * Misses labels, annotations, finalizers and status, and every change of kinds that have no generation (ConfigMaps,
 * Secrets, ServiceAccounts; Pods of older servers).
 */
export const generationChanged: Predicate = changed((object) => object.metadata.generation);

/** Passes when labels changed. Misses all else, a change of the spec too: use it in `anyOf`. */
export const labelsChanged: Predicate = changed((object) => object.metadata.labels ?? {});

/** Passes when annotations changed. Misses all else, a change of the spec too: use it in `anyOf`. */
export const annotationsChanged: Predicate = changed((object) => object.metadata.annotations ?? {});

/**
 * Passes when the generation or the finalizers changed, as operator-utils has it: status writes lead to no pass, and an
 * initialisation by finalizer does.
 *
 * Misses labels, annotations and status; of kinds that have no generation, all but finalizers.
 */
export const generationOrFinalizersChanged: Predicate = changed(({ metadata }) => [
  metadata.generation,
  metadata.finalizers ?? [],
]);

/**
 * Passes when the status changed: for children whose readiness counts.
 *
 * Misses all else. For the controller's own kind it passes what the controller itself wrote, too: one more pass after
 * each write of the status.
 */
export const statusChanged: Predicate = changed((object) => (object as { readonly status?: unknown }).status ?? {});

/**
 * Passes for objects that meet the condition now, or met it before: the moment of leaving is seen too.
 *
 * What never met it is missed, though it stays in the cache; a selector keeps it out of there.
 */
export function matching<R extends KubeObject = KubeObject>(condition: (object: R) => boolean): Predicate<R> {
  return ({ old, new: now }) => (now !== undefined && condition(now)) || (old !== undefined && condition(old));
}

/**
 * Passes when all of them pass; with none it always passes.
 *
 * Misses what any one of them misses: `allOf(labelsChanged, statusChanged)` sees only changes of both at once.
 */
export function allOf<R extends KubeObject>(...predicates: readonly Predicate<R>[]): Predicate<R> {
  return (change) => predicates.every((predicate) => predicate(change));
}

/** Passes when one of them passes; with none it never passes. Misses what all of them miss. */
export function anyOf<R extends KubeObject>(...predicates: readonly Predicate<R>[]): Predicate<R> {
  return (change) => predicates.some((predicate) => predicate(change));
}

/** Passes when the other does not. Appearing and going are turned round too: `not(labelsChanged)` misses both. */
export function not<R extends KubeObject>(predicate: Predicate<R>): Predicate<R> {
  return (change) => !predicate(change);
}

/** Whether two states of an object differ in anything but status, resourceVersion and managedFields. */
export function differsOutsideStatus(old: KubeObject, now: KubeObject): boolean {
  return !deepEqual(withoutStatus(old), withoutStatus(now));
}

function withoutStatus(object: KubeObject): unknown {
  const { metadata, status: _, ...rest } = object as KubeObject & { readonly status?: unknown };
  const { resourceVersion: _revision, managedFields: _fields, ...meta } = metadata;
  return { ...rest, meta };
}
