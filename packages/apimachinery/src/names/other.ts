import { byteLength, maximumCharactersError, regexError } from './messages.ts';

export { maximumLengthError, regexError } from './messages.ts';

/** An integer between two others, both included. */
export function inRange(value: number, minimum: number, maximum: number): string[] {
  return value >= minimum && value <= maximum ? [] : [`must be between ${minimum} and ${maximum}, inclusive`];
}

/** What is wrong with the number of a port, in the API server's words; empty if nothing is. */
export function portNumber(port: number): string[] {
  return inRange(port, 1, 65535);
}

/** The name of a port that is referred to by name (IANA service name): at most 15 characters. */
export function portName(port: string): string[] {
  const errors: string[] = [];
  if (byteLength(port) > 15) errors.push(maximumCharactersError(15));
  if (!/^[-a-z0-9]+$/.test(port)) {
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(port)) errors.push('must contain at least one letter (a-z)');
  if (port.includes('--')) errors.push('must not contain consecutive hyphens');
  if (port.startsWith('-') || port.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
}

/** `25%` */
export function percent(value: string): string[] {
  if (/^[0-9]+%$/.test(value)) return [];
  return [
    regexError("a valid percent string must be a numeric string followed by an ending '%'", '[0-9]+%', '1%', '93%'),
  ];
}

/** What is wrong with the name of an HTTP header, in the API server's words; empty if nothing is. */
export function httpHeaderName(value: string): string[] {
  if (/^[-A-Za-z0-9]+$/.test(value)) return [];
  return [
    regexError("a valid HTTP header must consist of alphanumeric characters or '-'", '[-A-Za-z0-9]+', 'X-Header-Name'),
  ];
}

/** The relaxed rule of 1.32 and later: any printable ASCII but `=`. */
export function environmentVariableName(value: string): string[] {
  const errors = value === '' ? ['environment variable name must be non-empty'] : [];
  if (/[^ -~]|=/.test(value)) {
    errors.push("a valid environment variable name must consist only of printable ASCII characters other than '='");
  }
  return errors;
}

/** The key of an entry of a ConfigMap or Secret. */
export function configMapKey(value: string): string[] {
  const errors: string[] = byteLength(value) > 253 ? [maximumCharactersError(253)] : [];
  if (!/^[-._a-zA-Z0-9]+$/.test(value)) {
    errors.push(
      regexError(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        '[-._a-zA-Z0-9]+',
        'key.name',
        'KEY_NAME',
        'key-name',
      ),
    );
  }
  if (value === '.') errors.push("must not be '.'");
  else if (value === '..') errors.push("must not be '..'");
  else if (value.startsWith('..')) errors.push("must not start with '..'");
  return errors;
}

/** A name that can be one segment of a path: what kinds with free names (RBAC) must satisfy. */
export function pathSegmentName(name: string): string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((text) => name.includes(text)).map((text) => `may not contain '${text}'`);
}
