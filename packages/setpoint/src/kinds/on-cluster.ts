import type { AnyKind } from './kind.ts';

/** The kind as another cluster serves it: whoever declares it has not declared that of the operator's own cluster. */
export type OnCluster<K extends AnyKind, Name extends string = string> = K & { readonly cluster: Name };

const known = new WeakMap<AnyKind, Map<string, AnyKind>>();

/**
 * The kind in a further cluster of the operator, by the name that `clusters` of the manager (`--clusters`) gives it.
 * A kind of its own to caches, types and rights: it may be watched, read (by indexes and as `metadata(…)` as well) and
 * written by `client`. What a controller reconciles and owns is of the operator's own cluster. The same kind and name
 * answer with the same kind each time.
 *
 * ```ts
 * const EdgeSecret = onCluster('edge', Secret);
 * controller(Mirror, { reads: [EdgeSecret], … });              // cache.get(EdgeSecret, key), client.create(EdgeSecret, …)
 * ```
 *
 * @throws Error for a name that is no DNS label
 */
export function onCluster<K extends AnyKind, const Name extends string>(name: Name, kind: K): OnCluster<K, Name> {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) {
    throw new Error(`cluster name ${JSON.stringify(name)}: use lower-case letters, digits and dashes`);
  }
  const of = known.get(kind) ?? new Map<string, AnyKind>();
  known.set(kind, of);
  const found = of.get(name);
  if (found) return found as OnCluster<K, Name>;
  const { definition: _, ...names } = kind as AnyKind;
  const made: AnyKind = Object.freeze({ ...names, cluster: name });
  of.set(name, made);
  return made as OnCluster<K, Name>;
}
