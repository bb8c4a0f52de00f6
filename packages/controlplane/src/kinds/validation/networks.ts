import { isIP, isIPv6 } from 'node:net';
import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { dns1123Subdomain, inRange, pathSegmentName, portName } from '@setpoint/apimachinery/names';
import type { Loose } from '../walk.ts';
import { bitsOf, canonicalAddress, checkLegacyAddress, checkLegacyNetwork, checkNetwork } from './addresses.ts';
import { all, checkSelector, type Errors } from './common.ts';

const spec = FieldPath.of('spec');

/** The name of an IPAddress is the address. */
export function addressName(name: string): readonly string[] {
  const errors: Errors = [];
  checkLegacyAddress(name, FieldPath.of('metadata', 'name'), undefined, errors);
  if (errors.length > 0) return errors.map(({ detail }) => detail);
  const canonical = canonicalAddress(name);
  return canonical === name ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`];
}

export function validateAddress({ spec: given }: Loose): Errors {
  const errors: Errors = [];
  const path = spec.child('parentRef');
  const reference = given?.parentRef;
  if (!reference) return [FieldError.required(path)];
  const { group = '', resource = '', name = '', namespace = '' } = reference;
  if (group !== '') all(dns1123Subdomain(group), path.child('group'), group, errors);
  for (const [member, value] of [
    ['resource', resource],
    ['name', name],
  ] as const) {
    if (value === '') errors.push(FieldError.required(path.child(member)));
    else all(pathSegmentName(value), path.child(member), value, errors);
  }
  if (namespace !== '') all(pathSegmentName(namespace), path.child('namespace'), namespace, errors);
  return errors;
}

/** Networks that Services get addresses of: one of each family. */
export function validateServiceRange({ spec: given }: Loose): Errors {
  const errors: Errors = [];
  const path = spec.child('cidrs');
  const cidrs: readonly string[] = given?.cidrs ?? [];
  if (cidrs.length === 0) return [FieldError.required(path, 'at least one CIDR required')];
  if (cidrs.length > 2) return [FieldError.invalid(path, { CIDRs: cidrs }, 'may only hold up to 2 values')];
  cidrs.forEach((cidr, index) => {
    checkExactNetwork(cidr, path.index(index), errors);
  });
  if (cidrs.length === 2 && errors.length === 0 && isIPv6(addressOf(cidrs[0])) === isIPv6(addressOf(cidrs[1]))) {
    const why = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';
    errors.push(FieldError.invalid(path, cidrs, why));
  }
  return errors;
}

function addressOf(cidr: string | undefined): string {
  return cidr?.split('/')[0] ?? '';
}

function checkExactNetwork(cidr: string, path: FieldPath, errors: Errors): void {
  const before = errors.length;
  checkNetwork(cidr, path, errors);
  const [address = '', length = ''] = cidr.split('/');
  if (errors.length > before || isIP(address) === 0) return;
  if (bitsOf(address).slice(Number(length)).includes('1')) {
    errors.push(FieldError.invalid(path, cidr, 'must not have bits set beyond the prefix length'));
    return;
  }
  const canonical = `${canonicalAddress(address)}/${Number(length)}`;
  if (canonical !== cidr) {
    errors.push(FieldError.invalid(path, cidr, `must be in canonical form (${JSON.stringify(canonical)})`));
  }
}

/** A network that a policy is about, and those within it that it is not about. */
function checkBlock({ cidr = '', except = [] }: Loose, old: readonly string[], path: FieldPath, errors: Errors): void {
  if (cidr === '') {
    errors.push(FieldError.required(path.child('cidr')));
    return;
  }
  if (!checkLegacyNetwork(cidr, path.child('cidr'), old, errors)) return;
  const prefix = prefixOf(cidr);
  except.forEach((one: string, index: number) => {
    const at = path.child('except').index(index);
    if (!checkLegacyNetwork(one, at, old, errors)) return;
    const inner = prefixOf(one);
    const isInside = isIPv6(addressOf(one)) === isIPv6(addressOf(cidr)) && inner.startsWith(prefix);
    if (isInside && inner.length > prefix.length) return;
    errors.push(FieldError.invalid(at, one, 'must be a strict subset of `cidr`'));
  });
}

const sides = [
  ['ingress', 'from'],
  ['egress', 'to'],
] as const;

/** Networks that were stored before stay good. */
function networksOf(policy: Loose): readonly string[] {
  const peers: readonly Loose[] = sides.flatMap(([side, list]) =>
    (policy?.spec?.[side] ?? []).flatMap((rule: Loose) => rule[list] ?? []),
  );
  return peers.flatMap(({ ipBlock }) => (ipBlock ? [ipBlock.cidr, ...(ipBlock.except ?? [])] : []));
}

export function validateNetworkPolicy(policy: Loose, old?: Loose): Errors {
  const errors: Errors = [];
  const given = policy.spec ?? {};
  const before = old ? networksOf(old) : [];
  if (given.podSelector) checkSelector(given.podSelector, spec.child('podSelector'), errors);
  for (const [side, peers] of sides) {
    (given[side] ?? []).forEach((rule: Loose, index: number) => {
      (rule.ports ?? []).forEach((port: Loose, position: number) => {
        validatePolicyPort(port, spec.child(side).index(index).child('ports').index(position), errors);
      });
      (rule[peers] ?? []).forEach((peer: Loose, position: number) => {
        checkPeer(peer, before, spec.child(side).index(index).child(peers).index(position), errors);
      });
    });
  }
  validatePolicyTypes(given.policyTypes ?? [], spec.child('policyTypes'), errors);
  return errors;
}

function checkPeer(peer: Loose, before: readonly string[], path: FieldPath, errors: Errors): void {
  for (const name of ['podSelector', 'namespaceSelector']) {
    if (peer[name]) checkSelector(peer[name], path.child(name), errors);
  }
  if (peer.ipBlock) checkBlock(peer.ipBlock, before, path.child('ipBlock'), errors);
  if (!peer.podSelector && !peer.namespaceSelector && !peer.ipBlock) {
    errors.push(FieldError.required(path, 'must specify a peer'));
  } else if (peer.ipBlock && (peer.podSelector || peer.namespaceSelector)) {
    errors.push(FieldError.forbidden(path, 'may not specify both ipBlock and another peer'));
  }
}

function prefixOf(cidr: string): string {
  const [address = '', length = ''] = cidr.split('/');
  return isIP(address) === 0 ? '' : bitsOf(address).slice(0, Number(length));
}

function validatePolicyPort({ port, endPort, protocol }: Loose, path: FieldPath, errors: Errors): void {
  const protocols = ['TCP', 'UDP', 'SCTP'];
  if (protocol !== undefined && !protocols.includes(protocol)) {
    errors.push(FieldError.notSupported(path.child('protocol'), protocol, protocols));
  }
  if (typeof port === 'string') all(portName(port), path.child('port'), port, errors);
  else if (port !== undefined) all(inRange(port, 1, 65535), path.child('port'), port, errors);
  if (endPort === undefined) return;
  const at = path.child('endPort');
  const refuse = (why: string, value = endPort) => errors.push(FieldError.invalid(at, value, why));
  if (port === undefined) refuse('may not be specified when `port` is not specified');
  else if (typeof port === 'string') refuse('may not be specified when `port` is non-numeric');
  else {
    if (endPort < port) refuse('must be greater than or equal to `port`', port);
    for (const problem of inRange(endPort, 1, 65535)) refuse(problem);
  }
}

function validatePolicyTypes(types: readonly string[], path: FieldPath, errors: Errors): void {
  const known = ['Ingress', 'Egress'];
  if (types.length > known.length) {
    errors.push(FieldError.invalid(path, types, 'may not specify more than two policyTypes'));
    return;
  }
  types.forEach((type, index) => {
    if (!known.includes(type)) errors.push(FieldError.notSupported(path.index(index), type, known));
  });
}
