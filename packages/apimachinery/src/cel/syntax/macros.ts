import { accumulatorName, type Expr, operators } from './ast.ts';
import type { MacroBuilder, MacroError } from './builder.ts';

/**
 * A call that the parser replaces by another expression. `expand` gets the target (undefined for global macros) and
 * exactly `argCount` arguments; undefined means that the call is none of this macro's and stays a call.
 */
export interface Macro {
  readonly name: string;
  readonly argCount: number;
  readonly member: boolean;
  expand(build: MacroBuilder, target: Expr, args: readonly Expr[]): Expr | MacroError | undefined;
}

type Expander = (build: MacroBuilder, target: Expr, ...args: Expr[]) => Expr | MacroError | undefined;

const member = (name: string, argCount: number, expander: Expander): Macro => ({
  name,
  argCount,
  member: true,
  expand: (build, target, args) => expander(build, target, ...args),
});

const error = (expr: Expr, message: string): MacroError => ({ id: expr.id, error: message });

const legacyAccumulatorName = '__result__';

/** The name an iteration variable is given, or why it cannot be one. */
const variableName = (expr: Expr, notName: string): string | MacroError => {
  if (expr.kind !== 'ident') return error(expr, notName);
  return isAccumulator(expr.name) ? error(expr, 'iteration variable overwrites accumulator variable') : expr.name;
};

const isAccumulator = (name: string): boolean => name === accumulatorName || name === legacyAccumulatorName;

const simpleName = 'argument must be a simple name';
const notIdentifier = 'argument is not an identifier';

/** Names of the two variables of a comprehension; the texts' order is that of the checks upstream. */
const variableNames = (first: Expr, second: Expr): readonly [string, string] | MacroError => {
  if (first.kind !== 'ident') return error(first, simpleName);
  if (second.kind !== 'ident') return error(second, simpleName);
  if (first.name === second.name) return error(second, `duplicate variable name: ${first.name}`);
  const overwriting = [first, second].find((expr) => isAccumulator(expr.name));
  if (overwriting !== undefined) return error(overwriting, 'iteration variable overwrites accumulator variable');
  return [first.name, second.name];
};

interface Parts {
  readonly accuInit: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

/** What differs between all, exists and exists_one. The order in which nodes are made gives them their ids. */
const quantifiers = {
  all: (build: MacroBuilder, predicate: Expr): Parts => ({
    accuInit: build.bool(true),
    condition: call1(build, operators.notStrictlyFalse, () => build.accumulator()),
    step: call2(build, operators.logicalAnd, build.accumulator(), predicate),
    result: build.accumulator(),
  }),
  exists: (build: MacroBuilder, predicate: Expr): Parts => ({
    accuInit: build.bool(false),
    condition: call1(build, operators.notStrictlyFalse, () =>
      call1(build, operators.logicalNot, () => build.accumulator()),
    ),
    step: call2(build, operators.logicalOr, build.accumulator(), predicate),
    result: build.accumulator(),
  }),
  existsOne: (build: MacroBuilder, predicate: Expr): Parts => {
    const accuInit = build.int(0n);
    const condition = build.bool(true);
    const add = call2(build, operators.add, build.accumulator(), build.int(1n));
    const step = build.call(operators.conditional, predicate, add, build.accumulator());
    const result = call2(build, operators.equals, build.accumulator(), build.int(1n));
    return { accuInit, condition, step, result };
  },
};

const call1 = (build: MacroBuilder, name: string, arg: () => Expr): Expr => build.call(name, arg());
const call2 = (build: MacroBuilder, name: string, left: Expr, right: Expr): Expr => build.call(name, left, right);

const quantifier =
  (parts: (build: MacroBuilder, predicate: Expr) => Parts): Expander =>
  (build, target, variable, predicate) => {
    const iterVar = variableName(variable as Expr, simpleName);
    if (typeof iterVar !== 'string') return iterVar;
    return build.fold({ range: target, iterVar, ...parts(build, predicate as Expr) });
  };

const twoVariableQuantifier =
  (parts: (build: MacroBuilder, predicate: Expr) => Parts): Expander =>
  (build, target, first, second, predicate) => {
    const names = variableNames(first as Expr, second as Expr);
    if ('error' in names) return names;
    return build.fold({ range: target, iterVar: names[0], iterVar2: names[1], ...parts(build, predicate as Expr) });
  };

const map: Expander = (build, target, variable, ...rest) => {
  const iterVar = variableName(variable as Expr, notIdentifier);
  if (typeof iterVar !== 'string') return iterVar;
  const [filter, transform] = rest.length === 2 ? rest : [undefined, rest[0]];
  const accuInit = build.list();
  const condition = build.bool(true);
  let step = call2(build, operators.add, build.accumulator(), build.list(transform as Expr));
  if (filter !== undefined) step = build.call(operators.conditional, filter, step, build.accumulator());
  return build.fold({ range: target, iterVar, accuInit, condition, step, result: build.accumulator() });
};

const filter: Expander = (build, target, variable, predicate) => {
  const iterVar = variableName(variable as Expr, notIdentifier);
  if (typeof iterVar !== 'string') return iterVar;
  const accuInit = build.list();
  const condition = build.bool(true);
  const add = call2(build, operators.add, build.accumulator(), build.list(variable as Expr));
  const step = build.call(operators.conditional, predicate as Expr, add, build.accumulator());
  return build.fold({ range: target, iterVar, accuInit, condition, step, result: build.accumulator() });
};

const has: Macro = {
  name: 'has',
  argCount: 1,
  member: false,
  expand: (build, _target, [argument]) =>
    argument?.kind === 'select'
      ? build.presenceTest(argument.operand, argument.field)
      : error(argument as Expr, 'invalid argument to has() macro'),
};

/** The macros of the language itself, as cel-go's environments have them: `existsOne` is known with two variables only. */
export const standardMacros: readonly Macro[] = [
  has,
  member('all', 2, quantifier(quantifiers.all)),
  member('exists', 2, quantifier(quantifiers.exists)),
  member('exists_one', 2, quantifier(quantifiers.existsOne)),
  member('map', 2, map),
  member('map', 3, map),
  member('filter', 2, filter),
];

const unusedVariable = '#unused';

/** `value` under the name `variable` while `body` is computed: a fold over nothing. */
const bind = (build: MacroBuilder, variable: string, value: () => Expr, body: Expr): Expr => {
  const range = build.list();
  const accuInit = value();
  const condition = build.bool(false);
  const step = build.ident(variable);
  return build.fold({ range, iterVar: unusedVariable, accuVar: variable, accuInit, condition, step, result: body });
};

const optional =
  (name: string, wrap: (build: MacroBuilder, value: Expr) => Expr): Expander =>
  (build, target, variable, body) => {
    if (variable?.kind !== 'ident')
      return error(variable as Expr, `${name}() variable name must be a simple identifier`);
    const hasValue = build.memberCall('hasValue', target);
    const value = wrap(
      build,
      bind(build, variable.name, () => build.memberCall('value', build.copy(target)), body as Expr),
    );
    return build.call(operators.conditional, hasValue, value, build.call('optional.none'));
  };

/** The macros of optional values. */
export const optionalMacros: readonly Macro[] = [
  member(
    'optMap',
    2,
    optional('optMap', (build, value) => build.call('optional.of', value)),
  ),
  member(
    'optFlatMap',
    2,
    optional('optFlatMap', (_build, value) => value),
  ),
];

/** `cel.bind(name, value, body)`; not part of Kubernetes' environments. */
export const bindingMacros: readonly Macro[] = [
  member('bind', 3, (build, target, variable, value, body) => {
    if (target.kind !== 'ident' || target.name !== 'cel') return undefined;
    if (variable?.kind !== 'ident')
      return error(variable as Expr, 'cel.bind() variable names must be simple identifiers');
    return bind(build, variable.name, () => value as Expr, body as Expr);
  }),
];

/** A transformation of index or key and element or value, optionally filtered; `step` adds one result to the accumulator. */
const transform =
  (empty: (build: MacroBuilder) => Expr, step: (build: MacroBuilder, key: string, value: Expr) => Expr): Expander =>
  (build, target, first, second, ...rest) => {
    const names = variableNames(first as Expr, second as Expr);
    if ('error' in names) return names;
    const [predicate, value] = rest.length === 2 ? rest : [undefined, rest[0]];
    let added = step(build, names[0], value as Expr);
    if (predicate !== undefined) added = build.call(operators.conditional, predicate, added, build.accumulator());
    const accuInit = empty(build);
    const condition = build.bool(true);
    return build.fold({
      range: target,
      iterVar: names[0],
      iterVar2: names[1],
      accuInit,
      condition,
      step: added,
      result: build.accumulator(),
    });
  };

const transformList = transform(
  (build) => build.list(),
  (build, _key, value) => call2(build, operators.add, build.accumulator(), build.list(value)),
);
const transformMap = transform(
  (build) => build.map(),
  (build, key, value) => build.call('cel.@mapInsert', build.accumulator(), build.ident(key), value),
);
const transformMapEntry = transform(
  (build) => build.map(),
  (build, _key, value) => call2(build, 'cel.@mapInsert', build.accumulator(), value),
);

/** The macros over index and element or key and value. */
export const twoVariableMacros: readonly Macro[] = [
  member('all', 3, twoVariableQuantifier(quantifiers.all)),
  member('exists', 3, twoVariableQuantifier(quantifiers.exists)),
  member('existsOne', 3, twoVariableQuantifier(quantifiers.existsOne)),
  member('exists_one', 3, twoVariableQuantifier(quantifiers.existsOne)),
  member('transformList', 3, transformList),
  member('transformList', 4, transformList),
  member('transformMap', 3, transformMap),
  member('transformMap', 4, transformMap),
  member('transformMapEntry', 3, transformMapEntry),
  member('transformMapEntry', 4, transformMapEntry),
];

const sortInput = '@__sortBy_input__';
const sortable: ReadonlySet<Expr['kind']> = new Set(['list', 'select', 'ident', 'comprehension', 'call']);

const sortBy: Expander = (build, target, variable, key) => {
  const input = build.ident(sortInput);
  if (!sortable.has(target.kind)) {
    return error(target, 'sortBy can only be applied to a list, identifier, comprehension, call or select expression');
  }
  const keys = map(build, build.copy(input), variable as Expr, key as Expr);
  if (keys === undefined || 'error' in keys) return keys;
  const body = build.memberCall('@sortByAssociatedKeys', build.copy(input), keys);
  const range = build.list();
  const condition = build.bool(false);
  return build.fold({
    range,
    iterVar: unusedVariable,
    accuVar: sortInput,
    accuInit: target,
    condition,
    step: input,
    result: body,
  });
};

/** The macros of the list extensions. */
export const listMacros: readonly Macro[] = [member('sortBy', 2, sortBy)];
