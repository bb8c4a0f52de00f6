import { Collection } from './collection.ts';
import type { Change } from './entry.ts';
import type { LogRecord } from './log/index.ts';

/** The revision before anything was written: no client can tell it from "any", so no object ever has it. */
const firstRevision = 1;

export interface StoreOptions {
  /** Changes that each collection keeps until a compaction. @default 10_000 */
  readonly historySize?: number;
  /** To count on from. */
  readonly revision?: number;
  /** Writes down what happens, in the order in which it happens. @default nothing is written */
  readonly record?: (record: LogRecord) => void;
}

/** Everything a control plane remembers: collections of objects under one revision counter. */
export class Store {
  readonly #collections = new Map<string, Collection>();
  readonly #historySize: number;
  readonly #record: StoreOptions['record'];
  #revision: number;
  #compacted: number;

  constructor(options: StoreOptions = {}) {
    this.#historySize = options.historySize ?? 10_000;
    this.#record = options.record;
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
      const record = this.#record;
      collection = new Collection(storageKey, {
        nextRevision: () => ++this.#revision,
        record: record && ((change) => record(recordOf(storageKey, change))),
        historySize: this.#historySize,
        compacted: this.#compacted,
      });
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
    this.#forget(revision);
    this.#record?.({ type: 'compact', revision: this.#compacted });
  }

  /** Repeats what was written down in an earlier life, before anybody uses this store. */
  restore(record: LogRecord): void {
    switch (record.type) {
      case 'put':
        this.#revision = Math.max(this.#revision, record.revision);
        this.collection(record.storageKey).restore(record.key, record.revision, record.object);
        return;
      case 'delete':
        this.#revision = Math.max(this.#revision, record.revision);
        this.collection(record.storageKey).restore(record.key, record.revision, undefined);
        return;
      case 'compact':
        this.#forget(record.revision);
        return;
      case 'reset':
        this.#collections.clear();
        this.#revision = record.revision;
        this.#compacted = record.revision;
        return;
      case 'end':
        // What was before a snapshot is not in it.
        this.#revision = record.revision;
        this.#forget(record.revision);
        return;
      default:
        record satisfies never;
    }
  }

  /** What holds now, as records that lead there, in the order of their revisions. */
  present(): LogRecord[] {
    const records: Extract<LogRecord, { readonly type: 'put' }>[] = [];
    for (const collection of this.#collections.values()) {
      const { storageKey } = collection;
      for (const { key, revision, object } of collection.present().entries('')) {
        records.push({ type: 'put', storageKey, key, revision, object });
      }
    }
    return records.sort((a, b) => a.revision - b.revision);
  }

  #forget(revision: number): void {
    this.#compacted = Math.min(revision, this.#revision);
    for (const collection of this.#collections.values()) collection.compact(this.#compacted);
  }
}

function recordOf(storageKey: string, { type, key, revision, entry }: Change): LogRecord {
  if (type === 'delete') return { type, storageKey, key, revision };
  return { type: 'put', storageKey, key, revision, object: entry.object };
}
