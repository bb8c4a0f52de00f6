import type { FunctionDeclaration, OverloadDeclaration } from '../declarations/index.ts';
import { isDynamic, type Type } from '../types/index.ts';
import { CelError, isError, ListValue, MapValue, typeName, type Value } from '../values/index.ts';

/** How a function is carried out. Exactly one of the three shapes is given. */
export interface Implementation {
  readonly unary?: (argument: Value) => Value;
  readonly binary?: (first: Value, second: Value) => Value;
  readonly variadic?: (args: readonly Value[]) => Value;
  /** Called with errors too, where others hand an argument's error on. */
  readonly nonStrict?: boolean;
}

/** A function for all its overloads at once; it looks at its arguments itself. */
export interface Singleton extends Implementation {
  /** Whether a first argument can have this operation at all. */
  readonly accepts?: (first: Value) => boolean;
}

/** What a library says of one function: an implementation for all overloads, or one for each by its id. */
export interface FunctionBinding {
  readonly singleton?: Singleton;
  readonly overloads?: Readonly<Record<string, Implementation>>;
  /** Overloads take arguments of other types too and judge for themselves. */
  readonly unguarded?: boolean;
}

/** Functions by name. Several libraries may bind overloads of the same one. */
export type FunctionLibrary = Readonly<Record<string, FunctionBinding>>;

export function mergeLibraries(libraries: readonly FunctionLibrary[]): ReadonlyMap<string, FunctionBinding> {
  const merged = new Map<string, FunctionBinding>();
  for (const library of libraries) {
    for (const [name, binding] of Object.entries(library)) {
      const known = merged.get(name);
      const overloads = { ...known?.overloads, ...binding.overloads };
      merged.set(name, known === undefined ? binding : { ...known, ...binding, overloads });
    }
  }
  return merged;
}

/**
 * The implementation a call site uses: that of the overload the checker found, or, where it could not tell, the one
 * that looks at the arguments. Undefined if nothing is bound.
 */
export function implementationOf(
  declaration: FunctionDeclaration | undefined,
  binding: FunctionBinding | undefined,
  name: string,
  overloadId: string,
): Singleton | undefined {
  if (binding === undefined) return undefined;
  if (binding.singleton !== undefined) return binding.singleton;
  const bound = (declaration?.overloads ?? []).flatMap((overload) => {
    const implementation = binding.overloads?.[overload.id];
    return implementation === undefined ? [] : [{ overload, implementation }];
  });
  const exact = bound.find(({ overload }) => overload.id === overloadId) ?? (bound.length === 1 ? bound[0] : undefined);
  const isUnguarded = binding.unguarded === true;
  if (exact !== undefined) return guarded(name, exact.overload, exact.implementation, isUnguarded);
  if (bound.length === 0) return undefined;
  return {
    nonStrict: bound.some(({ implementation }) => implementation.nonStrict === true),
    variadic: (args) => {
      const match = bound.find(({ overload, implementation }) =>
        accepts(overload, implementation.nonStrict === true, isUnguarded, args),
      );
      return match === undefined ? noMatch(name, args) : invoke(match.implementation, args);
    },
  };
}

function invoke({ unary, binary, variadic }: Implementation, args: readonly Value[]): Value {
  if (unary !== undefined) return unary(args[0] as Value);
  if (binary !== undefined) return binary(args[0] as Value, args[1] as Value);
  return variadic?.(args) ?? null;
}

/** The checker has chosen by declared types; the values may still turn out to be others. */
function guarded(
  name: string,
  overload: OverloadDeclaration,
  implementation: Implementation,
  free: boolean,
): Singleton {
  const { unary, binary, variadic, nonStrict = false } = implementation;
  const [first, second] = overload.args as [Type, Type];
  if (unary !== undefined) {
    const isRight = free ? () => true : matcher(first);
    return { nonStrict, unary: (a) => (matches(isRight, a, nonStrict) ? unary(a) : noMatch(name, [a])) };
  }
  if (binary !== undefined) {
    const [isFirst, isSecond] = free ? [() => true, () => true] : [matcher(first), matcher(second)];
    return {
      nonStrict,
      binary: (a, b) =>
        matches(isFirst, a, nonStrict) && matches(isSecond, b, nonStrict) ? binary(a, b) : noMatch(name, [a, b]),
    };
  }
  return {
    nonStrict,
    variadic: (args) => (accepts(overload, nonStrict, free, args) ? (variadic?.(args) ?? null) : noMatch(name, args)),
  };
}

const matches = (isRight: (value: Value) => boolean, value: Value, nonStrict: boolean): boolean =>
  isError(value) ? nonStrict : isRight(value);

const accepts = (overload: OverloadDeclaration, nonStrict: boolean, free: boolean, args: readonly Value[]): boolean =>
  args.length === overload.args.length &&
  args.every((arg, i) => (isError(arg) ? nonStrict : free || isOfType(overload.args[i] as Type, arg)));

function matcher(type: Type): (value: Value) => boolean {
  if (type.kind === 'string') return (value) => typeof value === 'string';
  return (value) => isOfType(type, value);
}

/** Whether the value can be passed where the type is declared. Of lists and maps the first element is looked at. */
function isOfType(type: Type, value: Value): boolean {
  if (isDynamic(type)) return true;
  if (type.nullable === true && value === null) return true;
  if (type.name !== typeName(value)) return false;
  if (value instanceof ListValue && type.kind === 'list') {
    return value.size === 0 || isOfType(type.parameters[0] as Type, value.at(0));
  }
  if (!(value instanceof MapValue && type.kind === 'map') || value.size === 0) return true;
  for (const key of value.keys()) {
    const element = value.find(key) as Value;
    return isOfType(type.parameters[0] as Type, key) && isOfType(type.parameters[1] as Type, element);
  }
  return true;
}

function noMatch(name: string, args: readonly Value[]): CelError {
  const failed = args.find(isError);
  return failed ?? new CelError(`no such overload: ${name}(${args.map(typeName).join(', ')})`);
}
