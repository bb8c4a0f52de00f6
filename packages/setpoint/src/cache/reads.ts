import type { ObjectKey } from '../client/index.ts';
import { type AnyKind, type Index, kindKey } from '../kinds/index.ts';
import type { CacheListOptions, CacheLog, CacheReader, Read, StoreHandle } from './types.ts';

/** Tells an index from a kind in a list of reads. */
export function isIndex(read: Read): read is Index {
  return 'keys' in read;
}

/** A kind, an index or a namespace was read that nobody declared; the message names the line to add. */
export class UndeclaredReadError extends Error {
  readonly code = 'UndeclaredRead';
  override readonly name = 'UndeclaredReadError';
}

/** A reader of declared kinds over the stores that hold them; a kind may have several stores, one a namespace. */
export function readerOf<R extends Read>(
  reads: readonly R[],
  stores: readonly StoreHandle[],
  log: CacheLog,
): CacheReader<R> {
  const indexes = new Set<Index>(reads.filter((read) => isIndex(read)) as readonly Read[] as readonly Index[]);
  const declared = new Set(reads.map((read) => kindKey(isIndex(read) ? read.kind : read)));
  const byKind = Map.groupBy(stores, (store) => kindKey(store.kind));
  const storesOf = (kind: AnyKind, namespace: string | undefined): readonly StoreHandle[] => {
    const found = declared.has(kindKey(kind)) ? byKind.get(kindKey(kind)) : undefined;
    if (!found) throw undeclaredKind(kind);
    if (!namespace) return found;
    const covering = found.filter((store) => store.namespace === undefined || store.namespace === namespace);
    if (covering.length === 0) throw uncoveredNamespace(kind, namespace, found);
    return covering;
  };
  const told = new Set<string>();
  const absent = (kind: AnyKind, key: ObjectKey, asked: readonly StoreHandle[]) => {
    if (asked.every((store) => store.excludes(key))) throw outsideSelection(kind, key, asked);
    const partial = asked.find((store) => store.partial);
    if (!partial || told.has(kindKey(kind))) return;
    told.add(kindKey(kind));
    log.info(
      { store: partial.description, object: nameOf(key) },
      `${kind.kind} ${nameOf(key)} is not in the cache, which holds ${partial.description}: what is outside of that looks absent`,
    );
  };
  const reader = {
    get(kind: AnyKind, { namespace, name }: ObjectKey) {
      if (typeof name !== 'string') {
        throw new UndeclaredReadError(
          `cannot get a ${kind.kind} without a name from the cache: give { namespace, name }`,
        );
      }
      if (kind.scope === 'Namespaced' && !namespace) {
        throw new UndeclaredReadError(`cannot get ${kind.kind} ${name} from the cache: say which namespace`);
      }
      const key = { name, namespace: kind.scope === 'Cluster' ? undefined : namespace };
      const asked = storesOf(kind, key.namespace);
      for (const store of asked) {
        const object = store.get(key);
        if (object) return object;
      }
      absent(kind, key, asked);
      return undefined;
    },
    list(kind: AnyKind, options: CacheListOptions = {}) {
      return gather(storesOf(kind, options.namespace), (store) => store.list(options));
    },
    lookup(index: Index, value: string) {
      if (!indexes.has(index)) throw undeclaredIndex(index);
      return gather(storesOf(index.kind, undefined), (store) => store.lookup(index, value));
    },
  };
  return Object.freeze(reader) as unknown as CacheReader<R>;
}

function gather<T>(stores: readonly StoreHandle[], read: (store: StoreHandle) => readonly T[]): readonly T[] {
  const [only] = stores;
  return stores.length === 1 && only ? read(only) : stores.flatMap(read);
}

function undeclaredKind(kind: AnyKind): UndeclaredReadError {
  const name = kind.projection === 'metadata' ? `metadata(${kind.kind})` : kind.kind;
  return new UndeclaredReadError(
    `${name} (${kindKey(kind)}) is read but not declared. Add it to the controller: reads: [${name}]`,
  );
}

function undeclaredIndex(index: Index): UndeclaredReadError {
  return new UndeclaredReadError(
    `the index "${index.name}" of ${index.kind.kind} is looked up but not declared. Add it to the reads of the controller that looks it up: reads: [<the index>]`,
  );
}

function nameOf({ namespace, name }: ObjectKey): string {
  return namespace ? `${namespace}/${name}` : name;
}

function outsideSelection(kind: AnyKind, key: ObjectKey, stores: readonly StoreHandle[]): UndeclaredReadError {
  const held = stores.map((store) => store.description).join(', ');
  return new UndeclaredReadError(
    `${kind.kind} ${nameOf(key)} is outside of what the cache holds: ${held}. Read it by the client, or widen the selector`,
  );
}

function uncoveredNamespace(kind: AnyKind, namespace: string, stores: readonly StoreHandle[]): UndeclaredReadError {
  const held = stores.map((store) => store.namespace).join(', ');
  return new UndeclaredReadError(
    `${kind.kind} of namespace ${namespace} is not in the cache, which holds ${held}. Add the namespace to those that the operator watches`,
  );
}
