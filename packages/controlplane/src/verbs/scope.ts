import type { Clock, Random } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { UserInfo } from '../http/index.ts';
import type { MutableObject, Registry, ServedResource } from '../registry/index.ts';
import type { Collection, Entry, Store } from '../store/index.ts';
import type { Admission } from './admission.ts';

/** What all requests of one control plane share. */
export interface Backend {
  readonly store: Store;
  readonly registry: Registry;
  /** The kind of the bodies of `scale`. */
  readonly scale: ServedResource;
  readonly admission: Admission;
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds between two bookmarks of a watch. */
  readonly bookmarkInterval: number;
  /** Open watches; a reset and a close end them all. */
  readonly watches: Set<OpenWatch>;
  /** Watch events committed and not yet taken by a reader have become more or fewer. */
  undeliveredChanged(by: number): void;
}

export interface OpenWatch {
  /** Ends when this is served in another way, or not at all. */
  readonly resource: ServedResource;
  /** Ends the stream after what it already holds. */
  end(): void;
}

/** One request for a resource, as a verb sees it. */
export interface RequestScope {
  readonly backend: Backend;
  readonly resource: ServedResource;
  /** Empty for cluster-scoped resources and for reads of all namespaces. */
  readonly namespace: string;
  /** Empty for collections. */
  readonly name: string;
  readonly subresource: string;
  readonly query: URLSearchParams;
  readonly body: Uint8Array;
  readonly contentType: string | undefined;
  readonly user: UserInfo;
  readonly userAgent: string;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  /** Becomes a Warning header of the answer. */
  warn(text: string): void;
  /** Becomes an annotation of the request's entry in the audit log. */
  annotate(key: string, value: string): void;
}

export function collectionOf(backend: Backend, resource: ServedResource): Collection {
  return backend.store.collection(resource.storageKey);
}

/** What an invalid object is said to be. The kind is that of storage: an Event of either group is one of core. */
export function kindOf(resource: ServedResource): { readonly group: string; readonly kind: string } {
  return { group: resource.storageKey.slice(0, resource.storageKey.lastIndexOf('/')), kind: resource.kind };
}

export function keyOf(resource: ServedResource, namespace: string, name: string): string {
  return resource.namespaced ? `${namespace}/${name}` : name;
}

/** What a verb answers with; how it looks on the wire is the pipeline's business. */
export type Answer =
  | { readonly type: 'entry'; readonly code: 200 | 201 | 202; readonly entry: Entry }
  /** An object that is not stored like this: a dry run, a Scale, the rest of a deletion. */
  | { readonly type: 'object'; readonly code: 200 | 201 | 202; readonly object: KubeObject }
  /** What a deletion answers when nothing is left. */
  | { readonly type: 'deleted'; readonly name: string; readonly uid: string; readonly code: 200 | 202 }
  /** What an act upon an object answers with. */
  | { readonly type: 'done'; readonly code: 201 }
  /** Plain text, whole or as it comes. */
  | { readonly type: 'text'; readonly body: Uint8Array | AsyncIterable<Uint8Array> | undefined }
  | { readonly type: 'list'; readonly entries: readonly Entry[]; readonly metadata: AnswerListMeta }
  | { readonly type: 'watch'; readonly events: WatchSource };

export interface AnswerListMeta {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** Begins the watch; `encode` makes one event of one entry or object. */
export type WatchSource = (encode: EventEncoder) => AsyncIterable<Uint8Array>;

export interface EventEncoder {
  /** The first event is written differently: events must be written when they are read, in the order of reading. */
  readonly ordered: boolean;
  /** The bytes of one line; the entry's are shared by all watches of the same encoding. */
  entry(type: 'ADDED' | 'MODIFIED' | 'DELETED', entry: Entry): Uint8Array;
  /** A bookmark at `resourceVersion`. */
  bookmark(resourceVersion: string, initialEventsEnd: boolean): Uint8Array;
  error(error: unknown): Uint8Array;
}

/** A copy that may be changed; strings and numbers are shared. */
export function mutableCopy(object: KubeObject): MutableObject {
  return copy(object) as MutableObject;
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const member = copy((value as Record<string, unknown>)[key]);
    if (key === '__proto__') {
      Object.defineProperty(result, key, { value: member, writable: true, enumerable: true, configurable: true });
    } else result[key] = member;
  }
  return result;
}
