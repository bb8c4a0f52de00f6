import type { JsonObject, JsonValue } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { FieldSet, type PathElement } from '../fieldpath/index.ts';
import { type Issue, prefixIssues, scalarIssue, TypedValueError } from './issues.ts';
import { LevelBuilder } from './level.ts';
import { itemElement } from './list-item.ts';
import {
  describeType,
  firstShape,
  type ListSchema,
  type MapSchema,
  type ScalarType,
  type Shape,
  shapeOf,
  type TypeSchema,
} from './type-schema.ts';
import { checkSameType, type TypedValue } from './typed-value.ts';
import { asList, asObject, isEmptyObject, member } from './values.ts';

/** How one value differs from another. */
export interface Comparison {
  readonly removed: FieldSet;
  readonly modified: FieldSet;
  readonly added: FieldSet;
}

const same: Comparison = { removed: FieldSet.empty, modified: FieldSet.empty, added: FieldSet.empty };

/**
 * What `next` has that `live` has not, has not, and has in another form. Unlike in the set of a value, parents that come
 * or go are in it.
 * @throws TypedValueError for values that do not fit their types
 */
export function compare(live: TypedValue, next: TypedValue): Comparison {
  checkSameType(live, next);
  const issues: Issue[] = [];
  const change = compareValues(live.value, next.value, live.type, issues);
  if (issues.length > 0) throw new TypedValueError(issues, 'failed to compare objects');
  if (change === undefined) return same;
  const { removed, modified, added } = change;
  return {
    removed: removed.below ?? FieldSet.empty,
    modified: modified.below ?? FieldSet.empty,
    added: added.below ?? FieldSet.empty,
  };
}

/** What one of the sets has at a value: the value itself, what is below it, or both. */
interface Part {
  readonly itself: boolean;
  readonly below: FieldSet | undefined;
}

interface Change {
  readonly removed: Part;
  readonly modified: Part;
  readonly added: Part;
}

const none: Part = { itself: false, below: undefined };
const itself: Part = { itself: true, below: undefined };
const isRemoved: Change = { removed: itself, modified: none, added: none };
const isModified: Change = { removed: none, modified: itself, added: none };
const isAdded: Change = { removed: none, modified: none, added: itself };

type Side = JsonValue | undefined;

/** Values of two shapes, where a type allows several, are compared once as the one and once as the other. */
function compareValues(live: Side, next: Side, type: TypeSchema | undefined, issues: Issue[]): Change | undefined {
  if (live === next && live !== undefined) return undefined;
  const first = type && firstShape(type);
  if (!type || !first) {
    issues.push({ path: '', message: `schema error: invalid atom: ${describeType(type)}` });
    return undefined;
  }
  const liveShape = shapeOf(type, live);
  const nextShape = shapeOf(type, next);
  if (next === undefined) return compareAs(liveShape ?? first, live, next, type, issues);
  if (live === undefined || liveShape === nextShape) return compareAs(nextShape ?? first, live, next, type, issues);
  const change = compareAs(liveShape ?? first, live, next, type, issues);
  return both(change, compareAs(nextShape ?? first, live, next, type, issues));
}

function compareAs(shape: Shape, live: Side, next: Side, type: TypeSchema, issues: Issue[]): Change | undefined {
  switch (shape) {
    case 'scalar':
      return compareScalars(live, next, type.scalar as ScalarType, issues);
    case 'list': {
      const list = type.list as ListSchema;
      const before = asList(live);
      const after = asList(next);
      // Both empty or null: which of the two it is makes the difference.
      if (list.atomic || (!before?.length && !after?.length)) return compareLeaves(live, next);
      return withItself(compareItems(before ?? [], after ?? [], list, issues), live, next);
    }
    case 'map': {
      const map = type.map as MapSchema;
      const before = asObject(live);
      const after = asObject(next);
      const empty = (!before || isEmptyObject(before)) && (!after || isEmptyObject(after));
      if (map.atomic || empty) return compareLeaves(live, next);
      return withItself(compareMembers(before, after, map, issues), live, next);
    }
    default:
      return shape satisfies never;
  }
}

function compareScalars(live: Side, next: Side, scalar: ScalarType, issues: Issue[]): Change | undefined {
  const before = scalarIssue(scalar, live, 'lhs: ');
  const after = scalarIssue(scalar, next, 'rhs: ');
  if (!before || !after) return compareLeaves(live, next);
  issues.push(before, after);
  return undefined;
}

function compareLeaves(live: Side, next: Side): Change | undefined {
  if (live === undefined) return isAdded;
  if (next === undefined) return isRemoved;
  return deepEqual(live, next) ? undefined : isModified;
}

/** A parent that comes or goes is itself in the set. */
function withItself(change: Change | undefined, live: Side, next: Side): Change | undefined {
  if (live === undefined) return both(change, isAdded);
  return next === undefined ? both(change, isRemoved) : change;
}

function both(a: Change | undefined, b: Change | undefined): Change | undefined {
  if (!a || !b) return a ?? b;
  return {
    removed: bothParts(a.removed, b.removed),
    modified: bothParts(a.modified, b.modified),
    added: bothParts(a.added, b.added),
  };
}

function bothParts(a: Part, b: Part): Part {
  if (a === none) return b;
  if (b === none) return a;
  return { itself: a.itself || b.itself, below: a.below && b.below ? a.below.union(b.below) : (a.below ?? b.below) };
}

/** The changes of one level; made at the first of them. */
class Level {
  readonly #removed = new LevelBuilder();
  readonly #modified = new LevelBuilder();
  readonly #added = new LevelBuilder();

  put(element: PathElement, { removed, modified, added }: Change): void {
    this.#removed.put(element, removed.itself, removed.below);
    this.#modified.put(element, modified.itself, modified.below);
    this.#added.put(element, added.itself, added.below);
  }

  change(): Change {
    return { removed: part(this.#removed), modified: part(this.#modified), added: part(this.#added) };
  }
}

function part(builder: LevelBuilder): Part {
  const below = builder.build();
  return below ? { itself: false, below } : none;
}

function compareMembers(
  live: JsonObject | undefined,
  next: JsonObject | undefined,
  { fields, element }: MapSchema,
  issues: Issue[],
): Change | undefined {
  let level: Level | undefined;
  const visit = (key: string, before: Side, after: Side) => {
    if (before === after) return;
    const since = issues.length;
    const change = compareValues(before, after, fields.get(key)?.type ?? element, issues);
    prefixIssues(issues, since, key);
    if (!change) return;
    level ??= new Level();
    level.put(key, change);
  };
  for (const key in live) visit(key, live[key], member(next, key));
  for (const key in next) if (member(live, key) === undefined) visit(key, undefined, next[key]);
  return level?.change();
}

/** The items of both lists by their elements; an element is mostly there once. */
interface Items {
  readonly element: PathElement;
  readonly live: JsonValue[];
  readonly next: JsonValue[];
}

function compareItems(
  live: readonly JsonValue[],
  next: readonly JsonValue[],
  list: ListSchema,
  issues: Issue[],
): Change | undefined {
  // Most lists of a write are as they were; to see that is much cheaper than to tell the items apart.
  if (live.length === next.length && deepEqual(live, next)) return undefined;
  let level: Level | undefined;
  for (const items of gather(live, next, list, issues)) {
    const since = issues.length;
    const change = compareItem(items, list, issues);
    prefixIssues(issues, since, items.element);
    if (!change) continue;
    level ??= new Level();
    level.put(items.element, change);
  }
  return level?.change();
}

function gather(
  live: readonly JsonValue[],
  next: readonly JsonValue[],
  list: ListSchema,
  issues: Issue[],
): Iterable<Items> {
  const found = new Map<string, Items>();
  for (const side of ['live', 'next'] as const) {
    for (const [index, item] of (side === 'live' ? live : next).entries()) {
      const element = itemElement(list, item);
      if (typeof element === 'string') {
        issues.push({ path: '', message: `element ${index}: ${element}` });
        continue;
      }
      let items = found.get(element.text);
      if (!items) {
        items = { element, live: [], next: [] };
        found.set(element.text, items);
      }
      items[side].push(item);
    }
  }
  return found.values();
}

/** Items that are there several times are one value together; nothing is known of what is below them. */
function compareItem({ live, next }: Items, list: ListSchema, issues: Issue[]): Change | undefined {
  if (live.length <= 1 && next.length <= 1) return compareValues(live[0], next[0], list.element, issues);
  if (live.length >= 2 && next.length >= 2) return deepEqual(live, next) ? undefined : isModified;
  if (live.length >= 2) {
    const added = next.length > 0 ? compareValues(undefined, next[0], list.element, issues) : undefined;
    return both(added, isRemoved);
  }
  const removed = live.length > 0 ? compareValues(live[0], undefined, list.element, issues) : undefined;
  return both(removed, isAdded);
}
