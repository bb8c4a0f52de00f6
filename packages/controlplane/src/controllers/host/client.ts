import { formatApiVersion, type KubeObject, type ObjectMeta } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import type { UserInfo } from '../../http/index.ts';
import type { MutableObject, ServedResource } from '../../registry/index.ts';
import { StatusError } from '../../status/index.ts';
import {
  type Answer,
  type Backend,
  collectionOf,
  createObject,
  deleteObject,
  keyOf,
  mutableCopy,
  patch,
  setNamespaceFinalizers,
  updateObject,
  type WriteContext,
} from '../../verbs/index.ts';

/** An object without apiVersion and kind, which follow from the resource. */
export interface NewObject {
  readonly metadata: ObjectMeta;
  readonly [member: string]: unknown;
}

/** Whose writes they are, and by what program: which owner of fields they become follows from that. */
export interface Identity {
  readonly user: UserInfo;
  readonly userAgent: string;
}

/** A controller of kube-controller-manager, by the name of its service account in kube-system. */
export function controllerIdentity(serviceAccount: string): Identity {
  const groups = ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'];
  const user = { name: `system:serviceaccount:kube-system:${serviceAccount}`, groups };
  return { user, userAgent: 'kube-controller-manager/v1.36.3' };
}

export interface DeletePreconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  readonly gracePeriodSeconds?: number;
}

export interface UpdateTarget {
  readonly part?: 'object' | 'status';
  /** The object must have this uid; another one is a conflict. */
  readonly uid?: string;
  /** The object must be at this revision; another one is a conflict. */
  readonly resourceVersion?: string;
}

/**
 * Reads the store and writes through the verbs, as the user that a controller of kube-controller-manager is: with
 * defaults, validation, admission and field ownership. What a verb refuses is thrown as StatusError.
 */
export class ControllerClient {
  readonly #backend: Backend;
  readonly #identity: Identity;
  readonly #isClosed: () => boolean;
  /** Nobody goes away from a write of a controller. */
  readonly #signal = new AbortController().signal;

  constructor(backend: Backend, identity: Identity, isClosed: () => boolean) {
    this.#backend = backend;
    this.#identity = identity;
    this.#isClosed = isClosed;
  }

  get user(): UserInfo {
    return this.#identity.user;
  }

  /** The object as its version serves it, frozen. */
  get(resource: ServedResource, namespace: string, name: string): KubeObject | undefined {
    const entry = collectionOf(this.#backend, resource).get(keyOf(resource, namespace, name));
    return entry && shown(resource, entry.object);
  }

  /** All objects, or those of one namespace, sorted by key. */
  *list(resource: ServedResource, namespace = ''): Generator<KubeObject> {
    const prefix = namespace === '' ? '' : `${namespace}/`;
    for (const { object } of collectionOf(this.#backend, resource).present().entries(prefix)) {
      yield shown(resource, object);
    }
  }

  /** In metadata.namespace. Answers what is stored. */
  async create(resource: ServedResource, object: NewObject): Promise<KubeObject> {
    const context = this.#context(resource, object.metadata.namespace ?? '');
    return this.#objectOf(resource, await createObject(context, this.#decoded(resource, object)));
  }

  /**
   * Changes the object in place by `change`, which is called again when another write came between, and may say `false`:
   * nothing to do. Nothing is written either when nothing has changed, and then nobody is asked: such a write is not sent.
   */
  async update(
    resource: ServedResource,
    namespace: string,
    name: string,
    change: (object: MutableObject) => boolean | undefined,
    { part = 'object', uid, resourceVersion }: UpdateTarget = {},
  ): Promise<KubeObject> {
    const context = this.#context(resource, namespace, part === 'object' ? '' : part);
    const made = (current: KubeObject): MutableObject | undefined => {
      const object = mutableCopy(current);
      if (resourceVersion !== undefined)
        (object.metadata as { resourceVersion?: string }).resourceVersion = resourceVersion;
      return change(object) === false ? undefined : asSent(resource, object);
    };
    const present = resource.conversion ? undefined : this.get(resource, namespace, name);
    let first: MutableObject | undefined;
    if (present && isMeant(present, uid, resourceVersion)) {
      first = made(present);
      if (!first || deepEqual(first, present)) return present;
    }
    const make = (current: KubeObject) => {
      const object = first && current === present ? first : made(current);
      first = undefined;
      return object ?? mutableCopy(current);
    };
    return this.#objectOf(resource, await updateObject(context, name, { part, ...(uid ? { uid } : {}), make }));
  }

  /** Server-side apply, with force: creates the object, or makes it say what `intent` says of the fields it has. */
  async apply(
    resource: ServedResource,
    intent: NewObject,
    fieldManager: string,
    subresource: '' | 'status' = '',
  ): Promise<KubeObject> {
    const { namespace = '', name = '' } = intent.metadata;
    const apiVersion = formatApiVersion(resource.group, resource.version);
    const answer = await patch({
      ...this.#context(resource, namespace, subresource),
      userAgent: this.#identity.userAgent,
      name,
      subresource,
      query: new URLSearchParams({ fieldManager, force: 'true' }),
      body: new TextEncoder().encode(JSON.stringify({ ...intent, apiVersion, kind: resource.kind })),
      contentType: 'application/apply-patch+yaml',
      signal: this.#signal,
      annotate: () => {},
    });
    return this.#objectOf(resource, answer);
  }

  /** False: it was not there. */
  async delete(
    resource: ServedResource,
    namespace: string,
    name: string,
    { uid, resourceVersion, propagationPolicy, gracePeriodSeconds }: DeletePreconditions = {},
  ): Promise<boolean> {
    try {
      await deleteObject(this.#context(resource, namespace), name, {
        dryRun: false,
        preconditions: {
          ...(uid === undefined ? {} : { uid }),
          ...(resourceVersion === undefined ? {} : { resourceVersion }),
        },
        ...(propagationPolicy ? { propagationPolicy } : {}),
        ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
      });
      return true;
    } catch (error) {
      if (isStatus(error, 404)) return false;
      throw error;
    }
  }

  /** What the `finalize` request of a namespace does; with the last finalizer it goes. */
  async finalizeNamespace(name: string, finalizers: (current: readonly string[]) => readonly string[]): Promise<void> {
    const namespaces = this.#backend.registry.lookup('', 'v1', 'namespaces');
    if (!namespaces) return;
    try {
      await setNamespaceFinalizers(this.#context(namespaces, '', 'finalize'), name, finalizers);
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
    }
  }

  /** What a POST of a subresource does: binds or evicts a pod. */
  async act(
    resource: ServedResource,
    namespace: string,
    name: string,
    subresource: string,
    body: MutableObject,
  ): Promise<void> {
    const action = resource.actions?.[subresource]?.action;
    if (!action) throw new TypeError(`${resource.resource} have no ${subresource}`);
    if (this.#isClosed()) throw new Error('this control plane was closed or reset');
    const signal = this.#signal;
    const nobody = { warn: () => {}, annotate: () => {}, validate: () => undefined };
    await action.run(body, { user: this.user, namespace, name, dryRun: false, signal, ...nobody });
  }

  #context(resource: ServedResource, namespace: string, subresource = ''): WriteContext {
    if (this.#isClosed()) throw new Error('this control plane was closed or reset');
    const namespaceOf = resource.namespaced ? namespace : '';
    return {
      backend: this.#backend,
      resource,
      namespace: namespaceOf,
      ...this.#identity,
      dryRun: false,
      ...(subresource === '' ? {} : { subresource }),
      warn: () => {},
    };
  }

  #decoded(resource: ServedResource, object: NewObject): MutableObject {
    const identity = { apiVersion: formatApiVersion(resource.group, resource.version), kind: resource.kind };
    const { object: decoded } = resource.strategy.decode(asSent(resource, mutableCopy({ ...object, ...identity })));
    resource.strategy.applyDefaults(decoded);
    return decoded;
  }

  #objectOf(resource: ServedResource, answer: Answer): KubeObject {
    if (answer.type === 'entry') return shown(resource, answer.entry.object);
    if (answer.type === 'object') return answer.object;
    throw new TypeError(`a write answered with a ${answer.type}`);
  }
}

/** The real controllers send built-in kinds as protobuf, which does not tell an empty list from none: nobody owns it. */
function asSent(resource: ServedResource, object: MutableObject): MutableObject {
  if (!resource.custom) dropEmptyLists(object);
  return object;
}

function dropEmptyLists(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  for (const [key, member] of Object.entries(value)) {
    if (Array.isArray(member) && member.length === 0 && !Array.isArray(value)) {
      delete (value as Record<string, unknown>)[key];
    } else dropEmptyLists(member);
  }
}

function isMeant({ metadata }: KubeObject, uid: string | undefined, resourceVersion: string | undefined): boolean {
  const fits = (wanted: string | undefined, is: string | undefined) => wanted === undefined || wanted === is;
  return fits(uid, metadata.uid) && fits(resourceVersion, metadata.resourceVersion);
}

/** What a webhook would have to convert is shown as it is stored: controllers look at its metadata, which is the same. */
function shown(resource: ServedResource, object: KubeObject): KubeObject {
  if (!resource.conversion) return resource.fromStorage(object);
  return { ...object, apiVersion: formatApiVersion(resource.group, resource.version) };
}

/** Whether a verb has refused with this code. */
export function isStatus(error: unknown, code: number): error is StatusError {
  return error instanceof StatusError && error.code === code;
}
