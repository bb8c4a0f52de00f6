import type { FieldError, FieldPath } from '../errors/index.ts';
import type { Correlated } from './correlate.ts';
import type { StructuralSchema } from './types.ts';

/**
 * Compiles and evaluates CEL rules. The implementation is `@setpoint/apimachinery/rules`; it is handed in, so that
 * schemas without rules need none of it.
 */
export interface RuleEngine {
  /** Begins to check the rules of one definition. */
  definition(schema: StructuralSchema): DefinitionRules;
  /** The rules of a schema and of all schemas in it, ready to judge values; undefined where there are none. */
  validator(schema: StructuralSchema, isResourceRoot: boolean): RuleValidator | undefined;
}

export interface DefinitionRules {
  readonly root: RuleScope;
  /** What is wrong with all rules together, once all have been checked; `path` is that of the root. */
  totalErrors(path: FieldPath): readonly FieldError[];
}

/** One node of a schema while the rules of a definition are checked. */
export interface RuleScope {
  property(name: string, schema: StructuralSchema): RuleScope;
  items(schema: StructuralSchema): RuleScope;
  additional(schema: StructuralSchema): RuleScope;
  /** `uncorrelatable`: the list or map above whose parts have no old values. */
  check(path: FieldPath, uncorrelatable: FieldPath | undefined): readonly FieldError[];
}

export interface RuleValidator {
  validate(value: unknown, options: RuleOptions): RuleResult;
}

export interface RuleOptions {
  /** Where the value sits; undefined for a whole object. */
  readonly path?: string;
  /** The value before; undefined where there is none. */
  readonly old?: unknown;
  /** Rules that fail in parts that did not change become warnings (KEP-4008). */
  readonly correlated?: Correlated;
  readonly warn?: (text: string) => void;
  /** What all rules may cost together. @default 10,000,000 */
  readonly budget?: number;
}

export interface RuleResult {
  readonly errors: readonly FieldError[];
  /** What is left of the budget; below zero where it did not suffice. */
  readonly remaining: number;
}
