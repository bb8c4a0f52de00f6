import {
  accumulatorName,
  type CallExpr,
  type ComprehensionExpr,
  type Expr,
  type ListExpr,
  type MapExpr,
} from '../syntax/index.ts';
import { errorType, type Type } from '../types/index.ts';
import { callCost } from './cost-calls.ts';
import type { CallEstimate, CostNode, SizeEstimator } from './cost-model.ts';
import { add, costs, fixed, multiply, type Range, unbounded, union, unknownRange } from './ranges.ts';
import type { CheckedAst } from './result.ts';

/** How long the keys and values of a list or map are. */
export interface EntrySize {
  readonly container: 'list' | 'map';
  readonly key: Range;
  readonly value: Range;
}

interface LocalVariable {
  readonly path: readonly string[];
  readonly size: Range | undefined;
  readonly entrySize: EntrySize | undefined;
}

/**
 * What computing a checked expression costs at least and at most, as Kubernetes 1.36 estimates it before it accepts a
 * rule. `sizes` says how long the data may be; without it, whatever is of unknown length has no upper bound
 * (2^64 − 1).
 */
export const estimateCost = (ast: CheckedAst, sizes: SizeEstimator = () => undefined): Range =>
  new Coster(ast, sizes).cost(ast.expr);

const identCost = fixed(costs.ident);
const noCost = fixed(0n);

/** The state of one estimate: what has been learnt of the lengths and origins of nodes. */
export class Coster {
  readonly #ast: CheckedAst;
  readonly #sizes: SizeEstimator;
  readonly #paths = new Map<number, readonly string[]>();
  readonly #locals = new Map<string, LocalVariable[]>();
  readonly #computedSizes = new Map<number, Range>();
  readonly #entrySizes = new Map<number, EntrySize>();

  constructor(ast: CheckedAst, sizes: SizeEstimator) {
    this.#ast = ast;
    this.#sizes = sizes;
  }

  cost(expr: Expr): Range {
    switch (expr.kind) {
      case 'ident':
        this.#paths.set(expr.id, this.#local(expr.name)?.path ?? [expr.name]);
        return identCost;
      case 'select': {
        const operand = this.cost(expr.operand);
        if (expr.testOnly) return operand;
        this.#paths.set(expr.id, [...this.#pathOf(expr.operand), expr.field]);
        const { kind } = this.#typeOf(expr.operand);
        return kind === 'map' || kind === 'struct' || kind === 'typeParam' ? add(operand, identCost) : operand;
      }
      case 'call':
        return this.#callCost(expr);
      case 'list':
        return this.#listCost(expr);
      case 'map':
        return this.#mapCost(expr);
      case 'struct':
        return add(...expr.fields.map((field) => this.cost(field.value)), fixed(costs.createStruct));
      case 'comprehension':
        return isBinding(expr) ? this.#bindingCost(expr) : this.#foldCost(expr);
      default:
        return noCost;
    }
  }

  #callCost(expr: CallExpr): Range {
    const [only] = expr.args;
    if (expr.function === 'dyn' && only !== undefined) {
      const cost = add(fixed(1n), this.cost(only));
      this.#copySizes(expr, only);
      return cost;
    }
    const argCosts: Range[] = [];
    const args = expr.args.map((arg) => {
      argCosts.push(this.cost(arg));
      return this.#node(arg);
    });
    const reference = this.#ast.references.get(expr.id);
    if (reference?.kind !== 'function') return noCost;
    const targetCost = expr.target === undefined ? noCost : this.cost(expr.target);
    const target = expr.target === undefined ? undefined : this.#node(expr.target);
    let cost: Range = { min: unbounded, max: 0n };
    let resultSize: Range | undefined;
    for (const overloadId of reference.overloadIds) {
      const call = { function: expr.function, overloadId, target, args, sizes: this.#sizes };
      const estimate = callCost(call, expr, argCosts, this);
      cost = union(cost, estimate.cost);
      resultSize = this.#resultSize(expr, overloadId, estimate, resultSize);
    }
    if (resultSize !== undefined) this.#computedSizes.set(expr.id, resultSize);
    return add(targetCost, cost);
  }

  #resultSize(
    expr: CallExpr,
    overloadId: string,
    estimate: CallEstimate,
    before: Range | undefined,
  ): Range | undefined {
    let size = before;
    if (estimate.resultSize !== undefined) {
      size = size === undefined ? estimate.resultSize : union(size, estimate.resultSize);
    }
    const container = expr.args[0];
    if (container !== undefined && (overloadId === 'index_list' || overloadId === 'index_map')) {
      size = this.entrySizeOf(container)?.value;
      const part = overloadId === 'index_list' ? '@items' : '@values';
      this.#paths.set(expr.id, [...this.#pathOf(container), part]);
    }
    return size ?? this.#sizeOf(expr);
  }

  #listCost(expr: ListExpr): Range {
    let value: Range = { min: expr.elements.length === 0 ? 0n : unbounded, max: 0n };
    let sum = fixed(costs.createList);
    for (const element of expr.elements) {
      sum = add(sum, this.cost(element));
      value = union(value, this.sizeOrUnknown(element));
    }
    this.setEntrySize(expr, { container: 'list', key: fixed(1n), value });
    return sum;
  }

  #mapCost(expr: MapExpr): Range {
    const min = expr.entries.length === 0 ? 0n : unbounded;
    let [key, value]: [Range, Range] = [
      { min, max: 0n },
      { min, max: 0n },
    ];
    let sum = fixed(costs.createMap);
    for (const entry of expr.entries) {
      sum = add(sum, this.cost(entry.key), this.cost(entry.value));
      key = union(key, this.sizeOrUnknown(entry.key));
      value = union(value, this.sizeOrUnknown(entry.value));
    }
    this.setEntrySize(expr, { container: 'map', key, value });
    return sum;
  }

  #bindingCost(expr: ComprehensionExpr): Range {
    const value = add(this.cost(expr.range), this.cost(expr.accuInit));
    this.#enter(expr.accuVar, this.#variableOf(expr.accuInit));
    const sum = add(value, this.cost(expr.result));
    this.#leave(expr.accuVar);
    this.#copySizes(expr, expr.result);
    return sum;
  }

  #foldCost(expr: ComprehensionExpr): Range {
    const start = add(this.cost(expr.range), this.cost(expr.accuInit));
    this.#enter(expr.accuVar, this.#variableOf(expr.accuInit));
    this.#enterIteration(expr);
    const each = add(this.cost(expr.condition), this.cost(expr.step));
    this.#leave(expr.iterVar);
    if (expr.iterVar2 !== '') this.#leave(expr.iterVar2);
    const result = this.cost(expr.result);
    this.#leave(expr.accuVar);
    const count = this.sizeOrUnknown(expr.range);
    if (expr.accuInit.kind === 'literal') {
      const size = this.#sizeOf(expr.accuInit);
      if (size !== undefined) this.#computedSizes.set(expr.id, size);
    } else if (expr.accuInit.kind === 'list' || expr.accuInit.kind === 'map') {
      this.#computedSizes.set(expr.id, count);
      this.setEntrySize(expr, this.entrySizeOf(expr.step));
    }
    return add(start, result, multiply(count, each));
  }

  #enterIteration(expr: ComprehensionExpr): void {
    const entrySize = this.entrySizeOf(expr.range);
    const path = this.#pathOf(expr.range);
    const isList = (entrySize?.container ?? this.#typeOf(expr.range).kind) === 'list';
    const key = { path: [...path, isList ? '@indices' : '@keys'], size: entrySize?.key, entrySize: undefined };
    const value = { path: [...path, isList ? '@items' : '@values'], size: entrySize?.value, entrySize: undefined };
    if (expr.iterVar2 === '') this.#enter(expr.iterVar, isList ? value : key);
    else {
      this.#enter(expr.iterVar, key);
      this.#enter(expr.iterVar2, value);
    }
  }

  #variableOf(expr: Expr): LocalVariable {
    return { path: this.#pathOf(expr), size: this.#sizeOf(expr), entrySize: this.entrySizeOf(expr) };
  }

  #enter(name: string, variable: LocalVariable): void {
    const stack = this.#locals.get(name);
    if (stack === undefined) this.#locals.set(name, [variable]);
    else stack.push(variable);
  }

  #leave(name: string): void {
    this.#locals.get(name)?.pop();
  }

  #local(name: string): LocalVariable | undefined {
    return this.#locals.get(name)?.at(-1);
  }

  #typeOf(expr: Expr): Type {
    return this.#ast.types.get(expr.id) ?? errorType;
  }

  #pathOf(expr: Expr): readonly string[] {
    const local = expr.kind === 'ident' ? this.#local(expr.name) : undefined;
    return local?.path ?? this.#paths.get(expr.id) ?? [];
  }

  #node(expr: Expr): CostNode {
    const path = this.#pathOf(expr);
    const known = path.length > 0 && path[0] !== accumulatorName && path[0] !== '__result__';
    return { path: known ? path : undefined, type: this.#typeOf(expr), expr, size: this.#sizeOf(expr) };
  }

  sizeOrUnknown(expr: Expr): Range {
    return this.#sizeOf(expr) ?? unknownRange;
  }

  #sizeOf(expr: Expr): Range | undefined {
    const computed = this.#computedSizes.get(expr.id) ?? literalSize(expr);
    if (computed !== undefined) return computed;
    const type = this.#typeOf(expr);
    const path = this.#pathOf(expr);
    const estimated = this.#sizes(path, { path, type, expr, size: undefined });
    if (estimated !== undefined) {
      this.#computedSizes.set(expr.id, estimated);
      return estimated;
    }
    if (isScalar(type)) return fixed(1n);
    return expr.kind === 'ident' ? this.#local(expr.name)?.size : undefined;
  }

  entrySizeOf(expr: Expr): EntrySize | undefined {
    const known = this.#entrySizes.get(expr.id);
    if (known !== undefined || expr.kind !== 'ident') return known;
    return this.#local(expr.name)?.entrySize;
  }

  setEntrySize(expr: Expr, size: EntrySize | undefined): void {
    if (size !== undefined) this.#entrySizes.set(expr.id, size);
  }

  #copySizes(to: Expr, from: Expr): void {
    const size = this.#sizeOf(from);
    if (size !== undefined) this.#computedSizes.set(to.id, size);
    this.setEntrySize(to, this.entrySizeOf(from));
  }
}

/** What a name bound to a value expands to: a fold over nothing. */
const isBinding = (expr: ComprehensionExpr): boolean =>
  expr.range.kind === 'list' &&
  expr.range.elements.length === 0 &&
  expr.condition.kind === 'literal' &&
  expr.condition.value.kind === 'bool' &&
  !expr.condition.value.value &&
  expr.accuVar !== '__result__';

const scalarKinds: ReadonlySet<Type['kind']> = new Set(['bool', 'double', 'duration', 'int', 'timestamp', 'uint']);

const isScalar = (type: Type): boolean => {
  const value = type.kind === 'opaque' && type.name === 'optional_type' ? type.parameters[0] : undefined;
  return value === undefined ? scalarKinds.has(type.kind) : isScalar(value);
};

const literalSize = (expr: Expr): Range | undefined => {
  switch (expr.kind) {
    case 'literal':
      if (expr.value.kind === 'string') return fixed(BigInt(Array.from(expr.value.value).length));
      return fixed(expr.value.kind === 'bytes' ? BigInt(expr.value.value.length) : 1n);
    case 'list':
      return fixed(BigInt(expr.elements.length));
    case 'map':
      return fixed(BigInt(expr.entries.length));
    default:
      return undefined;
  }
};
