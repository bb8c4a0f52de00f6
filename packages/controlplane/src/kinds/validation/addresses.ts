import { isIP, isIPv6 } from 'node:net';
import { FieldError, type FieldPath } from '@setpoint/apimachinery/errors';
import type { Errors } from './common.ts';

/** Without the zeros before a number, which Go's older parser lets pass. */
function withoutZeros(address: string): string {
  return address.replace(/(^|[.:])0+(?=\d+\.)|(?<=\.)0+(?=\d)/g, '$1');
}

export function isAddress(text: string): boolean {
  return !text.includes('%') && isIP(withoutZeros(text)) !== 0;
}

/** An IPv4 address in the clothes of IPv6. */
function isMapped(address: string): boolean {
  return isIPv6(address) && /^\[::ffff:[\da-f]+:[\da-f]+\]$/.test(new URL(`http://[${address}]/`).hostname);
}

/** An address of either family, as the server asks for it. */
export function checkAddress(address: string, path: FieldPath, errors: Errors): void {
  if (isAddress(address)) return;
  errors.push(FieldError.invalid(path, address, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'));
}

/** An address of a field that once took more than it does now; what was stored before stays good. */
export function checkLegacyAddress(
  address: string,
  path: FieldPath,
  before: readonly string[] | undefined,
  errors: Errors,
): void {
  if (before?.includes(address)) return;
  if (!isAddress(address)) checkAddress(address, path, errors);
  else if (isIP(address) === 0) errors.push(FieldError.invalid(path, address, 'must not have leading 0s'));
  else if (isMapped(address)) {
    errors.push(FieldError.invalid(path, address, 'must not be an IPv4-mapped IPv6 address'));
  }
}

/** Addresses that no other machine could reach anything by. */
export function checkEndpointAddress(address: string, path: FieldPath, errors: Errors): void {
  if (!isAddress(address)) {
    errors.push(FieldError.invalid(path, address, 'must be a valid IP address'));
    return;
  }
  const bits = bitsOf(address);
  const mapped = `${'0'.repeat(80)}${'1'.repeat(16)}`;
  const four = bits.length === 32 ? bits : bits.startsWith(mapped) ? bits.slice(96) : undefined;
  const starts = (v4: string, v6: string) => (four === undefined ? bits.startsWith(v6) : four.startsWith(v4));
  const refuse = (why: string) => errors.push(FieldError.invalid(path, address, why));
  if (!(four ?? bits).includes('1')) refuse(`may not be unspecified (${address})`);
  if (starts('01111111', `${'0'.repeat(127)}1`)) {
    refuse('may not be in the loopback range (127.0.0.0/8, ::1/128)');
  }
  if (starts('1010100111111110', '1111111010')) {
    refuse('may not be in the link-local range (169.254.0.0/16, fe80::/10)');
  }
  if (starts('111000000000000000000000', '1111111100000010')) {
    refuse('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)');
  }
}

/** As bits, the first one first. */
export function bitsOf(address: string): string {
  const given = withoutZeros(address);
  if (!isIPv6(given)) {
    const bytes = given.split('.').map((byte) => Number(byte).toString(2).padStart(8, '0'));
    return bytes.join('');
  }
  const [head = '', tail] = canonicalAddress(given).split('::');
  const words = (text: string | undefined) => (text ? text.split(':') : []);
  const [first, last] = [words(head), words(tail)];
  const all8 = tail === undefined ? first : [...first, ...Array(8 - first.length - last.length).fill('0'), ...last];
  return all8.map((word) => Number.parseInt(word, 16).toString(2).padStart(16, '0')).join('');
}

/** An address as it is written shortest. */
export function canonicalAddress(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : address;
}

/** A network such as 10.0.0.0/8. */
export function checkNetwork(network: string, path: FieldPath, errors: Errors): boolean {
  const [address = '', length = '', ...more] = network.split('/');
  const longest = address.includes(':') ? 128 : 32;
  if (more.length === 0 && isAddress(address) && /^\d+$/.test(length) && Number(length) <= longest) return true;
  const why = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
  errors.push(FieldError.invalid(path, network, why));
  return false;
}

/** A network of a field that once took more than it does now; false if it is none at all. */
export function checkLegacyNetwork(
  network: string,
  path: FieldPath,
  before: readonly string[] | undefined,
  errors: Errors,
): boolean {
  const known = before?.includes(network) === true;
  if (!checkNetwork(network, path, known ? [] : errors)) return false;
  if (known) return true;
  const [address = '', length = ''] = network.split('/');
  const refuse = (why: string) => errors.push(FieldError.invalid(path, network, why));
  if (isIP(address) === 0 || /^0\d/.test(length)) refuse('must not have leading 0s in IP or prefix length');
  else if (isMapped(address)) refuse('must not have an IPv4-mapped IPv6 address');
  else if (bitsOf(address).slice(Number(length)).includes('1')) {
    refuse('must not have bits set beyond the prefix length');
  }
  return true;
}
