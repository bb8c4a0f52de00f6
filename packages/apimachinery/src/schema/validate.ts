import type { FieldError } from '../errors/index.ts';
import { compileCheck } from './compile.ts';
import { Correlated } from './correlate.ts';
import { hasEmbedded, validateEmbedded } from './embedded.ts';
import { hasUniqueLists, validateListTypes } from './list-types.ts';
import { Result, toFieldErrors } from './result.ts';
import type { StructuralSchema } from './types.ts';

/** Options of `validate`. */
export interface ValidateOptions {
  /** Where the value sits, such as `status`; undefined for a whole object. */
  readonly path?: string;
  /**
   * The value before the update. Parts that did not change then do not fail (KEP-4008), and lists whose items
   * were not unique before may stay so.
   */
  readonly old?: unknown;
}

/** A schema made into functions once, for the many objects it is used on. */
export interface CompiledSchema {
  /** The keywords of OpenAPI: type, required, enum, pattern, limits, junctors, formats. */
  validateKeywords(value: unknown, options?: ValidateOptions): FieldError[];
  /** apiVersion, kind and metadata of embedded resources. */
  validateEmbedded(value: unknown, path?: string): FieldError[];
  /** Uniqueness in lists of type set and map. */
  validateListTypes(value: unknown, options?: ValidateOptions): FieldError[];
  /** All of them, in the server's order. */
  validate(value: unknown, options?: ValidateOptions): FieldError[];
}

/** CEL rules are no part of it: see `usesCel`. */
export function compileSchema(schema: StructuralSchema): CompiledSchema {
  const check = compileCheck(schema);
  const needsEmbedded = hasEmbedded(schema);
  const needsListTypes = hasUniqueLists(schema);
  const compiled: CompiledSchema = {
    validateKeywords(value, options = {}) {
      const result = new Result();
      const correlated = 'old' in options ? new Correlated(value, options.old, schema) : undefined;
      check(value, '', result, correlated);
      if (result.isValid || correlated?.isUnchanged() === true) return [];
      return toFieldErrors(result.problems, options.path);
    },
    validateEmbedded(value, path) {
      return needsEmbedded ? validateEmbedded(value, schema, path) : [];
    },
    validateListTypes(value, options = {}) {
      if (!needsListTypes) return [];
      const errors = validateListTypes(value, schema, options.path);
      if (errors.length > 0 && 'old' in options && validateListTypes(options.old, schema).length > 0) return [];
      return errors;
    },
    validate(value, options = {}) {
      return [
        ...compiled.validateKeywords(value, options),
        ...compiled.validateEmbedded(value, options.path),
        ...compiled.validateListTypes(value, options),
      ];
    },
  };
  return compiled;
}

/**
 * Whether a value obeys a schema, in the server's words; empty when it does. Compiles the schema first: for more
 * than one value use `compileSchema`.
 */
export function validate(value: unknown, schema: StructuralSchema, options?: ValidateOptions): FieldError[] {
  return compileSchema(schema).validate(value, options);
}
