import type { KubeObject, LabelSelector, Status } from '@setpoint/apimachinery/meta';
import type { AnyKind, Resource, ResourceInput } from '../kinds/index.ts';

/** An object of a kind this program has no types for. */
export interface UntypedObject extends KubeObject {
  readonly [field: string]: unknown;
}

/**
 * A kind, or the apiVersion and kind of one that is looked up through discovery;
 * any object at hand names its own kind this way.
 */
export type KindReference = AnyKind | { readonly apiVersion: string; readonly kind: string };

/** What the server answers with for a kind. */
export type ObjectOf<K> = K extends AnyKind ? Resource<K> : UntypedObject;
/** What may be sent for a kind. */
export type InputOf<K> = K extends AnyKind ? ResourceInput<K> | Resource<K> : Partial<KubeObject> & object;
/** What the server answers with; the object itself, but for a subresource other than status something else. */
export type AnswerOf<K, O> = O extends { readonly subresource: infer S extends string }
  ? S extends 'status'
    ? ObjectOf<K>
    : UntypedObject
  : ObjectOf<K>;

/** Names one object. The namespace is left out (or empty) for cluster-scoped kinds. */
export interface ObjectKey {
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** Options of every call. */
export interface CallOptions {
  /** Ends the call; a write that was on its way then ends in an UnknownOutcomeError. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the whole call, repetitions included. @default 60_000 */
  readonly timeout?: number | undefined;
  /** The lease has connections of its own, so that nothing can hold up its renewal. @default 'unary' */
  readonly connection?: 'unary' | 'lease' | undefined;
  /**
   * Called right before the request is handed to its connection, each time it is. If it throws, nothing is sent and the
   * call rejects with that error.
   */
  readonly beforeSend?: (() => void) | undefined;
}

export interface SubresourceOption {
  /** `status`, `scale`, `eviction`, `finalize`, `token`, … */
  readonly subresource?: string | undefined;
}

/** Options of `get`. */
export interface GetOptions extends CallOptions, SubresourceOption {
  /** At least this revision, possibly from the server's cache. Left out: the latest. */
  readonly resourceVersion?: string | undefined;
}

/** Text as kubectl takes it, or the object form of the API. */
export type LabelSelectorOption = string | LabelSelector;

/** Which objects of a kind are meant. */
export interface SelectorOptions {
  /** One namespace; left out (or empty) all of them. */
  readonly namespace?: string | undefined;
  /** Only objects with these labels. @default all */
  readonly labelSelector?: LabelSelectorOption | undefined;
  /** `metadata.name=x,status.phase!=Running`. */
  readonly fieldSelector?: string | undefined;
}

/** What becomes of `metadata.managedFields`, half of many objects' bytes. */
export interface ManagedFieldsOption {
  /**
   * `cut` removes it before it is parsed; `own` also says what of the object is owned by the field managers given.
   * @default 'keep'
   */
  readonly managedFields?: 'keep' | 'cut' | 'own' | undefined;
  /** Whose fields `own` is about: what the first owns by apply, the others by update. @default the client's own */
  readonly managers?: readonly string[] | undefined;
}

/**
 * Options of `list`; the meaning of the two revision options is that of https://kubernetes.io/docs/reference/using-
 * api/api-concepts/#resource-versions.
 */
export interface ListOptions extends CallOptions, SelectorOptions, ManagedFieldsOption {
  /** How many objects at most; the answer then carries a token for the next. @default all */
  readonly limit?: number | undefined;
  /** The token of the page before. */
  readonly continue?: string | undefined;
  /** How recent the answer has to be. @default the present state, consistently */
  readonly resourceVersion?: string | undefined;
  /** What `resourceVersion` means; needed where it is given. */
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan' | undefined;
}

/** Options of `pages`. */
export interface PagesOptions extends ListOptions {
  /** Objects per page. @default 500 */
  readonly limit?: number | undefined;
}

/** An object that the server sent and that could not be read; the others are not affected. */
export interface Unreadable {
  /** What is wrong with it, in one sentence. */
  readonly reason: string;
  /** `namespace/name` as far as it could be made out. */
  readonly key: string;
  readonly cause: unknown;
}

/** A page of a list: consistent with the others of the same call (one resourceVersion). */
export interface Page<T> {
  readonly items: readonly T[];
  /** For each item what the field managers own, as text; present with `managedFields: 'own'`. */
  readonly ownFields?: readonly (string | undefined)[];
  readonly unreadable: readonly Unreadable[];
  readonly resourceVersion: string;
  /** Token of the next page; empty on the last. */
  readonly continue: string;
  /** How many more follow, where the server says so; a selector makes it unknown. */
  readonly remainingItemCount?: number;
}

/** Options of `watch`; times are in milliseconds unless they are named in seconds. */
export interface WatchOptions extends SelectorOptions, ManagedFieldsOption {
  readonly signal?: AbortSignal | undefined;
  /** Events after this revision. Left out: the present state as ADDED, then changes. */
  readonly resourceVersion?: string | undefined;
  /** Needed with `sendInitialEvents`. */
  readonly resourceVersionMatch?: 'NotOlderThan' | undefined;
  /** Start with the present state and mark its end by a bookmark; needs resourceVersionMatch NotOlderThan. */
  readonly sendInitialEvents?: boolean | undefined;
  /** @default true */
  readonly allowWatchBookmarks?: boolean | undefined;
  /** After how many seconds the server ends the watch. */
  readonly timeoutSeconds?: number | undefined;
  /** Milliseconds without a byte after which the watch fails with a WatchIdleError. @default 150_000 */
  readonly idleTimeout?: number | undefined;
}

/** One event of a watch. An error that the server reports is data: it says where to go on from. */
export type WatchMessage<T> =
  | {
      readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
      readonly object: T;
      /** What the field managers own, as text, with `managedFields: 'own'`. */
      readonly ownFields?: string | undefined;
    }
  | { readonly type: 'BOOKMARK'; readonly object: KubeObject }
  | { readonly type: 'ERROR'; readonly object: Status }
  | ({ readonly type: 'UNREADABLE' } & Unreadable);

/** Options of `create`, `update` and `patch`. */
export interface WriteOptions extends CallOptions, SubresourceOption {
  /** All stages but the last: nothing is stored. */
  readonly dryRun?: boolean | undefined;
  /** @default the client's field manager */
  readonly fieldManager?: string | undefined;
  /** What unknown and duplicate fields do. @default the server's: Warn */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore' | undefined;
}

/** A patch and the way it is meant. */
export type Patch =
  /** RFC 7386; null removes, lists are replaced. */
  | { readonly type: 'merge'; readonly body: object }
  /** RFC 6902. */
  | { readonly type: 'json'; readonly body: readonly JsonPatchOperation[] }
  /** Built-in kinds only. */
  | { readonly type: 'strategic'; readonly body: object }
  /** Server-side apply; `force` takes fields over from other managers. */
  | { readonly type: 'apply'; readonly body: object; readonly force?: boolean | undefined };

/** One step of a JSON patch (RFC 6902); paths are JSON pointers. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };

/**
 * Options of `delete`. What is left out is decided by the kind: Pods get 30 s of grace, dependents go in the
 * background.
 */
export interface DeleteOptions extends CallOptions, SubresourceOption {
  /** All stages but the last: nothing is deleted. @default false */
  readonly dryRun?: boolean | undefined;
  /** The delete is refused with a conflict unless the object is this one, at this revision. */
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string } | undefined;
  /** What becomes of dependents. @default the kind's, mostly 'Background' */
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  /** Seconds that a Pod may take to end; 0 removes it at once. @default the kind's */
  readonly gracePeriodSeconds?: number | undefined;
}

/** Which objects go: a selector, or `all: true` said out loud. */
export type DeleteCollectionOptions = Omit<DeleteOptions, 'subresource'> & {
  /** Needed for namespaced kinds. */
  readonly namespace?: string | undefined;
  /** What the server can select by, such as `spec.nodeName=a`. */
  readonly fieldSelector?: string | undefined;
  /** Only objects with these labels. */
  readonly labelSelector?: LabelSelectorOption | undefined;
  /** Says that everything is meant, where no selector is given. */
  readonly all?: true | undefined;
};

/** Options of `logs`, as kubectl's. */
export interface LogOptions {
  readonly signal?: AbortSignal | undefined;
  /** Needed where the Pod has several. */
  readonly container?: string | undefined;
  /** Go on with what comes, until the container ends. @default false */
  readonly follow?: boolean | undefined;
  /** Of the container's previous instance. */
  readonly previous?: boolean | undefined;
  /** Only so many of the last lines. */
  readonly tailLines?: number | undefined;
  /** Only what is at most so many seconds old. */
  readonly sinceSeconds?: number | undefined;
  /** RFC 3339. */
  readonly sinceTime?: string | undefined;
  /** Each line begins with its time (RFC 3339). @default false */
  readonly timestamps?: boolean | undefined;
  /** The log ends after so many bytes. */
  readonly limitBytes?: number | undefined;
}
