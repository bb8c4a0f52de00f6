import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { labelValue, qualifiedName } from '@setpoint/apimachinery/names';

interface SelectorAttributes {
  readonly rawSelector?: string;
  readonly requirements?: readonly Requirement[];
}

interface Requirement {
  readonly key?: string;
  readonly operator?: string;
  readonly values?: readonly string[];
}

/** The selectors that a review asks about must be of one form, and each requirement of a right one. */
export function validateSelectorAttributes(
  attributes: { readonly fieldSelector?: SelectorAttributes; readonly labelSelector?: SelectorAttributes } | undefined,
): FieldError[] {
  if (!attributes) return [];
  const path = FieldPath.of('spec', 'resourceAttributes');
  const { fieldSelector, labelSelector } = attributes;
  return [
    ...formErrors(fieldSelector, path.child('fieldSelector'), fieldRequirementErrors),
    ...formErrors(labelSelector, path.child('labelSelector'), labelRequirementErrors),
  ];
}

function formErrors(
  selector: SelectorAttributes | undefined,
  path: FieldPath,
  check: (requirement: Requirement, path: FieldPath) => FieldError[],
): FieldError[] {
  if (!selector) return [];
  const { rawSelector = '', requirements = [] } = selector;
  const errors: FieldError[] = [];
  if (rawSelector !== '' && requirements.length > 0) {
    const why = 'may not specified at the same time as requirements';
    errors.push(FieldError.invalid(path.child('rawSelector'), rawSelector, why));
  }
  if (rawSelector === '' && requirements.length === 0) {
    const why = `when ${path} is specified, requirements or rawSelector is required`;
    errors.push(FieldError.required(path.child('requirements'), why));
  }
  requirements.forEach((requirement, index) => {
    errors.push(...check(requirement, path.child('requirements').index(index)));
  });
  return errors;
}

function valuesErrors({ operator = '', values = [] }: Requirement, path: FieldPath): FieldError[] {
  if (['In', 'NotIn'].includes(operator) && values.length === 0) {
    return [FieldError.required(path.child('values'), "must be specified when `operator` is 'In' or 'NotIn'")];
  }
  if (['Exists', 'DoesNotExist'].includes(operator) && values.length > 0) {
    const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
    return [FieldError.forbidden(path.child('values'), why)];
  }
  return [];
}

function fieldRequirementErrors(requirement: Requirement, path: FieldPath): FieldError[] {
  const errors = valuesErrors(requirement, path);
  if (!requirement.key) errors.push(FieldError.required(path.child('key'), 'must be specified'));
  return errors;
}

function labelRequirementErrors(requirement: Requirement, path: FieldPath): FieldError[] {
  const { key = '', values = [] } = requirement;
  const errors = valuesErrors(requirement, path);
  for (const why of qualifiedName(key)) errors.push(FieldError.invalid(path.child('key'), key, why));
  values.forEach((value, index) => {
    for (const why of labelValue(value)) errors.push(FieldError.invalid(path.child('values').index(index), value, why));
  });
  return errors;
}
