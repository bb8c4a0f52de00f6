import type { KubeObject, ObjectMeta, OwnerReference } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import type { ServedResource } from '../../registry/index.ts';
import type { Change } from '../../store/index.ts';
import { type ControllerContext, isStatus, nextTurn, subjectOf, type WorkQueue } from '../host/index.ts';
import { DependencyGraph } from './graph.ts';
import { ServedKinds } from './kinds.ts';

const orphanFinalizer = 'orphan';
const foregroundFinalizer = 'foregroundDeletion';
const none: readonly OwnerReference[] = [];

/** Uids of owners that are known not to be anywhere; a uid does not come back. */
const rememberedAbsent = 500;
/** Writes after which requests get a turn. */
const slice = 64;

interface Queues {
  readonly toDelete: WorkQueue;
  readonly toOrphan: WorkQueue;
}

/** An object, found by where it is kept. */
interface Found {
  readonly item: string;
  readonly resource: ServedResource;
  readonly object: KubeObject;
  readonly meta: ObjectMeta;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

interface Classified {
  readonly solid: readonly OwnerReference[];
  readonly dangling: readonly OwnerReference[];
  /** The owner is being deleted in the foreground. */
  readonly waiting: readonly OwnerReference[];
}

/** The graph of owners and dependents and what follows from it; see garbageCollector. */
export class GarbageCollector {
  readonly #context: ControllerContext;
  readonly #kinds: ServedKinds;
  readonly #graph = new DependencyGraph();
  /** Owners that are being deleted in the foreground: their uids and where they are. */
  readonly #deletingDependents = new Map<string, string>();
  /** Those with an owner of a kind that is not served; they are looked at again when it is. */
  readonly #unresolved = new Set<string>();
  readonly #absent = new Set<string>();
  readonly #watched = new Set<string>();
  #queues: Queues | undefined;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#kinds = new ServedKinds(context.registry);
  }

  start(queues: Queues): void {
    this.#queues = queues;
    this.#watchNew();
  }

  kindsChanged(): void {
    this.#kinds.forget();
    this.#watchNew();
    for (const item of this.#unresolved) this.#queues?.toDelete.add(item);
    this.#unresolved.clear();
  }

  /** Deletes the object if no owner of it is left, and takes references to those that are gone out of it otherwise. */
  async attemptToDelete(item: string): Promise<void> {
    const found = this.#find(item);
    if (!found) return;
    const { meta } = found;
    if (meta.deletionTimestamp) {
      if (isDeletingDependents(meta)) await this.#finishForeground(found);
      return;
    }
    const owners = meta.ownerReferences ?? none;
    if (owners.length === 0) return;
    const classified = this.#classify(found, owners);
    if (!classified) return;
    const { solid, dangling, waiting } = classified;
    for (const owner of dangling) await this.#reportForeignNamespace(found, owner);
    if (solid.length > 0) {
      const gone = new Set([...dangling, ...waiting].map(({ uid }) => uid));
      if (gone.size > 0) await this.#dropOwners(found, gone);
      return;
    }
    const dependents = this.#graph.dependents(found.uid);
    if (waiting.length > 0 && dependents.size > 0) {
      // A circle would wait for itself.
      if (this.#someAreDeletingDependents(dependents)) await this.#unblockOwners(found);
      await this.#delete(found, 'Foreground');
      return;
    }
    await this.#delete(found, policyOf(meta));
  }

  /** Takes the references to this owner out of all its dependents, then its finalizer. */
  async orphanDependents(item: string): Promise<void> {
    const owner = this.#find(item);
    if (!owner?.meta.deletionTimestamp || !owner.meta.finalizers?.includes(orphanFinalizer)) return;
    const uids = new Set([owner.uid]);
    let written = 0;
    for (const dependent of [...this.#graph.dependents(owner.uid)]) {
      const found = this.#find(dependent);
      if (!found) continue;
      await this.#dropOwners(found, uids);
      if (++written % slice === 0) await nextTurn();
    }
    await this.#removeFinalizer(owner, orphanFinalizer);
  }

  #watchNew(): void {
    for (const [storageKey, resource] of this.#kinds.collected()) {
      if (this.#watched.has(storageKey)) continue;
      this.#watched.add(storageKey);
      this.#context.watch(resource, (change) => this.#changed(itemOf(storageKey, change.key), change));
    }
  }

  #changed(item: string, { type, entry, previous }: Change): void {
    if (entry.isUntouched) return;
    const queues = this.#queues as Queues;
    const { metadata } = entry.object;
    const uid = metadata.uid ?? '';
    const before = previous?.object.metadata.ownerReferences ?? none;
    const after = type === 'delete' ? none : (metadata.ownerReferences ?? none);
    if ((before.length > 0 || after.length > 0) && !deepEqual(before, after)) {
      this.#graph.remove(item, before);
      this.#graph.add(item, after);
      for (const owner of before) this.#lookAtWaiting(owner.uid);
      if (after.length > 0 && !this.#areGood(metadata.namespace ?? '', after)) queues.toDelete.add(item);
    }
    if (type === 'delete') {
      this.#deletingDependents.delete(uid);
      const dependents = this.#graph.dependents(uid);
      if (dependents.size > 0) this.#rememberAbsent(uid);
      for (const dependent of dependents) queues.toDelete.add(dependent);
      return;
    }
    if (!metadata.deletionTimestamp || !metadata.finalizers) return;
    if (metadata.finalizers.includes(orphanFinalizer)) queues.toOrphan.add(item);
    else if (isDeletingDependents(metadata) && !this.#deletingDependents.has(uid)) {
      this.#deletingDependents.set(uid, item);
      for (const dependent of this.#graph.dependents(uid)) queues.toDelete.add(dependent);
      queues.toDelete.add(item);
    }
  }

  /** Whether all owners are where the references say; a new dependent of one that is being deleted is looked at too. */
  #areGood(namespace: string, owners: readonly OwnerReference[]): boolean {
    return owners.every((owner) => {
      if (this.#deletingDependents.has(owner.uid)) return false;
      const resource = this.#kinds.ofKind(owner.apiVersion, owner.kind);
      return resource !== undefined && this.#owner(resource, namespace, owner) !== undefined;
    });
  }

  #lookAtWaiting(uid: string): void {
    const owner = this.#deletingDependents.get(uid);
    if (owner !== undefined) this.#queues?.toDelete.add(owner);
  }

  /** Undefined: it cannot be told now, and nothing is to be done. */
  #classify(found: Found, owners: readonly OwnerReference[]): Classified | undefined {
    const solid: OwnerReference[] = [];
    const dangling: OwnerReference[] = [];
    const waiting: OwnerReference[] = [];
    for (const owner of owners) {
      const resource = this.#kinds.ofKind(owner.apiVersion, owner.kind);
      if (!resource) {
        this.#unresolved.add(found.item);
        return undefined;
      }
      // What belongs to the cluster cannot be owned by what belongs to a namespace: nobody knows which.
      if (resource.namespaced && !found.resource.namespaced) return undefined;
      const meta = this.#owner(resource, found.namespace, owner);
      if (!meta) dangling.push(owner);
      else if (isDeletingDependents(meta)) waiting.push(owner);
      else solid.push(owner);
    }
    return { solid, dangling, waiting };
  }

  /** Undefined: what is there under that name, if anything, is another one. */
  #owner(resource: ServedResource, namespace: string, { name, uid }: OwnerReference): ObjectMeta | undefined {
    const entry = this.#context.collection(resource).get(resource.namespaced ? `${namespace}/${name}` : name);
    const meta = entry?.object.metadata;
    return meta?.uid === uid ? meta : undefined;
  }

  #find(item: string): Found | undefined {
    const at = item.indexOf(' ');
    const resource = this.#kinds.ofStorage(item.slice(0, at));
    const object = resource && this.#context.collection(resource).get(item.slice(at + 1))?.object;
    if (!resource || !object) return undefined;
    const meta = object.metadata;
    return {
      item,
      resource,
      object,
      meta,
      namespace: meta.namespace ?? '',
      name: meta.name ?? '',
      uid: meta.uid ?? '',
    };
  }

  async #finishForeground(found: Found): Promise<void> {
    if (!this.#graph.isBlocked(found.uid)) await this.#removeFinalizer(found, foregroundFinalizer);
  }

  #someAreDeletingDependents(dependents: ReadonlySet<string>): boolean {
    return Iterator.from(dependents).some((item) => {
      const found = this.#find(item);
      return found !== undefined && isDeletingDependents(found.meta);
    });
  }

  /** Against the object as it was judged; if it has changed since, but not in its owners, against its uid alone. */
  async #delete(found: Found, propagationPolicy: 'Orphan' | 'Background' | 'Foreground'): Promise<void> {
    const { resource, namespace, name, uid, meta } = found;
    const { client } = this.#context;
    const { resourceVersion = '' } = meta;
    try {
      await client.delete(resource, namespace, name, { uid, resourceVersion, propagationPolicy });
    } catch (error) {
      if (!isStatus(error, 409)) throw error;
      const now = this.#find(found.item);
      if (now?.uid !== uid) return;
      if (!deepEqual(now.meta.ownerReferences, meta.ownerReferences)) throw error;
      await client.delete(resource, namespace, name, { uid, propagationPolicy });
    }
  }

  #dropOwners(found: Found, uids: ReadonlySet<string>): Promise<void> {
    return this.#changeMeta(found, (meta) => {
      const left = (meta.ownerReferences ?? none).filter((owner) => !uids.has(owner.uid));
      if (left.length > 0) meta.ownerReferences = left;
      else delete meta.ownerReferences;
    });
  }

  #unblockOwners(found: Found): Promise<void> {
    return this.#changeMeta(found, (meta) => {
      const owners = meta.ownerReferences ?? none;
      meta.ownerReferences = owners.map((one) =>
        one.blockOwnerDeletion ? { ...one, blockOwnerDeletion: false } : one,
      );
    });
  }

  #removeFinalizer(found: Found, finalizer: string): Promise<void> {
    return this.#changeMeta(found, (meta) => {
      const left = (meta.finalizers ?? []).filter((one) => one !== finalizer);
      if (left.length > 0) meta.finalizers = left;
      else delete meta.finalizers;
    });
  }

  async #changeMeta({ resource, namespace, name, uid }: Found, change: (meta: WritableMeta) => void): Promise<void> {
    try {
      await this.#context.client.update(
        resource,
        namespace,
        name,
        (object) => {
          change(object.metadata as WritableMeta);
          return true;
        },
        { uid },
      );
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
    }
  }

  /** The owner lives, but in another namespace: somebody should know why its dependent goes. */
  async #reportForeignNamespace(found: Found, owner: OwnerReference): Promise<void> {
    if (this.#absent.has(owner.uid)) return;
    const resource = this.#kinds.ofKind(owner.apiVersion, owner.kind);
    if (!resource?.namespaced || !this.#livesElsewhere(resource, found.namespace, owner.uid)) {
      this.#rememberAbsent(owner.uid);
      return;
    }
    const { apiVersion, kind, name, uid } = owner;
    const { namespace } = found;
    const { resourceVersion: _, ...subject } = subjectOf(found.resource, found.object);
    const message = `ownerRef [${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}] does not exist in namespace ${JSON.stringify(namespace)}`;
    await this.#context.events.event(subject, 'Warning', 'OwnerRefInvalidNamespace', message);
  }

  #livesElsewhere(resource: ServedResource, namespace: string, uid: string): boolean {
    const entries = this.#context.collection(resource).present().entries('');
    return Iterator.from(entries).some(
      ({ object: { metadata } }) => metadata.uid === uid && metadata.namespace !== namespace,
    );
  }

  #rememberAbsent(uid: string): void {
    const [oldest] = this.#absent;
    if (oldest !== undefined && this.#absent.size >= rememberedAbsent) this.#absent.delete(oldest);
    this.#absent.add(uid);
  }
}

type WritableMeta = { -readonly [K in keyof ObjectMeta]: ObjectMeta[K] };

/** Storage keys hold no blank. */
function itemOf(storageKey: string, key: string): string {
  return `${storageKey} ${key}`;
}

function isDeletingDependents({ deletionTimestamp, finalizers }: ObjectMeta): boolean {
  return deletionTimestamp !== undefined && (finalizers?.includes(foregroundFinalizer) ?? false);
}

/** What the object itself asks for by a finalizer is respected. */
function policyOf({ finalizers }: ObjectMeta): 'Orphan' | 'Foreground' | 'Background' {
  if (finalizers?.includes(orphanFinalizer)) return 'Orphan';
  return finalizers?.includes(foregroundFinalizer) ? 'Foreground' : 'Background';
}
