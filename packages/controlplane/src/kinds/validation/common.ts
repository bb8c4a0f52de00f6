import { FieldError, type FieldPath } from '@setpoint/apimachinery/errors';
import { labelValue, percent, qualifiedName } from '@setpoint/apimachinery/names';
import { deepEqual } from '@setpoint/apimachinery/patch';
import type { Loose } from '../walk.ts';

/** Collects what is wrong with one object. */
export type Errors = FieldError[];

export function nonNegative(value: Loose, path: FieldPath, errors: Errors): void {
  if (value !== undefined && value !== null && value < 0) {
    errors.push(FieldError.invalid(path, value, 'must be greater than or equal to 0'));
  }
}

export function all(problems: readonly string[], path: FieldPath, value: unknown, errors: Errors): void {
  for (const problem of problems) errors.push(FieldError.invalid(path, value, problem));
}

/** A label selector of the API: operators with their values, keys and values by the rules of labels. */
export function checkSelector(selector: Loose, path: FieldPath, errors: Errors): void {
  checkLabels(selector.matchLabels, path.child('matchLabels'), errors);
  (selector.matchExpressions ?? []).forEach((expression: Loose, index: number) => {
    const at = path.child('matchExpressions').index(index);
    const count = expression.values?.length ?? 0;
    if (expression.operator === 'In' || expression.operator === 'NotIn') {
      if (count === 0) {
        const why = "must be specified when `operator` is 'In' or 'NotIn'";
        errors.push(FieldError.required(at.child('values'), why));
      }
    } else if (expression.operator === 'Exists' || expression.operator === 'DoesNotExist') {
      if (count > 0) {
        const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
        errors.push(FieldError.forbidden(at.child('values'), why));
      }
    } else {
      errors.push(FieldError.invalid(at.child('operator'), expression.operator ?? '', 'not a valid selector operator'));
    }
    all(qualifiedName(expression.key ?? ''), at.child('key'), expression.key ?? '', errors);
    (expression.values ?? []).forEach((value: string, position: number) => {
      all(labelValue(value), at.child('values').index(position), value, errors);
    });
  });
}

/** Whether labels satisfy a selector. */
export function selects(selector: Loose, labels: Readonly<Record<string, string>>): boolean {
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (labels[key] !== value) return false;
  return (selector.matchExpressions ?? []).every((expression: Loose) => {
    const has = Object.hasOwn(labels, expression.key);
    const among = has && (expression.values ?? []).includes(labels[expression.key]);
    switch (expression.operator) {
      case 'In':
        return among;
      case 'NotIn':
        return !among;
      case 'Exists':
        return has;
      default:
        return !has;
    }
  });
}

/** A count that is not negative, or a percentage. */
export function checkIntOrPercent(value: Loose, path: FieldPath, errors: Errors): void {
  if (typeof value === 'string') all(percent(value), path, value, errors);
  else nonNegative(value, path, errors);
}

/** The number of a percentage; undefined for counts. */
export function percentOf(value: Loose): number | undefined {
  return typeof value === 'string' && /^\d+%$/.test(value) ? Number(value.slice(0, -1)) : undefined;
}

/** The number of a count or percentage, as Go reads it: 0 for a text that is none, and for nothing. */
export function countOf(value: Loose): number {
  if (typeof value === 'number') return value;
  const digits = /^[+-]?\d+$/.test(value ?? '') ? Number(value) : 0;
  return percentOf(value) ?? digits;
}

/** A share of the whole is not more than that. */
export function checkShare(value: Loose, path: FieldPath, errors: Errors): void {
  if ((percentOf(value) ?? 0) > 100) errors.push(FieldError.invalid(path, value, 'must not be greater than 100%'));
}

/** Labels outside of an object's own metadata. */
export function checkLabels(labels: Loose, path: FieldPath, errors: Errors): void {
  for (const [key, value] of Object.entries(labels ?? {}) as [string, string][]) {
    all(qualifiedName(key), path, key, errors);
    all(labelValue(value), path, value, errors);
  }
}

/** A member that an update must leave as it was. */
export function checkImmutable(value: Loose, old: Loose, path: FieldPath, errors: Errors): void {
  if (!deepEqual(value ?? null, old ?? null)) {
    errors.push(FieldError.invalid(path, value ?? null, 'field is immutable'));
  }
}
