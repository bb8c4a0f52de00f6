import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { dns1035Label, dns1123Subdomain, portName, wildcardDns1123Subdomain } from '@setpoint/apimachinery/names';
import { isEmpty } from '../defaults/core.ts';
import type { Loose } from '../walk.ts';
import { all, checkIntOrPercent, checkSelector, type Errors } from './common.ts';

const spec = FieldPath.of('spec');

export function validateLease(lease: Loose): Errors {
  const errors: Errors = [];
  const seconds = lease.spec?.leaseDurationSeconds;
  if (seconds !== undefined && seconds <= 0) {
    errors.push(FieldError.invalid(spec.child('leaseDurationSeconds'), seconds, 'must be greater than 0'));
  }
  const transitions = lease.spec?.leaseTransitions;
  if (transitions !== undefined && transitions < 0) {
    errors.push(FieldError.invalid(spec.child('leaseTransitions'), transitions, 'must be greater than or equal to 0'));
  }
  return errors;
}

export function validateBudget(budget: Loose): Errors {
  const errors: Errors = [];
  const { minAvailable, maxUnavailable, selector } = budget.spec ?? {};
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    errors.push(
      FieldError.invalid(spec, budgetInGo(budget.spec), 'minAvailable and maxUnavailable cannot be both set'),
    );
  }
  if (minAvailable !== undefined) checkIntOrPercent(minAvailable, spec.child('minAvailable'), errors);
  if (maxUnavailable !== undefined) checkIntOrPercent(maxUnavailable, spec.child('maxUnavailable'), errors);
  if (selector) checkSelector(selector, spec.child('selector'), errors);
  return errors;
}

/** The server shows its internal struct, whose members have Go's names. */
function budgetInGo({ minAvailable, selector, maxUnavailable, unhealthyPodEvictionPolicy }: Loose) {
  return {
    MinAvailable: minAvailable ?? null,
    Selector: selector ?? null,
    MaxUnavailable: maxUnavailable ?? null,
    UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy ?? null,
  };
}

export function validateIngress(ingress: Loose): Errors {
  const errors: Errors = [];
  const { rules, defaultBackend } = ingress.spec ?? {};
  if (isEmpty(rules) && !defaultBackend) {
    errors.push(FieldError.invalid(spec, rules ?? null, 'either `defaultBackend` or `rules` must be specified'));
  }
  if (defaultBackend) validateBackend(defaultBackend, spec.child('defaultBackend'), errors);
  (rules ?? []).forEach((rule: Loose, index: number) => {
    validateRule(rule, spec.child('rules').index(index), errors);
  });
  return errors;
}

function validateRule(rule: Loose, path: FieldPath, errors: Errors): void {
  if (rule.host) {
    const check = rule.host.startsWith('*') ? wildcardDns1123Subdomain : dns1123Subdomain;
    all(check(rule.host), path.child('host'), rule.host, errors);
  }
  if (!rule.http) return;
  const at = path.child('http', 'paths');
  if (isEmpty(rule.http.paths)) errors.push(FieldError.required(at));
  (rule.http.paths ?? []).forEach((one: Loose, index: number) => {
    validatePath(one, at.index(index), errors);
  });
}

function validatePath(one: Loose, path: FieldPath, errors: Errors): void {
  const known = ['Exact', 'ImplementationSpecific', 'Prefix'];
  if (one.pathType === undefined) {
    errors.push(FieldError.required(path.child('pathType'), 'pathType must be specified'));
    return;
  }
  if (!known.includes(one.pathType)) errors.push(FieldError.notSupported(path.child('pathType'), one.pathType, known));
  else if (one.path || one.pathType !== 'ImplementationSpecific') {
    if (!one.path?.startsWith('/')) {
      errors.push(FieldError.invalid(path.child('path'), one.path ?? '', 'must be an absolute path'));
    }
  }
  validateBackend(one.backend ?? {}, path.child('backend'), errors);
}

function validateBackend(backend: Loose, path: FieldPath, errors: Errors): void {
  if (backend.resource) {
    if (backend.service) {
      errors.push(FieldError.invalid(path, '', 'cannot set both resource and service backends'));
    }
    return;
  }
  if (!backend.service) {
    errors.push(FieldError.invalid(path, '', 'resource or service backend is required'));
    return;
  }
  if (!backend.service.name) errors.push(FieldError.required(path.child('service', 'name')));
  else all(dns1035Label(backend.service.name), path.child('service', 'name'), backend.service.name, errors);
  const { name, number } = backend.service.port ?? {};
  const at = path.child('service', 'port');
  if (!name && !number) {
    errors.push(FieldError.required(path, 'port name or number is required'));
  } else if (name && number) {
    errors.push(FieldError.invalid(path, '', 'cannot set both port name & port number'));
  } else if (name) all(portName(name), at.child('name'), name, errors);
  else if (number < 1 || number > 65535) {
    errors.push(FieldError.invalid(at.child('number'), number, 'must be between 1 and 65535, inclusive'));
  }
}
