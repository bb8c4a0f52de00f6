import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import {
  dns1123Label,
  dns1123Subdomain,
  labelValue,
  portName,
  portNumber,
  qualifiedName,
} from '@setpoint/apimachinery/names';
import { isEmpty } from '../defaults/core.ts';
import { takenAddresses } from '../rules/services.ts';
import type { RuleContext } from '../rules/types.ts';
import type { Loose } from '../walk.ts';
import { all, type Errors } from './common.ts';

const spec = FieldPath.of('spec');

export function validateService(service: Loose, context: RuleContext): Errors {
  const errors: Errors = [];
  const given = service.spec ?? {};
  const ports: readonly Loose[] = given.ports ?? [];
  const headless = given.clusterIP === 'None';
  if (ports.length === 0 && !headless && given.type !== 'ExternalName') {
    errors.push(FieldError.required(spec.child('ports')));
  }
  if (given.type === 'ExternalName') validateExternalName(given, errors);
  if (given.type === 'LoadBalancer' && headless) {
    errors.push(
      FieldError.invalid(
        spec.child('clusterIPs').index(0),
        'None',
        "may not be set to 'None' for LoadBalancer services",
      ),
    );
  }
  if (given.type === 'NodePort' && headless) {
    errors.push(
      FieldError.invalid(spec.child('clusterIPs').index(0), 'None', "may not be set to 'None' for NodePort services"),
    );
  }
  const names = new Set<string>();
  ports.forEach((port, index) => {
    validatePort(port, ports.length > 1, headless, names, spec.child('ports').index(index), errors);
  });
  for (const [key, value] of Object.entries(given.selector ?? {}) as [string, string][]) {
    all(qualifiedName(key), spec.child('selector'), key, errors);
    all(labelValue(value), spec.child('selector').key(key), value, errors);
  }
  validateNodePorts(given, ports, errors);
  validateRepeatedPorts(ports, errors);
  if (given.type !== 'ExternalName') validateAddress(service, context, errors);
  return errors;
}

function validateExternalName(given: Loose, errors: Errors): void {
  if (!isEmpty(given.clusterIPs) || given.clusterIP) {
    const at = spec.child('clusterIPs').index(0);
    errors.push(
      FieldError.invalid(at, given.clusterIPs ?? [given.clusterIP], 'may not be set for ExternalName services'),
    );
  }
  const name = (given.externalName ?? '').replace(/\.$/, '');
  if (name === '') errors.push(FieldError.required(spec.child('externalName')));
  else all(dns1123Subdomain(name), spec.child('externalName'), given.externalName, errors);
}

function validatePort(
  port: Loose,
  nameRequired: boolean,
  headless: boolean,
  names: Set<string>,
  path: FieldPath,
  errors: Errors,
): void {
  if (nameRequired && !port.name) errors.push(FieldError.required(path.child('name')));
  else if (port.name) {
    all(dns1123Label(port.name), path.child('name'), port.name, errors);
    if (names.has(port.name)) errors.push(FieldError.duplicate(path.child('name'), port.name));
    names.add(port.name);
  }
  all(portNumber(port.port ?? 0), path.child('port'), port.port ?? 0, errors);
  const protocols = ['SCTP', 'TCP', 'UDP'];
  if (!port.protocol) errors.push(FieldError.required(path.child('protocol')));
  else if (!protocols.includes(port.protocol)) {
    errors.push(FieldError.notSupported(path.child('protocol'), port.protocol, protocols));
  }
  const target = port.targetPort;
  if (typeof target === 'string') all(portName(target), path.child('targetPort'), target, errors);
  else if (target !== undefined) all(portNumber(target), path.child('targetPort'), target, errors);
  if (headless && typeof target === 'string' && target === '') {
    errors.push(
      FieldError.invalid(
        path.child('targetPort'),
        target,
        'must be equal to the value of `port` when `clusterIP` = None',
      ),
    );
  }
}

function validateNodePorts(given: Loose, ports: readonly Loose[], errors: Errors): void {
  ports.forEach((port, index) => {
    if (!port.nodePort) return;
    const path = spec.child('ports').index(index).child('nodePort');
    if (given.type === 'ClusterIP' || given.type === 'ExternalName') {
      errors.push(FieldError.forbidden(path, `may not be used when \`type\` is '${given.type}'`));
    } else if (port.nodePort < 30000 || port.nodePort > 32767) {
      const why = 'provided port is not in the valid range. The range of valid ports is 30000-32767';
      errors.push(FieldError.invalid(path, port.nodePort, why));
    }
  });
}

function validateRepeatedPorts(ports: readonly Loose[], errors: Errors): void {
  const seen = new Set<string>();
  ports.forEach((port, index) => {
    const identity = `${port.protocol}/${port.port}`;
    if (seen.has(identity)) {
      // The server shows its internal struct, whose members have Go's names.
      const [Protocol, Port] = [port.protocol, port.port];
      const value = { Name: '', Protocol, AppProtocol: null, Port, TargetPort: 0, NodePort: 0 };
      errors.push(FieldError.duplicate(spec.child('ports').index(index), value));
    }
    seen.add(identity);
  });
}

function validateAddress(service: Loose, context: RuleContext, errors: Errors): void {
  const addresses: readonly string[] = service.spec?.clusterIPs ?? [];
  const taken = takenAddresses(context, `${service.metadata.namespace}/${service.metadata.name}`);
  addresses.forEach((address, index) => {
    if (address === 'None') return;
    if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(address) && !/^[0-9a-f:]+$/i.test(address)) {
      const why = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
      errors.push(FieldError.invalid(spec.child('clusterIPs').index(index), address, why));
    } else if (!address.startsWith('10.0.0.')) {
      const why = `failed to allocate IP ${address}: the provided network does not match the current range`;
      errors.push(FieldError.invalid(spec.child('clusterIPs'), addresses, why));
    } else if (taken.has(address) && !isApiServer(service)) {
      const why = `failed to allocate IP ${address}: provided IP is already allocated`;
      errors.push(FieldError.invalid(spec.child('clusterIPs'), addresses, why));
    }
  });
}

/** The Service of the API server itself has the first address of the network. */
function isApiServer(service: Loose): boolean {
  return service.metadata.name === 'kubernetes' && service.metadata.namespace === 'default';
}

export function validateServiceUpdate(service: Loose, old: Loose): Errors {
  const errors: Errors = [];
  const [next, before] = [service.spec?.clusterIPs?.[0], old.spec?.clusterIPs?.[0]];
  const both = service.spec?.type !== 'ExternalName' && old.spec?.type !== 'ExternalName';
  if (both && before && next !== before) {
    const at = spec.child('clusterIPs').index(0);
    errors.push(FieldError.invalid(at, service.spec.clusterIPs ?? [], 'may not change once set'));
  }
  return errors;
}
