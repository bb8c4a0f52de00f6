// biome-ignore-all lint/suspicious/noExplicitAny: tests look into objects of every kind.
import type { KubeObject, Status } from '@setpoint/apimachinery/meta';
import { applyJsonPatch, applyMergePatch, deepEqual, JsonPatchError } from '@setpoint/apimachinery/patch';
import {
  type CallOptions,
  type Client,
  type KindReference,
  type ObjectKey,
  ownFieldsOf,
  type Patch,
  type WatchMessage,
  type WatchOptions,
  type WriteOptions,
} from '../../src/client/index.ts';
import { ApiError, UnknownOutcomeError } from '../../src/errors/index.ts';
import type { AnyKind } from '../../src/kinds/index.ts';

type Mutable = KubeObject & { metadata: any; spec?: unknown };

interface Entry {
  readonly revision: number;
  readonly kind: string;
  readonly message: WatchMessage<KubeObject>;
}

export interface Call {
  readonly verb: string;
  readonly kind: string;
  readonly name?: string;
  readonly subresource?: string;
  readonly body?: unknown;
}

/** What happens to a call instead of, or after, doing it. */
export type Fault = (call: Call) => 'lost-before' | 'lost-after' | Error | undefined | Promise<undefined>;

/**
 * An API server small enough to be read at one go, behind the interface of the client: revisions, watches with history,
 * conflicts, finalizers, status subresources. For tests of what stands on the client; nothing here is validated.
 */
export class FakeApi {
  readonly calls: Call[] = [];
  fault: Fault = () => undefined;
  /** Holds back what watches see. */
  paused = false;
  /** The same for watches of a kind; `resume` lets them look again. */
  lag: (watch: { readonly kind: string }) => boolean = () => false;
  readonly #objects = new Map<string, KubeObject>();
  readonly #history: {
    readonly revision: number;
    readonly kind: string;
    readonly message: WatchMessage<KubeObject>;
  }[] = [];
  readonly #wake = new Set<() => void>();
  #cuts = 0;
  #revision = 100;
  #uids = 0;

  readonly client = this.#makeClient();

  get writes(): readonly Call[] {
    return this.calls.filter(({ verb }) => !['get', 'list', 'watch'].includes(verb));
  }

  object(kind: AnyKind, key: ObjectKey): any {
    return this.#objects.get(idOf(kind, key));
  }

  list(kind: { readonly kind: string }): any[] {
    return [...this.#objects.values()].filter((object) => object.kind === kind.kind);
  }

  create(kind: AnyKind, object: object): any {
    const given = structuredClone(object) as Mutable;
    const metadata = {
      ...given.metadata,
      uid: `uid-${++this.#uids}`,
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
    };
    const whole = { ...given, apiVersion: kind.apiVersion, kind: kind.kind, metadata };
    if (this.#objects.has(idOf(kind, metadata as ObjectKey)))
      throw problem(409, 'AlreadyExists', `${metadata.name} exists`);
    return this.#commit(kind, whole as Mutable, 'ADDED');
  }

  /** Changes an object as somebody else would. */
  edit(kind: AnyKind, key: ObjectKey, change: (object: any) => void): any {
    const copy = structuredClone(this.object(kind, key)) as Mutable;
    change(copy);
    return this.#update(kind, copy);
  }

  delete(kind: AnyKind, key: ObjectKey): any {
    const present = this.object(kind, key) as KubeObject | undefined;
    if (!present) throw problem(404, 'NotFound', `${key.name} not found`);
    const copy = structuredClone(present) as Mutable;
    if ((copy.metadata.finalizers?.length ?? 0) === 0) return this.#remove(kind, copy);
    copy.metadata.deletionTimestamp ??= '2026-01-01T00:00:01Z';
    copy.metadata.generation = (copy.metadata.generation ?? 0) + 1;
    return this.#commit(kind, copy, 'MODIFIED');
  }

  /** Lets paused watches see what happened. */
  resume(): void {
    this.paused = false;
    for (const wake of this.#wake) wake();
  }

  /** Ends every watch, as a server does that stops serving a kind. */
  endWatches(): void {
    this.#cuts++;
    for (const wake of this.#wake) wake();
  }

  #update(kind: AnyKind, copy: Mutable, subresource?: string): KubeObject {
    const present = this.object(kind, copy.metadata as ObjectKey) as KubeObject & { spec?: unknown; status?: unknown };
    if (subresource !== 'status' && !deepEqual(present.spec, copy.spec))
      copy.metadata.generation = (present.metadata.generation ?? 0) + 1;
    if (deepEqual(present, copy)) return present;
    if (copy.metadata.deletionTimestamp && (copy.metadata.finalizers?.length ?? 0) === 0)
      return this.#remove(kind, copy);
    return this.#commit(kind, copy, 'MODIFIED');
  }

  #commit(kind: AnyKind, object: Mutable, type: 'ADDED' | 'MODIFIED'): KubeObject {
    object.metadata = { ...object.metadata, resourceVersion: String(++this.#revision) };
    this.#objects.set(idOf(kind, object.metadata as ObjectKey), object);
    this.#tell(kind, { type, object });
    return structuredClone(object);
  }

  #remove(kind: AnyKind, object: Mutable): KubeObject {
    this.#objects.delete(idOf(kind, object.metadata as ObjectKey));
    const gone = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#revision) } };
    this.#tell(kind, { type: 'DELETED', object: gone });
    return object;
  }

  #tell(kind: AnyKind, message: WatchMessage<KubeObject>): void {
    this.#history.push({ revision: this.#revision, kind: kind.kind, message });
    for (const wake of this.#wake) wake();
  }

  /** One call: logged, perhaps failed, perhaps its answer lost. */
  async #call<T>(call: Call, options: CallOptions, action: () => T): Promise<T> {
    const { signal } = options;
    await Promise.resolve();
    signal?.throwIfAborted();
    options.beforeSend?.();
    this.calls.push(call);
    const fault = await untilAborted(signal, Promise.resolve(this.fault(call)));
    signal?.throwIfAborted();
    if (fault instanceof Error) throw fault;
    const lost = () =>
      new UnknownOutcomeError({ verb: call.verb, kind: call.kind, name: call.name }, new Error('connection lost'));
    if (fault === 'lost-before') throw lost();
    const answer = action();
    if (fault === 'lost-after') throw lost();
    return structuredClone(answer);
  }

  #makeClient(): Client {
    const refuse = () => {
      throw new Error('not in this fake');
    };
    const client = {
      get: (kind: AnyKind, key: ObjectKey, options: CallOptions = {}) =>
        this.#call({ verb: 'get', kind: kind.kind, name: key.name }, options, () => {
          const found = this.object(kind, key);
          if (!found) throw problem(404, 'NotFound', `${key.name} not found`);
          return found;
        }),
      list: (kind: AnyKind, options: CallOptions & { fieldSelector?: string; namespace?: string } = {}) =>
        this.#call({ verb: 'list', kind: kind.kind }, options, () => {
          const name = options.fieldSelector?.replace('metadata.name=', '');
          const items = this.list(kind).filter(({ metadata }) => !name || metadata.name === name);
          return {
            apiVersion: kind.apiVersion,
            kind: kind.listKind,
            metadata: { resourceVersion: String(this.#revision) },
            items,
          };
        }),
      pages: (kind: AnyKind, options: WatchOptions = {}) => this.#pages(kind, options),
      watch: (kind: AnyKind, options: WatchOptions = {}) => this.#watch(kind, options),
      create: (kind: AnyKind, object: KubeObject, options: CallOptions = {}) =>
        this.#call(call('create', kind, object.metadata.name, undefined, object), options, () =>
          this.create(kind, object),
        ),
      update: (kind: AnyKind, object: KubeObject, options: CallOptions = {}) =>
        this.#call(call('update', kind, object.metadata.name, undefined, object), options, () => {
          const present = this.object(kind, object.metadata as ObjectKey) as KubeObject | undefined;
          const { resourceVersion, uid } = object.metadata;
          // A PUT may create a Lease, but none of that uid.
          if (!present && uid && kind.kind === 'Lease') throw problem(409, 'Conflict', 'UID in object meta: ');
          if (!present) throw problem(404, 'NotFound', `${kind.plural} "${object.metadata.name}" not found`);
          if (resourceVersion && resourceVersion !== present.metadata.resourceVersion) {
            throw problem(409, 'Conflict', 'the object has been modified');
          }
          return this.#update(kind, structuredClone(object) as Mutable);
        }),
      patch: (kind: AnyKind, key: ObjectKey, patch: Patch, options: WriteOptions = {}) =>
        this.#call(call('patch', kind, key.name, options.subresource, patch.body), options, () =>
          this.#patch(kind, key, patch, options),
        ),
      delete: (kind: AnyKind, key: ObjectKey, options: CallOptions & { preconditions?: { uid?: string } } = {}) =>
        this.#call(call('delete', kind, key.name), options, () => {
          const uid = options.preconditions?.uid;
          if (uid && this.object(kind, key) && this.object(kind, key).metadata.uid !== uid)
            throw problem(409, 'Conflict', 'uid');
          const before = this.#objects.size;
          const object = this.delete(kind, key);
          return before > this.#objects.size
            ? { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' }
            : object;
        }),
      deleteCollection: refuse,
      logs: refuse,
      exec: refuse,
      portForward: refuse,
      raw: refuse,
      discovery: { find: refuse, all: refuse, forget() {} },
      defaultNamespace: 'default',
      fieldManager: 'fake',
      close: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
    return client as unknown as Client & { get(kind: KindReference, key: ObjectKey): Promise<any> };
  }

  #patch(kind: AnyKind, key: ObjectKey, patch: Patch, { subresource, fieldManager }: WriteOptions): KubeObject {
    const present = this.object(kind, key) as KubeObject | undefined;
    if (patch.type === 'apply' && !present) return this.create(kind, owned(patch.body as KubeObject, fieldManager));
    if (!present) throw problem(404, 'NotFound', `${kind.plural} "${key.name}" not found`);
    const wanted = (patch.body as { metadata?: { resourceVersion?: string; uid?: string } }).metadata;
    if (wanted?.resourceVersion && wanted.resourceVersion !== present.metadata.resourceVersion) {
      throw problem(409, 'Conflict', 'the object has been modified');
    }
    try {
      const next = changed(present, patch, fieldManager);
      return this.#update(kind, structuredClone(next) as Mutable, subresource);
    } catch (error) {
      if (error instanceof JsonPatchError)
        throw problem(422, 'Invalid', 'the server rejected our request due to an error in our request');
      throw error;
    }
  }

  async *#pages(kind: AnyKind, { signal, managers }: WatchOptions) {
    const list = await this.client.list(kind, { signal });
    const ownFields = list.items.map((object) => managers && ownFieldsOf(object as KubeObject, managers));
    yield {
      items: list.items,
      ownFields,
      unreadable: [],
      resourceVersion: list.metadata.resourceVersion ?? '',
      continue: '',
    };
  }

  async *#watch(kind: AnyKind, options: WatchOptions): AsyncGenerator<WatchMessage<KubeObject>> {
    const { signal, namespace } = options;
    const selected = ({ metadata }: KubeObject) => !namespace || metadata.namespace === namespace;
    this.calls.push({ verb: 'watch', kind: kind.kind });
    const fault = await untilAborted(signal, Promise.resolve(this.fault({ verb: 'watch', kind: kind.kind })));
    if (fault instanceof Error) throw fault;
    const from = options.sendInitialEvents ? this.#revision : Number(options.resourceVersion ?? 0);
    let seen = this.#history.length;
    while (seen > 0 && (this.#history[seen - 1]?.revision ?? 0) > from) seen--;
    if (options.sendInitialEvents) {
      for (const object of this.list(kind).filter(selected))
        yield { type: 'ADDED', object: structuredClone(object), ...own(object, options) };
      yield bookmark(kind, from, { 'k8s.io/initial-events-end': 'true' });
    }
    const cuts = this.#cuts;
    while (cuts === this.#cuts) {
      signal?.throwIfAborted();
      while (!this.paused && !this.lag(kind) && seen < this.#history.length) {
        const entry = this.#history[seen++] as Entry;
        const { message } = entry;
        if (entry.kind === kind.kind && 'object' in message && selected(message.object as KubeObject))
          yield { ...structuredClone(message), ...own(message.object, options) } as WatchMessage<KubeObject>;
        else yield bookmark(kind, entry.revision);
      }
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#wake.delete(wake);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        this.#wake.add(wake);
        signal?.addEventListener('abort', wake);
      });
    }
  }
}

/** What the watcher's managers own of an object. */
function own(object: unknown, { managers }: WatchOptions): { readonly ownFields?: string } {
  const ownFields = managers && ownFieldsOf(object as KubeObject, managers);
  return ownFields === undefined ? {} : { ownFields };
}

/** Server-side apply with every list owned as a whole; what is applied no more stays, and nobody loses a field. */
function changed(present: KubeObject, patch: Patch, manager: string | undefined): KubeObject {
  if (patch.type === 'json') return applyJsonPatch(present, patch.body) as KubeObject;
  const next = applyMergePatch(present, patch.body) as KubeObject;
  return patch.type === 'apply' ? owned(next, manager, patch.body) : next;
}

function owned(object: KubeObject, manager: string | undefined, intent: object = object): KubeObject {
  const { apiVersion, metadata } = object;
  const others = (metadata.managedFields ?? []).filter(
    (entry) => entry.manager !== manager || entry.operation !== 'Apply',
  );
  const entry = { manager, operation: 'Apply', apiVersion, fieldsV1: fieldsOf(withoutNames(intent)) };
  return { ...object, metadata: { ...metadata, managedFields: [entry, ...others] } } as KubeObject;
}

function withoutNames({ apiVersion: _, kind: __, metadata, ...rest }: any): object {
  const { name, namespace, uid, resourceVersion, managedFields, ...meta } = metadata;
  return Object.keys(meta).length > 0 ? { ...rest, metadata: meta } : rest;
}

function fieldsOf(value: unknown): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [`f:${name}`, fieldsOf(member)]));
}

function untilAborted<T>(signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}

function bookmark(kind: AnyKind, revision: number, annotations = {}): WatchMessage<KubeObject> {
  return {
    type: 'BOOKMARK',
    object: {
      apiVersion: kind.apiVersion,
      kind: kind.kind,
      metadata: { resourceVersion: String(revision), annotations },
    },
  };
}

function idOf(kind: AnyKind, { namespace, name }: ObjectKey): string {
  return `${kind.group}/${kind.kind} ${namespace ?? ''}/${name}`;
}

function call(verb: string, kind: AnyKind, name: string | undefined, subresource?: string, body?: unknown): Call {
  return {
    verb,
    kind: kind.kind,
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
    ...(body === undefined ? {} : { body }),
  };
}

export function problem(code: number, reason: string, message: string): ApiError {
  const status: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason, message, code };
  return new ApiError({ request: { verb: 'test', kind: 'test' }, httpStatus: code, status });
}
