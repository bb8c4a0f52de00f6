import { SelectorError } from '@setpoint/apimachinery/selectors';
import type { CacheReader, Caches, Index, Read, StoreHandle } from '../cache/index.ts';
import { type AnyKind, bothSelectors, type CacheScope, index, kindKey, scopeOf } from '../kinds/index.ts';
import { type OwnedObject, ownerUidsOf } from '../reconcile/index.ts';
import { checkConfinement } from './confinement.ts';
import { kindOfRead, writableKinds } from './needs.ts';
import type { Controller, Watch } from './types.ts';

/** Which stores a controller uses, and for what. */
export interface ControllerStores {
  /** All, each once. */
  readonly all: readonly StoreHandle[];
  readonly own: readonly StoreHandle[];
  readonly watched: ReadonlyMap<Watch, readonly StoreHandle[]>;
  /** Of a kind as reads see it. */
  of(kind: AnyKind): readonly StoreHandle[];
  /** A reader of what is declared, over these stores. */
  reader(reads: readonly Read[]): CacheReader;
  /** Objects of the kinds in `owns` that belong to the owner of that UID alone. */
  childrenOf(uid: string): readonly OwnedObject[];
  /** Gives all shares back. */
  release(): void;
}

interface Selection {
  readonly kind: AnyKind;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/**
 * Takes shares in the stores that the declaration needs. Indexes are attached by this, so it has to happen for all
 * controllers before the caches start.
 *
 * @param scope what the operator keeps of each kind
 * @throws Error for a controller that cannot be confined to the operator's namespaces
 */
export function acquireStores(
  controller: Controller,
  caches: Caches,
  scope: CacheScope,
  fieldManager: string,
): ControllerStores {
  checkConfinement(controller, scope);
  const byOwner = ownerIndexes(controller);
  const indexes = indexesOf(controller, byOwner);
  const managers = [fieldManager, ...controller.formerManagers];
  const written = new Set(writableKinds(controller).map(kindKey));
  const shares = new Map<string, readonly StoreHandle[]>();
  const acquire = (selection: Selection): readonly StoreHandle[] => {
    const { kind, labelSelector, fieldSelector } = selection;
    const id = JSON.stringify([kindKey(kind), selection.namespace, labelSelector, fieldSelector]);
    const known = shares.get(id);
    if (known) return known;
    const of = scopeOf(kind, scope);
    const places = selection.namespace ? [selection.namespace] : of.namespaces;
    const share = (places.length > 0 ? places : [undefined]).map((namespace) =>
      acquireNamed(controller.name, caches, {
        kind,
        namespace,
        labelSelector: bothSelectors(of.labelSelector, labelSelector),
        fieldSelector: bothSelectors(of.fieldSelector, fieldSelector),
        transform: of.transform,
        indexes: indexes.get(kindKey(kind)) ?? [],
        managers: written.has(kindKey(kind)) ? managers : undefined,
      }),
    );
    shares.set(id, share);
    return share;
  };
  return collect(controller, caches, acquire, shares, byOwner);
}

/** @throws Error naming the controller, for a selector that cannot be read */
function acquireNamed(name: string, caches: Caches, request: Parameters<Caches['acquire']>[0]): StoreHandle {
  try {
    return caches.acquire(request);
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    throw new Error(`controller ${name}, a selector of ${request.kind.kind}: ${error.message}`, { cause: error });
  }
}

function collect(
  controller: Controller,
  caches: Caches,
  acquire: (selection: Selection) => readonly StoreHandle[],
  shares: ReadonlyMap<string, readonly StoreHandle[]>,
  byOwner: readonly Index[],
): ControllerStores {
  const { kind, namespace, labelSelector } = controller;
  const byKind = new Map<string, readonly StoreHandle[]>();
  const own = kind ? acquire({ kind, namespace, labelSelector }) : [];
  if (kind) byKind.set(kindKey(kind), own);
  const plain = (read: AnyKind) => {
    if (!byKind.has(kindKey(read))) byKind.set(kindKey(read), acquire({ kind: read }));
  };
  const reads = [
    ...controller.reads,
    ...controller.watches.flatMap((watch) => watch.reads),
    ...controller.sources.flatMap((source) => source.reads),
  ];
  for (const read of reads) plain(kindOfRead(read));
  for (const entry of controller.owns) plain(entry.kind);
  const watched = new Map<Watch, readonly StoreHandle[]>();
  for (const watch of controller.watches) {
    const share = acquire(watch);
    watched.set(watch, share);
    // Reads see what the watch selects, unless the whole kind is declared as well.
    if (!byKind.has(kindKey(watch.kind))) byKind.set(kindKey(watch.kind), share);
  }
  const of = (read: AnyKind) => byKind.get(kindKey(read)) ?? [];
  const all = [...shares.values()].flat();
  return {
    all,
    own,
    watched,
    of,
    reader: (declared) => caches.reader(declared, [...new Set(declared.flatMap((read) => of(kindOfRead(read))))]),
    childrenOf: (uid) =>
      byOwner.flatMap((index) =>
        of(index.kind).flatMap((store) => store.lookup(index, uid).map((object) => ({ kind: index.kind, object }))),
      ),
    release: () => {
      for (const share of all) share.release();
    },
  };
}

/** Where the children of an owner are found, whoever they were made by. */
function ownerIndexes(controller: Controller): readonly Index[] {
  const kinds = controller.owns.map(({ kind }) => kind).filter(({ projection }) => projection === 'full');
  const once = new Map(kinds.map((kind) => [kindKey(kind), kind]));
  return Array.from(once.values(), (kind) => index(kind, ownerUidsOf, { name: `${kind.kind} by owner` }));
}

/** Indexes by the kind they file, wherever they are declared. */
function indexesOf(controller: Controller, byOwner: readonly Index[]): ReadonlyMap<string, readonly Index[]> {
  const found = new Map<string, Index[]>();
  const reads = [
    ...controller.reads,
    ...controller.watches.flatMap((watch) => watch.reads),
    ...controller.sources.flatMap((source) => source.reads),
  ];
  for (const read of [...reads, ...byOwner]) {
    if (!('keys' in read)) continue;
    const list = found.get(kindKey(read.kind)) ?? [];
    if (!list.includes(read)) list.push(read);
    found.set(kindKey(read.kind), list);
  }
  return found;
}
