import { FieldError, type FieldPath } from '@setpoint/apimachinery/errors';
import { qualifiedName } from '@setpoint/apimachinery/names';
import type { Loose } from '../walk.ts';
import { all, type Errors } from './common.ts';

const mostConditions = 64;

/** The conditions of a policy or of a webhook, but for what their expressions say. */
export function validateConditions(conditions: Loose, path: FieldPath, errors: Errors): void {
  const list: readonly Loose[] = conditions ?? [];
  if (list.length > mostConditions) errors.push(FieldError.tooMany(path, list.length, mostConditions));
  for (const [index, { name = '', expression = '' }] of list.entries()) {
    const at = path.index(index);
    if (expression.trim() === '') errors.push(FieldError.required(at.child('expression')));
    if (name === '') errors.push(FieldError.required(at.child('name')));
    else {
      all(qualifiedName(name), at.child('name'), name, errors);
      if (list.findIndex((one) => one.name === name) < index) errors.push(FieldError.duplicate(at.child('name'), name));
    }
  }
}
