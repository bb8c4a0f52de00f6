import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { qualifiedName } from '@setpoint/apimachinery/names';
import { compareQuantities, parseQuantity } from '@setpoint/apimachinery/quantity';
import { isEmpty } from '../defaults/core.ts';
import type { Loose } from '../walk.ts';
import { all, type Errors } from './common.ts';
import { checkContainerResourceName, checkResourceName, mayOvercommit } from './resource-names.ts';

export function validateLimitRange(range: Loose): Errors {
  const errors: Errors = [];
  const seen = new Set<string>();
  (range.spec?.limits ?? []).forEach((limit: Loose, index: number) => {
    const path = FieldPath.of('spec', 'limits').index(index);
    const { type = '' } = limit;
    checkType(type, path.child('type'), errors);
    if (seen.has(type)) errors.push(FieldError.duplicate(path.child('type'), type));
    seen.add(type);
    checkNames(limit, path, errors);
    for (const name of namesOf(limit)) checkOrder(limit, name, path, errors);
  });
  return errors;
}

function checkType(type: string, path: FieldPath, errors: Errors): void {
  const problems = qualifiedName(type);
  all(problems, path, type, errors);
  if (problems.length > 0 || type.includes('/')) return;
  if (['Pod', 'Container', 'PersistentVolumeClaim'].includes(type)) return;
  errors.push(FieldError.invalid(path, type, 'must be a standard limit type or fully qualified'));
}

const lists = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;

/** Pods have no defaults. */
function listsOf({ type }: Loose): readonly (typeof lists)[number][] {
  return type === 'Pod' ? lists.filter((list) => !list.startsWith('default')) : lists;
}

function namesOf(limit: Loose): ReadonlySet<string> {
  return new Set(listsOf(limit).flatMap((list) => Object.keys(limit[list] ?? {})));
}

function checkNames(limit: Loose, path: FieldPath, errors: Errors): void {
  const ofContainers = limit.type === 'Pod' || limit.type === 'Container';
  const check = ofContainers ? checkContainerResourceName : checkResourceName;
  for (const list of listsOf(limit)) {
    for (const name of Object.keys(limit[list] ?? {})) check(name, path.child(list).key(name), errors);
  }
  for (const list of limit.type === 'Pod' ? ['default', 'defaultRequest'] : []) {
    if (isEmpty(limit[list])) continue;
    errors.push(FieldError.forbidden(path.child(list), "may not be specified when `type` is 'Pod'"));
  }
  if (limit.type === 'PersistentVolumeClaim' && !limit.min?.storage && !limit.max?.storage) {
    const why = 'either minimum or maximum storage value is required, but neither was provided';
    errors.push(FieldError.required(path.child('limits'), why));
  }
}

/** Of one resource: the least, what is given where nothing was said, and the most, in this order. */
function checkOrder(limit: Loose, name: string, path: FieldPath, errors: Errors): void {
  const [max, min, given, request, ratio] = lists.map((list) =>
    listsOf(limit).includes(list) ? (limit[list]?.[name] as string | undefined) : undefined,
  );
  const above = (one: string | undefined, other: string | undefined) =>
    one !== undefined && other !== undefined && compareQuantities(parseQuantity(one), parseQuantity(other)) > 0;
  const refuse = (list: string, value: unknown, why: string) =>
    errors.push(FieldError.invalid(path.child(list).key(name), value, why));
  if (above(min, max)) refuse('min', min, `min value ${min} is greater than max value ${max}`);
  if (above(min, request)) {
    refuse('defaultRequest', request, `min value ${min} is greater than default request value ${request}`);
  }
  if (above(request, max)) {
    refuse('defaultRequest', request, `default request value ${request} is greater than max value ${max}`);
  }
  if (above(request, given)) {
    const why = `default request value ${request} is greater than default limit value ${given}`;
    refuse('defaultRequest', request, why);
  }
  if (above(min, given)) refuse('default', min, `min value ${min} is greater than default value ${given}`);
  if (above(given, max)) refuse('default', max, `default value ${given} is greater than max value ${max}`);
  if (ratio !== undefined) checkRatio(ratio, min, max, path.child('maxLimitRequestRatio').key(name), errors);
  const differ = above(given, request) || above(request, given);
  if (!mayOvercommit(name) && differ) {
    const why = `default value ${given} must equal to defaultRequest value ${request} in ${name}`;
    refuse('defaultRequest', request, why);
  }
}

function checkRatio(
  ratio: string,
  min: string | undefined,
  max: string | undefined,
  path: FieldPath,
  errors: Errors,
): void {
  if (thousandths(ratio) < 1000) errors.push(FieldError.invalid(path, ratio, `ratio ${ratio} is less than 1`));
  if (min === undefined || max === undefined) return;
  const most = thousandths(max) / thousandths(min);
  if (thousandths(ratio) / 1000 <= most) return;
  const why = `ratio ${ratio} is greater than max/min = ${Number.isFinite(most) ? most.toFixed(6) : 'NaN'}`;
  errors.push(FieldError.invalid(path, ratio, why));
}

function thousandths(quantity: string): number {
  const { unscaled, scale } = parseQuantity(quantity);
  return Math.ceil(Number(unscaled) * 10 ** (scale + 3));
}
