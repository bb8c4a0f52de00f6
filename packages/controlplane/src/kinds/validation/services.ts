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
import { takenAddresses, takenNodePorts } from '../rules/services.ts';
import type { RuleContext } from '../rules/types.ts';
import type { Loose } from '../walk.ts';
import { checkEndpointAddress, checkLegacyAddress, checkLegacyNetwork } from './addresses.ts';
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
  validateExposure(given, errors);
  if (given.type === 'ExternalName') return errors;
  if (errors.length === 0) validateAllocation(service, context, errors);
  if (errors.length === 0) validatePortAllocation(service, context, errors);
  return errors;
}

function validateExternalName(given: Loose, errors: Errors): void {
  const why = 'may not be set for ExternalName services';
  for (const name of ['clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) {
    if (!isEmpty(given[name])) errors.push(FieldError.forbidden(spec.child(name), why));
  }
  const name = (given.externalName ?? '').replace(/\.$/, '');
  if (name === '') errors.push(FieldError.required(spec.child('externalName')));
  else all(dns1123Subdomain(name), spec.child('externalName'), given.externalName, errors);
}

/** How a Service is reached from outside, and which types allow it. */
function validateExposure(given: Loose, errors: Errors): void {
  (given.externalIPs ?? []).forEach((address: string, index: number) => {
    const path = spec.child('externalIPs').index(index);
    const before = errors.length;
    checkLegacyAddress(address, path, undefined, errors);
    if (errors.length === before) checkEndpointAddress(address, path, errors);
  });
  if (given.type !== 'LoadBalancer' && given.allocateLoadBalancerNodePorts !== undefined) {
    const why = "may only be used when `type` is 'LoadBalancer'";
    errors.push(FieldError.forbidden(spec.child('allocateLoadBalancerNodePorts'), why));
  }
  const external = ['LoadBalancer', 'NodePort'].includes(given.type);
  const exposed = external || (given.type === 'ClusterIP' && !isEmpty(given.externalIPs));
  if (given.type !== 'LoadBalancer' && given.loadBalancerClass !== undefined) {
    const why = "may only be used when `type` is 'LoadBalancer'";
    errors.push(FieldError.forbidden(spec.child('loadBalancerClass'), why));
  }
  (given.type === 'LoadBalancer' ? (given.loadBalancerSourceRanges ?? []) : []).forEach(
    (network: string, index: number) => {
      const path = spec.child('LoadBalancerSourceRanges').index(index);
      checkLegacyNetwork(network, path, undefined, errors);
    },
  );
  const needsHealthCheck = given.type === 'LoadBalancer' && given.externalTrafficPolicy === 'Local';
  if (!needsHealthCheck && given.healthCheckNodePort) {
    const why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(FieldError.invalid(spec.child('healthCheckNodePort'), given.healthCheckNodePort, why));
  }
  if (!exposed && given.externalTrafficPolicy) {
    const why = 'may only be set for externally-accessible services';
    errors.push(FieldError.invalid(spec.child('externalTrafficPolicy'), given.externalTrafficPolicy, why));
  }
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
  if (port.appProtocol !== undefined)
    all(qualifiedName(port.appProtocol), path.child('appProtocol'), port.appProtocol, errors);
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
    if (given.type === 'ClusterIP') {
      errors.push(FieldError.forbidden(path, `may not be used when \`type\` is '${given.type}'`));
    } else if (port.nodePort < 30000 || port.nodePort > 32767) {
      const why = 'provided port is not in the valid range. The range of valid ports is 30000-32767';
      errors.push(FieldError.invalid(path, port.nodePort, why));
    }
  });
}

function validateRepeatedPorts(ports: readonly Loose[], errors: Errors): void {
  const nodePorts = new Set<string>();
  ports.forEach((port, index) => {
    if (!port.nodePort) return;
    const identity = `${port.protocol}/${port.nodePort}`;
    const path = spec.child('ports').index(index).child('nodePort');
    if (nodePorts.has(identity)) errors.push(FieldError.duplicate(path, port.nodePort));
    nodePorts.add(identity);
  });
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

/** Whether the addresses can be had; asked only once everything else is right. */
function validateAllocation(service: Loose, context: RuleContext, errors: Errors): void {
  const addresses: readonly string[] = service.spec?.clusterIPs ?? [];
  const taken = takenAddresses(context, `${service.metadata.namespace}/${service.metadata.name}`);
  for (const address of addresses) {
    if (address === 'None') continue;
    const outside = !/^10\.0\.0\.(?!0$|255$)/.test(address);
    if (!outside && (!taken.has(address) || isApiServer(service))) continue;
    const what = outside ? 'the provided network does not match the current range' : 'provided IP is already allocated';
    const why = `failed to allocate IP ${address}: ${what}`;
    errors.push(FieldError.invalid(spec.child('clusterIPs'), addresses, why));
  }
}

function validatePortAllocation(service: Loose, context: RuleContext, errors: Errors): void {
  const taken = takenNodePorts(context, `${service.metadata.namespace}/${service.metadata.name}`);
  (service.spec?.ports ?? []).forEach((port: Loose, index: number) => {
    if (!port.nodePort || !taken.has(port.nodePort)) return;
    const at = spec.child('ports').index(index).child('nodePort');
    errors.push(FieldError.invalid(at, port.nodePort, 'provided port is already allocated'));
  });
}

/** The Service of the API server itself has the first address of the network. */
function isApiServer(service: Loose): boolean {
  return service.metadata.name === 'kubernetes' && service.metadata.namespace === 'default';
}

export function validateServiceUpdate(service: Loose, old: Loose): Errors {
  const errors: Errors = [];
  const [next, before] = [service.spec?.clusterIPs?.[0], old.spec?.clusterIPs?.[0]];
  const isChecked = ({ spec: given }: Loose) =>
    given?.type === 'LoadBalancer' && given.externalTrafficPolicy === 'Local';
  if (isChecked(service) && isChecked(old) && service.spec.healthCheckNodePort !== old.spec.healthCheckNodePort) {
    errors.push(FieldError.forbidden(spec.child('healthCheckNodePort'), 'field is immutable'));
  }
  const both = service.spec?.type !== 'ExternalName' && old.spec?.type !== 'ExternalName';
  if (both && before && next !== before) {
    const at = spec.child('clusterIPs').index(0);
    errors.push(FieldError.invalid(at, service.spec.clusterIPs ?? [], 'may not change once set'));
  }
  return errors;
}
