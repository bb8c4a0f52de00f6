import { byteLength, maximumCharactersError, regexError } from './messages.ts';

// Every validator answers with what is wrong, in the words of the API server; an empty list means valid.

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const labelExpression = new RegExp(`^${label}$`);
const labelMessage =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', " +
  'and must start and end with an alphanumeric character';

const subdomain = `${label}(\\.${label})*`;
const subdomainExpression = new RegExp(`^${subdomain}$`);
const caselessExpression = new RegExp(`^${subdomain}$`, 'i');
const subdomainMessage =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', " +
  'and must start and end with an alphanumeric character';
const caselessMessage =
  "an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', " +
  'and must start and end with an alphanumeric character';

const underscoreLabel = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const underscoreSubdomain = `${underscoreLabel}(\\.${underscoreLabel})*`;
const underscoreExpression = new RegExp(`^${underscoreSubdomain}$`);
const underscoreMessage =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', " +
  'and must start and end with an alphanumeric character';

const dns1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const dns1035Expression = new RegExp(`^${dns1035}$`);
const dns1035Message =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, " +
  'and end with an alphanumeric character';

const wildcard = `\\*\\.${subdomain}`;
const wildcardExpression = new RegExp(`^${wildcard}$`);
const wildcardMessage =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of " +
  "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";

/** A name of one part, such as a namespace's: at most 63 characters. */
export function dns1123Label(value: string): string[] {
  const errors = tooLong(value, 63);
  if (!labelExpression.test(value)) {
    const dotted = subdomainExpression.test(value);
    errors.push(dotted ? 'must not contain dots' : regexError(labelMessage, label, 'my-name', '123-abc'));
  }
  return errors;
}

/** A name of parts with dots, such as most objects have: at most 253 characters. */
export function dns1123Subdomain(value: string): string[] {
  const errors = tooLong(value, 253);
  if (!subdomainExpression.test(value)) errors.push(regexError(subdomainMessage, subdomain, 'example.com'));
  return errors;
}

/** Like dns1123Subdomain, with capitals allowed. */
export function dns1123SubdomainCaseless(value: string): string[] {
  const errors = tooLong(value, 253);
  if (!caselessExpression.test(value)) errors.push(regexError(caselessMessage, subdomain, 'Example.com'));
  return errors;
}

/** Like dns1123Subdomain, with underscores allowed. */
export function dns1123SubdomainWithUnderscore(value: string): string[] {
  const errors = tooLong(value, 253);
  if (!underscoreExpression.test(value)) {
    errors.push(regexError(underscoreMessage, underscoreSubdomain, 'example.com'));
  }
  return errors;
}

/** A label that starts with a letter, such as a Service's name. */
export function dns1035Label(value: string): string[] {
  const errors = tooLong(value, 63);
  if (!dns1035Expression.test(value)) errors.push(regexError(dns1035Message, dns1035, 'my-name', 'abc-123'));
  return errors;
}

/** `*.example.com` */
export function wildcardDns1123Subdomain(value: string): string[] {
  const errors = tooLong(value, 253);
  if (!wildcardExpression.test(value)) errors.push(regexError(wildcardMessage, wildcard, '*.example.com'));
  return errors;
}

function tooLong(value: string, maximum: number): string[] {
  return byteLength(value) > maximum ? [maximumCharactersError(maximum)] : [];
}
