import type { CallExpr, Expr } from '../syntax/index.ts';
import type { Coster, EntrySize } from './cost.ts';
import { extensionCallCost } from './cost-extensions.ts';
import { kubernetesCallCost } from './cost-kubernetes.ts';
import type { CallEstimate, CallToEstimate, CostNode } from './cost-model.ts';
import { add, costs, fixed, multiply, type Range, scale, union, unknownRange } from './ranges.ts';

const sizeOrUnknown = (node: CostNode | undefined): Range => node?.size ?? unknownRange;
const traversal = costs.stringTraversal;

/** What a call of one overload costs, its arguments included. */
export const callCost = (
  call: CallToEstimate,
  expr: CallExpr,
  argCosts: readonly Range[],
  coster: Coster,
): CallEstimate => {
  const estimate = extensionCallCost(call) ?? kubernetesCallCost(call) ?? standardCost(call);
  if (estimate !== undefined) return { ...estimate, cost: add(estimate.cost, ...argCosts) };
  return combination(call, expr, argCosts, coster) ?? { cost: add(fixed(1n), ...argCosts) };
};

const wrapped = (value: bigint): bigint => BigInt.asUintN(64, value);

/** The smaller of both lengths is compared; at least one unit if there is anything to compare. */
const comparison = (left: Range, right: Range): CallEstimate => {
  const max = left.max < right.max ? left.max : right.max;
  return { cost: scale({ min: max > 0n ? 1n : 0n, max }, traversal) };
};

/** Functions of the language whose cost depends on how long their arguments are, without the arguments' own costs. */
const standardCost = ({ overloadId, target, args }: CallToEstimate): CallEstimate | undefined => {
  const [first, second] = args;
  switch (overloadId) {
    case 'string_format':
      return target === undefined ? undefined : { cost: scale(sizeOrUnknown(target), traversal) };
    case 'string_to_bytes': {
      const { min, max } = sizeOrUnknown(first);
      return { cost: scale({ min, max }, traversal), resultSize: { min, max: wrapped(max * 4n) } };
    }
    case 'bytes_to_string': {
      const { min, max } = sizeOrUnknown(first);
      return { cost: scale({ min, max }, traversal), resultSize: { min: min / 4n, max } };
    }
    case 'strings_quote': {
      const { min, max } = sizeOrUnknown(first);
      const resultSize = { min: wrapped(min + 2n), max: wrapped(max * 2n + 2n) };
      return { cost: scale({ min, max }, traversal), resultSize };
    }
    case 'starts_with_string':
    case 'ends_with_string':
      return { cost: scale(sizeOrUnknown(first), traversal) };
    case 'in_list':
      return { cost: scale(sizeOrUnknown(second), 1) };
    case 'matches_string': {
      if (target === undefined) return undefined;
      const text = scale(add(sizeOrUnknown(target), fixed(1n)), traversal);
      return { cost: multiply(text, scale(sizeOrUnknown(first), costs.regexLength)) };
    }
    case 'contains_string':
      if (target === undefined) return undefined;
      return { cost: multiply(scale(sizeOrUnknown(target), traversal), scale(sizeOrUnknown(first), traversal)) };
    case 'equals':
    case 'not_equals':
      return comparison(sizeOrUnknown(first), sizeOrUnknown(second));
    default:
      if (!/^(?:less|greater)(?:_equals)?_(?:string|bytes)$/.test(overloadId)) return undefined;
      return comparison(sizeOrUnknown(first), sizeOrUnknown(second));
  }
};

const entryUnion = (a: EntrySize | undefined, b: EntrySize | undefined): EntrySize | undefined =>
  a === undefined || b === undefined
    ? undefined
    : { container: a.container, key: union(a.key, b.key), value: union(a.value, b.value) };

/** Operators that pass on what they are given, and those that may leave an operand uncomputed. */
const combination = (
  { overloadId, args }: CallToEstimate,
  expr: CallExpr,
  argCosts: readonly Range[],
  coster: Coster,
): CallEstimate | undefined => {
  const entrySizes = (first: number, second: number) =>
    entryUnion(coster.entrySizeOf(expr.args[first] as Expr), coster.entrySizeOf(expr.args[second] as Expr));
  switch (overloadId) {
    case 'logical_or':
    case 'logical_and': {
      const [left, right] = argCosts as [Range, Range];
      return { cost: { min: left.min, max: add(left, right).max } };
    }
    case 'conditional': {
      const [condition, yes, no] = argCosts as [Range, Range, Range];
      coster.setEntrySize(expr, entrySizes(1, 2));
      const resultSize = union(sizeOrUnknown(args[1]), sizeOrUnknown(args[2]));
      return { cost: add(condition, union(yes, no)), resultSize };
    }
    case 'add_string':
    case 'add_bytes':
    case 'add_list': {
      const resultSize = add(sizeOrUnknown(args[0]), sizeOrUnknown(args[1]));
      coster.setEntrySize(expr, entrySizes(0, 1));
      const own = overloadId === 'add_list' ? fixed(1n) : scale(resultSize, traversal);
      return { cost: add(own, ...argCosts), resultSize };
    }
    default:
      return undefined;
  }
};
