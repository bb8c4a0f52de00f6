import { goFloat, goQuote } from '../../errors/index.ts';
import { type Ast, type CallExpr, type Constant, type Expr, operators, type SourceInfo } from './ast.ts';

interface Operator {
  readonly text: string;
  readonly precedence: number;
}

const binary: Readonly<Record<string, Operator>> = {
  [operators.logicalOr]: { text: '||', precedence: 7 },
  [operators.logicalAnd]: { text: '&&', precedence: 6 },
  [operators.equals]: { text: '==', precedence: 5 },
  [operators.notEquals]: { text: '!=', precedence: 5 },
  [operators.less]: { text: '<', precedence: 5 },
  [operators.lessEquals]: { text: '<=', precedence: 5 },
  [operators.greater]: { text: '>', precedence: 5 },
  [operators.greaterEquals]: { text: '>=', precedence: 5 },
  [operators.in]: { text: 'in', precedence: 5 },
  [operators.add]: { text: '+', precedence: 4 },
  [operators.subtract]: { text: '-', precedence: 4 },
  [operators.multiply]: { text: '*', precedence: 3 },
  [operators.divide]: { text: '/', precedence: 3 },
  [operators.modulo]: { text: '%', precedence: 3 },
};

const precedences: Readonly<Record<string, number>> = {
  [operators.conditional]: 8,
  [operators.logicalNot]: 2,
  [operators.negate]: 2,
  [operators.index]: 1,
  [operators.optionalIndex]: 1,
  [operators.optionalSelect]: 1,
};

const binaryOf = (name: string): Operator | undefined => (Object.hasOwn(binary, name) ? binary[name] : undefined);
const precedenceOf = (name: string): number => binaryOf(name)?.precedence ?? precedences[name] ?? 0;

const isComplex = (expr: Expr): expr is CallExpr => expr.kind === 'call' && expr.args.length >= 2;
const isOperator = (expr: Expr): boolean =>
  isComplex(expr) && (binaryOf(expr.function) !== undefined || expr.function === operators.conditional);

/** The text of a tree, with macros as they were written; as cel-go writes it (double quotes, few parentheses) but on one line. */
export const unparse = (ast: Ast): string => exprText(ast.expr, ast.info);

const nestedText = (expr: Expr, info: SourceInfo, nested: boolean): string =>
  nested ? `(${exprText(expr, info)})` : exprText(expr, info);

const exprText = (given: Expr, info: SourceInfo): string => {
  const expr = info.macroCalls.get(given.id) ?? given;
  const text = (part: Expr) => exprText(part, info);
  switch (expr.kind) {
    case 'literal':
      return constantText(expr.value);
    case 'ident':
      return expr.name;
    case 'select': {
      const field = fieldText(expr.field);
      if (expr.testOnly) return `has(${text(expr.operand)}.${field})`;
      return `${nestedText(expr.operand, info, isOperator(expr.operand))}.${field}`;
    }
    case 'call':
      return callText(expr, info);
    case 'list': {
      const optional = (i: number) => (expr.optionalIndices.includes(i) ? '?' : '');
      return `[${expr.elements.map((element, i) => optional(i) + text(element)).join(', ')}]`;
    }
    case 'map':
      return `{${expr.entries.map((e) => `${e.optional ? '?' : ''}${text(e.key)}: ${text(e.value)}`).join(', ')}}`;
    case 'struct': {
      const fields = expr.fields.map((f) => `${f.optional ? '?' : ''}${fieldText(f.name)}: ${text(f.value)}`);
      return `${expr.typeName}{${fields.join(', ')}}`;
    }
    default:
      throw new Error(`a ${expr.kind} cannot be written as text unless the macro it was made of is known`);
  }
};

const fieldText = (name: string): string =>
  /^[A-Za-z_][0-9A-Za-z_]*$/.test(name) && name !== 'in' ? name : `\`${name}\``;

const callText = (expr: CallExpr, info: SourceInfo): string => {
  const [first, second, third] = expr.args as [Expr, Expr, Expr];
  switch (expr.function) {
    case operators.conditional: {
      const [condition, yes, no] = [first, second, third].map((part) => nestedText(part, info, isComplex(part)));
      return `${condition} ? ${yes} : ${no}`;
    }
    case operators.optionalSelect: {
      const field = second.kind === 'literal' && second.value.kind === 'string' ? second.value.value : '';
      return `${nestedText(first, info, isOperator(first))}.?${fieldText(field)}`;
    }
    case operators.index:
    case operators.optionalIndex: {
      const open = expr.function === operators.index ? '[' : '[?';
      return `${nestedText(first, info, isOperator(first))}${open}${exprText(second, info)}]`;
    }
    case operators.logicalNot:
    case operators.negate:
      return `${expr.function === operators.negate ? '-' : '!'}${nestedText(first, info, isComplex(first))}`;
    default:
      return binaryOf(expr.function) === undefined ? functionText(expr, info) : binaryText(expr, info);
  }
};

const functionText = (expr: CallExpr, info: SourceInfo): string => {
  const args = expr.args.map((arg) => exprText(arg, info)).join(', ');
  const target = expr.target === undefined ? '' : `${nestedText(expr.target, info, isOperator(expr.target))}.`;
  return `${target}${expr.function}(${args})`;
};

const binaryText = (expr: CallExpr, info: SourceInfo): string => {
  const [left, right] = expr.args as [Expr, Expr];
  const { text, precedence } = binaryOf(expr.function) as Operator;
  const looser = (part: Expr) => isComplex(part) && precedence < precedenceOf(part.function);
  const chained = expr.function === operators.logicalAnd || expr.function === operators.logicalOr;
  const same = !chained && right.kind === 'call' && precedenceOf(right.function) === precedence;
  return `${nestedText(left, info, looser(left))} ${text} ${nestedText(right, info, looser(right) || same)}`;
};

const constantText = (value: Constant): string => {
  switch (value.kind) {
    case 'null':
      return 'null';
    case 'string':
      return goQuote(value.value);
    case 'bytes':
      return `b"${Array.from(value.value, (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')}"`;
    case 'uint':
      return `${value.value}u`;
    case 'double': {
      const text = goFloat(value.value);
      return text.includes('.') ? text : `${text}.0`;
    }
    default:
      return String(value.value);
  }
};
