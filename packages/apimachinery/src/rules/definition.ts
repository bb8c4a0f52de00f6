import { unboundedCost } from '../cel/index.ts';
import { FieldError, type FieldPath } from '../errors/index.ts';
import { type DefinitionRules, internalRule, type RuleScope, type StructuralSchema } from '../schema/index.ts';
import { type CompiledRule, compileRules, maxCardinality } from './compile.ts';
import { type Declaration, type Declare, declarations } from './declaration.ts';

const ruleCostLimit = 10_000_000n;
const definitionCostLimit = 100_000_000n;
const mostExpensiveShown = 4;

/** Checks the rules of one definition: what they may cost is added up over all of them. */
export function definitionRules(schema: StructuralSchema): DefinitionRules {
  const total: Total = { cost: 0n, expensive: [], declare: declarations() };
  return {
    root: scope({ schema, parent: undefined, cardinality: 1n, isInScope: hasRules(schema) }, total),
    totalErrors: (path) => totalErrors(total, path),
  };
}

interface Total {
  cost: bigint;
  /** The most expensive expressions, dearest first. */
  expensive: { readonly path: FieldPath; readonly cost: bigint }[];
  readonly declare: Declare;
}

interface Node {
  readonly schema: StructuralSchema;
  readonly parent: Node | undefined;
  /** How many values of this schema an object holds at most; undefined where the lists and maps above do not say. */
  readonly cardinality: bigint | undefined;
  /** It has rules, or something above has. */
  readonly isInScope: boolean;
}

const hasRules = (schema: StructuralSchema): boolean => (schema['x-kubernetes-validations'] ?? []).length > 0;

function scope(node: Node, total: Total): RuleScope {
  const below = (schema: StructuralSchema) =>
    scope(
      {
        schema,
        parent: node,
        cardinality: cardinalityBelow(node),
        isInScope: node.isInScope || hasRules(schema),
      },
      total,
    );
  return {
    property: (_name, schema) => below(schema),
    items: below,
    additional: below,
    check: (path, uncorrelatable) => check(node, total, path, uncorrelatable),
  };
}

function cardinalityBelow({ schema, cardinality }: Node): bigint | undefined {
  const factor = elementsOf(schema);
  return cardinality === undefined || factor === undefined ? undefined : times(cardinality, factor);
}

function elementsOf(schema: StructuralSchema): bigint | undefined {
  const limit = (most: number | undefined) => (most === undefined ? undefined : BigInt(Math.max(0, most)));
  if (schema.type === 'array') return limit(schema.maxItems);
  if (schema.type === 'object' && schema.additionalProperties !== undefined) return limit(schema.maxProperties);
  return 1n;
}

function times(a: bigint, b: bigint): bigint {
  const product = a * b;
  return product > unboundedCost ? unboundedCost : product;
}

/** Undefined where expressions may not see the node, or something with rules above it. */
function declarationOf(node: Node, total: Total): Declaration | undefined {
  const { schema, parent } = node;
  if (parent?.isInScope && declarationOf(parent, total) === undefined) return undefined;
  return total.declare(schema, parent === undefined || schema['x-kubernetes-embedded-resource'] === true);
}

function check(node: Node, total: Total, path: FieldPath, uncorrelatable: FieldPath | undefined): FieldError[] {
  const at = path.child('x-kubernetes-validations');
  const declaration = declarationOf(node, total);
  if (declaration === undefined) {
    const why = 'unable to convert structural schema to CEL declarations';
    const detail = `internal error: failed to construct type information for x-kubernetes-validations rules: ${why}`;
    return [FieldError.internal(at, detail)];
  }
  const cardinality = node.cardinality ?? maxCardinality(declaration);
  return compileRules(node.schema, declaration).flatMap((compiled, i) => [
    ...checkCosts(compiled, cardinality, at.index(i), total),
    ...checkOldSelf(compiled, at.index(i), uncorrelatable),
  ]);
}

function checkCosts(compiled: CompiledRule, cardinality: bigint, path: FieldPath, total: Total): FieldError[] {
  const errors: FieldError[] = [];
  const { rule, error, message, messageError } = compiled;
  const expect = (cost: bigint, name: string, at: FieldPath) => {
    if (cost > ruleCostLimit) errors.push(FieldError.forbidden(at, tooExpensive(`estimated ${name} cost`, cost)));
    observe(total, at, cost);
  };
  expect(times(compiled.maxCost, cardinality), 'rule', path.child('rule'));
  if (error !== undefined) errors.push(FieldError.invalid(path.child('rule'), internalRule(rule), error));
  const messagePath = path.child('messageExpression');
  if (messageError !== undefined) errors.push(FieldError.invalid(messagePath, internalRule(rule), messageError));
  else if (message !== undefined) expect(message.maxCost, 'messageExpression', messagePath);
  return errors;
}

function checkOldSelf(
  { rule, usesOldSelf }: CompiledRule,
  path: FieldPath,
  uncorrelatable: FieldPath | undefined,
): FieldError[] {
  if (!usesOldSelf) {
    if (rule.optionalOldSelf === undefined) return [];
    const detail = 'may not be set if oldSelf is not used in rule';
    return [FieldError.invalid(path.child('optionalOldSelf'), rule.optionalOldSelf, detail)];
  }
  if (uncorrelatable === undefined) return [];
  const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`;
  return [FieldError.invalid(path.child('rule'), rule.rule, detail)];
}

/** Only what takes a hundredth of the limit by itself is remembered. */
function observe(total: Total, path: FieldPath, cost: bigint): void {
  const sum = total.cost + cost;
  total.cost = sum > unboundedCost ? unboundedCost : sum;
  if (cost < definitionCostLimit / 100n) return;
  total.expensive.push({ path, cost });
  total.expensive.sort((a, b) => (a.cost < b.cost ? 1 : a.cost > b.cost ? -1 : 0));
  total.expensive.length = Math.min(total.expensive.length, mostExpensiveShown);
}

function totalErrors({ cost, expensive }: Total, path: FieldPath): FieldError[] {
  if (cost <= definitionCostLimit) return [];
  const contributed = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
  const name = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
  return [
    ...expensive.map((one) => FieldError.forbidden(one.path, contributed)),
    FieldError.forbidden(path, tooExpensive(name, cost, definitionCostLimit)),
  ];
}

function tooExpensive(name: string, cost: bigint, limit = ruleCostLimit): string {
  const advice =
    'try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared';
  return `${name} exceeds budget by factor of ${factorText(Number(cost) / Number(limit))} (${advice})`;
}

function factorText(factor: number): string {
  if (factor > 100) return 'more than 100x';
  if (factor < 1.5) return `${factor.toFixed(6)}x`;
  // Go rounds to even where it is in the middle.
  const tenths = factor * 10;
  const even = tenths % 1 === 0.5 ? 2 * Math.round(tenths / 2) : undefined;
  return `${even === undefined ? factor.toFixed(1) : (even / 10).toFixed(1)}x`;
}
