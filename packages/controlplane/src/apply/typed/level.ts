import { compareElements, type FieldEntry, FieldSet, type PathElement } from '../fieldpath/index.ts';

/** Gathers the entries of one level of a set, in any order, each element once. */
export class LevelBuilder {
  readonly #entries: FieldEntry[] = [];
  #last: PathElement | undefined;
  #sorted = true;

  add(entry: FieldEntry): void {
    const { element } = entry;
    if (this.#sorted && this.#last !== undefined && compareElements(this.#last, element) > 0) this.#sorted = false;
    this.#last = element;
    this.#entries.push(entry);
  }

  /** The element by itself, what is below it, or both; nothing if there is neither. */
  put(element: PathElement, member: boolean, children: FieldSet | undefined): void {
    if (member || children) this.add({ element, member, children });
  }

  build(): FieldSet | undefined {
    const entries = this.#entries;
    if (entries.length === 0) return undefined;
    if (!this.#sorted) entries.sort((a, b) => compareElements(a.element, b.element));
    return new FieldSet(entries);
  }
}
