import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Indexer } from './indexer.ts';

/** `namespace/name`, or the name where there is no namespace. */
export function objectKey(metadata: { readonly namespace?: string | undefined; readonly name?: string | undefined }) {
  return metadata.namespace ? `${metadata.namespace}/${metadata.name}` : `${metadata.name}`;
}

/** Objects by key and by index; one generation of a store. Knows nothing of overlays and events. */
export class Table {
  readonly objects = new Map<string, KubeObject>();
  readonly #indexers: readonly Indexer[];
  /** For each indexer: value → the key, or the keys where there are several. Most values of most indexes have one. */
  readonly #buckets: Map<string, string | Set<string>>[];

  constructor(indexers: readonly Indexer[]) {
    this.#indexers = indexers;
    this.#buckets = indexers.map(() => new Map());
  }

  /** Files what is there by indexers that have been added since. */
  file(): void {
    for (let i = this.#buckets.length; i < this.#indexers.length; i++) {
      this.#buckets.push(new Map());
      const indexer = this.#indexers[i] as Indexer;
      for (const [key, object] of this.objects) {
        for (const value of indexer.values(object)) this.#file(i, value, key);
      }
    }
  }

  put(key: string, object: KubeObject): void {
    const old = this.objects.get(key);
    if (old) this.#unfile(key, old);
    this.objects.set(key, object);
    for (const [i, indexer] of this.#indexers.entries()) {
      for (const value of indexer.values(object)) this.#file(i, value, key);
    }
  }

  remove(key: string): void {
    const old = this.objects.get(key);
    if (!old) return;
    this.#unfile(key, old);
    this.objects.delete(key);
  }

  /** The keys of objects that the indexer at this position files under the value. */
  keysAt(position: number, value: string): Iterable<string> {
    const bucket = this.#buckets[position]?.get(value);
    if (bucket === undefined) return [];
    return typeof bucket === 'string' ? [bucket] : bucket;
  }

  #file(position: number, value: string, key: string): void {
    const buckets = this.#buckets[position] as Map<string, string | Set<string>>;
    const bucket = buckets.get(value);
    if (bucket === undefined) buckets.set(value, key);
    else if (typeof bucket !== 'string') bucket.add(key);
    else if (bucket !== key) buckets.set(value, new Set([bucket, key]));
  }

  #unfile(key: string, old: KubeObject): void {
    for (const [i, indexer] of this.#indexers.entries()) {
      const buckets = this.#buckets[i] as Map<string, string | Set<string>>;
      for (const value of indexer.valuesAgain(old)) {
        const bucket = buckets.get(value);
        if (bucket === key) buckets.delete(value);
        else if (typeof bucket === 'object' && bucket.delete(key) && bucket.size === 0) buckets.delete(value);
      }
    }
  }
}
