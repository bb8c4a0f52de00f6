import { FieldError, type FieldPath } from '@setpoint/apimachinery/errors';
import {
  configMapKey,
  dns1123Label,
  environmentVariableName,
  portName,
  portNumber,
  qualifiedName,
} from '@setpoint/apimachinery/names';
import { compareQuantities, parseQuantity } from '@setpoint/apimachinery/quantity';
import type { Loose } from '../walk.ts';
import { all, type Errors } from './common.ts';
import { validateLifecycle, validateProbe } from './handlers.ts';
import { validateFieldReference, validateResourceReference } from './pod-details.ts';
import { checkDescending, validateContainerSecurity } from './pod-security.ts';

/** What containers of a pod have in common: names already taken, volumes to mount. */
export interface PodScope {
  readonly names: Set<string>;
  readonly volumes: ReadonlySet<string>;
  /** The pod's spec. */
  readonly spec: Loose;
}

export function validateContainer(container: Loose, path: FieldPath, scope: PodScope, errors: Errors): void {
  const name = container.name ?? '';
  if (name === '') errors.push(FieldError.required(path.child('name')));
  else all(dns1123Label(name), path.child('name'), name, errors);
  if (name !== '' && scope.names.has(name)) errors.push(FieldError.duplicate(path.child('name'), name));
  else scope.names.add(name);
  if (!container.image) errors.push(FieldError.required(path.child('image')));
  else if (container.image.trim() !== container.image) {
    errors.push(
      FieldError.invalid(path.child('image'), container.image, 'must not have leading or trailing whitespace'),
    );
  }
  validatePorts(container.ports ?? [], path.child('ports'), errors);
  validateEnvironment(container.env ?? [], path.child('env'), errors);
  validateMounts(container, path.child('volumeMounts'), scope, errors);
  validateResources(container.resources ?? {}, path.child('resources'), errors);
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (container[probe]) validateProbe(container[probe], probe, path.child(probe), errors);
  }
  if (container.lifecycle) {
    const grace = scope.spec.terminationGracePeriodSeconds;
    validateLifecycle(container.lifecycle, grace, path.child('lifecycle'), errors);
  }
  if (container.securityContext) {
    validateContainerSecurity(container.securityContext, scope.spec, path.child('securityContext'), errors);
  }
  validateSources(container.envFrom ?? [], path.child('envFrom'), errors);
  (container.volumeDevices ?? []).forEach((device: Loose, index: number) => {
    const at = path.child('volumeDevices').index(index);
    if (!device.devicePath) errors.push(FieldError.required(at.child('devicePath')));
    if (!scope.volumes.has(device.name)) errors.push(FieldError.notFound(at.child('name'), device.name ?? ''));
  });
  checkRestart(container, path, errors);
  const { terminationMessagePolicy: policy } = container;
  if (policy !== undefined && !messagePolicies.includes(policy)) {
    errors.push(FieldError.notSupported(path.child('terminationMessagePolicy'), policy, messagePolicies));
  }
  const claims: readonly Loose[] = scope.spec.resourceClaims ?? [];
  (container.resources?.claims ?? []).forEach(({ name = '' }: Loose, index: number) => {
    if (claims.some((claim) => claim.name === name)) return;
    const at = path.child('resources', 'claims').index(index);
    const among = claims.length === 0 ? ' which is empty' : '';
    const why = `must be one of the names in pod.spec.resourceClaims${among}`;
    errors.push(new FieldError('FieldValueNotFound', at, name, why));
  });
}

function validatePorts(ports: readonly Loose[], path: FieldPath, errors: Errors): void {
  const names = new Set<string>();
  ports.forEach((port, index) => {
    const at = path.index(index);
    if (port.name) {
      const problems = portName(port.name);
      all(problems, at.child('name'), port.name, errors);
      if (problems.length === 0 && names.has(port.name)) errors.push(FieldError.duplicate(at.child('name'), port.name));
      names.add(port.name);
    }
    if (!port.containerPort) errors.push(FieldError.required(at.child('containerPort')));
    else all(portNumber(port.containerPort), at.child('containerPort'), port.containerPort, errors);
    if (port.hostPort) all(portNumber(port.hostPort), at.child('hostPort'), port.hostPort, errors);
    if (!port.protocol) errors.push(FieldError.required(at.child('protocol')));
  });
}

function validateEnvironment(variables: readonly Loose[], path: FieldPath, errors: Errors): void {
  variables.forEach((variable, index) => {
    const at = path.index(index);
    if (!variable.name) errors.push(FieldError.required(at.child('name')));
    else all(environmentVariableName(variable.name), at.child('name'), variable.name, errors);
    const source = variable.valueFrom;
    if (!source) return;
    const count = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'].filter(
      (one) => source[one],
    );
    const from = at.child('valueFrom');
    if (count.length === 0) {
      errors.push(
        FieldError.invalid(
          from,
          '',
          'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
        ),
      );
    } else if (variable.value) {
      errors.push(FieldError.invalid(from, '', 'may not be specified when `value` is not empty'));
    } else if (count.length > 1) {
      errors.push(FieldError.invalid(from, '', 'may not have more than one field specified at a time'));
    }
    if (source.fieldRef) validateFieldReference(source.fieldRef, from.child('fieldRef'), errors);
    if (source.resourceFieldRef)
      validateResourceReference(source.resourceFieldRef, from.child('resourceFieldRef'), errors);
    for (const reference of ['configMapKeyRef', 'secretKeyRef']) {
      if (source[reference]) validateKey(source[reference], from.child(reference), errors);
    }
  });
}

function validateKey(reference: Loose, path: FieldPath, errors: Errors): void {
  if (!reference.key) errors.push(FieldError.required(path.child('key')));
  else all(configMapKey(reference.key), path.child('key'), reference.key, errors);
}

function validateMounts(container: Loose, path: FieldPath, scope: PodScope, errors: Errors): void {
  const mounts: readonly Loose[] = container.volumeMounts ?? [];
  const privileged = container.securityContext?.privileged === true;
  const places = new Set<string>();
  mounts.forEach((mount, index) => {
    const at = path.index(index);
    if (!mount.name) errors.push(FieldError.required(at.child('name')));
    if (!mount.mountPath) errors.push(FieldError.required(at.child('mountPath')));
    if (places.has(mount.mountPath)) {
      errors.push(FieldError.invalid(at.child('mountPath'), mount.mountPath, 'must be unique'));
    }
    places.add(mount.mountPath);
    if (!scope.volumes.has(mount.name)) errors.push(FieldError.notFound(at.child('name'), mount.name ?? ''));
    checkPlace(mount, at, path, errors);
    if (mount.mountPropagation === 'Bidirectional' && !privileged) {
      const why = 'Bidirectional mount propagation is available only to privileged containers';
      errors.push(FieldError.forbidden(path.child('mountPropagation'), why));
    }
  });
}

/** The server names these without saying of which mount they are. */
function checkPlace(mount: Loose, path: FieldPath, list: FieldPath, errors: Errors): void {
  const { subPath, subPathExpr, mountPropagation: spread, recursiveReadOnly: recursive, readOnly } = mount;
  if (subPath) checkDescending(subPath, list.child('subPath'), errors);
  if (subPathExpr) {
    if (subPath) {
      const why = 'subPathExpr and subPath are mutually exclusive';
      errors.push(FieldError.invalid(path.child('subPathExpr'), subPathExpr, why));
    }
    checkDescending(subPathExpr, list.child('subPathExpr'), errors);
  }
  const at = list.child('mountPropagation');
  const known = ['Bidirectional', 'HostToContainer', 'None'];
  if (spread !== undefined && !known.includes(spread)) errors.push(FieldError.notSupported(at, spread, known));
  const way = list.child('recursiveReadOnly');
  if (recursive === undefined || recursive === 'Disabled') return;
  if (recursive !== 'Enabled' && recursive !== 'IfPossible') {
    errors.push(FieldError.notSupported(way, recursive, ['Disabled', 'Enabled', 'IfPossible']));
    return;
  }
  if (!readOnly) errors.push(FieldError.forbidden(way, 'may only be specified when readOnly is true'));
  else if (spread !== undefined && spread !== 'None') {
    errors.push(FieldError.forbidden(way, 'may only be specified when mountPropagation is None or not specified'));
  }
}

function validateSources(sources: readonly Loose[], path: FieldPath, errors: Errors): void {
  sources.forEach((source, index) => {
    const at = path.index(index);
    if (source.prefix) all(environmentVariableName(source.prefix), at.child('prefix'), source.prefix, errors);
    const given = ['configMapRef', 'secretRef'].filter((one) => source[one]);
    for (const one of given) if (!source[one].name) errors.push(FieldError.required(at.child(one, 'name')));
    if (given.length === 0) {
      errors.push(FieldError.invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
    } else if (given.length > 1) {
      errors.push(FieldError.invalid(path, '', 'may not have more than one field specified at a time'));
    }
  });
}

const restartPolicies = ['Always', 'Never', 'OnFailure'];

const messagePolicies = ['File', 'FallbackToLogsOnError'];

function checkRestart({ restartPolicy: policy, resizePolicy = [] }: Loose, path: FieldPath, errors: Errors): void {
  if (policy !== undefined && !restartPolicies.includes(policy)) {
    errors.push(FieldError.notSupported(path.child('restartPolicy'), policy, restartPolicies));
  }
  for (const { resourceName, restartPolicy } of resizePolicy) {
    const at = path.child('resizePolicy');
    const resources = ['cpu', 'memory'];
    if (!resources.includes(resourceName)) errors.push(FieldError.notSupported(at, resourceName ?? '', resources));
    const ways = ['NotRequired', 'RestartContainer'];
    if (!ways.includes(restartPolicy)) errors.push(FieldError.notSupported(at, restartPolicy ?? '', ways));
  }
}

/** Requests stay within limits; amounts are not negative; names are known or qualified. */
export function validateResources(resources: Loose, path: FieldPath, errors: Errors): void {
  const { limits = {}, requests = {} } = resources;
  for (const name of Object.keys(limits)) validateAmount(name, limits[name], path.child('limits').key(name), errors);
  for (const name of Object.keys(requests)) {
    validateAmount(name, requests[name], path.child('requests').key(name), errors);
    const limit = limits[name];
    if (limit !== undefined && compareQuantities(parseQuantity(requests[name]), parseQuantity(limit)) > 0) {
      const why = `must be less than or equal to ${name} limit of ${limit}`;
      errors.push(FieldError.invalid(path.child('requests'), requests[name], why));
    }
    checkExact(name, requests[name], limit, path, errors);
  }
  const huge = [...Object.keys(limits), ...Object.keys(requests)];
  const usual = huge.some((name) => name === 'cpu' || name === 'memory');
  if (!usual && huge.some((name) => name.startsWith('hugepages-'))) {
    errors.push(FieldError.forbidden(path, 'HugePages require cpu or memory'));
  }
}

/** What cannot be given twice is asked for as it is limited. */
function checkExact(name: string, request: string, limit: string | undefined, path: FieldPath, errors: Errors): void {
  if (!(name.includes('/') && !name.startsWith('kubernetes.io/')) && !name.startsWith('hugepages-')) return;
  if (limit === undefined) {
    const why = 'Limit must be set for non overcommitable resources';
    errors.push(FieldError.required(path.child('limits'), why));
  } else if (compareQuantities(parseQuantity(request), parseQuantity(limit)) < 0) {
    const why = `must be equal to ${name} limit of ${limit}`;
    errors.push(FieldError.invalid(path.child('requests'), request, why));
  }
}

function validateAmount(name: string, amount: string, path: FieldPath, errors: Errors): void {
  all(qualifiedName(name), path, name, errors);
  if (!name.includes('/') && !standardResource(name)) {
    errors.push(FieldError.invalid(path, name, 'must be a standard resource type or fully qualified'));
    errors.push(FieldError.invalid(path, name, 'must be a standard resource for containers'));
  }
  if (compareQuantities(parseQuantity(amount), parseQuantity('0')) < 0) {
    errors.push(FieldError.invalid(path, amount, 'must be greater than or equal to 0'));
  }
  if (name.startsWith('hugepages-')) checkPages(name, amount, path, errors);
  if (name.includes('/') && !name.startsWith('kubernetes.io/') && /[mun]$/.test(amount)) {
    errors.push(FieldError.invalid(path, amount, 'must be an integer'));
  }
}

/** Pages are taken whole. */
function checkPages(name: string, amount: string, path: FieldPath, errors: Errors): void {
  let size: bigint;
  try {
    size = wholeUnits(name.slice('hugepages-'.length));
  } catch {
    return;
  }
  const wanted = wholeUnits(amount);
  if (size > 0n && wanted > 0n && wanted % size === 0n) return;
  errors.push(FieldError.invalid(path, amount, `${amount} is not positive integer multiple of ${name}`));
}

function wholeUnits(quantity: string): bigint {
  const { unscaled, scale } = parseQuantity(quantity);
  return scale >= 0 ? unscaled * 10n ** BigInt(scale) : unscaled / 10n ** BigInt(-scale);
}

function standardResource(name: string): boolean {
  return ['cpu', 'memory', 'ephemeral-storage', 'storage'].includes(name) || name.startsWith('hugepages-');
}
