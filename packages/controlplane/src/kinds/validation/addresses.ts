import { FieldError, type FieldPath } from '@setpoint/apimachinery/errors';
import type { Errors } from './common.ts';
import { checkAddress, isAddress } from './pod-details.ts';

/** An address of a field that once took more than it does now; what was stored before stays good. */
export function checkLegacyAddress(
  address: string,
  path: FieldPath,
  before: readonly string[] | undefined,
  errors: Errors,
): void {
  if (before?.includes(address)) return;
  if (isAddress(address) && address.split('.').some((part) => /^0\d/.test(part))) {
    errors.push(FieldError.invalid(path, address, 'must not have leading 0s'));
  } else checkAddress(address, path, errors);
}

/** A network such as 10.0.0.0/8. */
export function checkNetwork(network: string, path: FieldPath, errors: Errors): void {
  const [address = '', length = '', ...more] = network.trim().split('/');
  const longest = address.includes(':') ? 128 : 32;
  if (more.length === 0 && isAddress(address) && /^\d{1,3}$/.test(length) && Number(length) <= longest) return;
  const why = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
  errors.push(FieldError.invalid(path, network, why));
}
