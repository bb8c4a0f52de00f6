import { goQuote } from '../../errors/index.ts';

/** IP addresses and prefixes as Go's net/netip reads and writes them, with its messages. */

export interface Address {
  readonly bytes: Uint8Array;
  readonly zone: string;
}

export interface Prefix {
  readonly address: Address;
  readonly bits: number;
}

/** Why a text is no address, in Go's words. */
export class AddressError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

const failure = (text: string, message: string, at = ''): AddressError =>
  new AddressError(`ParseAddr(${goQuote(text)}): ${message}${at === '' ? '' : ` (at ${goQuote(at)})`}`);

export function parseAddress(text: string): Address | AddressError {
  const mark = /[.:%]/.exec(text)?.[0];
  if (mark === undefined) return failure(text, 'unable to parse IP');
  if (mark === '%') return failure(text, 'missing IPv6 address');
  if (mark === ':') return parseSix(text);
  const fields = parseFour(text, text);
  return fields instanceof AddressError ? fields : { bytes: Uint8Array.from(fields), zone: '' };
}

function parseFour(whole: string, part: string): number[] | AddressError {
  const fields: number[] = [];
  let digits = '';
  for (let i = 0; i < part.length; i++) {
    const character = part[i] as string;
    if (/\d/.test(character)) {
      if (digits === '0') return failure(whole, 'IPv4 field has octet with leading zero');
      digits += character;
      if (Number(digits) > 255) return failure(whole, 'IPv4 field has value >255');
    } else if (character === '.') {
      if (i === 0 || i === part.length - 1 || part[i - 1] === '.') {
        return failure(whole, 'IPv4 field must have at least one digit', part.slice(i));
      }
      if (fields.length === 3) return failure(whole, 'IPv4 address too long');
      fields.push(Number(digits));
      digits = '';
    } else return failure(whole, 'unexpected character', part.slice(i));
  }
  if (fields.length < 3) return failure(whole, 'IPv4 address too short');
  return [...fields, Number(digits)];
}

/** What has been read of an IPv6 address so far. */
interface Reading {
  readonly bytes: number[];
  /** How many bytes stood before `::`; -1 without. */
  ellipsis: number;
  rest: string;
}

function parseSix(text: string): Address | AddressError {
  const percent = text.indexOf('%');
  const zone = percent < 0 ? '' : text.slice(percent + 1);
  if (percent >= 0 && zone === '') return failure(text, 'zone must be a non-empty string');
  const reading: Reading = { bytes: [], ellipsis: -1, rest: percent < 0 ? text : text.slice(0, percent) };
  if (reading.rest.startsWith('::')) {
    reading.ellipsis = 0;
    reading.rest = reading.rest.slice(2);
    if (reading.rest === '') return { bytes: new Uint8Array(16), zone };
  }
  while (reading.bytes.length < 16) {
    const outcome = readGroup(text, reading);
    if (outcome instanceof AddressError) return outcome;
    if (outcome === 'end') break;
  }
  const { bytes, ellipsis, rest } = reading;
  if (rest !== '') return failure(text, 'trailing garbage after address', rest);
  if (bytes.length < 16) {
    if (ellipsis < 0) return failure(text, 'address string too short');
    bytes.splice(ellipsis, 0, ...new Array<number>(16 - bytes.length).fill(0));
  } else if (ellipsis >= 0) return failure(text, 'the :: must expand to at least one field of zeros');
  return { bytes: Uint8Array.from(bytes), zone };
}

function readGroup(text: string, reading: Reading): 'more' | 'end' | AddressError {
  const { bytes, rest } = reading;
  const digits = /^[0-9a-fA-F]*/.exec(rest)?.[0] ?? '';
  if (digits.length > 4) return failure(text, 'each group must have 4 or less digits', rest);
  if (digits === '') return failure(text, 'each colon-separated field must have at least one digit', rest);
  if (rest[digits.length] === '.') return readEmbedded(text, reading);
  const group = Number.parseInt(digits, 16);
  bytes.push(group >> 8, group & 0xff);
  reading.rest = rest.slice(digits.length);
  if (reading.rest === '') return 'end';
  if (reading.rest[0] !== ':') return failure(text, 'unexpected character, want colon', reading.rest);
  if (reading.rest.length === 1) return failure(text, 'colon must be followed by more characters', reading.rest);
  reading.rest = reading.rest.slice(1);
  if (reading.rest[0] !== ':') return 'more';
  if (reading.ellipsis >= 0) return failure(text, 'multiple :: in address', reading.rest);
  reading.ellipsis = bytes.length;
  reading.rest = reading.rest.slice(1);
  return reading.rest === '' ? 'end' : 'more';
}

/** An IPv4 address in the last four bytes. */
function readEmbedded(text: string, reading: Reading): 'end' | AddressError {
  const { bytes, ellipsis, rest } = reading;
  if (ellipsis < 0 && bytes.length !== 12) {
    return failure(text, 'embedded IPv4 address must replace the final 2 fields of the address', rest);
  }
  if (bytes.length > 12) {
    return failure(text, 'too many hex fields to fit an embedded IPv4 at the end of the address', rest);
  }
  const fields = parseFour(text, rest);
  if (fields instanceof AddressError) return fields;
  bytes.push(...fields);
  reading.rest = '';
  return 'end';
}

export const isMapped = ({ bytes }: Address): boolean =>
  bytes.length === 16 && bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;

export function addressText({ bytes, zone }: Address): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] as number) << 8) | (bytes[2 * i + 1] as number));
  let [start, length] = [-1, 1];
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > length) [start, length] = [i, end - i];
  }
  const text = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  const body = start < 0 ? text(0, 8) : `${text(0, start)}::${text(start + length, 8)}`;
  return zone === '' ? body : `${body}%${zone}`;
}

export function parsePrefix(text: string): Prefix | AddressError {
  const fail = (message: string) => new AddressError(`netip.ParsePrefix(${goQuote(text)}): ${message}`);
  const slash = text.lastIndexOf('/');
  if (slash < 0) return fail("no '/'");
  const address = parseAddress(text.slice(0, slash));
  if (address instanceof AddressError) return fail(address.message);
  if (address.zone !== '') return fail('IPv6 zones cannot be present in a prefix');
  const digits = text.slice(slash + 1);
  if (!/^(?:\d|[1-9]\d*)$/.test(digits) || digits.length > 18) return fail(`bad bits after slash: ${goQuote(digits)}`);
  const bits = Number(digits);
  if (bits > address.bytes.length * 8) return fail('prefix length out of range');
  return { address, bits };
}

/** The address with all bits behind the prefix cleared. */
export function maskedAddress({ address, bits }: Prefix): Address {
  const bytes = address.bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - 8 * i))) & 0xff);
  return { bytes, zone: '' };
}

export const sameAddress = (a: Address, b: Address): boolean =>
  a.bytes.length === b.bytes.length && a.zone === b.zone && a.bytes.every((byte, i) => byte === b.bytes[i]);

/** Whether the address lies in the prefix. */
export const prefixContains = (prefix: Prefix, address: Address): boolean =>
  address.zone === '' &&
  sameAddress(maskedAddress(prefix), maskedAddress({ address, bits: prefix.bits })) &&
  prefix.address.bytes.length === address.bytes.length;
