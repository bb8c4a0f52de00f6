import type { VariableDeclaration } from '../declarations/index.ts';
import {
  type Ast,
  type CallExpr,
  type ComprehensionExpr,
  type Expr,
  type IdentExpr,
  Issues,
  type ListExpr,
  type MapExpr,
  operators,
  type SelectExpr,
  type StructExpr,
  startOf,
} from '../syntax/index.ts';
import {
  boolType,
  bytesType,
  doubleType,
  dynType,
  errorType,
  intType,
  listType,
  mapType,
  nullType,
  optionalType,
  stringType,
  type Type,
  type TypeProvider,
  typeParameter,
  uintType,
} from '../types/index.ts';
import type { Environment } from './environment.ts';
import { formatType } from './format.ts';
import { noMatchingOverload, type Resolution, resolveOverload } from './overloads.ts';
import type { CheckedAst, Reference } from './result.ts';
import { qualifiedName, Scope } from './scope.ts';
import { checkedStructName, structResult } from './structs.ts';
import { mostGeneral, Substitution } from './substitution.ts';
import { validateChecked } from './validators.ts';

/** Either a checked tree, or everything that is wrong with the expression. */
export type CheckResult =
  | { readonly ok: true; readonly ast: CheckedAst }
  | { readonly ok: false; readonly issues: Issues };

const literalTypes = {
  null: nullType,
  bool: boolType,
  int: intType,
  uint: uintType,
  double: doubleType,
  string: stringType,
  bytes: bytesType,
} as const;

/**
 * Checks the types of a parsed expression, as cel-go does with homogeneous aggregate literals and comparisons across
 * number types, and then what Kubernetes validates besides: literals of durations, timestamps and patterns.
 */
export const check = (ast: Ast, environment: Environment): CheckResult => {
  const checker = new Checker(ast, environment);
  const checked = checker.run();
  if (checker.issues.count > 0) return { ok: false, issues: checker.issues };
  validateChecked(checked, checker.issues);
  return checker.issues.count > 0 ? { ok: false, issues: checker.issues } : { ok: true, ast: checked };
};

const isDyn = (type: Type): boolean => type.kind === 'dyn' || type.kind === 'any';

/** What an optional holds; undefined if the type is none. */
const optionalValue = (type: Type): Type | undefined =>
  type.kind === 'opaque' && type.name === 'optional_type' ? type.parameters[0] : undefined;

/** One run over one tree. */
class Checker {
  readonly issues: Issues;
  readonly #ast: Ast;
  readonly #provider: TypeProvider;
  readonly #types = new Map<number, Type>();
  readonly #references = new Map<number, Reference>();
  readonly #substitution = new Substitution();
  #scope: Scope;
  #freeTypes = 0;

  constructor(ast: Ast, environment: Environment) {
    this.#ast = ast;
    this.issues = new Issues(ast.info.source);
    this.#provider = environment.provider;
    this.#scope = new Scope(environment);
  }

  run(): CheckedAst {
    const expr = this.#check(this.#ast.expr);
    for (const [id, type] of this.#types) this.#types.set(id, this.#substitution.apply(type, true));
    const resultType = this.#types.get(expr.id) ?? errorType;
    return { expr, info: this.#ast.info, types: this.#types, references: this.#references, resultType };
  }

  #report(id: number, message: string): void {
    this.issues.report(id, startOf(this.#ast.info.source, this.#ast.info.positions, id), message);
  }

  #mismatch(id: number, expected: Type, actual: Type): void {
    this.#report(id, `expected type '${formatType(expected)}' but found '${formatType(actual)}'`);
  }

  #undeclared(id: number, name: string): void {
    this.#report(id, `undeclared reference to '${name}' (in container '')`);
  }

  #typeOf(expr: Expr): Type {
    return this.#types.get(expr.id) ?? errorType;
  }

  #set<E extends Expr>(expr: E, type: Type, reference?: Reference): E {
    this.#types.set(expr.id, type);
    if (reference !== undefined) this.#references.set(expr.id, reference);
    return expr;
  }

  #freeType(): Type {
    return typeParameter(`_var${this.#freeTypes++}`);
  }

  #isAssignable(first: Type, second: Type): boolean {
    return this.#substitution.assignable([first], [second]);
  }

  #check(expr: Expr): Expr {
    switch (expr.kind) {
      case 'literal':
        return this.#set(expr, literalTypes[expr.value.kind]);
      case 'ident':
        return this.#checkIdent(expr);
      case 'select':
        return this.#checkSelect(expr);
      case 'call':
        return this.#checkCall(expr);
      case 'list':
        return this.#checkList(expr);
      case 'map':
        return this.#checkMap(expr);
      case 'struct':
        return this.#checkStruct(expr);
      case 'comprehension':
        return this.#checkComprehension(expr);
      case 'unspecified':
        this.#report(expr.id, 'unexpected unspecified type: ');
        return expr;
      default:
        return expr satisfies never;
    }
  }

  #resolved(id: number, found: VariableDeclaration): IdentExpr {
    const { name, type, value } = found;
    return this.#set({ kind: 'ident', id, name }, type, {
      kind: 'ident',
      name,
      ...(value === undefined ? {} : { value }),
    });
  }

  #checkIdent(expr: IdentExpr): Expr {
    const found = this.#scope.findIdent(expr.name);
    if (found !== undefined) return this.#resolved(expr.id, found);
    this.#undeclared(expr.id, expr.name);
    return this.#set(expr, errorType);
  }

  #checkSelect(expr: SelectExpr): Expr {
    const name = qualifiedName(expr);
    const found = name === undefined ? undefined : this.#scope.findIdent(name);
    if (found !== undefined) return this.#resolved(expr.id, found);
    const operand = this.#check(expr.operand);
    const field = this.#fieldOf(expr.id, operand, expr.field, false);
    return this.#set({ ...expr, operand }, this.#substitution.apply(expr.testOnly ? boolType : field, false));
  }

  #checkOptionalSelect(expr: CallExpr): Expr {
    const [operand, field] = expr.args as [Expr, Expr];
    if (expr.args.length !== 2 || expr.target !== undefined) {
      const how = expr.target === undefined ? '' : ' member call with';
      const problem = `incorrect signature.${how} argument count: ${expr.args.length}`;
      this.#report(expr.id, `unsupported optional field selection: ${problem}`);
      return expr;
    }
    if (field.kind !== 'literal' || field.value.kind !== 'string') {
      this.#report(field.id, 'unsupported optional field selection: ');
      return expr;
    }
    const checked = this.#check(operand);
    const type = this.#substitution.apply(this.#fieldOf(expr.id, checked, field.value.value, true), false);
    const reference: Reference = { kind: 'function', overloadIds: ['select_optional_field'] };
    return this.#set({ ...expr, args: [checked, field] }, type, reference);
  }

  /** The type of a field of an operand that is checked already. */
  #fieldOf(id: number, operand: Expr, field: string, optional: boolean): Type {
    const operandType = this.#substitution.apply(this.#typeOf(operand), false);
    const unwrapped = optionalValue(operandType);
    const type = this.#plainField(id, unwrapped ?? operandType, field);
    return unwrapped !== undefined || optional ? optionalType(type) : type;
  }

  #plainField(id: number, target: Type, field: string): Type {
    switch (target.kind) {
      case 'map':
        return target.parameters[1] as Type;
      case 'struct':
        return this.#structField(id, target.name, field) ?? errorType;
      case 'typeParam':
        this.#isAssignable(dynType, target);
        return dynType;
      default:
        if (!isDyn(target) && target.kind !== 'error') {
          this.#report(id, `type '${formatType(target)}' does not support field selection`);
        }
        return dynType;
    }
  }

  #structField(id: number, struct: string, field: string): Type | undefined {
    if (this.#provider.findStructType(struct) === undefined) {
      this.#report(id, `unexpected failed resolution of '${struct}'`);
      return undefined;
    }
    const found = this.#provider.findStructFieldType(struct, field);
    if (found === undefined) this.#report(id, `undefined field '${field}'`);
    return found?.type;
  }

  #checkCall(expr: CallExpr): Expr {
    if (expr.function === operators.optionalSelect) return this.#checkOptionalSelect(expr);
    const args = expr.args.map((arg) => this.#check(arg));
    if (expr.target === undefined) return this.#resolveCall({ ...expr, args }, expr.function, args);
    const prefix = qualifiedName(expr.target);
    const qualified = prefix === undefined ? undefined : `${prefix}.${expr.function}`;
    if (qualified !== undefined && this.#scope.findFunction(qualified) !== undefined) {
      return this.#resolveCall({ ...expr, target: undefined, args }, qualified, args);
    }
    const target = this.#check(expr.target);
    return this.#resolveCall({ ...expr, target, args }, expr.function, [target, ...args]);
  }

  #resolveCall(call: CallExpr, name: string, operands: readonly Expr[]): Expr {
    const declaration = this.#scope.findFunction(name);
    if (declaration === undefined) {
      this.#undeclared(call.id, name);
      return this.#set(call, errorType);
    }
    const resolved = call.target === undefined ? { ...call, function: declaration.name } : call;
    const types = operands.map((operand) => this.#typeOf(operand));
    const fresh = () => this.#freeType();
    const member = call.target !== undefined;
    const logical = declaration.name === operators.logicalAnd || declaration.name === operators.logicalOr;
    const resolution = logical
      ? this.#resolveLogical(declaration.name, call.args, types)
      : resolveOverload(this.#substitution, declaration, types, member, fresh);
    if (resolution === undefined) {
      if (!logical) this.#report(call.id, noMatchingOverload(this.#substitution, declaration.name, types, member));
      return this.#set(resolved, errorType);
    }
    return this.#set(resolved, resolution.type, { kind: 'function', overloadIds: resolution.overloadIds });
  }

  /** `&&` and `||` name each operand that is no bool instead of saying that no overload fits. */
  #resolveLogical(name: string, args: readonly Expr[], types: readonly Type[]): Resolution | undefined {
    let fits = true;
    for (const [i, type] of types.entries()) {
      if (this.#isAssignable(type, boolType)) continue;
      this.#mismatch((args[i] as Expr).id, boolType, type);
      fits = false;
    }
    return fits
      ? { type: boolType, overloadIds: [name === operators.logicalAnd ? 'logical_and' : 'logical_or'] }
      : undefined;
  }

  /** What an element written with a question mark holds; it has to be optional. */
  #unwrapped(value: Expr): Type {
    const type = this.#typeOf(value);
    const held = optionalValue(type);
    if (held === undefined && !isDyn(type)) this.#mismatch(value.id, optionalType(type), type);
    return held ?? type;
  }

  #checkList(expr: ListExpr): Expr {
    const optional = new Set(expr.optionalIndices);
    let type: Type | undefined;
    const elements = expr.elements.map((element, i) => {
      const checked = this.#check(element);
      type = this.#join(type, optional.has(i) ? this.#unwrapped(checked) : this.#typeOf(checked));
      return checked;
    });
    return this.#set({ ...expr, elements }, listType(type ?? this.#freeType()));
  }

  #checkMap(expr: MapExpr): Expr {
    let keyType: Type | undefined;
    let valueType: Type | undefined;
    const entries = expr.entries.map((entry) => {
      const key = this.#check(entry.key);
      keyType = this.#join(keyType, this.#typeOf(key));
      const value = this.#check(entry.value);
      valueType = this.#join(valueType, entry.optional ? this.#unwrapped(value) : this.#typeOf(value));
      return { ...entry, key, value };
    });
    keyType ??= this.#freeType();
    valueType ??= this.#freeType();
    return this.#set({ ...expr, entries }, mapType(keyType, valueType));
  }

  /** What holds elements of both types; if neither fits the other, anything. Mixed literals are refused by a validator. */
  #join(previous: Type | undefined, current: Type): Type {
    if (previous === undefined) return current;
    return this.#isAssignable(previous, current) ? mostGeneral(previous, current) : dynType;
  }

  #checkStruct(expr: StructExpr): Expr {
    const found = this.#scope.findIdent(expr.typeName);
    if (found === undefined) {
      this.#undeclared(expr.id, expr.typeName);
      return this.#set(expr, errorType);
    }
    const { type, problem } = structResult(found);
    if (problem !== undefined) this.#report(expr.id, problem);
    const struct = checkedStructName(found.name, type);
    this.#set(expr, type, { kind: 'ident', name: found.name });
    const fields = expr.fields.map((field) => {
      const value = this.#check(field.value);
      const fieldType = this.#structField(field.id, struct, field.name) ?? errorType;
      const valueType = field.optional ? this.#unwrapped(value) : this.#typeOf(value);
      if (!this.#isAssignable(fieldType, valueType)) {
        const [expected, actual] = [formatType(fieldType), formatType(valueType)];
        this.#report(
          field.id,
          `expected type of field '${field.name}' is '${expected}' but provided type is '${actual}'`,
        );
      }
      return { ...field, value };
    });
    return { ...expr, typeName: found.name, fields };
  }

  #checkComprehension(expr: ComprehensionExpr): Expr {
    const range = this.#check(expr.range);
    const accuInit = this.#check(expr.accuInit);
    const accuType = this.#typeOf(accuInit);
    const around = this.#scope;
    const withAccumulator = around.enter({ name: expr.accuVar, type: accuType });
    this.#scope = withAccumulator.enter(...this.#iterationVariables(expr, range));
    const condition = this.#check(expr.condition);
    this.#assert(condition, boolType);
    const step = this.#check(expr.step);
    this.#assert(step, accuType);
    this.#scope = withAccumulator;
    const result = this.#check(expr.result);
    this.#scope = around;
    const checked = { ...expr, range, accuInit, condition, step, result };
    return this.#set(checked, this.#substitution.apply(this.#typeOf(result), false));
  }

  #assert(expr: Expr, expected: Type): void {
    const type = this.#typeOf(expr);
    if (!this.#isAssignable(expected, type)) this.#mismatch(expr.id, expected, type);
  }

  #iterationVariables(expr: ComprehensionExpr, range: Expr): VariableDeclaration[] {
    const two = expr.iterVar2 !== '';
    const variables = (first: Type, second: Type): VariableDeclaration[] =>
      two
        ? [
            { name: expr.iterVar, type: first },
            { name: expr.iterVar2, type: second },
          ]
        : [{ name: expr.iterVar, type: first }];
    const type = this.#substitution.apply(this.#typeOf(range), false);
    switch (type.kind) {
      case 'list': {
        const element = type.parameters[0] as Type;
        return variables(two ? intType : element, element);
      }
      case 'map':
        return variables(type.parameters[0] as Type, type.parameters[1] as Type);
      case 'dyn':
      case 'error':
      case 'typeParam':
        this.#isAssignable(dynType, type);
        return variables(dynType, dynType);
      default: {
        const found = formatType(type);
        const message = `expression of type '${found}' cannot be range of a comprehension (must be list, map, or dynamic)`;
        this.#report(range.id, message);
        return variables(errorType, errorType);
      }
    }
  }
}
