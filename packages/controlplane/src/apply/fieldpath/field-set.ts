import type { JsonObject } from '@setpoint/apimachinery/meta';
import { readFieldsV1, writeFieldsV1 } from './fields-v1.ts';
import { compareElements, type FieldPath, type PathElement, pathText } from './path-element.ts';

/** What a set says of one element: whether it is in the set itself, and what below it is. At least one of them. */
export interface FieldEntry {
  readonly element: PathElement;
  readonly member: boolean;
  /** Never empty. */
  readonly children: FieldSet | undefined;
}

/**
 * A set of fields of objects of one kind: a tree in which each level is sorted. A field in it says nothing of its
 * parents or children. Never changed; what two sets have in common is shared.
 */
export class FieldSet {
  readonly entries: readonly FieldEntry[];

  /** Takes entries that are sorted and of different elements. */
  constructor(entries: readonly FieldEntry[]) {
    this.entries = entries;
  }

  static get empty(): FieldSet {
    return none;
  }

  static of(...paths: readonly FieldPath[]): FieldSet {
    let set = FieldSet.empty;
    for (const path of paths) if (path.length > 0) set = set.union(pathSet(path, 0));
    return set;
  }

  /**
   * Reads FieldsV1. Elements of a kind that is not known are dropped.
   * @throws FieldsV1Error if it is none
   */
  static fromJson(fields: JsonObject): FieldSet {
    return readFieldsV1(fields);
  }

  /** FieldsV1, in the order of the server; empty objects in it are shared and frozen. */
  toJson(): JsonObject {
    return writeFieldsV1(this);
  }

  get isEmpty(): boolean {
    return this.entries.length === 0;
  }

  get size(): number {
    let size = 0;
    for (const { member, children } of this.entries) size += (member ? 1 : 0) + (children?.size ?? 0);
    return size;
  }

  /** The whole object is never in a set. */
  has(path: FieldPath): boolean {
    let set: FieldSet | undefined = this;
    for (let i = 0; i < path.length; i++) {
      const entry: FieldEntry | undefined = set?.entry(path[i] as PathElement);
      if (!entry) return false;
      if (i === path.length - 1) return entry.member;
      set = entry.children;
    }
    return false;
  }

  entry(element: PathElement): FieldEntry | undefined {
    const { entries } = this;
    let low = 0;
    let high = entries.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const entry = entries[middle] as FieldEntry;
      const order = compareElements(entry.element, element);
      if (order === 0) return entry;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }

  /** What is below an element, as a set of its own. */
  withPrefix(element: PathElement): FieldSet {
    return this.entry(element)?.children ?? FieldSet.empty;
  }

  /** All paths: of each level first the members, then what is below. */
  *paths(prefix: FieldPath = []): Generator<FieldPath> {
    for (const { element, member } of this.entries) if (member) yield [...prefix, element];
    for (const { element, children } of this.entries) if (children) yield* children.paths([...prefix, element]);
  }

  equals(other: FieldSet): boolean {
    if (this === other) return true;
    if (this.entries.length !== other.entries.length) return false;
    return this.entries.every((entry, index) => equalEntries(entry, other.entries[index] as FieldEntry));
  }

  /** What is in one of the two. */
  union(other: FieldSet): FieldSet {
    if (this === other || other.isEmpty) return this;
    if (this.isEmpty) return other;
    const left = this.entries;
    const right = other.entries;
    const entries: FieldEntry[] = [];
    let same = true;
    let i = 0;
    let j = 0;
    while (i < left.length && j < right.length) {
      const a = left[i] as FieldEntry;
      const b = right[j] as FieldEntry;
      const order = compareElements(a.element, b.element);
      const entry = order < 0 ? a : order > 0 ? b : unite(a, b);
      if (order <= 0) i++;
      if (order >= 0) j++;
      if (entry !== a) same = false;
      entries.push(entry);
    }
    if (j < right.length) same = false;
    if (same) return this;
    for (; i < left.length; i++) entries.push(left[i] as FieldEntry);
    for (; j < right.length; j++) entries.push(right[j] as FieldEntry);
    return new FieldSet(entries);
  }

  /** What is in both. */
  intersection(other: FieldSet): FieldSet {
    if (this === other) return this;
    const left = this.entries;
    const right = other.entries;
    const entries: FieldEntry[] = [];
    let i = 0;
    let j = 0;
    while (i < left.length && j < right.length) {
      const a = left[i] as FieldEntry;
      const b = right[j] as FieldEntry;
      const order = compareElements(a.element, b.element);
      if (order <= 0) i++;
      if (order >= 0) j++;
      if (order !== 0) continue;
      const below = a.children && b.children ? a.children.intersection(b.children) : undefined;
      push(entries, a, a.member && b.member, below);
    }
    return this.#from(entries);
  }

  /** What is here and not there. What is below a field that is there stays unless it is there too. */
  difference(other: FieldSet): FieldSet {
    return this.#without(other, (a, b, entries) => {
      const below = a.children && b.children ? a.children.difference(b.children) : a.children;
      push(entries, a, a.member && !b.member, below);
    });
  }

  /** What is neither there nor below something that is there. */
  recursiveDifference(other: FieldSet): FieldSet {
    return this.#without(other, (a, b, entries) => {
      if (b.member) return;
      push(entries, a, a.member, a.children && b.children ? a.children.recursiveDifference(b.children) : a.children);
    });
  }

  #without(other: FieldSet, both: (a: FieldEntry, b: FieldEntry, entries: FieldEntry[]) => void): FieldSet {
    if (other.isEmpty || this.isEmpty) return this;
    const left = this.entries;
    const right = other.entries;
    const entries: FieldEntry[] = [];
    let i = 0;
    let j = 0;
    while (i < left.length && j < right.length) {
      const a = left[i] as FieldEntry;
      const b = right[j] as FieldEntry;
      const order = compareElements(a.element, b.element);
      if (order <= 0) i++;
      if (order >= 0) j++;
      if (order < 0) entries.push(a);
      else if (order === 0) both(a, b, entries);
    }
    for (; i < left.length; i++) entries.push(left[i] as FieldEntry);
    return this.#from(entries);
  }

  /** Itself if the entries are its own. */
  #from(entries: readonly FieldEntry[]): FieldSet {
    if (entries.length === 0) return FieldSet.empty;
    if (entries.length !== this.entries.length) return new FieldSet(entries);
    for (let i = 0; i < entries.length; i++) if (entries[i] !== this.entries[i]) return new FieldSet(entries);
    return this;
  }

  /** What has nothing below it. */
  leaves(): FieldSet {
    const entries: FieldEntry[] = [];
    for (const entry of this.entries) push(entries, entry, entry.member && !entry.children, entry.children?.leaves());
    return this.#from(entries);
  }

  toString(): string {
    return [...this.paths()].map(pathText).join('\n');
  }
}

function pathSet(path: FieldPath, at: number): FieldSet {
  const last = at === path.length - 1;
  const children = last ? undefined : pathSet(path, at + 1);
  return new FieldSet([{ element: path[at] as PathElement, member: last, children }]);
}

function push(entries: FieldEntry[], from: FieldEntry, member: boolean, below: FieldSet | undefined): void {
  const children = below && below.entries.length > 0 ? below : undefined;
  if (!member && !children) return;
  const same = member === from.member && children === from.children;
  entries.push(same ? from : { element: from.element, member, children });
}

function unite(a: FieldEntry, b: FieldEntry): FieldEntry {
  if (a === b) return a;
  const member = a.member || b.member;
  const children = a.children && b.children ? a.children.union(b.children) : (a.children ?? b.children);
  if (member === a.member && children === a.children) return a;
  if (member === b.member && children === b.children) return b;
  return { element: a.element, member, children };
}

function equalEntries(a: FieldEntry, b: FieldEntry): boolean {
  if (a === b) return true;
  if (a.member !== b.member || compareElements(a.element, b.element) !== 0) return false;
  if (a.children === undefined || b.children === undefined) return a.children === b.children;
  return a.children.equals(b.children);
}

// Not a static member: compiled for publishing, its initializer would use the class before it is there.
const none = new FieldSet([]);
