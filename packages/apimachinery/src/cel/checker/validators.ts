import type { CallExpr, Constant, Expr, Issues } from '../syntax/index.ts';
import { startOf } from '../syntax/index.ts';
import { sameType, type Type } from '../types/index.ts';
import { formatType } from './format.ts';
import { validateFormatString } from './format-strings.ts';
import { isDurationLiteral, isPattern, isTimestampInRange, isTimestampLiteral } from './literals.ts';
import type { CheckedAst } from './result.ts';

/** Whether a literal can be the first argument of these functions. A number is a timestamp, but never a duration. */
const validLiteral: Readonly<Record<string, (value: Constant) => boolean>> = {
  duration: (value) => value.kind === 'string' && isDurationLiteral(value.value),
  timestamp: (value) => {
    if (value.kind === 'int') return isTimestampInRange(value.value);
    return value.kind === 'string' && isTimestampLiteral(value.value);
  },
  matches: (value) => value.kind !== 'string' || isPattern(value.value),
};

/** What Kubernetes demands of a checked expression besides its types. */
export const validateChecked = (ast: CheckedAst, issues: Issues): void => {
  const report = (id: number, message: string) =>
    issues.report(id, startOf(ast.info.source, ast.info.positions, id), message);
  const visit = (expr: Expr, mixed: boolean): void => {
    if (expr.kind === 'call') {
      validateCall(expr, report);
      validateFormatString(expr, ast, report);
    } else if (expr.kind === 'list' && !mixed) validateList(expr.elements, expr.optionalIndices, ast, report);
    else if (expr.kind === 'map' && !mixed) validateMap(expr.entries, ast, report);
    // The arguments of a format have as many types as they please.
    const inside = mixed || (expr.kind === 'call' && expr.function === 'format');
    for (const child of childrenOf(expr)) visit(child, inside);
  };
  visit(ast.expr, false);
};

type Report = (id: number, message: string) => void;

const validateCall = (call: CallExpr, report: Report): void => {
  const valid = Object.hasOwn(validLiteral, call.function) ? validLiteral[call.function] : undefined;
  const literal = call.args[0];
  if (valid === undefined || literal?.kind !== 'literal') return;
  if (!valid(literal.value)) report(literal.id, `invalid ${call.function} argument`);
};

const held = (type: Type): Type => type.parameters[0] ?? type;

const validateList = (
  elements: readonly Expr[],
  optionalIndices: readonly number[],
  ast: CheckedAst,
  report: Report,
): void => {
  let expected: Type | undefined;
  for (const [i, element] of elements.entries()) {
    const own = ast.types.get(element.id) as Type;
    const type = optionalIndices.includes(i) ? held(own) : own;
    expected ??= type;
    if (sameType(expected, type, false)) continue;
    report(element.id, `expected type '${formatType(expected)}' but found '${formatType(type)}'`);
    return;
  }
};

const validateMap = (
  entries: readonly { readonly key: Expr; readonly value: Expr; readonly optional: boolean }[],
  ast: CheckedAst,
  report: Report,
): void => {
  let keyType: Type | undefined;
  let valueType: Type | undefined;
  const compare = (expr: Expr, expected: Type, type: Type) => {
    if (!sameType(expected, type, false)) {
      report(expr.id, `expected type '${formatType(expected)}' but found '${formatType(type)}'`);
    }
  };
  for (const { key, value, optional } of entries) {
    const ownValue = ast.types.get(value.id) as Type;
    const types = { key: ast.types.get(key.id) as Type, value: optional ? held(ownValue) : ownValue };
    keyType ??= types.key;
    valueType ??= types.value;
    compare(key, keyType, types.key);
    compare(value, valueType, types.value);
  }
};

/** The direct parts of an expression. */
export const childrenOf = (expr: Expr): readonly Expr[] => {
  switch (expr.kind) {
    case 'select':
      return [expr.operand];
    case 'call':
      return expr.target === undefined ? expr.args : [expr.target, ...expr.args];
    case 'list':
      return expr.elements;
    case 'map':
      return expr.entries.flatMap((entry) => [entry.key, entry.value]);
    case 'struct':
      return expr.fields.map((field) => field.value);
    case 'comprehension':
      return [expr.range, expr.accuInit, expr.condition, expr.step, expr.result];
    default:
      return [];
  }
};
