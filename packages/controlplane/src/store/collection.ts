import type { KubeObject } from '@setpoint/apimachinery/meta';
import { Change, Entry } from './entry.ts';
import { deepFreeze } from './freeze.ts';
import { History } from './history.ts';
import { SortedKeys } from './sorted-keys.ts';
import { presentView, type View, viewAt } from './view.ts';

export type ChangeListener = (change: Change) => void;

export interface CollectionOptions {
  /** Counts one commit; all collections of a store share it. */
  readonly nextRevision: () => number;
  /** Writes a commit down before anybody is told of it. */
  readonly record?: ((change: Change) => void) | undefined;
  readonly historySize: number;
  /** Changes up to and with this revision are not known. */
  readonly compacted: number;
}

/**
 * All objects of one resource, whatever their version: the present ones by key, and the changes that led there.
 * Every method is synchronous; a commit is whole before anybody else runs.
 */
export class Collection {
  readonly storageKey: string;
  readonly #nextRevision: () => number;
  readonly #record: ((change: Change) => void) | undefined;
  readonly #history: History;
  readonly #entries = new Map<string, Entry>();
  readonly #keys = new SortedKeys();
  /** By namespace; those of the empty string hear everything. */
  readonly #listeners = new Map<string, Set<ChangeListener>>();

  constructor(storageKey: string, options: CollectionOptions) {
    this.storageKey = storageKey;
    this.#nextRevision = options.nextRevision;
    this.#record = options.record;
    this.#history = new History(options.historySize, options.compacted);
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** Views and watches can begin at this revision and later. */
  get completeSince(): number {
    return this.#history.completeSince;
  }

  /** The objects as they are; what follows from here on may change them. */
  present(): View {
    return presentView(this.#keys, this.#entries);
  }

  /** The objects as they were at `revision`, which must not be before `completeSince`. */
  at(revision: number): View {
    return viewAt(this.#keys, this.#entries, this.#history.after(revision));
  }

  changesAfter(revision: number): readonly Change[] {
    return this.#history.after(revision);
  }

  /**
   * Puts `next` in place of what is at `key`, or removes it when there is no `next`.
   * `expected` is the revision that must be there, 0 for none; undefined accepts any. If it is not, nothing happens
   * and the answer is undefined. `next` gets its resourceVersion here, is frozen, and belongs to the store.
   */
  commit(key: string, expected: number | undefined, next: KubeObject | undefined): Entry | undefined {
    const previous = this.#entries.get(key);
    if (expected !== undefined && expected !== (previous?.revision ?? 0)) return undefined;
    if (!next && !previous) return undefined;
    const change = this.#put(key, this.#nextRevision(), previous, next);
    this.#record?.(change);
    this.#tell(change);
    return change.entry;
  }

  /**
   * Puts there what a cluster begins with, unless there is an object at `key`. It takes the next revision and counts as
   * having been there before everything: nobody is told, and no watch begins before it. `make` is called when somebody
   * first looks at it; what it makes gets its resourceVersion here, is frozen, and belongs to the store.
   */
  seed(key: string, make: () => KubeObject): void {
    if (this.#entries.has(key)) return;
    // What is written down has to be there.
    if (this.#record || this.#listeners.size > 0) {
      this.commit(key, 0, make());
      return;
    }
    const revision = this.#nextRevision();
    this.#entries.set(key, new Entry(key, revision, () => stamped(make(), revision, true)));
    this.#keys.add(key);
  }

  /** Repeats a commit of an earlier life, under the revision that it had then; nobody is told. */
  restore(key: string, revision: number, next: KubeObject | undefined): void {
    const previous = this.#entries.get(key);
    if (next || previous) this.#put(key, revision, previous, next);
  }

  #put(key: string, revision: number, previous: Entry | undefined, next: KubeObject | undefined): Change {
    const entry = new Entry(key, revision, stamped(next ?? (previous as Entry).object, revision, next !== undefined));
    if (next) {
      this.#entries.set(key, entry);
      if (!previous) this.#keys.add(key);
    } else {
      this.#entries.delete(key);
      this.#keys.remove(key);
    }
    const type = !next ? 'delete' : previous ? 'update' : 'create';
    const change = new Change(type, entry, previous);
    this.#history.add(change);
    return change;
  }

  /** Calls back in the turn of each commit, for one namespace or for all. Returns the way to stop. */
  subscribe(namespace: string | undefined, listener: ChangeListener): () => void {
    const at = namespace ?? '';
    const listeners = this.#listeners.get(at) ?? new Set();
    this.#listeners.set(at, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(at) === listeners) this.#listeners.delete(at);
    };
  }

  compact(revision: number): void {
    this.#history.compact(revision);
  }

  #tell(change: Change): void {
    if (this.#listeners.size === 0) return;
    for (const listener of this.#listeners.get('') ?? []) listener(change);
    const slash = change.key.indexOf('/');
    if (slash < 0) return;
    for (const listener of this.#listeners.get(change.key.slice(0, slash)) ?? []) listener(change);
  }
}

/** The object under its new revision: in place while it is still the writer's, as a copy once it is shared. */
function stamped(object: KubeObject, revision: number, own: boolean): KubeObject {
  const resourceVersion = String(revision);
  if (own && !Object.isFrozen(object) && !Object.isFrozen(object.metadata)) {
    (object.metadata as { resourceVersion?: string }).resourceVersion = resourceVersion;
    return deepFreeze(object);
  }
  return deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion } });
}
