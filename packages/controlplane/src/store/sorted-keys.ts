import { compareBytes } from '@setpoint/apimachinery/json';

/** So many changes are put in their places one by one, each of which moves half of the array; more are sorted in. */
const few = 16;

/**
 * Keys in the order of their bytes. Changes wait until somebody looks: ten thousand creates in a row are sorted once,
 * where an array kept in order would spend most of their time on moving memory.
 */
export class SortedKeys {
  #keys: string[] = [];
  readonly #added = new Set<string>();
  readonly #removed = new Set<string>();

  get length(): number {
    return this.#keys.length + this.#added.size - this.#removed.size;
  }

  at(index: number): string | undefined {
    this.#settle();
    return this.#keys[index];
  }

  /** Where `key` is, or would be. */
  indexOf(key: string): number {
    this.#settle();
    return this.#search(key);
  }

  /** `key` must not be there. */
  add(key: string): void {
    if (!this.#removed.delete(key)) this.#added.add(key);
  }

  /** `key` must be there. */
  remove(key: string): void {
    if (!this.#added.delete(key)) this.#removed.add(key);
  }

  /** Begin and end of the keys that start with `prefix`. */
  range(prefix: string): { readonly from: number; readonly to: number } {
    if (prefix === '') return { from: 0, to: this.length };
    // Keys are valid text, so none has a byte beyond the one of U+10FFFF.
    return { from: this.indexOf(prefix), to: this.indexOf(`${prefix}\u{10ffff}`) };
  }

  #settle(): void {
    const changes = this.#added.size + this.#removed.size;
    if (changes === 0) return;
    if (changes <= few) {
      for (const key of this.#removed) this.#keys.splice(this.#search(key), 1);
      for (const key of this.#added) this.#keys.splice(this.#search(key), 0, key);
    } else {
      const kept = this.#removed.size === 0 ? this.#keys : this.#keys.filter((key) => !this.#removed.has(key));
      // What is in order already is found to be by the sort, and only merged.
      this.#keys = kept.concat([...this.#added]).sort(compareBytes);
    }
    this.#added.clear();
    this.#removed.clear();
  }

  #search(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareBytes(this.#keys[middle] as string, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
