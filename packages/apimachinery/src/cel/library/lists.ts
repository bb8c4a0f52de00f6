import type { FunctionLibrary, Implementation } from '../interpret/index.ts';
import {
  ArrayList,
  add,
  CelError,
  compare,
  DoubleValue,
  DurationValue,
  elements,
  equalTo,
  type Int,
  isComparable,
  isError,
  ListValue,
  listContains,
  noSuchOverload,
  typeName,
  UintValue,
  type Value,
} from '../values/index.ts';

/** Kubernetes' list functions, cel-go's lists extension in version 3, and its sets. */

const comparable = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes'];

/** One implementation for the overloads of all element types. */
const forTypes = (id: (type: string) => string, implementation: Implementation, types = comparable) => ({
  overloads: Object.fromEntries(types.map((type) => [id(type), implementation])),
});

function isSorted(list: Value): Value {
  const all = elements(list as ListValue);
  for (const [i, element] of all.entries()) {
    if (!isComparable(element)) return noSuchOverload(element);
    if (i > 0 && compare(all[i - 1] as Value, element) === 1) return false;
  }
  return true;
}

/** Min and max: an element takes over where comparing says the one so far must give way. */
const extreme =
  (name: string, givesWay: -1 | 1) =>
  (list: Value): Value => {
    let best: Value | undefined;
    for (const element of elements(list as ListValue)) {
      if (!isComparable(element)) return noSuchOverload(element);
      if (best === undefined || compare(best, element) === givesWay) best = element;
    }
    return best ?? new CelError(`${name} called on empty list`);
  };

const sum =
  (zero: Value) =>
  (list: Value): Value => {
    let total = zero;
    for (const element of elements(list as ListValue)) {
      total = add(total, element);
      if (isError(total)) return total;
    }
    return total;
  };

function indexOf(list: Value, element: Value): Value {
  return elements(list as ListValue).findIndex((each) => equalTo(each, element) === true);
}

function lastIndexOf(list: Value, element: Value): Value {
  return elements(list as ListValue).findLastIndex((each) => equalTo(each, element) === true);
}

const sums: readonly (readonly [string, Value])[] = [
  ['int', 0],
  ['uint', new UintValue(0n)],
  ['double', new DoubleValue(0)],
  ['duration', new DurationValue(0n)],
];

export const kubernetesListFunctions: FunctionLibrary = {
  isSorted: forTypes((type) => `list_${type}_is_sorted_bool`, { unary: isSorted }),
  min: forTypes((type) => `list_${type}_min_${type}`, { unary: extreme('min', 1) }),
  max: forTypes((type) => `list_${type}_max_${type}`, { unary: extreme('max', -1) }),
  sum: {
    overloads: Object.fromEntries(sums.map(([type, zero]) => [`list_${type}_sum_${type}`, { unary: sum(zero) }])),
  },
  indexOf: { overloads: { list_a_index_of_int: { binary: indexOf } } },
  lastIndexOf: { overloads: { list_a_last_index_of_int: { binary: lastIndexOf } } },
};

function slice(list: ListValue, start: Int, end: Int): Value {
  const refuse = (reason: string) => new CelError(`cannot slice(${start}, ${end}), ${reason}`);
  if (start < 0 || end < 0) return refuse('negative indexes not supported');
  if (start > end) return refuse('start index must be less than or equal to end index');
  if (end > list.size) return refuse(`list is length ${list.size}`);
  return new ArrayList(elements(list).slice(Number(start), Number(end)));
}

function flatten(list: Value, depth: Int): Value {
  if (!(list instanceof ListValue)) return noSuchOverload(list);
  if (depth < 0) return new CelError('level must be non-negative');
  const flat: Value[] = [];
  const visit = (from: ListValue, left: number) => {
    for (const element of elements(from)) {
      if (element instanceof ListValue && left > 0) visit(element, left - 1);
      else flat.push(element);
    }
  };
  visit(list, Number(depth));
  return new ArrayList(flat);
}

function sortByKeys(list: ListValue, keys: ListValue): Value {
  if (list.size !== keys.size) {
    return new CelError(
      '@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ' +
        `${list.size} and ${keys.size} elements respectively`,
    );
  }
  if (list.size === 0) return list;
  const all = elements(keys);
  const first = all[0] as Value;
  if (!isComparable(first)) return new CelError('list elements must be comparable');
  const isMixed = all.some((key) => typeName(key) !== typeName(first));
  if (isMixed && all.length > 1) return new CelError('list elements must have the same type');
  const order = all.map((_, i) => i);
  order.sort((a, b) => {
    const compared = compare(all[a] as Value, all[b] as Value);
    return typeof compared === 'number' ? compared : 0;
  });
  return new ArrayList(order.map((place) => list.at(place)));
}

/** 0, 1, 2, …: made when they are looked at, for the cost of a long one ends the evaluation right after. */
class RangeList extends ListValue {
  readonly size: number;

  constructor(size: number) {
    super();
    this.size = size;
  }

  at(index: number): Value {
    return index;
  }
}

const range = (count: Int): Value => new RangeList(Math.max(0, Number(count)));

function distinct(list: ListValue): Value {
  const unique: Value[] = [];
  for (const element of elements(list)) {
    if (!unique.some((each) => equalTo(element, each) === true)) unique.push(element);
  }
  return new ArrayList(unique);
}

const isList = (value: Value): boolean => value instanceof ListValue;

export const listFunctions: FunctionLibrary = {
  slice: {
    overloads: { list_slice: { variadic: ([list, start, end]) => slice(list as ListValue, start as Int, end as Int) } },
  },
  flatten: {
    unguarded: true,
    overloads: {
      list_flatten: { unary: (list) => flatten(list, 1) },
      list_flatten_int: { binary: (list, depth) => flatten(list, depth as Int) },
    },
  },
  sort: { singleton: { unary: (list) => sortByKeys(list as ListValue, list as ListValue), accepts: isList } },
  '@sortByAssociatedKeys': {
    singleton: { binary: (list, keys) => sortByKeys(list as ListValue, keys as ListValue), accepts: isList },
  },
  'lists.range': { overloads: { lists_range: { unary: (count) => range(count as Int) } } },
  reverse: {
    overloads: { list_reverse: { unary: (list) => new ArrayList(elements(list as ListValue).reverse()) } },
  },
  distinct: { overloads: { list_distinct: { unary: (list) => distinct(list as ListValue) } } },
};

function containsAll(list: Value, part: Value): Value {
  for (const element of elements(part as ListValue)) {
    const found = listContains(list as ListValue, element);
    if (found !== true) return found;
  }
  return true;
}

function intersects(a: Value, b: Value): Value {
  return elements(a as ListValue).some((element) => listContains(b as ListValue, element) === true);
}

function equivalent(a: Value, b: Value): Value {
  const contains = containsAll(a, b);
  return contains === true ? containsAll(b, a) : contains;
}

export const setFunctions: FunctionLibrary = {
  'sets.contains': { overloads: { list_sets_contains_list: { binary: containsAll } } },
  'sets.equivalent': { overloads: { list_sets_equivalent_list: { binary: equivalent } } },
  'sets.intersects': { overloads: { list_sets_intersects_list: { binary: intersects } } },
};
