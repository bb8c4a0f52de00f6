import type { CallEstimate, CallToEstimate, CostNode } from './cost-model.ts';
import { sizeOfNode } from './cost-model.ts';
import { add, costs, fixed, multiply, type Range, scale, unbounded } from './ranges.ts';

/** The cost of a function that makes a list: one for the call, ten for the list and `factor` for each element. */
const listCall = (factor: number, size: Range): CallEstimate => ({
  cost: add(scale(size, factor), fixed(1n), fixed(costs.createList)),
  resultSize: size,
});

const intLiteral = (node: CostNode | undefined, fallback: bigint): bigint => {
  if (node?.expr?.kind !== 'literal' || node.expr.value.kind !== 'int') return fallback;
  return node.expr.value.value < 0n ? 0n : node.expr.value.value;
};

const sizeOf = (call: CallToEstimate, node: CostNode): Range => sizeOfNode(node, call.sizes);

const squared = (size: Range): Range => multiply(size, size);

const sortFactor = (overloadId: string): number =>
  /^list_(?:string|bytes)_/.test(overloadId) ? 2 + costs.stringTraversal : 2;

const slice = (call: CallToEstimate, target: CostNode): CallEstimate => {
  const start = intLiteral(call.args[0], 0n);
  const end = intLiteral(call.args[1], sizeOf(call, target).max);
  return listCall(1, fixed(BigInt.asUintN(64, end - start)));
};

/** The costs of cel-go's set and list extensions, by overload; undefined for all other overloads. */
export const extensionCallCost = (call: CallToEstimate): CallEstimate | undefined => {
  const { overloadId: id, target, args } = call;
  if (id.startsWith('list_sets_')) {
    const [first, second] = args.map((arg) => sizeOf(call, arg)) as [Range, Range];
    const factor = id === 'list_sets_equivalent_list' ? 2 : 1;
    return { cost: add(scale(multiply(first, second), factor), fixed(1n)) };
  }
  if (id === 'lists_range') return listCall(1, fixed(intLiteral(args[0], unbounded)));
  if (target === undefined) return undefined;
  switch (id) {
    case 'list_slice':
      return slice(call, target);
    case 'list_flatten':
      return listCall(1, sizeOf(call, target));
    case 'list_flatten_int':
      return listCall(Number(intLiteral(args[0], unbounded)), sizeOf(call, target));
    case 'list_reverse':
      return listCall(1, sizeOf(call, target));
    case 'list_distinct':
      return listCall(2, squared(sizeOf(call, target)));
    default:
      if (/^list_.+_sort$/.test(id)) return listCall(sortFactor(id), squared(sizeOf(call, target)));
      if (!id.endsWith('_sortByAssociatedKeys')) return undefined;
      return listCall(sortFactor(id), squared(sizeOf(call, args[0] as CostNode)));
  }
};
