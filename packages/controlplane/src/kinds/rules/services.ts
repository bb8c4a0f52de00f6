import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { dns1123Label } from '@setpoint/apimachinery/names';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { internalError, invalid } from '../../status/index.ts';
import { validateService, validateServiceUpdate } from '../validation/services.ts';
import type { Loose } from '../walk.ts';
import { initFamilies } from './service-families.ts';
import { serviceWarnings } from './service-warnings.ts';
import type { KindRules, RuleContext } from './types.ts';

/** The addresses and ports that kube-apiserver of envtest gives: 10.0.0.0/24 and 30000-32767. */
const networkPrefix = '10.0.0.';
const firstPort = 30000;
const lastPort = 32767;

export const serviceRules: KindRules = {
  name: dns1123Label,
  createOnUpdate: true,
  deleteReturnsObject: true,
  prepareForCreate(service, context) {
    service.status = { loadBalancer: {} };
    const { spec } = service;
    if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
    allocate(service, undefined, context);
  },
  prepareForUpdate(service, old, context) {
    dropWithType(service.spec, old.spec ?? {});
    followAddress(service.spec, old.spec ?? {});
    keepAllocations(service, old);
    allocate(service, old, context);
    // What a balancer said goes with the balancer.
    if (service.spec.type !== 'LoadBalancer') service.status = { ...service.status, loadBalancer: {} };
  },
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  warnings: serviceWarnings,
  selectable: (service) => ({
    'spec.clusterIP': service.spec?.clusterIP ?? '',
    'spec.type': service.spec?.type ?? '',
  }),
};

function needsAddress(spec: Loose): boolean {
  return spec.type !== 'ExternalName';
}

function needsNodePorts(spec: Loose): boolean {
  if (spec.type === 'NodePort') return true;
  return spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false;
}

/** An update that leaves out what the server allocated keeps it, port by port. */
function keepAllocations(service: Loose, old: Loose): void {
  const { spec } = service;
  if (!needsAddress(spec)) {
    if (spec.clusterIP === old.spec?.clusterIP) dropAddress(spec);
    return;
  }
  if (needsAddress(old.spec ?? {})) {
    if (!spec.clusterIP && !spec.clusterIPs?.length) {
      spec.clusterIP = old.spec.clusterIP;
      spec.clusterIPs = old.spec.clusterIPs;
    } else if (!spec.clusterIPs?.length && spec.clusterIP === old.spec.clusterIP) spec.clusterIPs = old.spec.clusterIPs;
    spec.ipFamilies ??= old.spec.ipFamilies;
    spec.ipFamilyPolicy ??= old.spec.ipFamilyPolicy;
  }
  if (!needsNodePorts(spec) || !needsNodePorts(old.spec ?? {})) return;
  for (const port of spec.ports ?? []) {
    if (port.nodePort) continue;
    const before = old.spec.ports?.find((one: Loose) => one.port === port.port && one.protocol === port.protocol);
    if (before?.nodePort) port.nodePort = before.nodePort;
  }
}

/** What only the former type needed goes with it, unless the update says something new of it. */
function dropWithType(spec: Loose, old: Loose): void {
  const drop = (needs: (one: Loose) => boolean, ...names: readonly string[]) => {
    if (!needs(old) || needs(spec)) return;
    for (const name of names) if (deepEqual(spec[name], old[name])) delete spec[name];
  };
  drop(needsAddress, 'clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy');
  drop(isExternal, 'externalTrafficPolicy');
  drop((one) => one.type === 'LoadBalancer', 'allocateLoadBalancerNodePorts', 'loadBalancerClass');
  drop((one) => one.type === 'LoadBalancer' && one.externalTrafficPolicy === 'Local', 'healthCheckNodePort');
  const ports = (one: Loose) => (one.ports ?? []).map((port: Loose) => port.nodePort ?? 0);
  if (needsNodePorts(old) && !needsNodePorts(spec) && deepEqual(ports(spec), ports(old))) {
    for (const port of spec.ports ?? []) delete port.nodePort;
  }
}

function isExternal(spec: Loose): boolean {
  return spec.type === 'NodePort' || spec.type === 'LoadBalancer' || (spec.externalIPs ?? []).length > 0;
}

/** Who changes the one address means the list too. */
function followAddress(spec: Loose, old: Loose): void {
  if (spec.clusterIP === old.clusterIP || !deepEqual(spec.clusterIPs, old.clusterIPs)) return;
  if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP];
  else delete spec.clusterIPs;
}

function dropAddress(spec: Loose): void {
  delete spec.clusterIP;
  delete spec.clusterIPs;
  delete spec.ipFamilies;
  delete spec.ipFamilyPolicy;
}

function allocate(service: Loose, old: Loose | undefined, context: RuleContext): void {
  const { spec } = service;
  if (needsAddress(spec)) {
    if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
    initFamilies(service, old);
    if (!spec.clusterIP && !spec.clusterIPs?.length) {
      spec.clusterIP = freeAddress(context);
      if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP];
    }
  }
  if (needsNodePorts(spec)) {
    refuseSharedNodePorts(service);
    allocateNodePorts(spec, context);
  }
  if (!needsHealthCheck(spec)) return;
  const own = old && needsHealthCheck(old.spec) ? old.spec.healthCheckNodePort : undefined;
  if (!spec.healthCheckNodePort) spec.healthCheckNodePort = own ?? freePort(takenPorts(spec, context), context);
  else if (own === undefined) refuseTakenHealthCheck(service, context);
}

function needsHealthCheck(spec: Loose): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

function refuseTakenHealthCheck({ metadata, spec }: Loose, context: RuleContext): void {
  const port = spec.healthCheckNodePort;
  if (!takenNodePorts(context, `${metadata.namespace}/${metadata.name}`).has(port)) return;
  throw internalError(`failed to allocate requested HealthCheck NodePort ${port}: provided port is already allocated`);
}

/** Protocols of one port share the port of the node; other ports do not. */
function refuseSharedNodePorts({ metadata, spec }: Loose): void {
  const owners = new Map<number, number>();
  for (const [index, { port, nodePort }] of ((spec.ports ?? []) as Loose[]).entries()) {
    if (!nodePort) continue;
    if ((owners.get(nodePort) ?? port) !== port) {
      const path = FieldPath.of('spec').child('ports').index(index).child('nodePort');
      const error = FieldError.invalid(path, nodePort, 'provided port is already allocated');
      throw invalid({ group: '', kind: 'Service' }, metadata.name ?? '', [error]);
    }
    owners.set(nodePort, port);
  }
}

/** One port for all protocols of the same port number, as kube-apiserver gives it. */
function allocateNodePorts(spec: Loose, context: RuleContext): void {
  const taken = takenPorts(spec, context);
  for (const port of spec.ports ?? []) {
    if (port.nodePort) continue;
    const twin = spec.ports.find((one: Loose) => one !== port && one.port === port.port && one.nodePort);
    port.nodePort = twin && twin.protocol !== port.protocol ? twin.nodePort : freePort(taken, context);
    taken.add(port.nodePort);
  }
}

function takenPorts(spec: Loose, context: RuleContext): Set<number> {
  const taken = new Set<number>();
  for (const service of [{ spec } as Loose, ...context.objects('/services')]) {
    for (const port of (service as Loose).spec?.ports ?? []) if (port.nodePort) taken.add(port.nodePort);
    const health = (service as Loose).spec?.healthCheckNodePort;
    if (health) taken.add(health);
  }
  return taken;
}

/** Ports of nodes that Services other than `except` have. */
export function takenNodePorts(context: RuleContext, except: string): Set<number> {
  const taken = new Set<number>();
  for (const service of context.objects('/services') as Iterable<Loose>) {
    if (`${service.metadata.namespace}/${service.metadata.name}` === except) continue;
    for (const port of service.spec?.ports ?? []) if (port.nodePort) taken.add(port.nodePort);
    if (service.spec?.healthCheckNodePort) taken.add(service.spec.healthCheckNodePort);
  }
  return taken;
}

function freePort(taken: ReadonlySet<number>, context: RuleContext): number {
  return pick(lastPort - firstPort + 1, (offset) => !taken.has(firstPort + offset), context, firstPort) ?? 0;
}

/** An address of the upper part of the network: kube-apiserver keeps the lower part for addresses asked for by name. */
function freeAddress(context: RuleContext): string | undefined {
  const taken = takenAddresses(context);
  const free = (host: number) => !taken.has(`${networkPrefix}${host}`);
  const host =
    pick(254 - 17 + 1, (offset) => free(17 + offset), context, 17) ?? pick(16, (at) => free(1 + at), context, 1);
  return host === undefined ? undefined : `${networkPrefix}${host}`;
}

/** Addresses that stored Services have, and the one that is always the API server's. */
export function takenAddresses(context: RuleContext, except?: string): Set<string> {
  const taken = new Set<string>([`${networkPrefix}1`]);
  for (const service of context.objects('/services') as Iterable<Loose>) {
    const name = `${service.metadata.namespace}/${service.metadata.name}`;
    if (name !== except) for (const address of service.spec?.clusterIPs ?? []) taken.add(address);
  }
  return taken;
}

/** A random free place, found by going on from a random start. */
function pick(
  size: number,
  free: (offset: number) => boolean,
  { random }: RuleContext,
  base: number,
): number | undefined {
  const start = random.integer(size);
  for (let step = 0; step < size; step++) {
    const offset = (start + step) % size;
    if (free(offset)) return base + offset;
  }
  return undefined;
}
