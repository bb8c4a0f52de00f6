import { FieldError, type FieldPath } from '@setpoint/apimachinery/errors';
import {
  dns1123Label,
  dns1123Subdomain,
  dns1123SubdomainWithUnderscore,
  labelValue,
  qualifiedName,
} from '@setpoint/apimachinery/names';
import { isEmpty } from '../defaults/core.ts';
import type { Loose } from '../walk.ts';
import { checkLegacyAddress } from './addresses.ts';
import { all, checkSelector, type Errors } from './common.ts';

const required = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';

function each(list: readonly Loose[] | undefined, path: FieldPath, check: (item: Loose, at: FieldPath) => void): void {
  (list ?? []).forEach((item, index) => {
    check(item, path.index(index));
  });
}

/** Where a pod wants to run, and beside whom. */
export function validateAffinity(affinity: Loose, path: FieldPath, errors: Errors): void {
  const { nodeAffinity } = affinity;
  const nodes = path.child('nodeAffinity');
  if (nodeAffinity?.[required]) validateNodeSelector(nodeAffinity[required], nodes.child(required), errors);
  each(nodeAffinity?.[preferred], nodes.child(preferred), (one, at) => {
    checkWeight(one, at, errors);
    checkTerm(one.preference ?? {}, at.child('preference'), errors);
  });
  for (const kind of ['podAffinity', 'podAntiAffinity']) {
    const at = path.child(kind);
    each(affinity[kind]?.[required], at.child(required), (one, of) => checkPodTerm(one, of, errors));
    each(affinity[kind]?.[preferred], at.child(preferred), (one, of) => {
      checkWeight(one, of, errors);
      checkPodTerm(one.podAffinityTerm ?? {}, of.child('podAffinityTerm'), errors);
    });
  }
}

function checkWeight({ weight = 0 }: Loose, path: FieldPath, errors: Errors): void {
  if (weight >= 1 && weight <= 100) return;
  errors.push(FieldError.invalid(path.child('weight'), weight, 'must be in the range 1-100'));
}

export function validateNodeSelector(selector: Loose, path: FieldPath, errors: Errors): void {
  const at = path.child('nodeSelectorTerms');
  if (isEmpty(selector.nodeSelectorTerms)) {
    errors.push(FieldError.required(at, 'must have at least one node selector term'));
  }
  each(selector.nodeSelectorTerms, at, (term, of) => checkTerm(term, of, errors));
}

function checkTerm(term: Loose, path: FieldPath, errors: Errors): void {
  each(term.matchExpressions, path.child('matchExpressions'), (one, at) => checkRequirement(one, at, errors));
  each(term.matchFields, path.child('matchFields'), (one, at) => checkFieldRequirement(one, at, errors));
}

function checkRequirement({ key = '', operator = '', values = [] }: Loose, path: FieldPath, errors: Errors): void {
  const at = path.child('values');
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) {
      errors.push(FieldError.required(at, "must be specified when `operator` is 'In' or 'NotIn'"));
    }
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) {
      errors.push(FieldError.forbidden(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    }
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) {
      errors.push(FieldError.required(at, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
    }
  } else errors.push(FieldError.invalid(path.child('operator'), operator, 'not a valid selector operator'));
  all(qualifiedName(key), path.child('key'), key, errors);
  values.forEach((value: string, index: number) => {
    all(labelValue(value), at.index(index), value, errors);
  });
}

/** The name of a node is the only field that may be asked for. */
function checkFieldRequirement({ key = '', operator = '', values = [] }: Loose, path: FieldPath, errors: Errors): void {
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length !== 1) {
      const why = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
      errors.push(FieldError.required(path.child('values'), why));
    }
  } else errors.push(FieldError.invalid(path.child('operator'), operator, 'not a valid selector operator'));
  if (key !== 'metadata.name') {
    errors.push(FieldError.invalid(path.child('key'), key, 'not a valid field selector key'));
    return;
  }
  values.forEach((value: string, index: number) => {
    all(dns1123Subdomain(value), path.child('values').index(index), value, errors);
  });
}

function checkPodTerm(term: Loose, path: FieldPath, errors: Errors): void {
  for (const selector of ['labelSelector', 'namespaceSelector']) {
    if (term[selector]) checkSelector(term[selector], path.child(selector), errors);
  }
  for (const namespace of term.namespaces ?? []) {
    all(dns1123Label(namespace), path.child('namespace'), namespace, errors);
  }
  checkLabelKeys(term, path, errors);
  const key: string = term.topologyKey ?? '';
  if (key === '') errors.push(FieldError.required(path.child('topologyKey'), 'can not be empty'));
  all(qualifiedName(key), path.child('topologyKey'), key, errors);
}

/** Keys whose values the pod itself gives. */
function checkLabelKeys(term: Loose, path: FieldPath, errors: Errors): void {
  const { matchLabelKeys = [], mismatchLabelKeys = [], labelSelector } = term;
  const lists = [
    ['matchLabelKeys', matchLabelKeys],
    ['mismatchLabelKeys', mismatchLabelKeys],
  ] as const;
  for (const [name, keys] of lists) {
    const at = path.child(name);
    if (keys.length > 0 && !labelSelector) {
      errors.push(FieldError.forbidden(at, 'must not be specified when labelSelector is not set'));
    }
    keys.forEach((key: string, index: number) => {
      all(qualifiedName(key), at.index(index), key, errors);
      if (name === 'matchLabelKeys' && mismatchLabelKeys.includes(key)) {
        const why = 'exists in both matchLabelKeys and mismatchLabelKeys';
        errors.push(FieldError.invalid(at.index(index), key, why));
      }
    });
  }
}

const policies = ['Honor', 'Ignore'];

/** How pods are to be spread: each way once. */
export function validateSpreads(constraints: readonly Loose[], path: FieldPath, errors: Errors): void {
  constraints.forEach((constraint, index) => {
    const at = path.index(index);
    const { maxSkew = 0, topologyKey = '', whenUnsatisfiable = '', minDomains, labelSelector } = constraint;
    if (maxSkew <= 0) errors.push(FieldError.invalid(at.child('maxSkew'), maxSkew, 'must be greater than zero'));
    if (topologyKey === '') errors.push(FieldError.required(at.child('topologyKey'), 'can not be empty'));
    else all(qualifiedName(topologyKey), at.child('topologyKey'), topologyKey, errors);
    const known = ['DoNotSchedule', 'ScheduleAnyway'];
    if (!known.includes(whenUnsatisfiable)) {
      errors.push(FieldError.notSupported(at.child('whenUnsatisfiable'), whenUnsatisfiable, known));
    }
    const repeats = constraints
      .slice(index + 1)
      .some((one) => one.topologyKey === topologyKey && one.whenUnsatisfiable === whenUnsatisfiable);
    if (repeats) {
      const both = `{${topologyKey}, ${whenUnsatisfiable}}`;
      errors.push(FieldError.duplicate(at.child('{topologyKey, whenUnsatisfiable}'), both));
    }
    const domains = at.child('minDomains');
    if (minDomains !== undefined && minDomains <= 0) {
      errors.push(FieldError.invalid(domains, minDomains, 'must be greater than zero'));
    }
    if (minDomains !== undefined && whenUnsatisfiable !== 'DoNotSchedule') {
      const why = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
      errors.push(FieldError.invalid(domains, minDomains, why));
    }
    for (const member of ['nodeAffinityPolicy', 'nodeTaintsPolicy']) {
      const policy = constraint[member];
      if (policy === undefined || policies.includes(policy)) continue;
      errors.push(FieldError.notSupported(at.child(member), policy, policies));
    }
    checkLabelKeys({ ...constraint, mismatchLabelKeys: [] }, at, errors);
    if (labelSelector) checkSelector(labelSelector, at.child('labelSelector'), errors);
  });
}

const mostServers = 3;
const mostSearches = 32;
const mostCharacters = 2048;

/** What a pod looks names up with. */
export function validateDns(
  policy: string | undefined,
  config: Loose | undefined,
  spec: FieldPath,
  errors: Errors,
): void {
  const known = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
  if (policy !== undefined && !known.includes(policy)) {
    errors.push(FieldError.notSupported(spec.child('dnsPolicy'), policy, known));
  }
  const path = spec.child('dnsConfig');
  if (policy === 'None' && !config) {
    errors.push(FieldError.required(path, 'must provide `dnsConfig` when `dnsPolicy` is None'));
    return;
  }
  if (!config) return;
  const { nameservers = [], searches = [], options = [] } = config;
  if (policy === 'None' && nameservers.length === 0) {
    const why = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
    errors.push(FieldError.required(path.child('nameservers'), why));
    return;
  }
  if (nameservers.length > mostServers) {
    const why = `must not have more than ${mostServers} nameservers`;
    errors.push(FieldError.invalid(path.child('nameservers'), nameservers, why));
  }
  nameservers.forEach((address: string, index: number) => {
    checkLegacyAddress(address, path.child('nameservers').index(index), undefined, errors);
  });
  const at = path.child('searches');
  if (searches.length > mostSearches) {
    errors.push(FieldError.invalid(at, searches, `must not have more than ${mostSearches} search paths`));
  }
  if (searches.join(' ').length > mostCharacters) {
    const why = `must not have more than ${mostCharacters} characters (including spaces) in the search list`;
    errors.push(FieldError.invalid(at, searches, why));
  }
  searches.forEach((search: string, index: number) => {
    const domain = search.replace(/\.$/, '');
    if (search !== '.') all(dns1123SubdomainWithUnderscore(domain), at.index(index), domain, errors);
  });
  each(options, path.child('options'), (option, of) => {
    if (!option.name) errors.push(FieldError.required(of, 'must not be empty'));
  });
}
