import { Collection } from './collection.ts';

/** The revision before anything was written: no client can tell it from "any", so no object ever has it. */
const firstRevision = 1;

/**
 * Everything a control plane remembers: collections of objects under one revision counter. In memory only.
 */
export class Store {
  readonly #collections = new Map<string, Collection>();
  readonly #historySize: number;
  #revision: number;
  #compacted: number;

  /** @param historySize changes that each collection keeps until a compaction */
  constructor(options: { readonly historySize?: number; readonly revision?: number } = {}) {
    this.#historySize = options.historySize ?? 10_000;
    this.#revision = options.revision ?? firstRevision;
    this.#compacted = this.#revision;
  }

  /** The revision of the last commit. */
  get revision(): number {
    return this.#revision;
  }

  get compacted(): number {
    return this.#compacted;
  }

  collection(storageKey: string): Collection {
    let collection = this.#collections.get(storageKey);
    if (!collection) {
      collection = new Collection(storageKey, () => ++this.#revision, this.#historySize, this.#compacted);
      this.#collections.set(storageKey, collection);
    }
    return collection;
  }

  /** Those that hold objects or did. */
  collections(): Iterable<Collection> {
    return this.#collections.values();
  }

  /** Forgets how things were before `revision`; the present one if none is given. */
  compact(revision: number = this.#revision): void {
    if (revision <= this.#compacted) return;
    this.#compacted = Math.min(revision, this.#revision);
    for (const collection of this.#collections.values()) collection.compact(this.#compacted);
  }
}
