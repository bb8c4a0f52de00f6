import { SetpointError } from '../errors/index.ts';

/** What is wrong with a schema or a definition, for programs; stable across releases. */
export type SchemaErrorCode =
  /** Only exists in parsing: transform, pipe, preprocess, coerce, trim, catch, refine. */
  | 'ParsingOnly'
  /** A value JSON has not: Date, Map, Set, bigint, symbol, undefined, function. */
  | 'NotJson'
  | 'Tuple'
  | 'Pattern'
  | 'Format'
  | 'Recursive'
  /** Says nothing of its value, so that a server would prune all of it. */
  | 'EmptySchema'
  | 'MissingType'
  | 'ScalarUnion'
  /** Members of a union that share a property and differ in it, or cannot be one object. */
  | 'Union'
  | 'Intersection'
  | 'CatchallTyping'
  | 'PropertyNames'
  | 'DefaultNotAllowed'
  | 'ListType'
  | 'Keyword'
  | 'Null'
  | 'NotAnObject'
  /** An API server would refuse the schema for another reason, given in its words. */
  | 'Structural'
  | 'InvalidName'
  | 'InvalidDefinition'
  /** The schema library itself could not express the schema; see `cause`. */
  | 'Library';

/** One thing of a schema or a definition that no API server would hold to. */
export interface SchemaProblem {
  readonly code: SchemaErrorCode;
  /** Such as `spec.ports[].name`; `[]` is every item of a list and `*` every value of a map. */
  readonly path: string;
  readonly message: string;
  /** What to write instead. */
  readonly advice: string;
}

/**
 * A kind cannot be defined as it was written. `problems` has everything that was found, and `code` and `path`
 * are those of the first.
 */
export class SchemaError extends SetpointError {
  readonly code: SchemaErrorCode;
  readonly kind: string;
  readonly path: string;
  readonly problems: readonly SchemaProblem[];

  constructor(
    options: ({ readonly problems: readonly SchemaProblem[] } | SchemaProblem) & {
      readonly kind: string;
      readonly cause?: unknown;
    },
  ) {
    const problems = 'problems' in options ? options.problems : [options];
    const lines = problems.map(({ path, message, advice }) => `${path}: ${message}; ${advice}`);
    const text = lines.length === 1 ? lines[0] : `${lines.length} problems\n${lines.map((l) => `  ${l}`).join('\n')}`;
    super('SchemaError', `cannot define ${options.kind}: ${text}`, { cause: options.cause });
    const first = problems[0] as SchemaProblem;
    this.code = first.code;
    this.path = first.path;
    this.kind = options.kind;
    this.problems = problems.map(({ code, path, message, advice }) => ({ code, path, message, advice }));
  }
}
