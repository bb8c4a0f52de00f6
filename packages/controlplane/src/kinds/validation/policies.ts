import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { dns1123Subdomain, pathSegmentName, qualifiedName } from '@setpoint/apimachinery/names';
import { isEmpty } from '../defaults/core.ts';
import type { Loose } from '../walk.ts';
import { all, checkSelector, type Errors } from './common.ts';
import { validateConditions } from './conditions.ts';
import { validateRule } from './webhooks.ts';

const spec = FieldPath.of('spec');
const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const actions = ['Audit', 'Deny', 'Warn'];
const identifier = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const mostAnnotations = 20;

const patchTypes = ['ApplyConfiguration', 'JSONPatch'];
const mutable = ['*', 'CONNECT', 'CREATE', 'UPDATE'];
const reinvocations = ['IfNeeded', 'Never'];
const failurePolicies = ['Fail', 'Ignore'];

/** What policies of both kinds say of what they are about. */
function validateMatching(policy: Loose): FieldError[] {
  const errors: FieldError[] = [];
  const { paramKind, matchConstraints, matchConditions, variables } = policy.spec ?? {};
  if (paramKind) {
    if (!paramKind.apiVersion) errors.push(FieldError.required(spec.child('paramKind').child('apiVersion')));
    if (!paramKind.kind) errors.push(FieldError.required(spec.child('paramKind').child('kind')));
  }
  const constraints = spec.child('matchConstraints');
  if (matchConstraints === undefined) errors.push(FieldError.required(constraints));
  else {
    validateMatchResources(matchConstraints, constraints, errors);
    if (isEmpty(matchConstraints.resourceRules)) errors.push(FieldError.required(constraints.child('resourceRules')));
  }
  validateConditions(matchConditions, spec.child('matchConditions'), errors);
  (variables ?? []).forEach((variable: Loose, index: number) => {
    validateVariable(variable, spec.child('variables').index(index), errors);
  });
  return errors;
}

/** What can be said of a mutating policy without reading its expressions. */
export function validateMutatingPolicy(policy: Loose): Errors {
  const errors = validateMatching(policy);
  const { failurePolicy, matchConstraints, mutations, reinvocationPolicy } = policy.spec ?? {};
  const supported = (value: string, values: readonly string[], member: string) => {
    if (!values.includes(value)) errors.push(FieldError.notSupported(spec.child(member), value, values));
  };
  if (failurePolicy !== undefined) supported(failurePolicy, failurePolicies, 'failurePolicy');
  validateOperations(matchConstraints, spec.child('matchConstraints'), errors);
  if (isEmpty(mutations)) {
    errors.push(FieldError.required(spec.child('mutations'), 'mutations must contain at least one item'));
  }
  (mutations ?? []).forEach((mutation: Loose, index: number) => {
    validateMutation(mutation, spec.child('mutations').index(index), errors);
  });
  if (!reinvocationPolicy) errors.push(FieldError.required(spec.child('reinvocationPolicy')));
  else supported(reinvocationPolicy, reinvocations, 'reinvocationPolicy');
  return errors;
}

export function validateMutatingPolicyBinding(binding: Loose): Errors {
  const errors: FieldError[] = [];
  validateBound(binding, errors);
  validateOperations(binding.spec?.matchResources, spec.child('matchResources'), errors);
  return errors;
}

/** There is nothing to change about other operations. */
function validateOperations(resources: Loose | undefined, path: FieldPath, errors: FieldError[]): void {
  const rules: readonly Loose[] = resources?.resourceRules ?? [];
  const field = path.child('resourceRules').child('operations');
  for (const operation of rules.flatMap((rule) => rule.operations ?? [])) {
    if (!mutable.includes(operation)) errors.push(FieldError.notSupported(field, operation, mutable));
  }
}

function validateMutation({ patchType, ...mutation }: Loose, path: FieldPath, errors: FieldError[]): void {
  if (!patchType) {
    errors.push(FieldError.required(path.child('patchType')));
    return;
  }
  if (!patchTypes.includes(patchType)) {
    errors.push(FieldError.notSupported(path.child('patchType'), patchType, patchTypes));
    return;
  }
  const [own, other] =
    patchType === 'JSONPatch' ? ['jsonPatch', 'applyConfiguration'] : ['applyConfiguration', 'jsonPatch'];
  const when = `when patchType is ${patchType}`;
  if (mutation[own] === undefined) errors.push(FieldError.required(path.child(own), `must be specified ${when}`));
  else if ((mutation[own].expression ?? '').trim() === '') {
    errors.push(FieldError.required(path.child(own).child('expression')));
  }
  if (mutation[other] === undefined) return;
  errors.push(FieldError.invalid(path.child(other), `{${other}}`, `must not be specified ${when}`));
}

/** What can be said of a policy without reading its expressions. */
export function validatePolicy(policy: Loose): Errors {
  const errors = validateMatching(policy);
  const { validations, auditAnnotations } = policy.spec ?? {};
  if (isEmpty(validations) && isEmpty(auditAnnotations)) {
    const why = 'validations or auditAnnotations must contain at least one item';
    errors.push(FieldError.required(spec.child('validations'), why));
    errors.push(FieldError.required(spec.child('auditAnnotations'), why));
    return errors;
  }
  (validations ?? []).forEach((validation: Loose, index: number) => {
    validateValidation(validation, spec.child('validations').index(index), errors);
  });
  validateAnnotations(policy.metadata.name ?? '', auditAnnotations ?? [], spec.child('auditAnnotations'), errors);
  return errors;
}

export function validatePolicyBinding(binding: Loose): Errors {
  const errors: FieldError[] = [];
  validateBound(binding, errors);
  const { validationActions = [] } = binding.spec ?? {};
  const path = spec.child('validationActions');
  validationActions.forEach((action: string, index: number) => {
    if (!actions.includes(action)) errors.push(FieldError.notSupported(path.index(index), action, actions));
    if (validationActions.indexOf(action) < index) errors.push(FieldError.duplicate(path.index(index), action));
  });
  if (validationActions.includes('Deny') && validationActions.includes('Warn')) {
    const why =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
    errors.push(FieldError.invalid(path, validationActions, why));
  }
  if (validationActions.length === 0)
    errors.push(FieldError.required(path, 'at least one validation action is required'));
  return errors;
}

/** What bindings of both kinds say of a policy and of what they bind it to. */
function validateBound(binding: Loose, errors: FieldError[]): void {
  const { policyName, paramRef, matchResources } = binding.spec ?? {};
  if (!policyName) errors.push(FieldError.required(spec.child('policyName')));
  else all(dns1123Subdomain(policyName), spec.child('policyName'), policyName, errors);
  if (paramRef) validateParamRef(paramRef, spec.child('paramRef'), errors);
  if (matchResources) validateMatchResources(matchResources, spec.child('matchResources'), errors);
}

function validateMatchResources(resources: Loose, path: FieldPath, errors: Errors): void {
  const { namespaceSelector, objectSelector, resourceRules, excludeResourceRules } = resources;
  if (namespaceSelector) checkSelector(namespaceSelector, path.child('namespaceSelector'), errors);
  if (objectSelector) checkSelector(objectSelector, path.child('objectSelector'), errors);
  const check = (rules: Loose, member: string) =>
    (rules ?? []).forEach((rule: Loose, index: number) => {
      const at = path.child(member).index(index);
      const names: readonly string[] = rule.resourceNames ?? [];
      for (const [place, name] of names.entries()) {
        const field = at.child('resourceNames').index(place);
        all(pathSegmentName(name), field, name, errors);
        if (names.indexOf(name) < place) errors.push(FieldError.duplicate(field, name));
      }
      validateRule(rule, at, errors);
    });
  check(resourceRules, 'resourceRules');
  check(excludeResourceRules, 'excludeResourceRules');
}

function validateVariable({ name = '', expression = '' }: Loose, path: FieldPath, errors: Errors): void {
  if (name.trim() === '') errors.push(FieldError.required(path.child('name'), 'name is not specified'));
  else all(identifier.test(name) ? [] : ['must be a valid CEL identifier'], path.child('name'), name, errors);
  if (expression.trim() === '') {
    errors.push(FieldError.required(path.child('expression'), 'expression is not specified'));
  }
}

function validateValidation(validation: Loose, path: FieldPath, errors: Errors): void {
  const { expression = '', message = '', messageExpression = '', reason } = validation;
  if (expression.trim() === '') {
    errors.push(FieldError.required(path.child('expression'), 'expression is not specified'));
  }
  const empty = 'must be non-empty if specified';
  if (messageExpression !== '' && messageExpression.trim() === '') {
    errors.push(FieldError.invalid(path.child('messageExpression'), messageExpression, empty));
  }
  if (message !== '' && message.trim() === '') errors.push(FieldError.invalid(path.child('message'), message, empty));
  else if (/[\r\n]/.test(message.trim())) {
    errors.push(FieldError.invalid(path.child('message'), message, 'must not contain line breaks'));
  }
  if (reason !== undefined && !reasons.includes(reason)) {
    errors.push(FieldError.notSupported(path.child('reason'), reason, reasons));
  }
}

function validateAnnotations(policy: string, annotations: readonly Loose[], path: FieldPath, errors: Errors): void {
  if (annotations.length > mostAnnotations) {
    const why = `must not have more than ${mostAnnotations} auditAnnotations`;
    errors.push(FieldError.invalid(path, annotations, why));
  }
  for (const [index, { key = '', valueExpression = '' }] of annotations.entries()) {
    const at = path.index(index);
    all(qualifiedName(`${policy}/${key}`), at.child('key'), `${policy}/${key}`, errors);
    if (valueExpression.trim() === '') {
      errors.push(FieldError.required(at.child('valueExpression'), 'valueExpression is not specified'));
    }
    if (annotations.findIndex((one) => one.key === key) < index)
      errors.push(FieldError.duplicate(at.child('key'), key));
  }
}

function validateParamRef(
  { name = '', selector, parameterNotFoundAction }: Loose,
  path: FieldPath,
  errors: Errors,
): void {
  const exclusive = 'name and selector are mutually exclusive';
  if (name !== '') {
    all(pathSegmentName(name), path.child('name'), name, errors);
    if (selector) errors.push(FieldError.forbidden(path.child('name'), exclusive));
  }
  if (selector) {
    checkSelector(selector, path.child('selector'), errors);
    if (name !== '') errors.push(FieldError.forbidden(path.child('selector'), exclusive));
  }
  if (name === '' && !selector) errors.push(FieldError.required(path, 'one of name or selector must be specified'));
  const field = path.child('parameterNotFoundAction');
  if (!parameterNotFoundAction) errors.push(FieldError.required(field));
  else if (!['Allow', 'Deny'].includes(parameterNotFoundAction)) {
    errors.push(FieldError.notSupported(field, parameterNotFoundAction, ['Deny', 'Allow']));
  }
}
