import type { JsonValue, KubeObject } from '@setpoint/apimachinery/meta';
import { type Issue, TypedValueError } from './issues.ts';
import type { TypeSchema } from './type-schema.ts';
import { validateInto } from './validate.ts';

/** A value and the type by which it is merged. Types are told apart by identity. */
export interface TypedValue {
  readonly value: JsonValue;
  readonly type: TypeSchema;
}

export interface TypedOptions {
  /** Lists that are sets or maps may have an item twice. Default false. */
  readonly allowDuplicates?: boolean;
}

/** @throws TypedValueError if the value does not fit the type */
export function asTyped(value: JsonValue | KubeObject, type: TypeSchema, options: TypedOptions = {}): TypedValue {
  const typed = asTypedUnvalidated(value, type);
  validate(typed, options);
  return typed;
}

/** For values that are known to fit. */
export function asTypedUnvalidated(value: JsonValue | KubeObject, type: TypeSchema): TypedValue {
  return { value: value as JsonValue, type };
}

/** @throws TypedValueError if the value does not fit the type */
export function validate({ value, type }: TypedValue, options: TypedOptions = {}): void {
  const issues: Issue[] = [];
  validateInto(issues, value, type, options.allowDuplicates ?? false);
  if (issues.length > 0) throw new TypedValueError(issues);
}

/** @throws TypedValueError for values of different types, which nothing can be done with */
export function checkSameType(a: TypedValue, b: TypedValue): void {
  if (a.type === b.type) return;
  const names = [a.type.name, b.type.name].map((name) => name ?? 'inlined type');
  const message = `expected objects of the same type, but got ${names[0]} and ${names[1]}`;
  throw new TypedValueError([{ path: '', message }]);
}
