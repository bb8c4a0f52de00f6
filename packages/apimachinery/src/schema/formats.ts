import { RE2JS } from 're2js';
import { isCidr, isIpv4, isIpv6, isMac, isRequestUri } from './ip.ts';
import type { StructuralSchema } from './types.ts';

type FormatCheck = (text: string) => boolean;

const uuid = (third: string, fourth: string) =>
  new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${third}-?${fourth}-?[0-9a-f]{12}$`, 'i');
const anyFour = '[0-9a-f]{4}';
const variant = '[89ab][0-9a-f]{3}';

const part = '(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])';
const rgb = new RegExp(`^rgb\\(\\s*${part}\\s*,\\s*${part}\\s*,\\s*${part}\\s*\\)$`);

const cards =
  /^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})$/;

const hostnamePattern =
  '^([a-zA-Z0-9\\p{S}\\p{L}]((-?[a-zA-Z0-9\\p{S}\\p{L}]{0,62})?)|([a-zA-Z0-9\\p{S}\\p{L}](([a-zA-Z0-9-\\p{S}\\p{L}]{0,61}[a-zA-Z0-9\\p{S}\\p{L}])?)(\\.)){1,}([a-zA-Z\\p{L}]){2,63})$';
let compiledHostname: RE2JS | undefined;

/** Runs on what users store, and could backtrack: RE2. On first use, for compiling it takes as long as starting up. */
function hostname(): RE2JS {
  compiledHostname ??= RE2JS.compile(hostnamePattern);
  return compiledHostname;
}

const kubernetesName = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const shortName = new RegExp(`^${kubernetesName}$`);
const longName = new RegExp(`^${kubernetesName}(?:\\.${kubernetesName})*$`);

/** String formats a 1.36 server honours in custom resources, by their names without dashes. */
const stringFormats: Readonly<Record<string, FormatCheck>> = {
  bsonobjectid: (text) => /^[0-9a-fA-F]{24}$/.test(text),
  uri: isRequestUri,
  email: isEmail,
  hostname: isHostname,
  ipv4: (text) => text.includes('.') && (isIpv4(text, true) || isIpv6(text, true)),
  ipv6: (text) => isIpv6(text, false),
  cidr: isCidr,
  mac: isMac,
  uuid: (text) => uuid(anyFour, anyFour).test(text),
  uuid3: (text) => uuid('3[0-9a-f]{3}', anyFour).test(text),
  uuid4: (text) => uuid('4[0-9a-f]{3}', variant).test(text),
  uuid5: (text) => uuid('5[0-9a-f]{3}', variant).test(text),
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: isCreditCard,
  ssn: (text) => text.length === 11 && /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text),
  hexcolor: (text) => /^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text),
  rgbcolor: (text) => rgb.test(text),
  byte: (text) => text.length > 0 && text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text),
  password: () => true,
  date: isDate,
  duration: isDuration,
  datetime: isDateTime,
  k8sshortname: (text) => text.length <= 63 && shortName.test(text),
  k8slongname: (text) => text.length <= 253 && longName.test(text),
};

/** The format that the server enforces for this schema, or the empty string where it ignores it. */
export function effectiveFormat(schema: StructuralSchema): string {
  const { format } = schema;
  if (format === undefined || format === '') return '';
  const type = schema['x-kubernetes-int-or-string'] === true ? '' : (schema.type ?? '');
  switch (type) {
    case '':
    case 'string':
      return Object.hasOwn(stringFormats, format.replaceAll('-', '')) ? format : '';
    case 'integer':
      return format === 'int32' || format === 'int64' ? format : '';
    case 'number':
      return format === 'float' || format === 'double' ? format : '';
    default:
      return '';
  }
}

/** The check of a string format; undefined when there is none of that name. */
export function stringFormat(format: string): FormatCheck | undefined {
  const name = format.replaceAll('-', '');
  return Object.hasOwn(stringFormats, name) ? stringFormats[name] : undefined;
}

function isHostname(text: string): boolean {
  if (!hostname().test(text)) return false;
  const bytes = (value: string) => new TextEncoder().encode(value).length;
  return bytes(text) <= 255 && text.split('.').every((label) => bytes(label) <= 63);
}

/** `local@domain`, or `Name <local@domain>`; quoted local parts, no comments. */
function isEmail(text: string): boolean {
  const bracketed = /^[^<>]*<([^<>]+)>\s*$/.exec(text);
  const address = (bracketed?.[1] ?? text).trim();
  const at = address.lastIndexOf('@');
  if (at <= 0) return false;
  const atom = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\u{10ffff}]+$/u;
  const local = address.slice(0, at);
  const isAtoms = (value: string) => value.split('.').every((word) => atom.test(word));
  if (!isAtoms(local) && !/^"(?:[^"\\]|\\.)*"$/.test(local)) return false;
  const domain = address.slice(at + 1);
  return isAtoms(domain) || /^\[[^\s[\]\\]+\]$/.test(domain);
}

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (month < 1 || month > 12 || day < 1) return false;
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= (days[month - 1] as number);
}

function isDateTime(text: string): boolean {
  const [date = '', time] = text.toLowerCase().split('t');
  if (time === undefined || !isDate(date)) return false;
  const match = /^(\d{2}):(\d{2}):(\d{2})(.\d+)?(z|([+-]\d{2}:\d{2}))$/.exec(time);
  return match !== null && Number(match[1]) <= 23 && Number(match[2]) <= 59 && Number(match[3]) <= 59;
}

const goDuration = /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const wordUnits = ['nano', 'micro', 'milli', 'sec', 'min', 'hour', 'day', 'week'];
const exactUnits = new Set(['ns', 'us', 'µs', 'ms', 's', 'm', 'h', 'hr', 'd', 'w', 'wk']);

/** As Go's time.ParseDuration, or with words and days as Scala has them. */
function isDuration(text: string): boolean {
  if (goDuration.test(text)) return true;
  for (const match of text.matchAll(/\d+\s*([A-Za-zµ]+)/g)) {
    const unit = (match[1] as string).toLowerCase();
    if (exactUnits.has(unit) || wordUnits.some((word) => unit.startsWith(word))) return true;
  }
  return false;
}

function isCreditCard(text: string): boolean {
  const digits = text.replace(/[^0-9]+/g, '');
  if (!cards.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

function isIsbn10(text: string): boolean {
  const digits = text.replace(/[\s-]+/g, '');
  if (!/^(?:[0-9]{9}X|[0-9]{10})$/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < 10; i++) sum += (i + 1) * (digits[i] === 'X' ? 10 : Number(digits[i]));
  return sum % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const digits = text.replace(/[\s-]+/g, '');
  if (!/^[0-9]{13}$/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < 12; i++) sum += (i % 2 === 0 ? 1 : 3) * Number(digits[i]);
  return Number(digits[12]) === (10 - (sum % 10)) % 10;
}
