import { BytesValue, costSize, costSizeThrough, ListValue, OpaqueValue, type Value } from '../values/index.ts';
import { EvaluationPanic } from './cost.ts';
import { kubernetesCost } from './kubernetes-cost.ts';

/** What calling a function costs, given its arguments and its result. */
export type CallCost = (args: readonly Value[], result: Value) => number;

const traversal = 0.1;
const listCreation = 10;

const perArgument =
  (argument: number): CallCost =>
  (args) =>
    Math.ceil(costSizeThrough(args[argument] as Value) * traversal);

const shorter: CallCost = ([a, b]) =>
  Math.ceil(Math.min(costSizeThrough(a as Value), costSizeThrough(b as Value)) * traversal);

const both: CallCost = ([a, b]) => Math.ceil((costSizeThrough(a as Value) + costSizeThrough(b as Value)) * traversal);

const constant: CallCost = () => 1;

const sets =
  (factor: number): CallCost =>
  ([a, b]) =>
    1 + Math.trunc(costSize(a as Value) * costSize(b as Value) * factor);

const allocating = (factor: number, size: number): number => Math.trunc(size * factor) + 1 + listCreation;

const outputSize: CallCost = (_, result) => allocating(1, costSize(result));

const flatten: CallCost = ([list, depth]) => allocating(typeof depth === 'number' ? depth : 1, costSize(list as Value));

const selfCompare =
  (argument: number): CallCost =>
  (args) => {
    const list = args[argument] as Value;
    // Upstream stops in a panic here where the argument failed.
    if (!(list instanceof ListValue)) throw new EvaluationPanic('*types.Err is not traits.Lister: missing method Add');
    const { size } = list;
    const first = size > 0 ? list.at(0) : null;
    const comparesTexts = typeof first === 'string' || first instanceof BytesValue;
    return allocating(comparesTexts ? 2 + traversal : 2, size * size);
  };

/** The functions whose cost cel-go knows by overload: its own, and those of its extensions. */
const byOverload: Readonly<Record<string, CallCost>> = {
  starts_with_string: perArgument(0),
  ends_with_string: perArgument(0),
  string_to_bytes: perArgument(0),
  bytes_to_string: perArgument(0),
  strings_quote: perArgument(0),
  string_format: perArgument(0),
  in_list: ([, list]) => costSizeThrough(list as Value),
  less_string: shorter,
  greater_string: shorter,
  less_equals_string: shorter,
  greater_equals_string: shorter,
  less_bytes: shorter,
  greater_bytes: shorter,
  less_equals_bytes: shorter,
  greater_equals_bytes: shorter,
  equals: shorter,
  not_equals: shorter,
  add_string: both,
  add_bytes: both,
  matches_string: ([text, pattern]) =>
    Math.ceil((1 + costSizeThrough(text as Value)) * traversal) * Math.ceil(costSizeThrough(pattern as Value) * 0.25),
  contains_string: ([text, part]) =>
    Math.ceil(costSizeThrough(text as Value) * traversal) * Math.ceil(costSizeThrough(part as Value) * traversal),
};

/** Costs that extensions set themselves, before anybody else is asked. */
const ofExtensions: Readonly<Record<string, CallCost>> = {
  list_sets_contains_list: sets(1),
  list_sets_intersects_list: sets(1),
  list_sets_equivalent_list: sets(2),
  list_slice: outputSize,
  list_flatten: flatten,
  list_flatten_int: flatten,
  lists_range: outputSize,
  list_reverse: outputSize,
  list_distinct: selfCompare(0),
};

const own = (table: Readonly<Record<string, CallCost>>, key: string): CallCost | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** The cost of a call, looked up once per call site. The overload is empty where several are possible. */
export function callCost(name: string, overload: string): CallCost {
  const extension = own(ofExtensions, overload) ?? ofSorting(overload);
  if (extension !== undefined) return extension;
  const general = own(byOverload, overload) ?? constant;
  if (name === '_==_') {
    return (args, result) => (args[0] instanceof OpaqueValue ? 1 : general(args, result));
  }
  const kubernetes = kubernetesCost(name, overload);
  return kubernetes === undefined ? general : (args, result) => kubernetes(args, result) ?? general(args, result);
}

function ofSorting(overload: string): CallCost | undefined {
  if (/^list_\S+_sort$/.test(overload)) return selfCompare(0);
  return /^list_\S+_sortByAssociatedKeys$/.test(overload) ? selfCompare(1) : undefined;
}
