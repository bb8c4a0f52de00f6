import type { FunctionDeclaration, VariableDeclaration } from '../declarations/index.ts';
import type { Expr } from '../syntax/index.ts';
import { intType, typeOfType } from '../types/index.ts';
import type { Environment } from './environment.ts';

/** The variables that are seen at a place: those of comprehensions around it, then the environment's. */
export class Scope {
  readonly #environment: Environment;
  readonly #outer: Scope | undefined;
  readonly #local: ReadonlyMap<string, VariableDeclaration>;

  constructor(environment: Environment, outer?: Scope, local: readonly VariableDeclaration[] = []) {
    this.#environment = environment;
    this.#outer = outer;
    this.#local = new Map(local.map((variable) => [variable.name, variable]));
  }

  enter(...local: VariableDeclaration[]): Scope {
    return new Scope(this.#environment, this, local);
  }

  /** What a name means: a variable, a type or an enumeration's value. A leading dot names the same thing. */
  findIdent(name: string): VariableDeclaration | undefined {
    const plain = name.startsWith('.') ? name.slice(1) : name;
    return this.#findLocal(plain) ?? this.#environment.variables.get(plain) ?? this.#findProvided(plain);
  }

  findFunction(name: string): FunctionDeclaration | undefined {
    return this.#environment.functions.get(name.startsWith('.') ? name.slice(1) : name);
  }

  #findLocal(name: string): VariableDeclaration | undefined {
    const local = this.#local.get(name);
    return local !== undefined || this.#outer === undefined ? local : this.#outer.#findLocal(name);
  }

  #findProvided(name: string): VariableDeclaration | undefined {
    const { provider } = this.#environment;
    const struct = provider.findStructType(name);
    if (struct !== undefined) return { name, type: typeOfType(struct) };
    const type = provider.findTypeIdent(name);
    if (type !== undefined) return { name, type };
    const value = provider.findEnumValue(name);
    return value === undefined ? undefined : { name, type: intType, value: { kind: 'int', value } };
  }
}

/** `a.b.c` as one name; undefined if the expression is anything else. */
export const qualifiedName = (expr: Expr): string | undefined => {
  if (expr.kind === 'ident') return expr.name;
  if (expr.kind !== 'select' || expr.testOnly) return undefined;
  const operand = qualifiedName(expr.operand);
  return operand === undefined ? undefined : `${operand}.${expr.field}`;
};
