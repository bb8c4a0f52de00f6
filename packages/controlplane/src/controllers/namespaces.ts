import type { Timer } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { MutableObject, ServedResource } from '../registry/index.ts';
import { StatusError } from '../status/index.ts';
import {
  type Backend,
  collectionOf,
  commitObject,
  deleteObject,
  metaOf,
  mutableCopy,
  storable,
  timestamp,
} from '../verbs/index.ts';

/**
 * Empties namespaces that are being deleted, says in their conditions how far it is, and lets them go when nothing is
 * left. What waits for finalizers is looked at again when one of its objects goes.
 */
export class NamespaceController {
  readonly #backend: Backend;
  readonly #waiting = new Map<string, () => void>();
  readonly #timers = new Set<Timer>();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** To be called after each commit of a namespace. The work itself is done in a later turn, as another process would. */
  namespaceChanged(namespace: KubeObject): void {
    const { name = '', deletionTimestamp } = namespace.metadata;
    if (!deletionTimestamp || this.#waiting.has(name)) return;
    this.#schedule(name);
  }

  close(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    for (const stop of this.#waiting.values()) stop();
    this.#waiting.clear();
  }

  #schedule(name: string): void {
    this.#stopWaiting(name);
    let timer: Timer | undefined;
    this.#waiting.set(name, () => timer?.cancel());
    timer = this.#backend.clock.timer(0, () => {
      if (timer) this.#timers.delete(timer);
      this.#waiting.delete(name);
      this.#reconcile(name);
    });
    this.#timers.add(timer);
  }

  #stopWaiting(name: string): void {
    this.#waiting.get(name)?.();
    this.#waiting.delete(name);
  }

  #reconcile(name: string): void {
    const resource = this.#backend.registry.lookup('', 'v1', 'namespaces');
    const entry = resource && collectionOf(this.#backend, resource).get(name);
    if (!resource || !entry?.object.metadata.deletionTimestamp) return;
    const left = this.#deleteContent(name);
    if (left.length > 0) {
      this.#report(resource, name, left);
      this.#waitFor(name, left);
      return;
    }
    this.#report(resource, name, left);
    this.#finish(resource, name);
  }

  /** Deletes what can be deleted; what is still there afterwards waits for its finalizers or its grace period. */
  #deleteContent(namespace: string): Remaining[] {
    const remaining: Remaining[] = [];
    for (const resource of onePerStorage(this.#backend.registry.list())) {
      const collection = collectionOf(this.#backend, resource);
      for (const { object } of [...collection.present().entries(`${namespace}/`)]) {
        const context = { backend: this.#backend, resource, namespace, dryRun: false, warn: () => {} };
        try {
          deleteObject(context, object.metadata.name ?? '', { dryRun: false, propagationPolicy: 'Background' });
        } catch (error) {
          if (!(error instanceof StatusError)) throw error;
        }
      }
      const objects = Array.from(collection.present().entries(`${namespace}/`), (entry) => entry.object);
      if (objects.length > 0) remaining.push({ resource, objects });
    }
    return remaining;
  }

  #waitFor(name: string, remaining: readonly Remaining[]): void {
    const stops = remaining.map(({ resource }) =>
      collectionOf(this.#backend, resource).subscribe(name, (change) => {
        if (change.type === 'delete') this.#schedule(name);
      }),
    );
    this.#waiting.set(name, () => {
      for (const stop of stops) stop();
    });
  }

  #report(resource: ServedResource, name: string, remaining: readonly Remaining[]): void {
    const entry = collectionOf(this.#backend, resource).get(name);
    if (!entry) return;
    const object = mutableCopy(entry.object);
    const now = timestamp(this.#backend.clock.now());
    const before: readonly NamespaceCondition[] = object.status?.conditions ?? [];
    const conditions = conditionsOf(remaining).map((condition) => {
      const known = before.find((one) => one.type === condition.type);
      const same = known?.status === condition.status && known.message === condition.message;
      return same ? known : { ...condition, lastTransitionTime: now };
    });
    object.status = { ...object.status, phase: 'Terminating', conditions };
    this.#commit(resource, object, entry.revision);
  }

  #finish(resource: ServedResource, name: string): void {
    const collection = collectionOf(this.#backend, resource);
    const entry = collection.get(name);
    if (!entry) return;
    const object = mutableCopy(entry.object);
    const finalizers: readonly string[] = object.spec?.finalizers ?? [];
    const others = finalizers.filter((one) => one !== 'kubernetes');
    if (others.length === 0 && (metaOf(object).finalizers ?? []).length === 0) {
      commitObject({ backend: this.#backend, resource }, name, entry.revision, undefined, 'delete');
      return;
    }
    if (others.length === finalizers.length) return;
    object.spec = others.length > 0 ? { ...object.spec, finalizers: others } : {};
    this.#commit(resource, object, entry.revision);
  }

  #commit(resource: ServedResource, object: MutableObject, revision: number): void {
    this.#waiting.set(metaOf(object).name ?? '', () => {});
    commitObject(
      { backend: this.#backend, resource },
      metaOf(object).name ?? '',
      revision,
      storable(resource, object),
      'update',
    );
    this.#waiting.delete(metaOf(object).name ?? '');
  }
}

interface Remaining {
  readonly resource: ServedResource;
  readonly objects: readonly KubeObject[];
}

interface NamespaceCondition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime?: string;
}

/** The namespaced resources, each kept thing once. */
function onePerStorage(resources: readonly ServedResource[]): ServedResource[] {
  const byKey = new Map<string, ServedResource>();
  for (const resource of resources) {
    if (resource.namespaced && resource.notImplemented === undefined && !byKey.has(resource.storageKey)) {
      byKey.set(resource.storageKey, resource);
    }
  }
  return [...byKey.values()];
}

function conditionsOf(remaining: readonly Remaining[]): NamespaceCondition[] {
  const resources = remaining
    .map(({ resource, objects }) => `${resource.resource}.${resource.group} has ${objects.length} resource instances`)
    .sort();
  const finalizers = new Map<string, number>();
  for (const { objects } of remaining) {
    for (const object of objects) {
      for (const one of object.metadata.finalizers ?? []) finalizers.set(one, (finalizers.get(one) ?? 0) + 1);
    }
  }
  const held = [...finalizers].map(([name, count]) => `${name} in ${count} resource instances`).sort();
  const good = (type: string, reason: string, message: string): NamespaceCondition => ({
    type,
    status: 'False',
    reason,
    message,
  });
  return [
    good('NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'),
    good(
      'NamespaceDeletionGroupVersionParsingFailure',
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    good(
      'NamespaceDeletionContentFailure',
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ),
    resources.length === 0
      ? good('NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed')
      : {
          type: 'NamespaceContentRemaining',
          status: 'True',
          reason: 'SomeResourcesRemain',
          message: `Some resources are remaining: ${resources.join(', ')}`,
        },
    held.length === 0
      ? good('NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished')
      : {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message: `Some content in the namespace has finalizers remaining: ${held.join(', ')}`,
        },
  ];
}
