import { dns1123Subdomain } from './dns.ts';
import { byteLength, emptyError, maximumLengthError, regexError } from './messages.ts';

const key = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const keyExpression = new RegExp(`^${key}$`);
const keyMessage =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

const value = `(${key})?`;
const valueExpression = new RegExp(`^${value}$`);
const valueMessage =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', " +
  'and must start and end with an alphanumeric character';

/** The key of a label or annotation, a finalizer, a resource: `name` or `example.com/name`. */
export function qualifiedName(text: string): string[] {
  const parts = text.split('/');
  const keyError = regexError(keyMessage, key, 'MyName', 'my.name', '123-abc');
  if (parts.length > 2) {
    return [`a valid label key ${keyError} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const errors: string[] = [];
  const name = parts.at(-1) as string;
  if (parts.length === 2) {
    const prefix = parts[0] as string;
    if (prefix === '') errors.push(`prefix part ${emptyError}`);
    else errors.push(...prefixProblems(prefix));
  }
  if (name === '') errors.push(`name part ${emptyError}`);
  else if (byteLength(name) > 63) errors.push(`name part ${maximumLengthError(63)}`);
  if (!keyExpression.test(name)) errors.push(`name part ${keyError}`);
  return errors;
}

/** The prefix is checked by the newer validator, which speaks of bytes. */
function prefixProblems(prefix: string): string[] {
  return dns1123Subdomain(prefix).map(
    (problem) => `prefix part ${problem.replace(/^must be no more than 253 characters$/, maximumLengthError(253))}`,
  );
}

/** The value of a label: empty, or at most 63 characters. */
export function labelValue(text: string): string[] {
  const errors = byteLength(text) > 63 ? [maximumLengthError(63)] : [];
  if (!valueExpression.test(text)) errors.push(regexError(valueMessage, value, 'MyValue', 'my_value', '12345'));
  return errors;
}

/** A name that C would accept. */
export function cIdentifier(text: string): string[] {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) return [];
  return [
    regexError(
      "a valid C identifier must start with alphabetic character or '_', " +
        "followed by a string of alphanumeric characters or '_'",
      '[A-Za-z_][A-Za-z0-9_]*',
      'my_name',
      'MY_NAME',
      'MyName',
    ),
  ];
}

/** An integer without leading zeros, as Gt and Lt of a selector need it. */
export function decimalInteger(text: string): string[] {
  if (text === '') return [emptyError];
  return /^(0|-?[1-9][0-9]*)$/.test(text) ? [] : ['must be a valid decimal integer in canonical form'];
}
