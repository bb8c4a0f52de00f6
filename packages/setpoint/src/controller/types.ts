// biome-ignore-all lint/suspicious/noExplicitAny: a declaration keeps functions whose types only its maker knows.
// biome-ignore-all lint/suspicious/noConfusingVoidType: users' functions without a return are of this type.
import type { Clock } from '@setpoint/apimachinery/clock';
import type { Duration } from '@setpoint/apimachinery/duration';
import type { FieldError } from '@setpoint/apimachinery/errors';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { CacheReader, KindOf, Read } from '../cache/index.ts';
import type { ObjectKey } from '../client/index.ts';
import type { AnyKind, Draft, Resource } from '../kinds/index.ts';
import type { RbacNeed } from '../manifests/index.ts';
import type { Metric } from '../metrics/index.ts';
import type { Log, PlainReturn, ReconcileContext, ReconcileReturn } from '../reconcile/index.ts';
import type { AdmissionRequest } from './admission-request.ts';

/** Before and after, as the watch confirmed it: `old` is missing for an object that appears, `new` for one that goes. */
export interface Change<R extends KubeObject = KubeObject> {
  readonly old: R | undefined;
  readonly new: R | undefined;
}

/**
 * Whether a change is of interest. What it refuses is never seen again until the next change or resync.
 * Objects of an initial list, of a relist and of a resync are not asked about: they always pass.
 */
export type Predicate<R extends KubeObject = any> = (change: Change<R>) => boolean;

/** What a mapper may use besides the object. */
export interface MapperContext<R extends Read = Read> {
  /** Exactly what is declared in `reads` of the watch, and its own kind. */
  readonly cache: CacheReader<R>;
  /** Its lines name the controller and the watched object; those of a source, the controller. */
  readonly log: Log;
}

/** What a mapper answers with: keys, or objects that stand for their keys. */
export type Enqueued<Key = ObjectKey> = Key | Iterable<Key> | undefined | void;

/** Options of `watch()`. */
export interface WatchOptions<K extends AnyKind, Reads extends readonly Read[], Key> {
  /** What `enqueue` reads from the cache. It runs only once all of this is synced. */
  readonly reads?: Reads;
  /** Which changes are of interest; all must agree. @default every new revision */
  readonly predicates?: readonly Predicate<Resource<K>>[];
  /**
   * Which objects of the controller's kind are touched by a change of this one. Called for the object before and
   * after the change; what either answers with is enqueued. If it throws, that is logged, counted and retried.
   */
  readonly enqueue: (object: Resource<K>, context: MapperContext<Reads[number] | K>) => Enqueued<Key>;
  /** One namespace; left out, all that the operator watches. */
  readonly namespace?: string;
  /** As kubectl takes it: `app=web,tier!=db`. @default all */
  readonly labelSelector?: string;
  /** What the server can select by, such as `spec.nodeName=a`. @default all */
  readonly fieldSelector?: string;
}

/** A declared watch; made by `watch()` from {@link WatchOptions}, with its defaults filled in. */
export interface Watch<K extends AnyKind = AnyKind, Key = any> {
  readonly type: 'watch';
  readonly kind: K;
  readonly reads: readonly Read[];
  readonly predicates: readonly Predicate[];
  readonly enqueue: (object: any, context: MapperContext<any>) => Enqueued<Key>;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** Options of `owned()`. */
export interface OwnedOptions<K extends AnyKind> {
  /** Which changes of children are of interest; all must agree. @default every new revision */
  readonly predicates?: readonly Predicate<Resource<K>>[];
  /** Enqueue every owner of the controller's kind, not only the controlling one. @default false */
  readonly everyOwner?: boolean;
}

/** A kind of children; made by `owned()` from {@link OwnedOptions}, with its defaults filled in. */
export interface Owned<K extends AnyKind = AnyKind> {
  readonly type: 'owned';
  readonly kind: K;
  readonly predicates: readonly Predicate[];
  readonly everyOwner: boolean;
}

/** Options of `source()`. */
export interface SourceOptions<T, Key, Reads extends readonly Read[]> {
  /** What `enqueue` reads from the cache. It runs only once all of this is synced. @default nothing */
  readonly reads?: Reads;
  /** Which keys an item is about. If it throws, that is logged, counted and retried. */
  readonly enqueue: (item: T, context: MapperContext<Reads[number]>) => Enqueued<Key>;
  /**
   * When the generator returns: `restart` it after a back-off (1 s ×2 to 1 min), be content with what came (`stop`),
   * or stop the operator with an error (`fail`). One that throws is always logged and restarted. @default 'restart'
   */
  readonly onEnd?: 'restart' | 'stop' | 'fail';
  /** For messages and metrics. @default 'source' */
  readonly name?: string;
}

/** Events from outside the cluster; made by `source()` from {@link SourceOptions}, with its defaults filled in. */
export interface Source<Key = any> {
  readonly type: 'source';
  readonly name: string;
  readonly reads: readonly Read[];
  /** The generator; it is to end when the signal aborts. */
  readonly run: (signal: AbortSignal, clock: Clock) => AsyncIterable<unknown>;
  readonly enqueue: (item: any, context: MapperContext<any>) => Enqueued<Key>;
  readonly onEnd: 'restart' | 'stop' | 'fail';
}

/** The kinds that entries of `owns` name. */
export type OwnedKind<O> = O extends Owned<infer K> ? K : O extends AnyKind ? O : never;
/** The kinds that entries of `watches` name. */
export type WatchedKind<W> = W extends Watch<infer K, any> ? K : never;

/** What is the same for controllers of a kind and keyed ones. */
export interface ControllerOptions {
  /** Passes at the same time; never two of one key. @default 1 */
  readonly maxConcurrentReconciles?: number;
  /** After this time a pass is revoked and its key let go. @default none; a warning after 5 minutes */
  readonly timeout?: Duration;
  /**
   * Between passes that fail, per object: the first delay, doubled each time up to the last. `slowBackoff` of
   * `setpoint/queue` is 1 s to 6 h, for what is dear to repeat. A RetryError, or any error with
   * a `retryAfter` (a duration), decides for itself, and the API server's Retry-After is waited for in any case.
   * @default { initial: '5ms', maximum: '1000s' }
   */
  readonly backoff?: { readonly initial: Duration; readonly maximum: Duration };
  /**
   * After so many failures in a row of one object a Warning Event `BackOff` and a line of the log say that it is still
   * tried. It always is: retries have no end. @default 15
   */
  readonly failureThreshold?: number;
  /**
   * Passes of one object are this far apart at least, after a burst of so many (1) if it was quiet before; whatever
   * leads to them waits. @default none
   */
  readonly rateLimit?: { readonly interval: Duration; readonly burst?: number };
  /**
   * Slow objects down that run in circles: 20 passes that wrote the same though the object's generation is the same,
   * or 50 that wrote nothing and asked for the next within 100 ms, each within a second of the last. Such an object
   * has a Warning Event `HotLoop`, a line of the log, a count (`setpoint_hot_loops_total`) and a second between its
   * passes, doubled up to a minute, until it changes or the loop ends. @default true
   */
  readonly hotLoopDetection?: boolean;
  /**
   * How long the stores may take to sync before the start fails. A kind that the cluster does not have, or that may not
   * be read, is waited for as long as it takes: the start goes on without this controller. @default '2m'
   */
  readonly cacheSyncTimeout?: Duration;
  /**
   * False for a controller that may work on every replica at once, whoever leads: for what is about the replica itself,
   * or harmless when it is done several times. Means something only with leader election. @default true
   */
  readonly needsLeaderElection?: boolean;
  /**
   * Share the work among the replicas of the operator: keys are divided into so many shards by their names, and each
   * shard is one replica's at a time. 16 to 64 will do for most, a few times the number of replicas. Means something
   * only with leader election; all controllers of an operator that are shared have the same number, and releases with
   * different numbers do not work side by side. What is shared are passes: every replica has the whole cache.
   *
   * @default none: one replica works on all keys
   */
  readonly shards?: number;
  /**
   * Kinds that the cluster may lack. The controller works without them: reads find none, until they come. Without this
   * it waits for its kinds, and pauses when one of them goes away. @default none
   */
  readonly optional?: readonly AnyKind[];
  /**
   * The controller may use cluster-scoped kinds even where the operator is confined to namespaces; its rights for them
   * are then a ClusterRole beside the Roles. Without it, such an operator does not start. @default false
   */
  readonly clusterScoped?: boolean;
  /** What the pass does with `client`, beyond what is computed from the declaration. */
  readonly permissions?: readonly RbacNeed[];
  /** Metrics of its own; made by `counter()`, `gauge()` and `histogram()`. @default none */
  readonly metrics?: readonly Metric[];
}

/** What a validation found: sentences, or FieldErrors that name the field; an empty list, or nothing, is a valid object. */
export type ValidationResult = readonly (string | FieldError)[] | undefined | void;

/** What a validation may look at besides the object. */
export interface ValidationContext<R> {
  /** The object before the change; only in a webhook. */
  readonly old?: R;
  /** Who asks for what; only in a webhook. */
  readonly request?: AdmissionRequest;
  /** Tells the person something without refusing the object; only in a webhook. */
  readonly warn?: (text: string) => void;
}

/** What `controller()` takes; only `reconcile` is required. */
export interface ControllerDeclaration<
  K extends AnyKind,
  Reads extends readonly Read[],
  Watches extends readonly Watch<any, any>[],
  Owns extends readonly (AnyKind | Owned)[],
  Writes extends readonly AnyKind[],
> extends ControllerOptions {
  /** Unique in an operator; names metrics, log lines, the field manager. @default the kind in lower case */
  readonly name?: string;
  /** Kinds and indexes that the pass reads, besides its own kind and those of `watches` and `owns`. */
  readonly reads?: Reads;
  /** Other objects whose changes lead to passes. */
  readonly watches?: Watches;
  /**
   * Kinds of children: their changes enqueue the owner; `children` of the result and `apply` may name them. A kind that
   * a new release makes no more stays here until no object of the old one is left, or nobody deletes what there is.
   */
  readonly owns?: Owns;
  /** Further kinds that `apply` and `delete` may write. */
  readonly writes?: Writes;
  /** What leads to a pass from outside the cluster; made by `source()`. @default none */
  readonly sources?: readonly Source<ObjectKey>[];
  /**
   * Which changes of the kind itself lead to a pass. @default everything but the status, for a kind that this operator
   * defines with a status subresource; every new revision for others
   */
  readonly predicates?: readonly Predicate<Resource<K>>[];
  /** One namespace; left out, all that the operator watches. */
  readonly namespace?: string;
  /** Only objects with these labels, as kubectl takes it: `app=web,tier!=db`. @default all */
  readonly labelSelector?: string;
  /**
   * Fills in what is missing, in place. Runs before `validate`; what it changed is written. It must be idempotent:
   * it is run twice, and a difference is a TerminalError.
   */
  readonly default?: (draft: Draft<Resource<K>>) => void;
  /** What is wrong with the object. An invalid one is reported once per generation and not reconciled. */
  readonly validate?: (object: Resource<K>, context: ValidationContext<Resource<K>>) => ValidationResult;
  /**
   * Cleans up when the object is being deleted; the finalizer goes once it returned nothing. It holds the deletion up
   * by throwing (retried with back-off), by `requeueAfter` or by `waitFor`.
   */
  readonly finalize?: (
    object: Resource<K>,
    context: ContextOf<K, Reads, Watches, Owns, Writes>,
  ) => PlainReturn | Promise<PlainReturn>;
  /** The finalizer's name, with a domain. @default `<group>/<controller>` */
  readonly finalizer?: string;
  /**
   * Keep the condition `Ready`: `True` after a pass that went well; `False`, with the reason, after one that did not,
   * for an invalid object and for one that is being deleted. With names of conditions, it is `True` only while each
   * of them is (as with the readinessGates of a Pod), and else what the first says that is not. What the pass itself
   * says of `Ready` stands, but for a `True` before it failed. The status schema has to declare `conditions`.
   * @default false
   */
  readonly ready?: boolean | readonly string[];
  /**
   * Field managers under which earlier releases of this operator wrote children by create, update or patch (of a Go
   * operator the name of its binary, often `manager`). What they own is handed over to apply, once, as kubectl does it
   * for `kubectl apply --server-side`: a field that the children no longer name goes then, where it would stay for ever
   * otherwise. Name no manager that still writes. @default none
   */
  readonly formerManagers?: readonly string[];
  /**
   * How children go when their owner is deleted. `background`: the garbage collector deletes those that refer to it, all
   * at once. `reverse`: this controller does, under a finalizer and after `finalize`: what others depend on goes when
   * these are gone, with all that they own; the owner goes last. `kubectl delete --cascade=orphan` leaves them, and
   * `--cascade=foreground` lets the garbage collector work beside it, in no order. @default 'background'
   */
  readonly deleteChildren?: 'background' | 'reverse';
  /**
   * Whether passes write the object's status, by `status.patch`, conditions or what the framework tells in conditions.
   * The operator's role allows it then, and only then; elsewhere outcomes are told by Events alone.
   * @default true for a kind that this operator defines, false for those of others
   */
  readonly writesStatus?: boolean;
  /** Finalizers that earlier releases left behind; removed on sight. */
  readonly retiredFinalizers?: readonly string[];
  /** Brings the world closer to what the object says. Sees the present state only, and may run at any time. */
  readonly reconcile: (
    object: Resource<K>,
    context: ContextOf<K, Reads, Watches, Owns, Writes>,
  ) => PassReturn<OwnedKind<Owns[number]>>;
}

/** What a reconcile function returns, at once or later. */
export type PassReturn<W extends AnyKind = never> = ReconcileReturn<W> | Promise<ReconcileReturn<W>>;

/** The context of a pass as the declaration makes it. */
export type ContextOf<
  K extends AnyKind,
  Reads extends readonly Read[],
  Watches extends readonly Watch<any, any>[],
  Owns extends readonly (AnyKind | Owned)[],
  Writes extends readonly AnyKind[],
> = ReconcileContext<
  K,
  K | Reads[number] | WatchedKind<Watches[number]> | OwnedKind<Owns[number]>,
  OwnedKind<Owns[number]> | Writes[number]
>;

/** What `controller.keyed()` takes. */
export interface KeyedDeclaration<
  Key,
  Reads extends readonly Read[],
  Watches extends readonly Watch<any, any>[],
  Writes extends readonly AnyKind[],
> extends ControllerOptions {
  readonly name: string;
  /** What makes two keys the same. @default JSON */
  readonly key?: (key: Key) => string;
  /** Kinds and indexes that passes read from the cache. @default none */
  readonly reads?: Reads;
  /** What leads to a pass: `watch(Kind, { enqueue })`. @default none */
  readonly watches?: Watches;
  /** Kinds that `apply` and `delete` may write. @default none */
  readonly writes?: Writes;
  /** What leads to a pass from outside the cluster; made by `source()`. @default none */
  readonly sources?: readonly Source<Key>[];
  /**
   * Brings the world closer to what it should be for this key. Sees the present state only, and may run at any time.
   */
  readonly reconcile: (
    key: Key,
    context: KeyedContext<Key, Reads, Watches, Writes>,
  ) => PlainReturn | Promise<PlainReturn>;
}

/** A pass without an object of its own: nothing to write a status, conditions or events about. */
export type KeyedContext<
  Key,
  Reads extends readonly Read[],
  Watches extends readonly Watch<any, any>[],
  Writes extends readonly AnyKind[],
> = Omit<
  ReconcileContext<AnyKind, Reads[number] | WatchedKind<Watches[number]>, Writes[number]>,
  'key' | 'status' | 'conditions' | 'events'
> & { readonly key: Key };

/**
 * A controller as data, from {@link ControllerDeclaration} and {@link ControllerOptions} with their defaults filled in:
 * manifests, the start-up diagnosis and the manager are computed from it.
 */
export interface Controller {
  readonly type: 'controller';
  readonly name: string;
  /** Undefined for a keyed controller. */
  readonly kind: AnyKind | undefined;
  readonly reads: readonly Read[];
  readonly watches: readonly Watch[];
  readonly owns: readonly Owned[];
  readonly writes: readonly AnyKind[];
  readonly sources: readonly Source[];
  readonly predicates: readonly Predicate[] | undefined;
  readonly namespace: string | undefined;
  readonly labelSelector: string | undefined;
  /** What makes two keys the same. */
  readonly id: (key: any) => string;
  readonly default: ((draft: any) => void) | undefined;
  readonly validate: ((object: any, context: ValidationContext<any>) => ValidationResult) | undefined;
  readonly finalize: ((object: any, context: any) => PlainReturn | Promise<PlainReturn>) | undefined;
  readonly finalizer: string | undefined;
  readonly retiredFinalizers: readonly string[];
  readonly formerManagers: readonly string[];
  readonly deleteChildren: 'background' | 'reverse';
  readonly writesStatus: boolean;
  /** Conditions that gate `Ready`; undefined: it is not kept. */
  readonly ready: readonly string[] | undefined;
  /** With the object, or with the key of a keyed controller. */
  readonly reconcile: (objectOrKey: any, context: any) => PassReturn<AnyKind>;
  readonly maxConcurrentReconciles: number;
  /** Milliseconds; undefined: none. */
  readonly timeout: number | undefined;
  readonly backoff: { readonly initial: number; readonly factor: number; readonly maximum: number };
  readonly failureThreshold: number;
  /** In milliseconds; undefined: none. */
  readonly rateLimit: { readonly interval: number; readonly burst: number } | undefined;
  readonly hotLoopDetection: boolean;
  /** In milliseconds. */
  readonly cacheSyncTimeout: number;
  readonly needsLeaderElection: boolean;
  /** Into how many shards its keys are divided; undefined: it is not shared. */
  readonly shards: number | undefined;
  readonly clusterScoped: boolean;
  readonly optional: readonly AnyKind[];
  readonly permissions: readonly RbacNeed[];
  readonly metrics: readonly Metric[];
}

/** The kinds whose stores a list of reads needs. */
export type ReadKinds<Reads extends readonly Read[]> = KindOf<Reads[number]>;
