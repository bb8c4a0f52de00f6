import type { FunctionDeclaration, OverloadDeclaration } from '../declarations/index.ts';
import { dynType, sameType, type Type } from '../types/index.ts';
import { formatArguments } from './format.ts';
import { Substitution } from './substitution.ts';

/** The overloads that a call may mean, and the type of what it gives. */
export interface Resolution {
  readonly type: Type;
  readonly overloadIds: readonly string[];
}

const genericOverloads = new WeakMap<OverloadDeclaration, readonly Type[]>();

const collectParameters = (type: Type, found: Map<string, Type>): void => {
  if (type.kind === 'typeParam') found.set(type.name, type);
  else for (const parameter of type.parameters) collectParameters(parameter, found);
};

/** The type parameters of a signature, in the order they occur in. */
const typeParametersOf = (overload: OverloadDeclaration): readonly Type[] => {
  const known = genericOverloads.get(overload);
  if (known !== undefined) return known;
  const found = new Map<string, Type>();
  collectParameters(overload.result, found);
  for (const arg of overload.args) collectParameters(arg, found);
  const parameters = [...found.values()];
  genericOverloads.set(overload, parameters);
  return parameters;
};

/** A signature whose type parameters are new ones that nothing is known of. */
const instantiate = (overload: OverloadDeclaration, fresh: () => Type): { args: readonly Type[]; result: Type } => {
  const parameters = typeParametersOf(overload);
  if (parameters.length === 0) return overload;
  const renamed = new Substitution();
  for (const parameter of parameters) renamed.bind(parameter, fresh());
  return { args: overload.args.map((arg) => renamed.apply(arg, false)), result: renamed.apply(overload.result, false) };
};

/** All overloads that fit the arguments. If their results differ, the call gives dyn. */
export const resolveOverload = (
  substitution: Substitution,
  declaration: FunctionDeclaration,
  types: readonly Type[],
  member: boolean,
  fresh: () => Type,
): Resolution | undefined => {
  let type: Type | undefined;
  const overloadIds: string[] = [];
  for (const overload of declaration.overloads) {
    if (overload.member !== member) continue;
    const { args, result } = instantiate(overload, fresh);
    if (!substitution.assignable(types, args)) continue;
    overloadIds.push(overload.id);
    const resultType = substitution.apply(result, false);
    if (type === undefined) type = resultType;
    else if (type.kind !== 'dyn' && type.kind !== 'any' && !sameType(resultType, type)) type = dynType;
  }
  return type === undefined ? undefined : { type, overloadIds };
};

/** What is said of a call that no overload fits. */
export const noMatchingOverload = (
  substitution: Substitution,
  name: string,
  types: readonly Type[],
  member: boolean,
): string => {
  const known = types.map((type) => substitution.apply(type, true));
  return `found no matching overload for '${name}' applied to '${formatArguments(known, member)}'`;
};
