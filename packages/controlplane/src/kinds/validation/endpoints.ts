import { isIPv4, isIPv6 } from 'node:net';
import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { dns1123Label, dns1123Subdomain, inRange, labelValue, qualifiedName } from '@setpoint/apimachinery/names';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { isEmpty } from '../defaults/core.ts';
import type { Loose } from '../walk.ts';
import { checkEndpointAddress, checkLegacyAddress } from './addresses.ts';
import { all, checkImmutable, checkLabels, type Errors } from './common.ts';

// Where the pods of Services are, in their old and their new form.

const protocols = ['SCTP', 'TCP', 'UDP'];

export function validateEndpoints(endpoints: Loose, old?: Loose): Errors {
  const errors: Errors = [];
  if (old && deepEqual(endpoints.subsets ?? [], old.subsets ?? [])) return errors;
  (endpoints.subsets ?? []).forEach((subset: Loose, index: number) => {
    const path = FieldPath.of('subsets').index(index);
    if (isEmpty(subset.addresses) && isEmpty(subset.notReadyAddresses)) {
      errors.push(FieldError.required(path, 'must specify `addresses` or `notReadyAddresses`'));
    }
    for (const list of ['addresses', 'notReadyAddresses']) {
      (subset[list] ?? []).forEach((address: Loose, position: number) => {
        checkSubsetAddress(address, path.child(list).index(position), errors);
      });
    }
    (subset.ports ?? []).forEach((port: Loose, position: number) => {
      checkSubsetPort(port, subset.ports.length > 1, path.child('ports').index(position), errors);
    });
  });
  return errors;
}

function checkSubsetAddress({ ip = '', hostname, nodeName }: Loose, path: FieldPath, errors: Errors): void {
  checkLegacyAddress(ip, path.child('ip'), undefined, errors);
  if (hostname) all(dns1123Label(hostname), path.child('hostname'), hostname, errors);
  if (nodeName !== undefined) all(dns1123Subdomain(nodeName), path.child('nodeName'), nodeName, errors);
  checkEndpointAddress(ip, path.child('ip'), errors);
}

function checkSubsetPort(given: Loose, needsName: boolean, path: FieldPath, errors: Errors): void {
  const { name = '', port = 0, protocol = '', appProtocol } = given;
  if (name !== '') all(dns1123Label(name), path.child('name'), name, errors);
  else if (needsName) errors.push(FieldError.required(path.child('name')));
  all(inRange(port, 1, 65535), path.child('port'), port, errors);
  if (protocol === '') errors.push(FieldError.required(path.child('protocol')));
  else if (!protocols.includes(protocol)) {
    errors.push(FieldError.notSupported(path.child('protocol'), protocol, protocols));
  }
  if (appProtocol !== undefined) all(qualifiedName(appProtocol), path.child('appProtocol'), appProtocol, errors);
}

const types = ['FQDN', 'IPv4', 'IPv6'];
const mostPorts = 20_000;
const mostEndpoints = 1000;
const mostAddresses = 100;
const mostLabels = 16;
const mostHints = 8;

export function validateSlice(slice: Loose, old?: Loose): Errors {
  const errors: Errors = [];
  const { addressType = '' } = slice;
  const path = FieldPath.of('addressType');
  if (addressType === '') errors.push(FieldError.required(path));
  else if (!types.includes(addressType)) errors.push(FieldError.notSupported(path, addressType, types));
  checkPorts(slice.ports ?? [], FieldPath.of('ports'), errors);
  if (!old || !deepEqual(slice.endpoints ?? [], old.endpoints ?? [])) {
    checkEndpoints(slice.endpoints ?? [], addressType, FieldPath.of('endpoints'), errors);
  }
  if (old) checkImmutable(addressType, old.addressType ?? '', path, errors);
  return errors;
}

function checkPorts(ports: readonly Loose[], path: FieldPath, errors: Errors): void {
  if (ports.length > mostPorts) {
    errors.push(FieldError.tooMany(path, ports.length, mostPorts));
    return;
  }
  const names = new Set<string>();
  ports.forEach(({ name = '', protocol, appProtocol }, index) => {
    const at = path.index(index);
    if (name !== '') all(dns1123Label(name), at.child('name'), name, errors);
    if (names.has(name)) errors.push(FieldError.duplicate(at.child('name'), name));
    names.add(name);
    if (protocol === undefined) errors.push(FieldError.required(at.child('protocol')));
    else if (!protocols.includes(protocol)) {
      errors.push(FieldError.notSupported(at.child('protocol'), protocol, protocols));
    }
    if (appProtocol !== undefined) all(qualifiedName(appProtocol), at.child('appProtocol'), appProtocol, errors);
  });
}

function checkEndpoints(endpoints: readonly Loose[], type: string, path: FieldPath, errors: Errors): void {
  if (endpoints.length > mostEndpoints) {
    errors.push(FieldError.tooMany(path, endpoints.length, mostEndpoints));
    return;
  }
  endpoints.forEach((endpoint, index) => {
    const at = path.index(index);
    const { addresses = [], nodeName, hostname, hints, deprecatedTopology = {} } = endpoint;
    const list = at.child('addresses');
    if (addresses.length === 0) errors.push(FieldError.required(list, 'must contain at least 1 address'));
    if (addresses.length > mostAddresses) errors.push(FieldError.tooMany(list, addresses.length, mostAddresses));
    addresses.forEach((address: string, position: number) => {
      checkSliceAddress(address, type, list, list.index(position), errors);
    });
    if (nodeName !== undefined) all(dns1123Subdomain(nodeName), at.child('nodeName'), nodeName, errors);
    const labels = Object.keys(deprecatedTopology).length;
    const topology = at.child('deprecatedTopology');
    if (labels > mostLabels) errors.push(FieldError.tooMany(topology, labels, mostLabels));
    checkLabels(deprecatedTopology, topology, errors);
    if (hostname !== undefined) all(dns1123Label(hostname), at.child('hostname'), hostname, errors);
    if (hints) checkHints(hints, at.child('hints'), errors);
  });
}

function checkSliceAddress(address: string, type: string, list: FieldPath, path: FieldPath, errors: Errors): void {
  const before = errors.length;
  if (type === 'FQDN') checkDomain(address, path, errors);
  if (type !== 'IPv4' && type !== 'IPv6') return;
  checkLegacyAddress(address, path, undefined, errors);
  if (errors.length > before) return;
  const fits = type === 'IPv4' ? isIPv4(address) : isIPv6(address);
  if (!fits) errors.push(FieldError.invalid(list, address, `must be an ${type} address`));
  else if (type === 'IPv6') checkCanonical(address, path, errors);
  checkEndpointAddress(address, path, errors);
}

/** IPv6 came later, and is written one way only. */
function checkCanonical(address: string, path: FieldPath, errors: Errors): void {
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  if (canonical === address) return;
  errors.push(FieldError.invalid(path, address, `must be in canonical form (${JSON.stringify(canonical)})`));
}

function checkDomain(name: string, path: FieldPath, errors: Errors): void {
  if (name === '') {
    errors.push(FieldError.required(path));
    return;
  }
  const plain = name.replace(/\.$/, '');
  const problems = dns1123Subdomain(plain);
  all(problems, path, plain, errors);
  if (problems.length > 0) return;
  if (plain.split('.').length < 2) {
    errors.push(FieldError.invalid(path, plain, 'should be a domain with at least two segments separated by dots'));
    return;
  }
  for (const label of plain.split('.')) all(dns1123Label(label), path, label, errors);
}

function checkHints({ forZones = [], forNodes = [] }: Loose, path: FieldPath, errors: Errors): void {
  const lists = [
    ['forZones', forZones, labelValue],
    ['forNodes', forNodes, dns1123Subdomain],
  ] as const;
  for (const [name, list, check] of lists) {
    const at = path.child(name);
    if (list.length > mostHints) {
      errors.push(FieldError.tooMany(at, list.length, mostHints));
      return;
    }
    const seen = new Set<string>();
    list.forEach(({ name: one = '' }: Loose, index: number) => {
      const of = at.index(index).child('name');
      if (seen.has(one)) errors.push(FieldError.duplicate(of, one));
      seen.add(one);
      all(check(one), of, one, errors);
    });
  }
}
