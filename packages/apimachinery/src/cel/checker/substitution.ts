import { dynType, isAssignableType, listType, mapType, sameType, type Type, typeOfType } from '../types/index.ts';

const isDyn = (type: Type): boolean => type.kind === 'dyn' || type.kind === 'any';
const isDynOrError = (type: Type): boolean => isDyn(type) || type.kind === 'error';

/** Kinds to which null could always be assigned. */
const nullableKinds: ReadonlySet<Type['kind']> = new Set(['opaque', 'struct', 'any', 'duration', 'timestamp']);
const takesNull = (type: Type): boolean => nullableKinds.has(type.kind) || isNullable(type);
const isNullable = (type: Type): boolean => type.kind === 'null' || type.kind === 'dyn' || type.nullable === true;

/**
 * What type parameters stand for, learnt while types are compared. A comparison that fails leaves no trace: changes are
 * kept in a log and taken back.
 */
export class Substitution {
  readonly #bound = new Map<string, Type>();
  readonly #log: { readonly name: string; readonly before: Type | undefined }[] = [];

  find(type: Type): Type | undefined {
    return type.kind === 'typeParam' ? this.#bound.get(type.name) : undefined;
  }

  bind(parameter: Type, type: Type): void {
    this.#log.push({ name: parameter.name, before: this.#bound.get(parameter.name) });
    this.#bound.set(parameter.name, type);
  }

  /** Whether the first types can stand for the second ones, place by place; if so, what that says of parameters is kept. */
  assignable(from: readonly Type[], to: readonly Type[]): boolean {
    const mark = this.#log.length;
    if (this.#allAssignable(from, to)) return true;
    while (this.#log.length > mark) {
      const { name, before } = this.#log.pop() as { name: string; before: Type | undefined };
      if (before === undefined) this.#bound.delete(name);
      else this.#bound.set(name, before);
    }
    return false;
  }

  #allAssignable(first: readonly Type[], second: readonly Type[]): boolean {
    return first.length === second.length && first.every((type, i) => this.#isAssignable(type, second[i] as Type));
  }

  #isAssignable(first: Type, second: Type): boolean {
    if (second.kind === 'typeParam') {
      const { valid, bound } = this.#unify(first, second);
      if (valid) return true;
      if (bound) return false;
    }
    if (first.kind === 'typeParam') return this.#unify(second, first).valid;
    if (isDynOrError(first) || isDynOrError(second)) return true;
    if (first.kind === 'null') return takesNull(second);
    if (second.kind === 'null') return takesNull(first);
    switch (first.kind) {
      case 'type':
        return second.kind === 'type';
      case 'opaque':
      case 'list':
      case 'map':
        return (
          first.kind === second.kind &&
          first.name === second.name &&
          this.#allAssignable(first.parameters, second.parameters)
        );
      default:
        return isAssignableType(second, first);
    }
  }

  /** Whether `parameter` may stand for `type`: it already does, does for something assignable, or is free and does from now on. */
  #unify(type: Type, parameter: Type): { valid: boolean; bound: boolean } {
    if (type.kind === parameter.kind && sameType(type, parameter)) return { valid: true, bound: true };
    const known = this.find(parameter);
    if (known !== undefined) {
      if (type.kind === known.kind && sameType(type, known)) return { valid: true, bound: true };
      if (!this.#isAssignable(type, known)) return { valid: false, bound: true };
      const general = mostGeneral(type, known);
      if (this.#isAbsent(parameter, general)) this.bind(parameter, general);
      return { valid: true, bound: true };
    }
    if (!this.#isAbsent(parameter, type)) return { valid: false, bound: false };
    this.bind(parameter, type);
    return { valid: true, bound: false };
  }

  /** Whether the parameter occurs nowhere in the type: no type may contain itself. */
  #isAbsent(parameter: Type, type: Type): boolean {
    if (sameType(parameter, type)) return false;
    if (type.kind === 'typeParam') {
      const known = this.find(type);
      return known === undefined || this.#isAbsent(parameter, known);
    }
    return type.parameters.every((each) => this.#isAbsent(parameter, each));
  }

  /** The type with what its parameters stand for; free ones stay, or become dyn with `freeToDyn`. */
  apply(type: Type, freeToDyn: boolean): Type {
    const known = this.find(type);
    if (known !== undefined) return this.apply(known, freeToDyn);
    if (type.kind === 'typeParam') return freeToDyn ? dynType : type;
    if (type.parameters.length === 0) return type;
    const parameters = type.parameters.map((parameter) => this.apply(parameter, freeToDyn));
    switch (type.kind) {
      case 'list':
        return listType(parameters[0] as Type);
      case 'map':
        return mapType(parameters[0] as Type, parameters[1] as Type);
      case 'type':
        return typeOfType(parameters[0] as Type);
      default:
        return { ...type, parameters };
    }
  }
}

/** The more general of two types that are known to fit each other. */
export const mostGeneral = (first: Type, second: Type): Type => (isLessSpecific(first, second) ? first : second);

const isLessSpecific = (first: Type, second: Type): boolean => {
  if (isDyn(first) || first.kind === 'typeParam') return true;
  if (isDyn(second) || second.kind === 'typeParam') return false;
  if (first.kind !== second.kind) return false;
  switch (first.kind) {
    case 'opaque':
      if (first.name !== second.name || first.parameters.length !== second.parameters.length) return false;
      return first.parameters.every((parameter, i) => isLessSpecific(parameter, second.parameters[i] as Type));
    case 'list':
    case 'map':
      return first.parameters.every((parameter, i) => isLessSpecific(parameter, second.parameters[i] as Type));
    case 'type':
      return true;
    default:
      return sameType(first, second);
  }
};
