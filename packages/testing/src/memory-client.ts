import { groupResource, type KubeObject, type Status } from '@setpoint/apimachinery/meta';
import { applyJsonPatch, applyMergePatch, JsonPatchError } from '@setpoint/apimachinery/patch';
import {
  type Client,
  type ObjectKey,
  ownFieldsOf,
  type Patch,
  type WatchOptions,
  type WriteOptions,
} from 'setpoint/client';
import { ApiError } from 'setpoint/errors';
import { type AnyKind, kindName } from 'setpoint/kinds';

/** A write as a pass asked for it. */
export interface RecordedWrite {
  readonly verb: 'create' | 'update' | 'patch' | 'delete';
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** `status`, for example; missing for the object itself. */
  readonly subresource?: string;
  /** Of a patch: `merge`, `json`, `strategic` or `apply`. */
  readonly type?: Patch['type'];
  /** What was sent. */
  readonly body?: unknown;
}

/** Objects in memory behind the client's verbs: enough for one pass, no more of a server than that. */
export class MemoryClient {
  readonly writes: RecordedWrite[] = [];
  readonly #objects = new Map<string, KubeObject>();
  #revision = 1;

  constructor(objects: readonly KubeObject[]) {
    for (const object of objects) this.#put(withServerFields(object, ++this.#revision));
  }

  objects(): readonly KubeObject[] {
    return [...this.#objects.values()];
  }

  /** The verbs; what needs a server (logs, exec, discovery, …) says so. */
  client(): Client {
    const verbs: Partial<Client> = {
      get: async (kind, key) => this.#found(kind as AnyKind, key) as never,
      list: async (kind) => this.#list(kind as AnyKind) as never,
      pages: (kind, options) => this.#pages(kind as AnyKind, options?.managers) as never,
      watch: (kind, options) => this.#watch(kind as AnyKind, options ?? {}) as never,
      create: async (kind, object, options) => this.#create(kind as AnyKind, object as KubeObject, options) as never,
      update: async (kind, object, options) => this.#update(kind as AnyKind, object as KubeObject, options) as never,
      patch: async (kind, key, patch, options) => this.#patch(kind as AnyKind, key, patch, options) as never,
      delete: async (kind, key) => this.#delete(kind as AnyKind, key) as never,
      fieldManager: 'test',
      defaultNamespace: 'default',
      close: async () => {},
    };
    return withoutServer(verbs, 'client');
  }

  #create(kind: AnyKind, object: KubeObject, options?: WriteOptions): KubeObject {
    const name = object.metadata.name ?? `${object.metadata.generateName ?? ''}${this.#revision}`;
    const key = { ...object.metadata, name };
    this.#note('create', kind, key, options, object);
    if (this.#objects.has(address(kind, key))) throw refusal(kind, key, 409, 'AlreadyExists', 'already exists');
    const { apiVersion, kind: word } = kind;
    const complete = { ...object, apiVersion, kind: word, metadata: { ...object.metadata, name } };
    return this.#put(withServerFields(complete, ++this.#revision));
  }

  #update(kind: AnyKind, object: KubeObject, options?: WriteOptions): KubeObject {
    const key = { ...object.metadata, name: object.metadata.name ?? '' };
    this.#note('update', kind, key, options, object);
    const before = this.#found(kind, key);
    const { uid, creationTimestamp } = before.metadata;
    return this.#settle({
      ...object,
      metadata: { ...object.metadata, uid, creationTimestamp } as KubeObject['metadata'],
    });
  }

  #patch(kind: AnyKind, key: ObjectKey, patch: Patch, options?: WriteOptions): KubeObject {
    this.#note('patch', kind, key, options, patch.body, patch.type);
    const before = this.#objects.get(address(kind, key));
    if (!before && patch.type === 'apply') {
      const { apiVersion, kind: word } = kind;
      const body = patch.body as KubeObject;
      const metadata = { ...body.metadata, ...key } as KubeObject['metadata'];
      return this.#put(withServerFields({ ...body, apiVersion, kind: word, metadata }, ++this.#revision));
    }
    if (!before) throw refusal(kind, key, 404, 'NotFound', 'not found');
    return this.#settle(patched(kind, key, before, patch));
  }

  #delete(kind: AnyKind, key: ObjectKey): KubeObject | Status {
    this.#note('delete', kind, key);
    const object = this.#found(kind, key);
    if ((object.metadata.finalizers?.length ?? 0) > 0) {
      return this.#settle({ ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
    }
    this.#objects.delete(address(kind, key));
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' };
  }

  /** What a write leaves behind: gone, if it was terminating and its last finalizer went. */
  #settle(object: KubeObject): KubeObject {
    const after = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#revision) } };
    const gone = after.metadata.deletionTimestamp && (after.metadata.finalizers?.length ?? 0) === 0;
    if (!gone) return this.#put(after);
    this.#objects.delete(addressOf(after));
    return after;
  }

  #put(object: KubeObject): KubeObject {
    this.#objects.set(addressOf(object), object);
    return object;
  }

  #found(kind: AnyKind, key: ObjectKey): KubeObject {
    const object = this.#objects.get(address(kind, key));
    if (!object) throw refusal(kind, key, 404, 'NotFound', 'not found');
    return object;
  }

  #of(kind: AnyKind): KubeObject[] {
    return this.objects().filter((object) => object.apiVersion === kind.apiVersion && object.kind === kind.kind);
  }

  #list(kind: AnyKind) {
    const metadata = { resourceVersion: String(this.#revision) };
    return { apiVersion: kind.apiVersion, kind: kind.listKind, metadata, items: this.#of(kind) };
  }

  async *#pages(kind: AnyKind, managers: readonly string[] | undefined) {
    const items = this.#of(kind);
    const ownFields = items.map((object) => ownedBy(object, managers));
    yield { items, ownFields, unreadable: [], resourceVersion: String(this.#revision), continue: '' };
  }

  async *#watch(kind: AnyKind, { signal, managers }: WatchOptions) {
    for (const object of this.#of(kind)) yield { type: 'ADDED', object, ownFields: ownedBy(object, managers) };
    const annotations = { 'k8s.io/initial-events-end': 'true' };
    const metadata = { resourceVersion: String(this.#revision), annotations };
    yield { type: 'BOOKMARK', object: { apiVersion: kind.apiVersion, kind: kind.kind, metadata } };
    await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }));
  }

  #note(
    verb: RecordedWrite['verb'],
    kind: AnyKind,
    { namespace, name }: ObjectKey,
    options?: WriteOptions,
    body?: unknown,
    type?: Patch['type'],
  ): void {
    this.writes.push({
      verb,
      kind: kind.kind,
      ...(namespace ? { namespace } : {}),
      name,
      ...(options?.subresource ? { subresource: options.subresource } : {}),
      ...(type ? { type } : {}),
      ...(body === undefined ? {} : { body }),
    });
  }
}

/**
 * What the managers own of an object. A child of which the test does not say who wrote it was written by the controller
 * that is tested: nobody writes managedFields by hand.
 */
function ownedBy(object: KubeObject, managers: readonly string[] | undefined): string | undefined {
  if (!managers) return undefined;
  const { managedFields, ownerReferences, labels } = object.metadata;
  if (managedFields) return ownFieldsOf(object, managers);
  const isChild = ownerReferences?.some(({ controller }) => controller) || labels?.['setpoint.dev/owner-uid'];
  return isChild ? JSON.stringify([['Apply', object.apiVersion, {}]]) : undefined;
}

/** The object after the patch. @throws ApiError as a server refuses a JSON patch whose steps do not fit */
function patched(kind: AnyKind, key: ObjectKey, before: KubeObject, { type, body }: Patch): KubeObject {
  try {
    const after =
      type === 'json'
        ? applyJsonPatch(before as never, body as never)
        : applyMergePatch(before as never, body as never);
    return after as unknown as KubeObject;
  } catch (error) {
    if (!(error instanceof JsonPatchError)) throw error;
    const what = 'is as it is: the server rejected our request due to an error in our request';
    throw refusal(kind, key, 422, 'Invalid', what);
  }
}

/** What is there, and for everything else a function that says what it would need. */
function withoutServer<T extends object>(present: Partial<T>, name: string): T {
  return new Proxy(present as T, {
    get(target, property) {
      const member = target[property as keyof T];
      if (member !== undefined || typeof property === 'symbol') return member;
      if (property === 'discovery') return withoutServer({}, `${name}.discovery`);
      return () => {
        throw new Error(`runPass has no server, so no ${name}.${property}(); test this in a testEnvironment()`);
      };
    },
  });
}

/** What a server would have set, where the test did not. */
function withServerFields(object: KubeObject, revision: number): KubeObject {
  const metadata = {
    uid: `uid-${revision}`,
    resourceVersion: String(revision),
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...object.metadata,
  };
  return { ...object, metadata };
}

function address(kind: AnyKind, key: ObjectKey): string {
  return `${kind.apiVersion} ${kind.kind} ${key.namespace ?? ''}/${key.name}`;
}

function addressOf({ apiVersion, kind, metadata }: KubeObject): string {
  return `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}

function refusal(kind: AnyKind, key: ObjectKey, code: number, reason: string, what: string): Error {
  const message = `${groupResource(kind.group, kind.plural)} "${key.name}" ${what}`;
  return new ApiError({
    request: { verb: 'access', kind: kindName(kind), ...key },
    httpStatus: code,
    status: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, reason, message },
  });
}
