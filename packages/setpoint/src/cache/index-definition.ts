import type { AnyKind, Resource } from '../kinds/kind.ts';
import type { Index, IndexKeys } from './types.ts';

/**
 * Declares a way to find objects of `kind` by a value: `cache.lookup(podsByNode, 'node-1')`.
 *
 * `keys` gives the value (or several, or undefined to leave the object out). It runs on every object as the server
 * sends it; where it throws, the object is absent from this index, which is logged and counted.
 *
 * Caveat: it must depend on nothing but the object, since it runs only when the object changes.
 *
 * @param options.name for messages and metrics; give one if a kind has several indexes. @default `<kind> index`
 */
export function index<K extends AnyKind, const N extends string = string>(
  kind: K,
  keys: (object: Resource<K>) => IndexKeys,
  options: { readonly name?: N } = {},
): Index<K, N> {
  return Object.freeze({ kind, keys, name: options.name ?? (`${kind.kind} index` as N) });
}

/** Tells an index from a kind in a list of reads. */
export function isIndex(read: AnyKind | Index): read is Index {
  return 'keys' in read;
}
