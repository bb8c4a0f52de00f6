import { goQuote } from '../../errors/index.ts';
import type { FunctionLibrary } from '../interpret/index.ts';
import { CelError, noSuchOverload, OpaqueValue, type Value } from '../values/index.ts';
import {
  type Address,
  AddressError,
  addressText,
  isMapped,
  maskedAddress,
  type Prefix,
  parseAddress,
  parsePrefix,
  prefixContains,
  sameAddress,
} from './address.ts';

/** Kubernetes' `ip` and `cidr`. */

export class IpValue extends OpaqueValue {
  readonly typeName = 'net.IP';
  readonly goType = 'cel.IP';
  readonly address: Address;

  constructor(address: Address) {
    super();
    this.address = address;
  }

  equalTo(other: Value): boolean | CelError {
    return other instanceof IpValue ? sameAddress(this.address, other.address) : noSuchOverload(other);
  }

  override size(): number {
    return this.address.bytes.length;
  }

  override text(): string {
    return addressText(this.address);
  }
}

export class CidrValue extends OpaqueValue {
  readonly typeName = 'net.CIDR';
  readonly goType = 'cel.CIDR';
  readonly prefix: Prefix;

  constructor(prefix: Prefix) {
    super();
    this.prefix = prefix;
  }

  equalTo(other: Value): boolean | CelError {
    if (!(other instanceof CidrValue)) return noSuchOverload(other);
    return this.prefix.bits === other.prefix.bits && sameAddress(this.prefix.address, other.prefix.address);
  }

  override size(): number {
    return Math.ceil(this.prefix.bits / 8);
  }

  override text(): string {
    return `${addressText(this.prefix.address)}/${this.prefix.bits}`;
  }
}

function readIp(text: string): IpValue | CelError {
  const address = parseAddress(text);
  if (address instanceof AddressError) {
    return new CelError(`IP Address ${goQuote(text)} parse error during conversion from string: ${address.message}`);
  }
  if (address.zone !== '') return new CelError(`IP address ${goQuote(text)} with zone value is not allowed`);
  if (isMapped(address)) return new CelError(`IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`);
  return new IpValue(address);
}

function readCidr(text: string): CidrValue | CelError {
  const context = 'network address parse error during conversion from string';
  const prefix = parsePrefix(text);
  if (prefix instanceof AddressError) return new CelError(`${context}: ${context}: ${prefix.message}`);
  if (isMapped(prefix.address)) {
    return new CelError(`${context}: IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`);
  }
  return new CidrValue(prefix);
}

const isText = (address: Address, ...texts: readonly string[]): boolean => texts.includes(addressText(address));

const isLoopback = ({ bytes }: Address): boolean =>
  bytes.length === 4 ? bytes[0] === 127 : bytes.every((byte, i) => byte === (i === 15 ? 1 : 0));

const isMulticast = ({ bytes }: Address): boolean =>
  bytes.length === 4 ? ((bytes[0] as number) & 0xf0) === 0xe0 : bytes[0] === 0xff;

const isLinkLocalMulticast = ({ bytes }: Address): boolean =>
  bytes.length === 4
    ? bytes[0] === 224 && bytes[1] === 0 && bytes[2] === 0
    : bytes[0] === 0xff && ((bytes[1] as number) & 0x0f) === 0x02;

const isLinkLocalUnicast = ({ bytes }: Address): boolean =>
  bytes.length === 4
    ? bytes[0] === 169 && bytes[1] === 254
    : bytes[0] === 0xfe && ((bytes[1] as number) & 0xc0) === 0x80;

const isGlobalUnicast = (address: Address): boolean =>
  !isText(address, '0.0.0.0', '255.255.255.255', '::') &&
  !isLoopback(address) &&
  !isMulticast(address) &&
  !isLinkLocalUnicast(address);

const test = (id: string, holds: (address: Address) => boolean) => ({
  overloads: { [id]: { unary: (ip: Value) => holds((ip as IpValue).address) } },
});

function isCanonical(text: Value): Value {
  const ip = readIp(text as string);
  return ip instanceof CelError ? ip : ip.text() === text;
}

export const ipFunctions: FunctionLibrary = {
  ip: { overloads: { string_to_ip: { unary: (text) => readIp(text as string) } } },
  family: {
    overloads: { ip_family: { unary: (ip) => ((ip as IpValue).address.bytes.length === 4 ? 4 : 6) } },
  },
  'ip.isCanonical': { overloads: { ip_is_canonical: { unary: isCanonical } } },
  isUnspecified: test('ip_is_unspecified', (address) => isText(address, '0.0.0.0', '::')),
  isLoopback: test('ip_is_loopback', isLoopback),
  isLinkLocalMulticast: test('ip_is_link_local_multicast', isLinkLocalMulticast),
  isLinkLocalUnicast: test('ip_is_link_local_unicast', isLinkLocalUnicast),
  isGlobalUnicast: test('ip_is_global_unicast', isGlobalUnicast),
  isIP: { overloads: { is_ip: { unary: (text) => readIp(text as string) instanceof IpValue } } },
  string: { overloads: { ip_to_string: { unary: (ip) => (ip as IpValue).text() } } },
};

const containsIp = (cidr: Value, ip: Value): Value =>
  ip instanceof IpValue ? prefixContains((cidr as CidrValue).prefix, ip.address) : noSuchOverload(cidr);

function containsCidr(cidr: Value, other: Value): Value {
  if (!(other instanceof CidrValue)) return noSuchOverload(other);
  const { prefix } = cidr as CidrValue;
  return prefix.bits <= other.prefix.bits && prefixContains(prefix, other.prefix.address);
}

export const cidrFunctions: FunctionLibrary = {
  cidr: { overloads: { string_to_cidr: { unary: (text) => readCidr(text as string) } } },
  containsIP: {
    overloads: {
      cidr_contains_ip_string: { binary: (cidr, text) => containsIp(cidr, readIp(text as string)) },
      cidr_contains_ip_ip: { binary: containsIp },
    },
  },
  containsCIDR: {
    overloads: {
      cidr_contains_cidr_string: { binary: (cidr, text) => containsCidr(cidr, readCidr(text as string)) },
      cidr_contains_cidr: { binary: containsCidr },
    },
  },
  ip: { overloads: { cidr_ip: { unary: (cidr) => new IpValue((cidr as CidrValue).prefix.address) } } },
  prefixLength: { overloads: { cidr_prefix_length: { unary: (cidr) => (cidr as CidrValue).prefix.bits } } },
  masked: {
    overloads: {
      cidr_masked: {
        unary: (cidr) => {
          const { prefix } = cidr as CidrValue;
          return new CidrValue({ address: maskedAddress(prefix), bits: prefix.bits });
        },
      },
    },
  },
  isCIDR: { overloads: { is_cidr: { unary: (text) => readCidr(text as string) instanceof CidrValue } } },
  string: { overloads: { cidr_to_string: { unary: (cidr) => (cidr as CidrValue).text() } } },
};
