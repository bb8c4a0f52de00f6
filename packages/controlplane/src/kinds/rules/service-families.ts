import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { invalid } from '../../status/index.ts';
import { checkLegacyAddress } from '../validation/addresses.ts';
import type { Loose } from '../walk.ts';

const spec = FieldPath.of('spec');
const families = ['IPv4', 'IPv6'];
const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];

/** The network of Services has IPv4 only. */
const configured = 'IPv4';

/**
 * Puts families and their policy into a Service that has an address or is headless. What is said of them comes before
 * anything is allocated.
 *
 * @throws StatusError 422
 */
export function initFamilies(service: Loose, old: Loose | undefined): void {
  const given = service.spec;
  const bare = given.clusterIP === 'None' && !given.selector;
  given.ipFamilyPolicy ??= old?.spec.ipFamilyPolicy ?? (bare ? 'RequireDualStack' : 'SingleStack');
  refuse(service, relatedErrors(given, old));
  refuse(service, policyErrors(given, old));
  if (bare) {
    given.ipFamilies ??= [configured];
    const other = given.ipFamilies[0] === 'IPv4' ? 'IPv6' : 'IPv4';
    if (given.ipFamilies.length < 2 && given.ipFamilyPolicy !== 'SingleStack')
      given.ipFamilies = [...given.ipFamilies, other];
    return;
  }
  const errors: FieldError[] = [];
  if (given.ipFamilyPolicy === 'RequireDualStack') {
    const why = 'this cluster is not configured for dual-stack services';
    errors.push(FieldError.invalid(spec.child('ipFamilyPolicy'), given.ipFamilyPolicy, why));
  }
  for (const [index, family] of (given.ipFamilies ?? []).entries()) {
    const path = spec.child('ipFamilies').index(index);
    if (family !== configured) errors.push(FieldError.invalid(path, family, 'not configured on this cluster'));
  }
  refuse(service, errors);
  if (!given.ipFamilies?.length) given.ipFamilies = [configured];
}

function refuse(service: Loose, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: '', kind: 'Service' }, service.metadata.name ?? '', errors);
}

/** What addresses, families and policy say of each other. */
function relatedErrors(given: Loose, old: Loose | undefined): FieldError[] {
  const { clusterIP, clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = given;
  const errors: FieldError[] = [];
  const path = spec.child('clusterIPs');
  if (clusterIP && clusterIPs[0] !== clusterIP) {
    errors.push(FieldError.invalid(path, clusterIPs, 'first value must match `clusterIP`'));
  } else if (!clusterIP && clusterIPs.length > 0) {
    errors.push(FieldError.invalid(path, clusterIPs, 'must be empty when `clusterIP` is not specified'));
  }
  ipFamilies.forEach((family: string, index: number) => {
    const at = spec.child('ipFamilies').index(index);
    if (!families.includes(family)) errors.push(FieldError.notSupported(at, family, families));
    if (ipFamilies.indexOf(family) < index) errors.push(FieldError.duplicate(at, family));
  });
  if (!policies.includes(ipFamilyPolicy)) {
    errors.push(FieldError.notSupported(spec.child('ipFamilyPolicy'), ipFamilyPolicy, policies));
  }
  const before = errors.length;
  clusterIPs.forEach((address: string, index: number) => {
    if (address !== 'None' || index > 0) checkLegacyAddress(address, path.index(index), old?.spec.clusterIPs, errors);
    else if (clusterIPs.length > 1) {
      errors.push(FieldError.invalid(path, clusterIPs, "'None' must be the first and only value"));
    }
  });
  const areBroken = errors.length > before;
  if (clusterIPs.length > 2) errors.push(FieldError.invalid(path, clusterIPs, 'may only hold up to 2 values'));
  if (areBroken) return errors;
  if (clusterIPs.length === 2 && familyOf(clusterIPs[0]) === familyOf(clusterIPs[1])) {
    errors.push(FieldError.invalid(path, clusterIPs, 'may specify no more than one IP for each IP family'));
  }
  if (clusterIP === 'None') return errors;
  clusterIPs.forEach((address: string, index: number) => {
    const family = ipFamilies[index];
    if (family === undefined || familyOf(address) === family) return;
    const why = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``;
    errors.push(FieldError.invalid(path.index(index), address, why));
  });
  return errors;
}

function policyErrors(given: Loose, old: Loose | undefined): FieldError[] {
  const { clusterIPs = [], ipFamilyPolicy: policy } = given;
  const path = spec.child('ipFamilyPolicy');
  const errors: FieldError[] = [];
  if (policy === 'SingleStack') {
    if (old && given.ipFamilies?.length > 1 && deepEqual(old.spec.ipFamilies, given.ipFamilies)) {
      given.ipFamilies = given.ipFamilies.slice(0, 1);
    }
    const why = "must be 'RequireDualStack' or 'PreferDualStack' when multiple";
    if (clusterIPs.length === 2) errors.push(FieldError.invalid(path, policy, `${why} cluster IPs are specified`));
    if (given.ipFamilies?.length === 2)
      errors.push(FieldError.invalid(path, policy, `${why} IP families are specified`));
  } else if (old && (given.ipFamilies ?? []).length < (old.spec.ipFamilies ?? []).length) {
    errors.push(FieldError.invalid(path, policy, "must be 'SingleStack' to release the secondary IP family"));
  }
  for (const [index, address] of clusterIPs.entries()) {
    if (address === 'None') break;
    if (index < (given.ipFamilies ?? []).length) continue;
    const family = familyOf(address);
    if (family === configured) given.ipFamilies = [...(given.ipFamilies ?? []), family];
    else {
      const at = spec.child('clusterIPs').index(index);
      errors.push(FieldError.invalid(at, clusterIPs, `${family} is not configured on this cluster`));
    }
  }
  return errors;
}

function familyOf(address: string): string {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}
