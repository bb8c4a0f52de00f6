import { FieldError, goQuote } from '@setpoint/apimachinery/errors';
import { validateFieldManager } from '@setpoint/apimachinery/schema';
import { badRequest, invalid } from '../status/index.ts';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  readonly fieldManager: string;
  /** The options as admission is shown them, without their kind. */
  readonly given: Readonly<Record<string, unknown>>;
}

/**
 * The options of a create, update or patch, from the query. `kind` names them in a refusal: `CreateOptions`.
 * @throws StatusError 422 for a value that is not allowed
 */
export function parseWriteOptions(
  query: URLSearchParams,
  kind: string,
  first: readonly FieldError[] = [],
): WriteOptions {
  const fieldManager = query.get('fieldManager') ?? '';
  const dryRun = query.getAll('dryRun');
  const fieldValidation = query.get('fieldValidation') ?? '';
  const errors = [...first, ...validateFieldManager(fieldManager, 'fieldManager'), ...validateDryRun(dryRun)];
  if (!['', 'Ignore', 'Strict', 'Warn'].includes(fieldValidation)) {
    errors.push(FieldError.notSupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn']));
  }
  refuseInvalidOptions(kind, errors);
  return {
    dryRun: dryRun.length > 0,
    fieldValidation: (fieldValidation || 'Warn') as FieldValidation,
    fieldManager,
    given: {
      ...(dryRun.length > 0 ? { dryRun } : {}),
      ...(fieldManager === '' ? {} : { fieldManager }),
      ...(fieldValidation === '' ? {} : { fieldValidation }),
    },
  };
}

export function refuseInvalidOptions(kind: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', errors);
}

export function validateDryRun(values: readonly string[]): FieldError[] {
  return values.every((value) => value === 'All') ? [] : [FieldError.notSupported('dryRun', values, ['All'])];
}

/** As Go reads a boolean of a query: present and neither `false` nor `0` is true. */
export function queryBoolean(query: URLSearchParams, name: string): boolean | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  return value.toLowerCase() !== 'false' && value !== '0';
}

/** @throws StatusError 400 with the message of Go's strconv */
export function queryInteger(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  if (!/^[+-]?\d+$/.test(value)) {
    throw badRequest(`strconv.ParseInt: parsing ${goQuote(value)}: invalid syntax`);
  }
  const number = BigInt(value);
  if (BigInt.asIntN(64, number) !== number) {
    throw badRequest(`strconv.ParseInt: parsing ${goQuote(value)}: value out of range`);
  }
  return Number(number);
}
