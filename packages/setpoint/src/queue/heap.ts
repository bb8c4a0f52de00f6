/** An element of a heap remembers its place, so that it can be moved or removed in O(log n). */
export interface HeapElement {
  /** Index in the heap's array; -1 while in no heap. Written by the heap only. */
  place: number;
}

/** A binary heap: the first element by `before` is at hand, any element can leave. */
export class Heap<T extends HeapElement> {
  readonly #elements: T[] = [];
  readonly #before: (a: T, b: T) => boolean;

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#elements.length;
  }

  first(): T | undefined {
    return this.#elements[0];
  }

  add(element: T): void {
    this.#put(element, this.#elements.length);
    this.#rise(element);
  }

  remove(element: T): void {
    const place = element.place;
    const last = this.#elements.pop() as T;
    element.place = -1;
    if (last === element) return;
    this.#put(last, place);
    this.#rise(last);
    this.#sink(last);
  }

  #put(element: T, place: number): void {
    this.#elements[place] = element;
    element.place = place;
  }

  #rise(element: T): void {
    while (element.place > 0) {
      const place = element.place;
      const parentPlace = (place - 1) >> 1;
      const parent = this.#elements[parentPlace] as T;
      if (!this.#before(element, parent)) return;
      this.#put(parent, place);
      this.#put(element, parentPlace);
    }
  }

  #sink(element: T): void {
    for (;;) {
      const place = element.place;
      const left = this.#elements[2 * place + 1];
      const right = this.#elements[2 * place + 2];
      const child = right && left && this.#before(right, left) ? right : left;
      if (!child || !this.#before(child, element)) return;
      const childPlace = child.place;
      this.#put(child, place);
      this.#put(element, childPlace);
    }
  }
}
