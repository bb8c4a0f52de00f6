import type { Change } from './entry.ts';

/** The latest changes of one collection, oldest first. What falls out at the front cannot be watched from any more. */
export class History {
  readonly #capacity: number;
  #changes: Change[] = [];
  /** Changes before this index are forgotten; the array is cut when they are many. */
  #first = 0;
  /** All changes after this revision are here. */
  #complete: number;

  constructor(capacity: number, complete: number) {
    this.#capacity = capacity;
    this.#complete = complete;
  }

  /** Views and watches can begin at this revision and later. */
  get completeSince(): number {
    return this.#complete;
  }

  add(change: Change): void {
    this.#changes.push(change);
    if (this.#changes.length - this.#first > this.#capacity) this.#forget(this.#first + 1);
  }

  /** Forgets the changes up to and with `revision`. */
  compact(revision: number): void {
    this.#forget(this.#indexAfter(revision));
    this.#complete = Math.max(this.#complete, revision);
  }

  /** Changes after `revision`, oldest first. */
  after(revision: number): readonly Change[] {
    return this.#changes.slice(this.#indexAfter(revision));
  }

  #forget(first: number): void {
    if (first <= this.#first) return;
    this.#complete = Math.max(this.#complete, (this.#changes[first - 1] as Change).revision);
    this.#first = first;
    if (first * 2 < this.#changes.length) return;
    this.#changes = this.#changes.slice(first);
    this.#first = 0;
  }

  #indexAfter(revision: number): number {
    let low = this.#first;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#changes[middle] as Change).revision <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
