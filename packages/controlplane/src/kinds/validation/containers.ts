import { FieldError, type FieldPath } from '@setpoint/apimachinery/errors';
import {
  configMapKey,
  dns1123Label,
  environmentVariableName,
  inRange,
  portName,
  portNumber,
  qualifiedName,
} from '@setpoint/apimachinery/names';
import { compareQuantities, parseQuantity } from '@setpoint/apimachinery/quantity';
import { isEmpty } from '../defaults/core.ts';
import type { Loose } from '../walk.ts';
import { all, type Errors, nonNegative } from './common.ts';
import { validateFieldReference, validateResourceReference } from './pod-details.ts';

/** What containers of a pod have in common: names already taken, volumes to mount. */
export interface PodScope {
  readonly names: Set<string>;
  readonly volumes: ReadonlySet<string>;
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
  validateMounts(container.volumeMounts ?? [], path.child('volumeMounts'), scope, errors);
  validateResources(container.resources ?? {}, path.child('resources'), errors);
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (container[probe]) validateProbe(container[probe], probe, path.child(probe), errors);
  }
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

function validateMounts(mounts: readonly Loose[], path: FieldPath, scope: PodScope, errors: Errors): void {
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
  });
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
}

function standardResource(name: string): boolean {
  return ['cpu', 'memory', 'ephemeral-storage', 'storage'].includes(name) || name.startsWith('hugepages-');
}

const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc'];

function validateProbe(probe: Loose, name: string, path: FieldPath, errors: Errors): void {
  const given = handlers.filter((handler) => probe[handler]);
  if (given.length === 0) errors.push(FieldError.required(path, 'must specify a handler type'));
  given.slice(1).forEach((handler) => {
    errors.push(FieldError.forbidden(path.child(handler), 'may not specify more than 1 handler type'));
  });
  if (probe.exec && isEmpty(probe.exec.command)) errors.push(FieldError.required(path.child('exec', 'command')));
  if (probe.grpc) validatePort(probe.grpc.port, path.child('grpc', 'port'), errors);
  if (probe.httpGet) validatePort(probe.httpGet.port, path.child('httpGet', 'port'), errors);
  if (probe.tcpSocket) validatePort(probe.tcpSocket.port, path.child('tcpSocket', 'port'), errors);
  for (const seconds of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ]) {
    nonNegative(probe[seconds], path.child(seconds), errors);
  }
  if (name !== 'readinessProbe' && probe.successThreshold > 1) {
    errors.push(FieldError.invalid(path.child('successThreshold'), probe.successThreshold, 'must be 1'));
  }
}

function validatePort(port: Loose, path: FieldPath, errors: Errors): void {
  if (typeof port === 'string') all(portName(port), path, port, errors);
  else all(inRange(port ?? 0, 1, 65535), path, port ?? 0, errors);
}
