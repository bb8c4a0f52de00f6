import type { CheckedAst, Environment } from '../checker/index.ts';
import {
  type CallExpr,
  type ComprehensionExpr,
  type Expr,
  type IdentExpr,
  operators,
  type SelectExpr,
  type StructExpr,
} from '../syntax/index.ts';
import {
  CelError,
  DoubleValue,
  goTypeName,
  isError,
  noSuchOverload,
  TypeValue,
  UintValue,
  type Value,
} from '../values/index.ts';
import { type Attribute, linkAttribute, qualify } from './attributes.ts';
import { callOf, equality, knownCall, PlanError } from './calls.ts';
import { growing, runFold } from './fold.ts';
import type { Step } from './frame.ts';
import { type FunctionBinding, implementationOf, type Singleton } from './functions.ts';
import { constantMembership, constantValue, listLiteral, mapLiteral, structLiteral } from './literals.ts';
import { logic, optionalOr } from './logic.ts';
import { link, type Planned, plannedId } from './planned.ts';
import { findLocal, type LocalVariable, type Scope } from './scope.ts';

/** An expression made ready to be evaluated many times. */
export interface Plan {
  readonly step: Step;
  /** How many slots an evaluation needs. */
  readonly slots: number;
  readonly highestId: number;
}

/** Functions with a pattern: what they become where the pattern is a constant, or why it is none. */
export type PatternFunctions = Readonly<
  Record<string, (pattern: string) => ((args: readonly Value[]) => Value) | CelError>
>;

/** Where the functions are carried out. */
export interface Bindings {
  readonly functions: ReadonlyMap<string, FunctionBinding>;
  readonly patterns: PatternFunctions;
}

/** Names whose calls are conversions, carried out at once where the argument is constant. */
const conversions = new Set('bool bytes double duration dyn int string timestamp type uint'.split(' '));

/**
 * Plans a checked expression.
 * @throws PlanError if a constant part of it fails, as `int('x')` and patterns that are none do
 */
export function plan(ast: CheckedAst, environment: Environment, bindings: Bindings): Plan {
  const planner = new Planner(ast, environment, bindings);
  const step = link(planner.plan(ast.expr, undefined));
  return { step, slots: planner.slots, highestId: planner.highestId };
}

/** The state of planning one expression: which slots are given out. */
class Planner {
  slots = 0;
  highestId = 0;
  readonly #ast: CheckedAst;
  readonly #environment: Environment;
  readonly #bindings: Bindings;
  readonly #variables = new Map<string, number>();

  constructor(ast: CheckedAst, environment: Environment, bindings: Bindings) {
    this.#ast = ast;
    this.#environment = environment;
    this.#bindings = bindings;
  }

  plan(expr: Expr, scope: Scope | undefined): Planned {
    this.highestId = Math.max(this.highestId, expr.id);
    switch (expr.kind) {
      case 'literal':
        return { kind: 'constant', id: expr.id, value: constantValue(expr.value) };
      case 'ident':
        return this.#ident(expr, scope);
      case 'select':
        return this.#select(expr, scope);
      case 'call':
        return this.#call(expr, scope);
      case 'list': {
        const elements = expr.elements.map((element) => this.plan(element, scope));
        return listLiteral(expr.id, elements, new Set(expr.optionalIndices));
      }
      case 'map': {
        const parts = expr.entries.flatMap(({ key, value }) => [this.plan(key, scope), this.plan(value, scope)]);
        return mapLiteral(expr, parts);
      }
      case 'comprehension':
        return this.#comprehension(expr, scope);
      case 'struct':
        return this.#struct(expr, scope);
      case 'unspecified':
        throw new PlanError('unsupported expr: unspecified');
      default:
        return expr satisfies never;
    }
  }

  /** Only types with a constructor: those of mutating policies. Others are messages that nobody here can make. */
  #struct(expr: StructExpr, scope: Scope | undefined): Planned {
    if (this.#environment.provider.constructs?.(expr.typeName) !== true) {
      throw new PlanError(`unknown type: ${expr.typeName}`);
    }
    return structLiteral(
      expr,
      expr.fields.map(({ value }) => this.plan(value, scope)),
    );
  }

  #ident({ id, name: written }: IdentExpr | { readonly id: number; readonly name: string }, scope: Scope | undefined) {
    const reference = this.#ast.references.get(id);
    if (reference?.kind === 'ident' && reference.value !== undefined) {
      return { kind: 'constant', id, value: constantValue(reference.value) } as const;
    }
    const name = reference?.kind === 'ident' ? reference.name : written;
    const local = findLocal(scope, name);
    const type = this.#ast.types.get(id);
    if (local === undefined && type?.kind === 'type' && this.#environment.variables.get(name)?.type.kind === 'type') {
      return { kind: 'constant', id, value: new TypeValue(name) } as const;
    }
    const base = local === undefined ? this.#variable(name) : localStep(local);
    const attribute: Attribute = { kind: 'base', id, base: () => base, qualifiers: [] };
    return { kind: 'attribute', attribute } as const;
  }

  #variable(name: string): Step {
    let slot = this.#variables.get(name);
    if (slot === undefined) {
      slot = this.slots++;
      this.#variables.set(name, slot);
    }
    const at = slot;
    const missing = new CelError(`no such attribute(s): ${name}`);
    return (frame) => {
      const value = frame.variable(at, name);
      return value === undefined ? missing : value;
    };
  }

  #select(expr: SelectExpr, scope: Scope | undefined): Planned {
    const { id, field, testOnly } = expr;
    if (this.#ast.references.has(id)) return this.#ident({ id, name: field }, scope);
    const operand = this.plan(expr.operand, scope);
    const attribute = attributeOf(operand);
    qualify(attribute, { id, optional: false, testOnly, key: { constant: field } });
    return testOnly ? { kind: 'attribute', attribute, testId: id } : { kind: 'attribute', attribute };
  }

  #call(expr: CallExpr, scope: Scope | undefined): Planned {
    const { id, function: name } = expr;
    const operands = expr.target === undefined ? expr.args : [expr.target, ...expr.args];
    const args = operands.map((each) => this.plan(each, scope));
    switch (name) {
      case operators.logicalAnd:
        return logic(id, args, false);
      case operators.logicalOr:
        return logic(id, args, true);
      case operators.conditional:
        return conditional(id, args as unknown as readonly [Planned, Planned, Planned]);
      case operators.equals:
        return equality(id, args, false);
      case operators.notEquals:
        return equality(id, args, true);
      case operators.index:
        return index(id, args as unknown as readonly [Planned, Planned], false);
      case operators.optionalIndex:
      case operators.optionalSelect:
        return index(id, args as unknown as readonly [Planned, Planned], true);
      default:
        return this.#functionCall(id, name, args);
    }
  }

  #functionCall(id: number, name: string, args: readonly Planned[]): Planned {
    const reference = this.#ast.references.get(id);
    const overloads = reference?.kind === 'function' ? reference.overloadIds : [];
    const overload = overloads.length === 1 ? (overloads[0] as string) : '';
    const special = this.#specialCall(id, name, overload, args);
    if (special !== undefined) return special;
    const declaration = this.#environment.functions.get(name);
    const implementation = implementationOf(declaration, this.#bindings.functions.get(name), name, overload);
    const constant = conversions.has(name) ? constantConversion(id, args, implementation) : undefined;
    return constant ?? callOf({ id, name, overload, args }, implementation);
  }

  /** Calls that are planned in a way of their own. */
  #specialCall(id: number, name: string, overload: string, args: readonly Planned[]): Planned | undefined {
    const [first, second] = args;
    if (first === undefined || second === undefined) return undefined;
    if (args.length === 2) {
      if (name === 'or' && (overload === '' || overload === 'optional_or_optional')) {
        return optionalOr(id, [first, second], false);
      }
      if (name === 'orValue' && (overload === '' || overload === 'optional_orValue_value')) {
        return optionalOr(id, [first, second], true);
      }
      if (overload === 'in_list') {
        const membership = constantMembership(id, first, second);
        if (membership !== undefined) return membership;
      }
    }
    const { patterns } = this.#bindings;
    if (!Object.hasOwn(patterns, name) || second.kind !== 'constant' || typeof second.value !== 'string') {
      return undefined;
    }
    const compiled = patterns[name]?.(second.value);
    if (compiled === undefined) return undefined;
    if (compiled instanceof CelError) throw new PlanError(compiled.message);
    return knownCall({ id, name, overload, args }, compiled);
  }

  #comprehension(expr: ComprehensionExpr, outer: Scope | undefined): Planned {
    const { id, iterVar, iterVar2, accuVar } = expr;
    const accuInit = this.plan(expr.accuInit, outer);
    const range = this.plan(expr.range, outer);
    const accuSlot = this.slots++;
    const accumulator: LocalVariable = { slot: accuSlot, begin: once(() => link(accuInit)) };
    const resultScope: Scope = { parent: outer, names: new Map([[accuVar, accumulator]]) };
    const iterSlot = this.slots++;
    const secondSlot = iterVar2 === '' ? undefined : this.slots++;
    const names = new Map<string, LocalVariable>([[iterVar, { slot: iterSlot, begin: undefined }]]);
    if (secondSlot !== undefined) names.set(iterVar2, { slot: secondSlot, begin: undefined });
    names.set(accuVar, accumulator);
    const scope: Scope = { parent: outer, names };
    const condition = this.plan(expr.condition, scope);
    const step = this.plan(expr.step, scope);
    const result = this.plan(expr.result, resultScope);
    return {
      kind: 'step',
      id,
      link: () => {
        const rangeId = plannedId(range);
        const fold = {
          range: link(range),
          condition: link(condition),
          step: link(step),
          result: link(result),
          iterSlot,
          secondSlot,
          accuSlot,
        };
        return (frame) => {
          const value = runFold(fold, frame);
          frame.cost.drop(rangeId);
          frame.cost.push(id, value);
          return value;
        };
      },
    };
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function localStep({ slot, begin }: LocalVariable): Step {
  if (begin === undefined) return (frame) => frame.slots[slot] as Value;
  return (frame) => {
    const known = frame.slots[slot];
    if (known !== undefined) return known;
    const value = growing(begin()(frame));
    frame.slots[slot] = value;
    return value;
  };
}

/** The attribute that fields are added to: the operand's own, or a new one over its result. */
function attributeOf(operand: Planned): Attribute {
  if (operand.kind === 'attribute' && operand.testId === undefined) return operand.attribute;
  const base = once(() => link(operand));
  return { kind: 'base', id: plannedId(operand), base, qualifiers: [] };
}

/** A branch that is an attribute is read as such, without being counted itself. */
const branch = (planned: Planned): Attribute =>
  planned.kind === 'attribute' ? planned.attribute : attributeOf(planned);

function conditional(id: number, [condition, yes, no]: readonly [Planned, Planned, Planned]): Planned {
  const attribute: Attribute = {
    kind: 'conditional',
    id,
    condition: once(() => link(condition)),
    conditionId: () => plannedId(condition),
    truthy: branch(yes),
    falsy: branch(no),
  };
  return { kind: 'attribute', attribute };
}

function index(id: number, [operand, key]: readonly [Planned, Planned], optional: boolean): Planned {
  const attribute = attributeOf(operand);
  if (key.kind === 'constant') {
    qualify(attribute, { id, optional, testOnly: false, key: constantKey(key.value) });
    return { kind: 'attribute', attribute };
  }
  const costsOwnEntry = key.kind !== 'attribute';
  const step = once(() => (key.kind === 'attribute' ? linkAttribute(key.attribute) : link(key)));
  qualify(attribute, { id, optional, testOnly: false, key: { step, costsOwnEntry } });
  return { kind: 'attribute', attribute };
}

/** Only texts, numbers and booleans can be keys. */
function constantKey(value: Value): { readonly constant: Value } {
  const isKey = typeof value !== 'object' || value instanceof UintValue || value instanceof DoubleValue;
  if (!isKey) throw new PlanError(`invalid qualifier type: ${goTypeName(value)}`);
  return { constant: value };
}

function constantConversion(id: number, args: readonly Planned[], implementation: Singleton | undefined) {
  const [argument] = args;
  if (args.length !== 1 || argument?.kind !== 'constant') return undefined;
  const { unary, variadic, accepts } = implementation ?? {};
  if (unary === undefined && variadic === undefined) return undefined;
  const { value: from } = argument;
  const isAccepted = accepts === undefined || accepts(from);
  const value = isAccepted ? convertedBy(implementation as Singleton, from) : noSuchOverload();
  if (isError(value)) throw new PlanError(value.message);
  return { kind: 'constant', id, value } as const;
}

const convertedBy = ({ unary, variadic }: Singleton, value: Value): Value =>
  unary === undefined ? (variadic as NonNullable<typeof variadic>)([value]) : unary(value);
