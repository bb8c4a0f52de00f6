import {
  type FunctionDeclaration,
  jsonPatchLibrary,
  kubernetesLibraries,
  type Library,
  libraryFunctions,
  type VariableDeclaration,
} from '../declarations/index.ts';
import type { Macro } from '../syntax/index.ts';
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  nullType,
  stringType,
  type Type,
  type TypeProvider,
  timestampType,
  typeOfType,
  typeType,
  uintType,
  wellKnownTypes,
} from '../types/index.ts';

/** What expressions may use: functions, macros, variables and types. Nothing of it changes; `extend` makes another. */
export interface Environment {
  readonly functions: ReadonlyMap<string, FunctionDeclaration>;
  readonly macros: readonly Macro[];
  readonly variables: ReadonlyMap<string, VariableDeclaration>;
  readonly provider: TypeProvider;
}

export interface EnvironmentOptions {
  readonly variables?: readonly VariableDeclaration[];
  readonly provider?: TypeProvider;
}

/** The types that have a name in every expression. */
const standardTypes: readonly Type[] = [
  boolType,
  bytesType,
  doubleType,
  durationType,
  intType,
  listType(dynType),
  mapType(dynType, dynType),
  nullType,
  stringType,
  timestampType,
  typeType,
  uintType,
];

/** An environment of libraries; overloads of one name are tried in the libraries' order. */
export const environment = (libraries: readonly Library[], options: EnvironmentOptions = {}): Environment => {
  const types = [...standardTypes, ...libraries.flatMap((library) => library.types)];
  const variables = types.map((type): VariableDeclaration => ({ name: type.name, type: typeOfType(type) }));
  return {
    functions: libraryFunctions(libraries),
    macros: libraries.flatMap((library) => library.macros),
    variables: declared(variables, options.variables),
    provider: options.provider ?? wellKnownTypes,
  };
};

const declared = (
  known: Iterable<VariableDeclaration>,
  more: readonly VariableDeclaration[] = [],
): ReadonlyMap<string, VariableDeclaration> =>
  new Map([...known, ...more].map((variable) => [variable.name, variable] as const));

/** The same environment with more variables or other types. */
export const extendEnvironment = (base: Environment, options: EnvironmentOptions): Environment => ({
  ...base,
  variables: options.variables === undefined ? base.variables : declared(base.variables.values(), options.variables),
  provider: options.provider ?? base.provider,
});

let kubernetes: Environment | undefined;

/** The environment of a Kubernetes 1.36 API server without any variables, made at the first call. */
export const kubernetesEnvironment = (options: EnvironmentOptions = {}): Environment => {
  kubernetes ??= environment(kubernetesLibraries);
  return extendEnvironment(kubernetes, options);
};

let mutating: Environment | undefined;

/** The same with what expressions of mutating policies may use besides. */
export const mutationEnvironment = (options: EnvironmentOptions = {}): Environment => {
  mutating ??= environment([...kubernetesLibraries, jsonPatchLibrary]);
  return extendEnvironment(mutating, options);
};
