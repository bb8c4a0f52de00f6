import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Quantity } from '@setpoint/apimachinery/quantity';
import {
  addAmounts,
  type Evaluator,
  evaluatorOf,
  only,
  type ResourceQuota,
  readAmounts,
  scopesOf,
  zero,
} from '../../quota/index.ts';
import type { Registry, ServedResource } from '../../registry/index.ts';

/** A resource whose objects count. */
export interface Counted {
  readonly resource: ServedResource;
  readonly evaluator: Evaluator;
}

/** By storage key, everything in namespaces that can be created, listed and deleted, and that quotas may be about. */
export function countedResources(registry: Registry): ReadonlyMap<string, Counted> {
  const found = new Map<string, Counted>();
  for (const resource of registry.list()) {
    if (!resource.namespaced || resource.notImplemented !== undefined || found.has(resource.storageKey)) continue;
    if (!['create', 'list', 'delete'].every((verb) => resource.verbs.includes(verb))) continue;
    const evaluator = evaluatorOf(resource);
    if (evaluator) found.set(resource.storageKey, { resource, evaluator });
  }
  return found;
}

/** What is used of each amount that the quota limits and that can be counted; `now` is wall time in milliseconds. */
export function usageOf(
  quota: ResourceQuota,
  counted: Iterable<Counted>,
  objectsOf: (counted: Counted) => Iterable<KubeObject>,
  now: number,
): Map<string, Quantity> {
  const limited = [...readAmounts(quota.spec?.hard).keys()];
  const scopes = scopesOf(quota);
  let sum = new Map<string, Quantity>();
  for (const each of counted) {
    const { evaluator } = each;
    const names = limited.filter((name) => evaluator.counts(name));
    if (names.length === 0) continue;
    let used = new Map(names.map((name) => [name, zero]));
    for (const object of objectsOf(each)) {
      if (!scopes.every((scope) => evaluator.matchesScope(object, scope))) continue;
      used = addAmounts(
        used,
        only(evaluator.usage(object, now), (name) => names.includes(name)),
      );
    }
    sum = addAmounts(sum, used);
  }
  return sum;
}
