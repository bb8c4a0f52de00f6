import type { Constant } from '../syntax/index.ts';
import type { Type } from '../types/index.ts';

/** One signature of a function. The first argument of a member overload is the target. */
export interface OverloadDeclaration {
  /** Unique within a function, such as `string_contains_string`: what the interpreter dispatches on. */
  readonly id: string;
  readonly member: boolean;
  readonly args: readonly Type[];
  readonly result: Type;
}

export interface FunctionDeclaration {
  readonly name: string;
  readonly overloads: readonly OverloadDeclaration[];
}

export interface VariableDeclaration {
  readonly name: string;
  readonly type: Type;
  readonly value?: Constant;
}
