import { parseGoDuration } from '@setpoint/apimachinery/duration';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { formatApiVersion } from '@setpoint/apimachinery/meta';
import type { UserInfo } from '../http/index.ts';
import type { MutableObject, ServedResource } from '../registry/index.ts';
import { badRequest, requestTimeout } from '../status/index.ts';
import type { Change, Entry } from '../store/index.ts';
import { dedupOwnerReferences, metaOf, orderedMeta } from './metadata.ts';
import { type Backend, collectionOf, type RequestScope } from './scope.ts';

/** What a write needs to know beyond the object. Controllers of this server write with it as requests do. */
export interface WriteContext {
  readonly backend: Backend;
  readonly resource: ServedResource;
  readonly namespace: string;
  /** Who writes: admission and field ownership go by it. */
  readonly user: UserInfo;
  /** `status`, `scale`, …; none: the object itself. */
  readonly subresource?: string;
  readonly dryRun: boolean;
  /** The members of the request's CreateOptions, UpdateOptions or DeleteOptions as given; none without a request. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Who owns the fields that are written, as given; without it the user agent says. */
  readonly fieldManager?: string;
  readonly userAgent?: string;
  /** A creation that was asked for as an update, so that nobody has looked yet whether the user may create. */
  readonly createsByUpdate?: boolean;
  /** Aborts when the client goes away: nothing is waited for any more. */
  readonly signal?: AbortSignal;
  /** Monotonic clock time in milliseconds at which the request is given up; without it each of its steps has its own. */
  readonly deadline?: number;
  warn(text: string): void;
  /** Becomes an annotation of the request's entry in the audit log. */
  annotate?(key: string, value: string): void;
}

/** What a request's write needs to know. */
export function writeContext(
  scope: RequestScope,
  options: {
    readonly dryRun: boolean;
    readonly fieldManager?: string;
    readonly given: WriteContext['options'] & object;
  },
): WriteContext {
  return {
    backend: scope.backend,
    resource: scope.resource,
    namespace: scope.namespace,
    user: scope.user,
    subresource: scope.subresource,
    dryRun: options.dryRun,
    options: options.given,
    fieldManager: options.fieldManager ?? '',
    userAgent: scope.userAgent,
    signal: scope.signal,
    deadline: scope.backend.clock.monotonic() + limitOf(scope.query),
    warn: scope.warn,
    annotate: scope.annotate,
  };
}

/** Milliseconds that a write may take, with all its retries and everybody who is asked. */
const writeLimit = 34_000;

/** The request may ask for less, not for more; nothing, zero and less than that ask for nothing. */
function limitOf(query: URLSearchParams): number {
  const asked = query.get('timeout');
  if (!asked) return writeLimit;
  const milliseconds = Number(parseGoDuration(asked)) / 1e6;
  return milliseconds > 0 ? Math.min(milliseconds, writeLimit) : writeLimit;
}

/** Before a write is tried once more, because another one came between. */
export function checkDeadline({ backend, deadline }: WriteContext): void {
  if (deadline !== undefined && backend.clock.monotonic() >= deadline) {
    throw requestTimeout(' - context deadline exceeded');
  }
}

/** Puts the namespace of the request into the object, and refuses another one. */
export function ensureNamespace(resource: ServedResource, namespace: string, object: MutableObject): void {
  const meta = metaOf(object);
  const expected = resource.namespaced ? namespace : '';
  if (expected === '') {
    // What belongs to the cluster forgets the namespace that a client gives it.
    delete meta.namespace;
  } else if (!meta.namespace) {
    meta.namespace = expected;
  } else if (meta.namespace !== expected) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

export function warnOfDuplicateOwners(object: MutableObject, warn: (text: string) => void, afterAdmission: boolean) {
  const repeated = dedupOwnerReferences(metaOf(object));
  if (repeated === undefined) return;
  const when = afterAdmission ? ' after mutating admission happens' : '';
  warn(
    `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${repeated}`,
  );
}

/** The object as it is kept: complete, in the stored version. */
export function storable(resource: ServedResource, object: KubeObject): KubeObject {
  return resource.toStorage(complete(resource, object));
}

/** The object with its type said, and its members in the order in which they are written. */
export function complete(resource: ServedResource, object: KubeObject): KubeObject {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object as MutableObject;
  const { kind, group, version } = resource;
  const typed = { kind, apiVersion: formatApiVersion(group, version), metadata: orderedMeta(metadata), ...rest };
  return typed as unknown as KubeObject;
}

/** Commits one object of this resource (what `storable` made), and lets the kind act on it in the same turn. */
export function commitObject(
  context: Pick<WriteContext, 'backend' | 'resource'>,
  key: string,
  expected: number | undefined,
  next: KubeObject | undefined,
  type: Change['type'],
): Entry | undefined {
  const { backend, resource } = context;
  const entry = collectionOf(backend, resource).commit(key, expected, next);
  if (entry) resource.strategy.afterCommit?.({ type, object: entry.object });
  return entry;
}
