import type { Clock, Random } from '@setpoint/apimachinery/clock';
import type { KubeObject, LabelSelector, Status } from '@setpoint/apimachinery/meta';
import type { Selector } from '@setpoint/apimachinery/selectors';
import type { Client, LabelSelectorOption, ObjectKey } from '../client/index.ts';
import type { AnyKind, Cached, Index, Resource, Transform } from '../kinds/index.ts';

/** What may stand in `reads`: a kind, or an index (which declares its kind too). */
export type Read = AnyKind | Index;

/** The kinds that a list of reads declares. */
export type KindOf<R> = R extends Index<infer K> ? K : R extends AnyKind ? R : never;

/** The indexes among reads. */
export type IndexOf<R> = R extends Index ? R : never;

/** What the compiler says of a kind or index that is read without being declared. */
export type UndeclaredKind<K extends AnyKind> = `${K['kind']} is not declared: add it to the reads of this controller`;
/** Says at the call that the index is not among the reads. */
export type UndeclaredIndex = 'this index is not declared: add it to the reads of this controller';

/** Options of the cache's `list`. */
export interface CacheListOptions {
  /** One namespace; left out (or empty) all that the cache holds. */
  readonly namespace?: string | undefined;
  /** Text as kubectl takes it, the object form of the API, or a parsed selector. */
  readonly labelSelector?: string | LabelSelector | Selector | undefined;
}

/**
 * Reads of the local copy: synchronous, and free of requests. Objects are frozen and shared: copy one to change it.
 *
 * What this operator wrote is visible at once; what others wrote, as soon as the watch brought it.
 * Reads never go back in time, unless the server itself does (a restored backup).
 *
 * @typeParam R what is declared: other kinds are refused by the compiler, and at run time by an
 *   UndeclaredReadError that names the line to add
 */
export interface CacheReader<R extends Read = Read> {
  /** The object, or undefined where the cache holds none. The namespace is left out for cluster-scoped kinds. */
  get<K extends KindOf<R>>(kind: K, key: ObjectKey): Cached<Resource<K>> | undefined;
  get<K extends AnyKind>(kind: K & UndeclaredKind<K>, key: ObjectKey): never;

  /** All objects of the kind that meet the options, in no particular order. */
  list<K extends KindOf<R>>(kind: K, options?: CacheListOptions): readonly Cached<Resource<K>>[];
  list<K extends AnyKind>(kind: K & UndeclaredKind<K>, options?: CacheListOptions): never;

  /** The objects that the index files under the value, in no particular order. */
  lookup<I extends IndexOf<R>>(index: I, value: string): readonly Cached<Resource<KindOf<I>>>[];
  lookup<K extends AnyKind>(index: Index<K> & UndeclaredIndex, value: string): never;
}

/**
 * A change that the watch (or a list) confirmed. Own writes make no event until the server sends them back.
 *
 * `initial` and `resync` events are no news: they bypass predicates and are queued at low priority.
 * `relist` marks a difference found by listing again; what happened in between is not known, so it
 * bypasses predicates too.
 */
export type CacheEvent<T extends KubeObject = KubeObject> =
  | {
      readonly type: 'added';
      readonly object: T;
      /** The object was there when the cache (or this subscription) began. */
      readonly initial: boolean;
      readonly resync?: true;
      readonly relist?: true;
    }
  | {
      readonly type: 'updated';
      readonly object: T;
      /** Before; the same object for a resync. */
      readonly old: T;
      readonly initial: false;
      /** Nothing changed: the object is offered again, every ten hours or because the server went back in time. */
      readonly resync?: true;
      readonly relist?: true;
    }
  | {
      readonly type: 'deleted';
      /** Its last known state; with `relist` it may have changed since. */
      readonly object: T;
      readonly initial: false;
      readonly resync?: undefined;
      readonly relist?: true;
    };

/** Which objects a store holds, and how it files them. */
export interface StoreRequest<K extends AnyKind = AnyKind> {
  readonly kind: K;
  /** One namespace; left out (or empty) all. */
  readonly namespace?: string | undefined;
  /** Only objects with these labels. @default all */
  readonly labelSelector?: LabelSelectorOption | undefined;
  /** What the server can select by, such as `spec.nodeName=a`. @default all */
  readonly fieldSelector?: string | undefined;
  /** Changes each object before it is kept; stores with different functions are different stores. */
  readonly transform?: Transform | undefined;
  /** How reads find objects again besides by their names. */
  readonly indexes?: readonly Index<K>[] | undefined;
  /**
   * Note which fields of each object these field managers own, the first by apply, the others by update; see
   * `ownFieldsOf`.
   */
  readonly managers?: readonly string[] | undefined;
}

/** A share in a store. The store runs until its last share is released. */
export interface StoreHandle<K extends AnyKind = AnyKind> {
  readonly kind: K;
  /** `pods in namespace default`, for messages. */
  readonly description: string;
  readonly namespace: string | undefined;
  /** Whether it holds what some label or field selector selects, and nothing else. */
  readonly partial: boolean;
  /** An object as this store would hold it: the same, but for a transform. */
  view(object: KubeObject): KubeObject;
  /** Whether name and namespace alone say that the object is outside of what it holds. */
  excludes(key: ObjectKey): boolean;
  /** Whether the first list is complete. Never false again. */
  readonly hasSynced: boolean;
  /** Resolves once the first list is complete; rejects with the signal's reason, or when the store is closed. */
  synced(signal?: AbortSignal): Promise<void>;
  /** What keeps the store from being up to date; undefined while its watch runs. */
  readonly trouble: Trouble | undefined;
  /** Resolves once it has seen all up to this revision; rejects with the signal's reason, or when it is closed. */
  reached(revision: string, signal?: AbortSignal): Promise<void>;
  /** Calls back when `trouble` or `hasSynced` has changed; ends with the returned function, or with the share. */
  onCondition(listener: () => void): () => void;

  /** The object, or undefined where the store holds none; own writes included. */
  get(key: ObjectKey): Cached<Resource<K>> | undefined;
  /** All objects that meet the options, in no particular order. */
  list(options?: CacheListOptions): readonly Cached<Resource<K>>[];
  /** The objects that the index files under the value. */
  lookup(index: Index<K>, value: string): readonly Cached<Resource<K>>[];
  /** What our field managers own of an object read from this store, as text; undefined: nothing. */
  ownFieldsOf(object: Resource<K>): string | undefined;

  /**
   * Every object that is there as an initial `added`, then every change, in order.
   * The handler is called synchronously and should only note what to do; if it throws, that is logged and counted.
   */
  subscribe(handler: (event: CacheEvent<Cached<Resource<K>>>) => void): Subscription;
  /** Figures of the store at this moment. */
  stats(): StoreStats;
  /** Gives this share back; reads and subscriptions through it end. */
  release(): void;
  [Symbol.dispose](): void;
}

/** A handler that is told of the changes of one store. */
export interface Subscription {
  /** Whether the handler has seen every object of the first list. */
  readonly hasSynced: boolean;
  /** Resolves once the handler has seen every object of the first list; rejects with the signal's reason. */
  synced(signal?: AbortSignal): Promise<void>;
  /** The handler is not called any more. */
  unsubscribe(): void;
}

/** Why a store cannot follow its kind. It keeps trying; readers see the last known state. */
export interface Trouble {
  readonly reason: 'forbidden' | 'missing' | 'unauthorized' | 'throttled' | 'unreachable' | 'refused';
  /** One sentence: kind, verb, who, and what to do. */
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** Figures of a store, for metrics. All counters start at zero and only grow. */
export interface StoreStats {
  readonly description: string;
  /** How many are held now. */
  readonly objects: number;
  /** About how many bytes of heap they take; estimated whenever it is read. */
  readonly bytes: number;
  readonly inTrouble: boolean;
  /** Own writes that the watch has not brought back yet. */
  readonly overlayEntries: number;
  /** Deletions that the watch has not confirmed yet; goes up and down. */
  readonly tombstones: number;
  readonly hasSynced: boolean;
  /** Lists begun, the first included. */
  readonly lists: number;
  /** Watches begun; a list that is streamed is one, too. */
  readonly watches: number;
  /** Lists and watches that failed. */
  readonly failures: number;
  /** How often the server went back in time, and all was taken up anew. */
  readonly epochs: number;
  /** Objects left out because they could not be read. */
  readonly unreadable: number;
  /** How often an index function threw. */
  readonly indexErrors: number;
  /** How often a transform threw. */
  readonly transformErrors: number;
  /** How often a handler of events threw. */
  readonly handlerErrors: number;
  /** Events on their way to handlers at this moment: long lists are handed on in slices. Goes up and down. */
  readonly undelivered: number;
}

/** What a write answered, as the overlay needs it. */
export interface WriteAnswer {
  readonly kind: AnyKind;
  readonly object: KubeObject;
  /** A dry run changed nothing, and enters nothing. */
  readonly dryRun?: boolean | undefined;
}

/** What a DELETE answered. */
export interface DeleteAnswer {
  readonly kind: AnyKind;
  readonly key: ObjectKey;
  /** Of the object that was asked to go: the precondition's, or as read before. */
  readonly uid?: string | undefined;
  readonly answer: KubeObject | Status;
  /** A dry run changed nothing, and enters nothing. */
  readonly dryRun?: boolean | undefined;
}

/** Where the cache says what a person should know; a pino logger fits. */
export interface CacheLog {
  /** What is worth knowing. */
  info(details: object, message: string): void;
  /** What a person should look at: permissions, missing kinds, dead watches. */
  warn(details: object, message: string): void;
  /** What went wrong in code that the cache calls. */
  error(details: object, message: string): void;
}

/** Options of `createCaches`. */
export interface CachesOptions {
  readonly client: Pick<Client, 'pages' | 'watch' | 'get'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: CacheLog;
  /** Milliseconds between resyncs, each ±10 %; 0 for none. @default ten hours */
  readonly resyncPeriod?: number | undefined;
  /** Milliseconds without a byte after which a watch is taken for dead. @default 150_000 */
  readonly idleTimeout?: number | undefined;
}

/** The stores of one operator, shared by all its controllers. */
export interface Caches {
  /**
   * A share in the store of this kind, projection, namespace and selectors; made if there is none.
   * Before `start` it waits, afterwards it starts at once.
   *
   * A store that runs already files what it holds by further indexes at once.
   */
  acquire<K extends AnyKind>(request: StoreRequest<K>): StoreHandle<K>;
  /** Begins to list and watch. Ends with `close`. */
  start(): void;
  /** A reader of what is declared; `reads` and `stores` must agree (a kind may have several, one a namespace). */
  reader<R extends Read>(reads: readonly R[], stores: readonly StoreHandle[]): CacheReader<R>;

  /** Makes an own write visible to reads of every store of its kind. Call it with each answer, before anybody reads. */
  recordWrite(answer: WriteAnswer): void;
  /** Makes an own deletion visible. Call it with each answer to DELETE. */
  recordDelete(answer: DeleteAnswer): void;
  /**
   * After a write whose outcome is unknown, or a deleteCollection: resolves once every store of these kinds has
   * reached the revision of a consistent list made now.
   *
   * @throws the signal's reason, or an Error once `timeout` milliseconds (default 60_000) are over
   */
  waitForRevision(
    kinds: readonly AnyKind[],
    options: { readonly signal?: AbortSignal | undefined; readonly timeout?: number | undefined },
  ): Promise<void>;

  /** Figures of every store that runs. */
  stats(): readonly StoreStats[];
  /** What keeps stores from being up to date, by description. */
  troubles(): readonly { readonly description: string; readonly trouble: Trouble }[];
  /** Ends all watches and waits for their loops. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
