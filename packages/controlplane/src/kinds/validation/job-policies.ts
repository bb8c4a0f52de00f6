import { FieldError, type FieldPath, goQuote } from '@setpoint/apimachinery/errors';
import { qualifiedName } from '@setpoint/apimachinery/names';
import type { Loose } from '../walk.ts';
import { all, type Errors, nonNegative } from './common.ts';

// When a Job has failed, and when it has succeeded, beyond counting pods.

const mostRules = 20;
const mostExitCodes = 255;
const mostIndexBytes = 64 * 1024;

function choices(values: readonly string[]): string {
  return `valid values: [${values.map(goQuote).join(' ')}]`;
}

function among(value: string, values: readonly string[], path: FieldPath, errors: Errors): void {
  if (value === '') errors.push(FieldError.required(path, choices(values)));
  else if (!values.includes(value)) errors.push(FieldError.notSupported(path, value, values));
}

export function validateFailurePolicy(job: Loose, path: FieldPath, errors: Errors): void {
  const rules: readonly Loose[] = job.podFailurePolicy.rules ?? [];
  const at = path.child('rules');
  if (rules.length > mostRules) errors.push(FieldError.tooMany(at, rules.length, mostRules));
  const pod = job.template?.spec ?? {};
  const names = new Set<string>([...(pod.containers ?? []), ...(pod.initContainers ?? [])].map(({ name }) => name));
  rules.forEach((rule, index) => {
    validateFailureRule(job, rule, names, at.index(index), errors);
  });
}

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];

function validateFailureRule(
  job: Loose,
  rule: Loose,
  names: ReadonlySet<string>,
  path: FieldPath,
  errors: Errors,
): void {
  const { action = '', onExitCodes, onPodConditions = [] } = rule;
  if (action === 'FailIndex' && job.backoffLimitPerIndex === undefined) {
    errors.push(FieldError.invalid(path.child('action'), action, 'requires the backoffLimitPerIndex to be set'));
  } else among(action, actions, path.child('action'), errors);
  if (onExitCodes) checkExitCodes(onExitCodes, names, path.child('onExitCodes'), errors);
  checkPodConditions(onPodConditions, path.child('onPodConditions'), errors);
  const refuse = (why: string) => errors.push(FieldError.invalid(path, undefined, why));
  if (onExitCodes && onPodConditions.length > 0) {
    refuse('specifying both OnExitCodes and OnPodConditions is not supported');
  } else if (!onExitCodes && onPodConditions.length === 0) {
    refuse('specifying one of OnExitCodes and OnPodConditions is required');
  }
}

function checkExitCodes(given: Loose, names: ReadonlySet<string>, path: FieldPath, errors: Errors): void {
  const { operator = '', containerName } = given;
  const values: readonly number[] = given.values ?? [];
  among(operator, ['In', 'NotIn'], path.child('operator'), errors);
  if (containerName !== undefined && !names.has(containerName)) {
    const why = 'must be one of the container or initContainer names in the pod template';
    errors.push(FieldError.invalid(path.child('containerName'), containerName, why));
  }
  const at = path.child('values');
  if (values.length === 0) errors.push(FieldError.invalid(at, given.values ?? null, 'at least one value is required'));
  else if (values.length > mostExitCodes) errors.push(FieldError.tooMany(at, values.length, mostExitCodes));
  const seen = new Set<number>();
  values.forEach((value, index) => {
    if (operator === 'In' && value === 0) {
      errors.push(FieldError.invalid(at.index(index), value, 'must not be 0 for the In operator'));
    }
    if (seen.has(value)) errors.push(FieldError.duplicate(at.index(index), value));
    seen.add(value);
  });
  const ordered = values.every((value, index) => index === 0 || (values[index - 1] as number) <= value);
  if (!ordered) errors.push(FieldError.invalid(at, values, 'must be ordered'));
}

function checkPodConditions(conditions: readonly Loose[], path: FieldPath, errors: Errors): void {
  if (conditions.length > mostRules) errors.push(FieldError.tooMany(path, conditions.length, mostRules));
  conditions.forEach(({ type = '', status = '' }, index) => {
    const at = path.index(index);
    all(qualifiedName(type), at.child('type'), type, errors);
    among(status, ['False', 'True', 'Unknown'], at.child('status'), errors);
  });
}

export function validateSuccessPolicy(job: Loose, path: FieldPath, errors: Errors): void {
  const rules: readonly Loose[] = job.successPolicy.rules ?? [];
  const at = path.child('rules');
  if (rules.length === 0) {
    errors.push(FieldError.required(at, 'at least one rules must be specified when the successPolicy is specified'));
  }
  if (rules.length > mostRules) errors.push(FieldError.tooMany(at, rules.length, mostRules));
  rules.forEach((rule, index) => {
    validateSuccessRule(rule, job.completions ?? 0, at.index(index), errors);
  });
}

function validateSuccessRule(rule: Loose, completions: number, path: FieldPath, errors: Errors): void {
  const { succeededIndexes: indexes, succeededCount: count } = rule;
  if (indexes === undefined && count === undefined) {
    const why = 'at least one of succeededCount or succeededIndexes must be specified';
    errors.push(FieldError.required(path, why));
  }
  let total = 0;
  if (indexes !== undefined) {
    const at = path.child('succeededIndexes');
    if (Buffer.byteLength(indexes) > mostIndexBytes) errors.push(FieldError.tooLong(at, '', mostIndexBytes));
    const read = readIndexes(indexes, completions);
    if ('problem' in read) {
      errors.push(FieldError.invalid(at, indexes, `error parsing succeededIndexes: ${read.problem}`));
    } else total = read.total;
  }
  if (count === undefined) return;
  const at = path.child('succeededCount');
  nonNegative(count, at, errors);
  const most = (limit: number, what: string) => {
    if (count <= limit) return;
    errors.push(FieldError.invalid(at, count, `must be less than or equal to ${limit} (${what})`));
  };
  most(completions, 'the number of specified completions');
  if (indexes !== undefined) most(total, 'the number of indexes in the specified succeededIndexes field');
}

type Indexes = { readonly total: number } | { readonly problem: string };

/** How many indexes a text such as `0-2,5` names, or why it cannot be read. */
export function readIndexes(text: string, completions: number): Indexes {
  let total = 0;
  let last: number | undefined;
  for (const part of text === '' ? [] : text.split(',')) {
    const read = readInterval(part, completions);
    if (typeof read === 'string') return { problem: read };
    const [first, end] = read;
    if (last !== undefined && last >= first) {
      return { problem: `non-increasing order, previous: ${last}, current: ${first}` };
    }
    total += end - first + 1;
    last = end;
  }
  return { total };
}

function readInterval(text: string, completions: number): readonly [number, number] | string {
  const limits = text.split('-');
  if (limits.length > 2) {
    return `the fragment ${goQuote(text)} violates the requirement that an index interval can have at most two parts separated by '-'`;
  }
  const numbers: number[] = [];
  for (const limit of limits) {
    if (!/^\+?\d+$/.test(limit)) return `cannot convert string to integer for index: ${goQuote(limit)}`;
    if (Number(limit) >= completions) return `too large index: ${goQuote(limit)}`;
    numbers.push(Number(limit));
  }
  const [first = 0, end = first] = numbers;
  if (limits.length > 1 && first >= end) return `non-increasing order, previous: ${first}, current: ${end}`;
  return [first, end];
}
