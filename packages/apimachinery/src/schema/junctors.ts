import { goQuote } from '../errors/index.ts';
import type { Check } from './compile.ts';
import type { Correlated } from './correlate.ts';
import { Result } from './result.ts';
import type { StructuralSchema } from './types.ts';

/** The checks of anyOf, oneOf, allOf and not, or undefined when the schema has none of them. */
export function compileJunctors(
  schema: StructuralSchema,
  compile: (schema: StructuralSchema) => Check,
): Check | undefined {
  const anyOf = (schema.anyOf ?? []).map(compile);
  const oneOf = (schema.oneOf ?? []).map(compile);
  const allOf = (schema.allOf ?? []).map(compile);
  const not = schema.not && compile(schema.not);
  if (anyOf.length + oneOf.length + allOf.length === 0 && not === undefined) return undefined;
  return (value, path, result, correlated) => {
    const run = (check: Check) => evaluate(check, value, path, correlated);
    if (anyOf.length > 0) checkAnyOf(anyOf, run, path, result);
    if (oneOf.length > 0) checkOneOf(oneOf, run, path, result);
    if (allOf.length > 0) checkAllOf(allOf, run, path, result);
    if (not !== undefined && run(not).isValid) {
      result.add(composite(path, `${goQuote(path)} must not validate the schema (not)`));
    }
  };
}

function evaluate(check: Check, value: unknown, path: string, correlated: Correlated | undefined): Result {
  const result = new Result();
  check(value, path, result, correlated);
  return result;
}

type Run = (check: Check) => Result;

function checkAnyOf(checks: readonly Check[], run: Run, path: string, result: Result): void {
  let best: Result | undefined;
  for (const check of checks) {
    const outcome = run(check);
    if (outcome.isValid) {
      result.merge(outcome);
      return;
    }
    if (best === undefined || outcome.matches > best.matches) best = outcome;
  }
  result.add(composite(path, `${goQuote(path)} must validate at least one schema (anyOf)`));
  if (best) result.merge(best);
}

function checkOneOf(checks: readonly Check[], run: Run, path: string, result: Result): void {
  let best: Result | undefined;
  let firstValid: Result | undefined;
  let valid = 0;
  for (const check of checks) {
    const outcome = run(check);
    if (outcome.isValid) {
      valid++;
      best = undefined;
      firstValid ??= outcome;
    } else if (valid === 0 && (best === undefined || outcome.matches > best.matches)) {
      best = outcome;
    }
  }
  if (valid === 1 && firstValid) {
    result.merge(firstValid);
    return;
  }
  const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
  result.add(composite(path, `${goQuote(path)} must validate one and only one schema (oneOf). ${found}`));
  if (best) result.merge(best);
}

function checkAllOf(checks: readonly Check[], run: Run, path: string, result: Result): void {
  let valid = 0;
  for (const check of checks) {
    const outcome = run(check);
    if (outcome.isValid) valid++;
    result.merge(outcome);
  }
  if (valid === checks.length) return;
  const found = valid === 0 ? '. None validated' : '';
  result.add(composite(path, `${goQuote(path)} must validate all the schemas (allOf)${found}`));
}

function composite(path: string, message: string) {
  return { kind: 'composite', name: path, message } as const;
}
