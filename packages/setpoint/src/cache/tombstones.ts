/** UIDs that nobody waits for any more are kept up to this number, the oldest go first. */
const settledLimit = 10_000;

/**
 * UIDs of objects that this operator knows to be gone: whatever the watch still says of them is the past.
 * A UID never comes back, so keeping one too long is harmless; a list begun later clears all, in case one was wrong.
 */
export class Tombstones {
  /** Deletions the watch has not confirmed, with the number of the last list begun before them. */
  readonly #pending = new Map<string, number>();
  /** Confirmed ones, and those whose object this store never held: no confirmation will come. */
  readonly #settled = new Map<string, number>();

  get size(): number {
    return this.#pending.size + this.#settled.size;
  }

  /** Deletions that still wait for the watch. */
  get pending(): number {
    return this.#pending.size;
  }

  has(uid: string | undefined): boolean {
    return uid !== undefined && (this.#pending.has(uid) || this.#settled.has(uid));
  }

  /** @param held whether the store holds the object, so that the watch will confirm the deletion */
  add(uid: string, lists: number, held: boolean): void {
    if (held) this.#pending.set(uid, lists);
    else this.#settle(uid, lists);
  }

  /** The watch said DELETED. With a selector that may only mean that the object left the selection. */
  confirm(uid: string, certain: boolean): void {
    const lists = this.#pending.get(uid);
    if (certain) this.#settled.delete(uid);
    if (lists === undefined) return;
    this.#pending.delete(uid);
    if (!certain) this.#settle(uid, lists);
  }

  /**
   * The list of this number was swapped in: it knows better than what was learned before it began.
   * Of what was learned meanwhile, only objects that are in the list will be confirmed by the watch.
   */
  listed(list: number, present: (uid: string) => boolean): void {
    for (const map of [this.#pending, this.#settled]) {
      for (const [uid, lists] of map) if (lists < list) map.delete(uid);
    }
    for (const [uid, lists] of this.#pending) {
      if (present(uid)) continue;
      this.#pending.delete(uid);
      this.#settle(uid, lists);
    }
  }

  clear(): void {
    this.#pending.clear();
    this.#settled.clear();
  }

  #settle(uid: string, lists: number): void {
    this.#settled.set(uid, lists);
    if (this.#settled.size <= settledLimit) return;
    for (const oldest of this.#settled.keys()) {
      this.#settled.delete(oldest);
      return;
    }
  }
}
