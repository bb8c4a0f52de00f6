import { FieldError } from '@setpoint/apimachinery/errors';
import type { Loose } from '../walk.ts';
import type { Errors } from './common.ts';

// Kinds with a rule or two of their own.

export function validateRevision(revision: Loose): Errors {
  const errors: Errors = [];
  if (revision.data === undefined) errors.push(FieldError.required('data', 'data is mandatory'));
  if (revision.revision < 0) {
    errors.push(FieldError.invalid('revision', revision.revision, 'must be greater than or equal to 0'));
  }
  return errors;
}
