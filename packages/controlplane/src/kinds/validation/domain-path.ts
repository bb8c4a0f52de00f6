import { FieldError, type FieldPath } from '@setpoint/apimachinery/errors';
import { dns1123Subdomain, regexError } from '@setpoint/apimachinery/names';
import { all, type Errors } from './common.ts';

const httpPath = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const isHttpPath = new RegExp(`^${httpPath}$`);

/** `example.com/foo`: whose name, and what they call it. */
export function domainPrefixedPath(text: string, path: FieldPath, errors: Errors): void {
  if (text === '') {
    errors.push(FieldError.required(path));
    return;
  }
  const slash = text.indexOf('/');
  if (slash <= 0 || slash === text.length - 1) {
    errors.push(FieldError.invalid(path, text, 'must be a domain-prefixed path (such as "acme.io/foo")'));
    return;
  }
  const [host, rest] = [text.slice(0, slash), text.slice(slash + 1)];
  all(dns1123Subdomain(host), path, host, errors);
  if (!isHttpPath.test(rest)) errors.push(FieldError.invalid(path, rest, regexError('Invalid path', httpPath)));
}
