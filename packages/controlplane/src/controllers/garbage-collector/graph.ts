import type { OwnerReference } from '@setpoint/apimachinery/meta';

const nobody: ReadonlySet<string> = new Set();

/** Who says to be owned by which uid, whether that exists or not. Objects without owners cost nothing. */
export class DependencyGraph {
  readonly #dependents = new Map<string, Set<string>>();
  /** Those whose reference has blockOwnerDeletion. */
  readonly #blocking = new Map<string, Set<string>>();

  add(item: string, owners: readonly OwnerReference[]): void {
    for (const { uid, blockOwnerDeletion } of owners) {
      put(this.#dependents, uid, item);
      if (blockOwnerDeletion) put(this.#blocking, uid, item);
    }
  }

  remove(item: string, owners: readonly OwnerReference[]): void {
    for (const { uid } of owners) {
      take(this.#dependents, uid, item);
      take(this.#blocking, uid, item);
    }
  }

  dependents(uid: string): ReadonlySet<string> {
    return this.#dependents.get(uid) ?? nobody;
  }

  /** Whether a deletion in the foreground has to wait for one of them. */
  isBlocked(uid: string): boolean {
    return this.#blocking.has(uid);
  }
}

function put(map: Map<string, Set<string>>, uid: string, item: string): void {
  const items = map.get(uid);
  if (items) items.add(item);
  else map.set(uid, new Set([item]));
}

function take(map: Map<string, Set<string>>, uid: string, item: string): void {
  const items = map.get(uid);
  if (items?.delete(item) && items.size === 0) map.delete(uid);
}
