import { Heap, type HeapElement } from './heap.ts';

/** A key that could run now. */
export interface ReadyElement extends HeapElement {
  readonly priority: number;
  /** Place in the line of its priority. */
  readonly order: number;
  /** Monotonic time since which it could run. */
  readonly readySince: number;
}

/** Milliseconds after which a key that is passed over by higher priorities has aged. */
export const agesAfter = 10_000;
/** While keys that have aged wait, every so manieth turn is theirs. */
export const agedTurn = 8;

interface Level<T extends ReadyElement> {
  readonly priority: number;
  readonly line: Heap<T>;
}

/**
 * Keys that are ready, a line for each priority. The highest priority goes first, and within one the first that came;
 * but of eight turns one belongs to the key that has waited longest of those that have aged. So a stream of high
 * priorities slows low ones down and never stops them, and a flood of low ones takes an eighth at most.
 */
export class ReadyLine<T extends ReadyElement> {
  /** By descending priority; none is empty. There are few. */
  readonly #levels: Level<T>[] = [];
  #size = 0;
  /** Turns in a row in which somebody was passed over. */
  #passedOver = 0;

  get size(): number {
    return this.#size;
  }

  add(element: T): void {
    const { priority } = element;
    const at = this.#find(priority);
    let level = this.#levels[at];
    if (level?.priority !== priority) {
      level = { priority, line: new Heap<T>((a, b) => a.order < b.order) };
      this.#levels.splice(at, 0, level);
    }
    level.line.add(element);
    this.#size++;
  }

  /** Takes an element out that is in; its priority must be what it was when it was added. */
  remove(element: T): void {
    const at = this.#find(element.priority);
    const { line } = this.#levels[at] as Level<T>;
    line.remove(element);
    if (line.size === 0) this.#levels.splice(at, 1);
    this.#size--;
  }

  /** Takes out the one whose turn it is. */
  next(now: number): T | undefined {
    const element = this.#aged(now) ?? this.#levels[0]?.line.first();
    if (element) this.remove(element);
    return element;
  }

  #aged(now: number): T | undefined {
    if (this.#levels.length < 2 || ++this.#passedOver < agedTurn) return undefined;
    let longest: T | undefined;
    for (const { line } of this.#levels.slice(1)) {
      const first = line.first() as T;
      if (now - first.readySince >= agesAfter && (!longest || first.readySince < longest.readySince)) longest = first;
    }
    if (longest) this.#passedOver = 0;
    return longest;
  }

  /** Where the level of that priority is, or belongs. */
  #find(priority: number): number {
    let [low, high] = [0, this.#levels.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#levels[middle] as Level<T>).priority > priority) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
