import type { AnyKind, Resource } from './kind.ts';

/**
 * An index over a kind: under which keys an object is found again. It is data; caches build it before they start.
 * Its identity is the index: the same function given twice makes two.
 */
export interface Index<K extends AnyKind = AnyKind> {
  readonly kind: K;
  /** For messages and metrics. */
  readonly name: string;
  /** The keys of one object; it must depend on the object alone. */
  readonly keys: (object: Resource<K>) => IndexKeys;
}

/** One key, several, or none. */
export type IndexKeys = string | readonly (string | undefined)[] | undefined;

/**
 * Declares an index: `index(Foo, (foo) => foo.spec.name)`, looked up by `cache.lookup(byFriend, 'jack')`.
 *
 * The function must depend on the object alone. Where it throws for one object, that object is logged and missing
 * from this index, and from nothing else. Over `metadata(Kind)` it sees metadata only.
 */
export function index<K extends AnyKind>(
  kind: K,
  keys: (object: Resource<K>) => IndexKeys,
  options: { readonly name?: string } = {},
): Index<K> {
  return { kind, name: options.name ?? `${kind.kind} by ${describe(keys)}`, keys };
}

/** `(foo) => foo.spec.name` says best itself what it is. */
function describe(keys: (object: never) => unknown): string {
  const source = keys.toString().replace(/\s+/g, ' ');
  return source.length > 60 ? `${source.slice(0, 57)}...` : source;
}
