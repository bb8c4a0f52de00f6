import type { JsonObject, JsonValue } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { elementText, type ItemElement } from '../fieldpath/index.ts';
import { type Issue, prefixIssues, scalarIssue, TypedValueError } from './issues.ts';
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
import { asList, asObject, isEmptyObject, type MutableObject, member, setMember } from './values.ts';

type Side = JsonValue | undefined;

/**
 * The live value with all that the other one says. Both lists of an item keep their order as far as they agree; a list or
 * object that is null says nothing. The live value itself if that changes nothing.
 * @throws TypedValueError if the other has an item twice, or one of them does not fit its type
 */
export function merge(live: TypedValue, intent: TypedValue): TypedValue {
  checkSameType(live, intent);
  const issues: Issue[] = [];
  const value = mergeValues(live.value, intent.value, live.type, issues);
  if (issues.length > 0) throw new TypedValueError(issues, 'failed to merge config');
  return value === live.value ? live : { value: value ?? null, type: live.type };
}

/** Values of two shapes, where a type allows several, are checked as both and merged as the intended one. */
function mergeValues(live: Side, intent: Side, type: TypeSchema | undefined, issues: Issue[]): Side {
  if (intent === undefined || live === intent) return live;
  if (live === undefined) return intent;
  const first = type && firstShape(type);
  if (!type || !first) {
    issues.push({ path: '', message: `schema error: invalid atom: ${describeType(type)}` });
    return undefined;
  }
  const liveShape = shapeOf(type, live);
  const intentShape = shapeOf(type, intent);
  if (liveShape !== intentShape) mergeAs(liveShape ?? first, live, intent, type, issues);
  return mergeAs(intentShape ?? first, live, intent, type, issues);
}

function mergeAs(shape: Shape, live: JsonValue, intent: JsonValue, type: TypeSchema, issues: Issue[]): Side {
  switch (shape) {
    case 'scalar': {
      const before = scalarIssue(type.scalar as ScalarType, live, 'lhs: ');
      const after = scalarIssue(type.scalar as ScalarType, intent, 'rhs: ');
      if (!before || !after) return intent;
      issues.push(before, after);
      return undefined;
    }
    case 'list': {
      const list = type.list as ListSchema;
      const before = asList(live);
      const after = asList(intent);
      // Both empty or null: which of the two it is is kept.
      if (list.atomic || (!before?.length && !after?.length)) return replace(live, intent);
      return mergeLists(before ?? [], after ?? [], list, issues);
    }
    case 'map': {
      const map = type.map as MapSchema;
      const before = asObject(live);
      const after = asObject(intent);
      const empty = (!before || isEmptyObject(before)) && (!after || isEmptyObject(after));
      return map.atomic || empty ? replace(live, intent) : mergeMembers(before ?? {}, after ?? {}, map, issues);
    }
    default:
      return shape satisfies never;
  }
}

/** The live value where the other one is the same, so that what did not change is shared. */
function replace(live: JsonValue, intent: JsonValue): JsonValue {
  return deepEqual(live, intent) ? live : intent;
}

function mergeMembers(live: JsonObject, intent: JsonObject, { fields, element }: MapSchema, issues: Issue[]): Side {
  let changed: MutableObject | undefined;
  for (const key in intent) {
    const before = member(live, key);
    const since = issues.length;
    const after = mergeValues(before, intent[key], fields.get(key)?.type ?? element, issues);
    prefixIssues(issues, since, key);
    if (after === before) continue;
    changed ??= { ...live };
    if (after === undefined) delete changed[key];
    else setMember(changed, key, after);
  }
  return changed ?? live;
}

/** The items of a list in order, and by their elements; null stands for those that are there several times. */
interface Indexed {
  readonly elements: readonly ItemElement[];
  readonly byText: ReadonlyMap<string, JsonValue>;
}

function index(list: ListSchema, items: readonly JsonValue[], allowDuplicates: boolean, issues: Issue[]): Indexed {
  const elements: ItemElement[] = [];
  const byText = new Map<string, JsonValue>();
  for (const [at, item] of items.entries()) {
    const element = itemElement(list, item);
    if (typeof element === 'string') {
      issues.push({ path: '', message: `element ${at}: ${element}` });
      continue;
    }
    const known = byText.has(element.text);
    if (known && !allowDuplicates) {
      issues.push({ path: '', message: `duplicate entries for key ${elementText(element, false)}` });
      continue;
    }
    byText.set(element.text, known ? null : item);
    elements.push(element);
  }
  return { elements, byText };
}

function mergeLists(live: readonly JsonValue[], intent: readonly JsonValue[], list: ListSchema, issues: Issue[]): Side {
  const since = issues.length;
  const wanted = index(list, intent, false, issues);
  const present = index(list, live, true, issues);
  if (issues.length > since) return undefined;
  // The server drops what is wrong with items.
  const ignored: Issue[] = [];
  const out: JsonValue[] = [];
  const take = (before: Side, after: Side) => {
    const item = mergeValues(before, after, list.element, ignored);
    if (item !== undefined) out.push(item);
  };
  const shared = wanted.elements.filter(({ text }) => present.byText.has(text));
  const merged = new Set<string>();
  const takeBoth = (text: string) => {
    merged.add(text);
    take(present.byText.get(text), wanted.byText.get(text));
  };
  let nextShared = 0;
  let i = 0;
  let j = 0;
  while (i < present.elements.length || j < wanted.elements.length) {
    const left = present.elements[i]?.text;
    const right = wanted.elements[j]?.text;
    if (left !== undefined && right !== undefined) {
      if (left === right) {
        takeBoth(left);
        i++;
        j++;
        nextShared++;
        continue;
      }
      const awaited = shared[nextShared];
      if (wanted.byText.has(left) && awaited && awaited.text !== left) {
        i++;
        continue;
      }
    }
    if (left !== undefined) {
      if (!wanted.byText.has(left)) {
        take(live[i], undefined);
        i++;
        continue;
      }
      if (merged.has(left)) i++;
    }
    if (right !== undefined) {
      takeBoth(right);
      j++;
      if (shared[nextShared]?.text === right) nextShared++;
    }
  }
  if (out.length === live.length && out.every((item, at) => item === live[at])) return live;
  return out.length > 0 ? out : undefined;
}
