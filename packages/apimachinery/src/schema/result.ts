import { FieldError } from '../errors/index.ts';
import { sortedJson } from './objects.ts';

/** One broken keyword, before it is known below which path the schema sits. */
export interface Problem {
  readonly kind: 'required' | 'enum' | 'tooLong' | 'tooMany' | 'type' | 'invalid' | 'composite';
  /** Path from the root of the schema; empty at the root. */
  readonly name: string;
  /** The words of the validation library, which the message of most kinds ends with. */
  readonly message: string;
  readonly value?: unknown;
  readonly limit?: number;
  readonly supported?: readonly string[];
}

/**
 * What validation found. `matches` counts the checks that were made: of the alternatives of an anyOf or oneOf
 * that all fail, the one with the most is reported.
 */
export class Result {
  readonly problems: Problem[] = [];
  matches = 0;

  get isValid(): boolean {
    return this.problems.length === 0;
  }

  /** The same message is reported once. */
  add(problem: Problem): void {
    for (const known of this.problems) if (known.message === problem.message) return;
    this.problems.push(problem);
  }

  merge(other: Result): void {
    for (const problem of other.problems) this.add(problem);
    this.matches += other.matches;
  }
}

/** `prefix` is undefined for a whole object: problems without a path then have the field `<nil>`, as on the server. */
export function toFieldErrors(problems: readonly Problem[], prefix: string | undefined): FieldError[] {
  return problems.map((problem) => toFieldError(problem, prefix));
}

function toFieldError(problem: Problem, prefix: string | undefined): FieldError {
  const field = fieldOf(problem, prefix);
  switch (problem.kind) {
    case 'required':
      return FieldError.required(field);
    case 'enum':
      return FieldError.notSupported(field, sortedJson(problem.value), problem.supported ?? []);
    case 'tooLong':
      return FieldError.tooLong(field, '', problem.limit ?? -1);
    case 'tooMany':
      return FieldError.tooMany(field, problem.value as number, problem.limit ?? -1);
    case 'type':
      return FieldError.typeInvalid(field, problem.value, problem.message);
    case 'invalid':
      return FieldError.invalid(field, problem.value, problem.message);
    case 'composite':
      return FieldError.invalid(field, '', problem.message);
    default:
      return problem.kind satisfies never;
  }
}

function fieldOf(problem: Problem, prefix: string | undefined): string {
  if (problem.kind === 'composite' || problem.name === '' || problem.name === '.') return prefix ?? '<nil>';
  const name = problem.name.startsWith('.') ? problem.name.slice(1) : problem.name;
  return prefix === undefined ? name : `${prefix}.${name}`;
}
