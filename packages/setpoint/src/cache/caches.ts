import type { KubeObject } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { ownFieldsOf } from '../client/index.ts';
import { type AnyKind, type Cached, type Index, kindKey, type Resource } from '../kinds/index.ts';
import { waitForRevision } from './barrier.ts';
import { type Aftermath, afterDelete, afterWrite } from './deletion.ts';
import { clusterIdentity } from './identity.ts';
import { readerOf } from './reads.ts';
import { selectionOf } from './selection.ts';
import { Store } from './store.ts';
import { objectKey } from './table.ts';
import type {
  CacheReader,
  Caches,
  CachesOptions,
  DeleteAnswer,
  Read,
  StoreHandle,
  StoreRequest,
  WriteAnswer,
} from './types.ts';

const tenHours = 36_000_000;
const defaultIdleTimeout = 150_000;

/** The stores of one operator. Nothing is requested before `start`. */
export function createCaches(options: CachesOptions): Caches {
  return new CacheSet(options);
}

interface Shared {
  /** Kind, projection, namespace and selectors. */
  readonly id: string;
  readonly store: Store;
  shares: number;
}

class CacheSet implements Caches {
  readonly #options: CachesOptions;
  readonly #shared = new Set<Shared>();
  readonly #closing = new Set<Promise<void>>();
  readonly #identity: (signal: AbortSignal) => Promise<string | undefined>;
  #started = false;
  #closed = false;

  constructor(options: CachesOptions) {
    this.#options = options;
    this.#identity = clusterIdentity(options.client, options.clock);
  }

  acquire<K extends AnyKind>(request: StoreRequest<K>): StoreHandle<K> {
    if (this.#closed) throw new Error(`the caches are closed: ${request.kind.kind} cannot be cached any more`);
    const selection = selectionOf(request);
    const scope = [
      kindKey(request.kind),
      selection.namespace,
      String(selection.labelSelector),
      selection.fieldSelector,
    ];
    const id = JSON.stringify(scope);
    const shared = this.#find(id, request) ?? {
      id,
      store: this.#newStore(request, selection),
      shares: 0,
    };
    for (const index of request.indexes ?? []) shared.store.contents.attach(index);
    shared.store.managers ??= request.managers;
    shared.shares++;
    this.#shared.add(shared);
    if (this.#started) shared.store.start();
    return handleOf<K>(shared.store, () => this.#release(shared));
  }

  start(): void {
    this.#started = true;
    for (const { store } of this.#shared) store.start();
  }

  reader<R extends Read>(reads: readonly R[], stores: readonly StoreHandle[]): CacheReader<R> {
    return readerOf(reads, stores, this.#options.log);
  }

  recordWrite({ kind, object, dryRun }: WriteAnswer): void {
    if (dryRun || object.kind !== kind.kind || object.apiVersion !== kind.apiVersion) return;
    this.#settle(kind, objectKey(object.metadata), afterWrite(object));
  }

  recordDelete({ kind, key, uid, answer, dryRun }: DeleteAnswer): void {
    if (dryRun) return;
    this.#settle(kind, objectKey(key), afterDelete(answer, uid));
  }

  waitForRevision(
    kinds: readonly AnyKind[],
    options: { readonly signal?: AbortSignal | undefined; readonly timeout?: number | undefined },
  ): Promise<void> {
    const { client, clock } = this.#options;
    const stores = [...new Set(kinds.flatMap((kind) => this.#storesOf(kind)))].filter(
      // What the cluster does not have has no revision to reach.
      (store) => store.isRunning && store.trouble?.reason !== 'missing',
    );
    return stores.length === 0 ? Promise.resolve() : waitForRevision(stores, { ...options, client, clock });
  }

  stats() {
    return Array.from(this.#shared, ({ store }) => store.stats());
  }

  troubles() {
    return Array.from(this.#shared, ({ store }) => store).flatMap(({ description, trouble }) =>
      trouble ? [{ description, trouble }] : [],
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { store } of this.#shared) this.#end(store);
    this.#shared.clear();
    await Promise.all(this.#closing);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #newStore(request: StoreRequest, selection: ReturnType<typeof selectionOf>): Store {
    const { client, clock, random, log, resyncPeriod, idleTimeout } = this.#options;
    return new Store({
      client,
      clock,
      random,
      log,
      selection,
      kind: request.kind,
      transform: request.transform,
      resyncPeriod: resyncPeriod ?? tenHours,
      idleTimeout: idleTimeout ?? defaultIdleTimeout,
      identity: this.#identity,
    });
  }

  /** Own fields are of one controller: only stores that would need those of two cannot be shared. */
  #find(id: string, { managers, transform }: StoreRequest): Shared | undefined {
    return [...this.#shared].find(({ id: other, store }) => {
      if (other !== id || store.transform !== transform) return false;
      if (managers === undefined || deepEqual(store.managers, managers)) return true;
      return store.managers === undefined && !store.isRunning;
    });
  }

  #release(shared: Shared): void {
    if (--shared.shares > 0 || !this.#shared.delete(shared)) return;
    this.#end(shared.store);
  }

  /** Runs beside what follows; `close` waits for it. */
  #end(store: Store): void {
    const ending = store.close();
    this.#closing.add(ending);
    const over = () => void this.#closing.delete(ending);
    ending.then(over, over);
  }

  /** All stores of a kind, whatever their projection: a write of one is news to the other. */
  #storesOf(kind: AnyKind): Store[] {
    return Array.from(this.#shared, ({ store }) => store).filter(
      (store) => store.kind.kind === kind.kind && store.kind.apiVersion === kind.apiVersion,
    );
  }

  #settle(kind: AnyKind, key: string, aftermath: Aftermath): void {
    for (const { contents, managers } of this.#storesOf(kind)) {
      switch (aftermath.type) {
        case 'lives':
          // Whose fields count differs from store to store.
          contents.recordWrite(aftermath.object, managers && ownFieldsOf(aftermath.object, managers));
          break;
        case 'gone':
          contents.recordGone(key, aftermath.uid);
          break;
        case 'unclear':
          break;
        default:
          aftermath satisfies never;
      }
    }
  }
}

function handleOf<K extends AnyKind>(store: Store, onRelease: () => void): StoreHandle<K> {
  type Object = Cached<Resource<K>>;
  const { contents } = store;
  const subscriptions = new Set<() => void>();
  let released = false;
  const release = () => {
    if (released) return;
    released = true;
    for (const unsubscribe of subscriptions) unsubscribe();
    onRelease();
  };
  return {
    kind: store.kind as K,
    description: store.description,
    namespace: store.namespace,
    partial: store.selection.partial,
    excludes: (key) => store.selection.excludes(key),
    get hasSynced() {
      return contents.hasSynced;
    },
    get trouble() {
      return store.trouble;
    },
    onCondition(listener) {
      const end = store.onCondition(listener);
      subscriptions.add(end);
      return end;
    },
    synced: (signal) => store.until(() => contents.hasSynced, signal),
    reached: (revision, signal) => store.reached(revision, signal),
    get: (key) => contents.get(objectKey(key)) as Object | undefined,
    list: (options) => contents.list(options) as readonly KubeObject[] as readonly Object[],
    lookup: (index, value) => contents.lookup(index as Index, value) as readonly KubeObject[] as readonly Object[],
    view: (object) => contents.view(object),
    ownFieldsOf: (object) => contents.ownFieldsOf(object),
    subscribe(handler) {
      const subscription = store.subscribe(handler as never);
      subscriptions.add(subscription.unsubscribe);
      return subscription;
    },
    stats: () => store.stats(),
    release,
    [Symbol.dispose]: release,
  };
}
