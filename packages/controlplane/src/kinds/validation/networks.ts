import { isIP, isIPv6 } from 'node:net';
import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { dns1123Subdomain, inRange, pathSegmentName, portName } from '@setpoint/apimachinery/names';
import type { Loose } from '../walk.ts';
import { checkLegacyAddress, checkNetwork } from './addresses.ts';
import { all, type Errors } from './common.ts';

const spec = FieldPath.of('spec');

/** An address as it is written shortest. */
function canonicalAddress(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : address;
}

function bitsOf(address: string): string {
  if (!isIPv6(address))
    return address
      .split('.')
      .map((byte) => Number(byte).toString(2).padStart(8, '0'))
      .join('');
  const [head = '', tail] = canonicalAddress(address).split('::');
  const words = (text: string | undefined) => (text ? text.split(':') : []);
  const [first, last] = [words(head), words(tail)];
  const all8 = tail === undefined ? first : [...first, ...Array(8 - first.length - last.length).fill('0'), ...last];
  return all8.map((word) => Number.parseInt(word, 16).toString(2).padStart(16, '0')).join('');
}

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
export function validateBlock({ cidr = '', except = [] }: Loose, path: FieldPath, errors: Errors): void {
  if (cidr === '') {
    errors.push(FieldError.required(path.child('cidr')));
    return;
  }
  const before = errors.length;
  checkNetwork(cidr, path.child('cidr'), errors);
  if (errors.length > before) return;
  const prefix = prefixOf(cidr);
  except.forEach((one: string, index: number) => {
    const at = path.child('except').index(index);
    const known = errors.length;
    checkNetwork(one, at, errors);
    if (errors.length > known) return;
    const inner = prefixOf(one);
    const isInside = isIPv6(addressOf(one)) === isIPv6(addressOf(cidr)) && inner.startsWith(prefix);
    if (isInside && inner.length > prefix.length) return;
    errors.push(FieldError.invalid(at, one, 'must be a strict subset of `cidr`'));
  });
}

function prefixOf(cidr: string): string {
  const [address = '', length = ''] = cidr.split('/');
  return isIP(address) === 0 ? '' : bitsOf(address).slice(0, Number(length));
}

export function validatePolicyPort({ port, endPort, protocol }: Loose, path: FieldPath, errors: Errors): void {
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

export function validatePolicyTypes(types: readonly string[], path: FieldPath, errors: Errors): void {
  const known = ['Ingress', 'Egress'];
  if (types.length > known.length) {
    errors.push(FieldError.invalid(path, types, 'may not specify more than two policyTypes'));
    return;
  }
  types.forEach((type, index) => {
    if (!known.includes(type)) errors.push(FieldError.notSupported(path.index(index), type, known));
  });
}
