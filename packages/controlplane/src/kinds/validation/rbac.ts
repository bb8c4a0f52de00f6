import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { dns1123Subdomain, pathSegmentName } from '@setpoint/apimachinery/names';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { isEmpty } from '../defaults/core.ts';
import type { Loose } from '../walk.ts';
import { all, checkSelector, type Errors } from './common.ts';

const group = 'rbac.authorization.k8s.io';

export function validateRole(role: Loose): Errors {
  const errors: Errors = [];
  (role.rules ?? []).forEach((rule: Loose, index: number) => {
    validateRule(rule, role.kind === 'Role', FieldPath.of('rules').index(index), errors);
  });
  (role.aggregationRule?.clusterRoleSelectors ?? []).forEach((selector: Loose, index: number) => {
    checkSelector(selector, FieldPath.of('aggregationRule', 'clusterRoleSelectors').index(index), errors);
  });
  if (role.aggregationRule && isEmpty(role.aggregationRule.clusterRoleSelectors)) {
    const why = 'at least one clusterRoleSelector required if aggregationRule is non-nil';
    errors.push(FieldError.required(FieldPath.of('aggregationRule', 'clusterRoleSelectors'), why));
  }
  return errors;
}

function validateRule(rule: Loose, namespaced: boolean, path: FieldPath, errors: Errors): void {
  if (isEmpty(rule.verbs))
    errors.push(FieldError.required(path.child('verbs'), 'verbs must contain at least one value'));
  if (!isEmpty(rule.nonResourceURLs)) {
    if (namespaced) {
      const why = 'namespaced rules cannot apply to non-resource URLs';
      errors.push(FieldError.invalid(path.child('nonResourceURLs'), rule.nonResourceURLs, why));
    }
    if (!isEmpty(rule.apiGroups) || !isEmpty(rule.resources) || !isEmpty(rule.resourceNames)) {
      const why = 'rules cannot apply to both regular resources and non-resource URLs';
      errors.push(FieldError.invalid(path.child('nonResourceURLs'), rule.nonResourceURLs, why));
    }
    return;
  }
  if (isEmpty(rule.apiGroups)) {
    errors.push(FieldError.required(path.child('apiGroups'), 'resource rules must supply at least one api group'));
  }
  if (isEmpty(rule.resources)) {
    errors.push(FieldError.required(path.child('resources'), 'resource rules must supply at least one resource'));
  }
}

export function validateBinding(binding: Loose): Errors {
  const errors: Errors = [];
  const path = FieldPath.of('roleRef');
  const reference = binding.roleRef ?? {};
  if (reference.apiGroup !== group) {
    errors.push(FieldError.notSupported(path.child('apiGroup'), reference.apiGroup ?? '', [group]));
  }
  const kinds = binding.kind === 'ClusterRoleBinding' ? ['ClusterRole'] : ['Role', 'ClusterRole'];
  if (!kinds.includes(reference.kind)) {
    errors.push(FieldError.notSupported(path.child('kind'), reference.kind ?? '', kinds));
  }
  if (!reference.name) errors.push(FieldError.required(path.child('name')));
  else all(pathSegmentName(reference.name), path.child('name'), reference.name, errors);
  (binding.subjects ?? []).forEach((subject: Loose, index: number) => {
    validateSubject(subject, binding.kind === 'RoleBinding', FieldPath.of('subjects').index(index), errors);
  });
  return errors;
}

function validateSubject(subject: Loose, namespaced: boolean, path: FieldPath, errors: Errors): void {
  if (!subject.name) errors.push(FieldError.required(path.child('name')));
  const apiGroup = subject.apiGroup ?? '';
  switch (subject.kind) {
    case 'ServiceAccount':
      if (subject.name) all(dns1123Subdomain(subject.name), path.child('name'), subject.name, errors);
      if (apiGroup !== '') errors.push(FieldError.notSupported(path.child('apiGroup'), apiGroup, ['']));
      if (!namespaced && !subject.namespace) errors.push(FieldError.required(path.child('namespace')));
      return;
    case 'User':
    case 'Group':
      if (apiGroup !== group) errors.push(FieldError.notSupported(path.child('apiGroup'), apiGroup, [group]));
      return;
    default:
      errors.push(FieldError.notSupported(path.child('kind'), subject.kind ?? '', ['ServiceAccount', 'User', 'Group']));
  }
}

/** The server shows its internal struct, whose members have Go's names. */
function inGo({ apiGroup = '', kind = '', name = '' }: Loose) {
  return { APIGroup: apiGroup, Kind: kind, Name: name };
}

export function validateBindingUpdate(binding: Loose, old: Loose): Errors {
  if (deepEqual(binding.roleRef, old.roleRef)) return [];
  return [FieldError.invalid('roleRef', inGo(binding.roleRef), 'cannot change roleRef')];
}
