import type { Expr } from '../syntax/index.ts';
import type { Type } from '../types/index.ts';
import { type Range, unknownRange } from './ranges.ts';

/** A node as cost estimators see it. */
export interface CostNode {
  /** Where it comes from: `['self', 'containers', '@items', 'name']`; undefined if that is not known. */
  readonly path: readonly string[] | undefined;
  readonly type: Type;
  /** Undefined for the elements of a list as such. */
  readonly expr: Expr | undefined;
  /** How long it is, if that is known already. */
  readonly size: Range | undefined;
}

/**
 * How long the value at a path is: characters of a string, bytes, elements of a list, entries of a map. `@items`,
 * `@keys`, `@values` and `@indices` stand for what a list or map holds. Undefined if that is not known.
 */
export type SizeEstimator = (path: readonly string[], node: CostNode) => Range | undefined;

/** What a call costs besides its arguments, and how long its result is if that is known. */
export interface CallEstimate {
  readonly cost: Range;
  readonly resultSize?: Range;
}

/** A call whose cost is asked for; `sizeOf` answers how long a node is. */
export interface CallToEstimate {
  readonly function: string;
  readonly overloadId: string;
  readonly target: CostNode | undefined;
  readonly args: readonly CostNode[];
  readonly sizes: SizeEstimator;
}

/** How long a node is, as far as its own size or the estimator tell. */
export const sizeOfNode = (node: CostNode, sizes: SizeEstimator): Range =>
  node.size ?? sizes(node.path ?? [], node) ?? unknownRange;
