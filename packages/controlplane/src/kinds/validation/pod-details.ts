import { FieldError, type FieldPath } from '@setpoint/apimachinery/errors';
import { dns1123Subdomain, labelValue, qualifiedName } from '@setpoint/apimachinery/names';
import { isEmpty } from '../defaults/core.ts';
import type { Loose } from '../walk.ts';
import { checkLegacyAddress } from './addresses.ts';
import { all, type Errors } from './common.ts';
import { validateClaims, validateWindows } from './pod-claims.ts';
import { validateAffinity, validateDns, validateSpreads } from './pod-placement.ts';
import { validatePodSecurity } from './pod-security.ts';

/** Parts of a pod's spec besides containers and volumes: where it may run, and what it is told of its surroundings. */
export function validatePodDetails(spec: Loose, path: FieldPath, errors: Errors): void {
  for (const [key, value] of Object.entries(spec.nodeSelector ?? {}) as [string, string][]) {
    all(qualifiedName(key), path.child('nodeSelector'), key, errors);
    all(labelValue(value), path.child('nodeSelector'), value, errors);
  }
  each(spec.readinessGates, path.child('readinessGates'), (gate, at) => {
    all(qualifiedName(gate.conditionType ?? ''), at.child('conditionType'), gate.conditionType ?? '', errors);
  });
  each(spec.schedulingGates, path.child('schedulingGates'), (gate, at) => {
    all(qualifiedName(gate.name ?? ''), at, gate.name ?? '', errors);
  });
  validateSpreads(spec.topologySpreadConstraints ?? [], path.child('topologySpreadConstraints'), errors);
  if (spec.affinity) validateAffinity(spec.affinity, path.child('affinity'), errors);
  validateDns(spec.dnsPolicy, spec.dnsConfig, path, errors);
  validatePodSecurity(spec, path, errors);
  checkGates(spec, path, errors);
  validateClaims(spec.resourceClaims ?? [], path.child('resourceClaims'), errors);
  if (spec.os?.name === 'windows') validateWindows(spec, path, errors);
  if (spec.hostUsers === false) {
    for (const member of ['hostNetwork', 'hostPID', 'hostIPC']) {
      if (spec[member]) errors.push(FieldError.forbidden(path.child(member), 'when `hostUsers` is false'));
    }
  }
  each(spec.tolerations, path.child('tolerations'), (toleration, at) => validateToleration(toleration, at, errors));
  each(spec.hostAliases, path.child('hostAliases'), (alias, at) => {
    checkLegacyAddress(alias.ip ?? '', at.child('ip'), undefined, errors);
    (alias.hostnames ?? []).forEach((name: string, index: number) => {
      all(dns1123Subdomain(name), at.child('hostnames').index(index), name, errors);
    });
  });
  const systems = ['linux', 'windows'];
  if (spec.os && !spec.os.name) errors.push(FieldError.required(path.child('os', 'name')));
  else if (spec.os && !systems.includes(spec.os.name)) {
    errors.push(FieldError.notSupported(path.child('os'), spec.os.name, systems));
  }
}

function each(list: readonly Loose[] | undefined, path: FieldPath, check: (item: Loose, at: FieldPath) => void): void {
  (list ?? []).forEach((item, index) => {
    check(item, path.index(index));
  });
}

/** What holds a pod back is said once, and nobody has placed it before. */
function checkGates({ schedulingGates = [], nodeName }: Loose, path: FieldPath, errors: Errors): void {
  const seen = new Set<string>();
  each(schedulingGates, path.child('schedulingGates'), ({ name = '' }, at) => {
    if (seen.has(name)) errors.push(FieldError.duplicate(at, name));
    seen.add(name);
  });
  if (schedulingGates.length > 0 && nodeName) {
    const why = 'cannot be set until all schedulingGates have been cleared';
    errors.push(FieldError.forbidden(path.child('nodeName'), why));
  }
}

export function validateToleration(toleration: Loose, path: FieldPath, errors: Errors): void {
  const { key = '', operator = '', value = '', effect = '' } = toleration;
  if (key !== '') all(qualifiedName(key), path.child('key'), key, errors);
  else if (operator !== 'Exists') {
    const why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    errors.push(FieldError.invalid(path.child('operator'), operator, why));
  }
  if (toleration.tolerationSeconds !== undefined && effect !== 'NoExecute') {
    const why = "effect must be 'NoExecute' when `tolerationSeconds` is set";
    errors.push(FieldError.invalid(path.child('effect'), effect, why));
  }
  if (operator === 'Equal' || operator === '') {
    const problems = labelValue(value);
    if (problems.length > 0) all([problems.join(';')], path.child('operator'), value, errors);
  } else if (operator === 'Exists') {
    const why = "value must be empty when `operator` is 'Exists'";
    if (value !== '') errors.push(FieldError.invalid(path.child('operator'), value, why));
  } else errors.push(FieldError.notSupported(path.child('operator'), operator, ['Equal', 'Exists']));
  const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
  if (effect !== '' && !effects.includes(effect)) {
    errors.push(FieldError.notSupported(path.child('effect'), effect, effects));
  }
}

const fieldPaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

/** What an environment variable may take from its own pod. */
export function validateFieldReference(reference: Loose, path: FieldPath, errors: Errors): void {
  const field: string = reference.fieldPath ?? '';
  if (field === '') {
    errors.push(FieldError.required(path.child('fieldPath')));
    return;
  }
  const subscript = /^(metadata\.(?:labels|annotations))\['(.*)'\]$/.exec(field);
  if (subscript) {
    const key = subscript[2] as string;
    all(qualifiedName(subscript[1] === 'metadata.labels' ? key : key.toLowerCase()), path, key, errors);
    return;
  }
  const listed = ['metadata.labels', 'metadata.annotations'];
  if (listed.includes(field)) errors.push(FieldError.notSupported(path.child('fieldPath'), field, fieldPaths));
  else if (!fieldPaths.includes(field)) {
    const why = `error converting fieldPath: field label not supported: ${field}`;
    errors.push(FieldError.invalid(path.child('fieldPath'), field, why));
  }
}

const resources = ['cpu', 'ephemeral-storage', 'memory'];
const resourcePaths = ['limits', 'requests'].flatMap((part) => resources.map((name) => `${part}.${name}`));

/** What an environment variable may take from its container's resources. */
export function validateResourceReference(reference: Loose, path: FieldPath, errors: Errors): void {
  const resource: string = reference.resource ?? '';
  if (resource === '') errors.push(FieldError.required(path.child('resource')));
  else if (!resourcePaths.includes(resource) && !/^(limits|requests)\.hugepages-/.test(resource)) {
    errors.push(FieldError.notSupported(path.child('resource'), resource, resourcePaths));
  }
}

/** Modes of files are three octal digits. */
export function checkMode(mode: Loose, path: FieldPath, errors: Errors): void {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return;
  errors.push(FieldError.invalid(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive'));
}

/** Ephemeral containers are added to a running pod; neither a new one nor a template has any. */
export function forbidEphemeral(spec: Loose, path: FieldPath, why: string, errors: Errors): void {
  if (!isEmpty(spec.ephemeralContainers)) errors.push(FieldError.forbidden(path.child('ephemeralContainers'), why));
}
