import { goQuote } from '@setpoint/apimachinery/errors';
import { JsonSyntaxError, parseJson } from '@setpoint/apimachinery/json';
import { badRequest } from '../status/index.ts';

/** Where a list goes on: the first key not yet sent, as of a revision; -1 is "as it is now". */
export interface ContinueToken {
  readonly revision: number;
  /** In the form of the store's keys, relative to the prefix of the list. */
  readonly start: string;
}

const apiVersion = 'meta.k8s.io/v1';

export function encodeContinue(revision: number, start: string): string {
  return Buffer.from(JSON.stringify({ v: apiVersion, rv: revision, start: `/${start}` })).toString('base64url');
}

/** The token that follows `key`: the next key in order is the same with a zero byte behind. */
export function continueAfter(revision: number, key: string, prefix: string): string {
  return encodeContinue(revision, `${key.slice(prefix.length)}\0`);
}

/** What Go says of bytes that are no text: it takes the first one for a character. */
function byteMessage(token: string): string | undefined {
  const [first = 0] = Buffer.from(token, 'base64url');
  if (first < 0x80) return undefined;
  return `invalid character '${goQuote(String.fromCharCode(first)).slice(1, -1)}' looking for beginning of value`;
}

const memberTypes = { v: 'string', rv: 'number', start: 'string' } as const;

/** What Go says when a value does not fit its struct. */
function goMismatch(value: unknown): string | undefined {
  const nameOf = (found: unknown) =>
    Array.isArray(found)
      ? 'array'
      : typeof found === 'boolean'
        ? 'bool'
        : typeof found === 'bigint'
          ? 'number'
          : typeof found;
  if (value === null) return undefined;
  if (nameOf(value) !== 'object') return `${nameOf(value)} into Go value of type storage.continueToken`;
  for (const [name, type] of Object.entries(memberTypes)) {
    const member = (value as Readonly<Record<string, unknown>>)[name];
    if (member === undefined || member === null || nameOf(member) === type) continue;
    const goType = type === 'number' ? 'int64' : 'string';
    return `${nameOf(member)} into Go struct field continueToken.${name} of type ${goType}`;
  }
  return undefined;
}

/** @throws StatusError 400 for anything that this server did not write */
export function decodeContinue(token: string): ContinueToken {
  const refuse = (why: string) => badRequest(`invalid continue token: continue key is not valid: ${why}`);
  const wrong = /[^\w-]/.exec(token.replace(/=+$/, ''));
  if (wrong) throw refuse(`illegal base64 data at input byte ${wrong.index}`);
  let value: { v?: unknown; rv?: unknown; start?: unknown };
  try {
    value = parseJson(Buffer.from(token, 'base64url')) as typeof value;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw refuse(byteMessage(token) ?? error.message);
  }
  const mismatch = goMismatch(value);
  if (mismatch !== undefined) throw refuse(`json: cannot unmarshal ${mismatch}`);
  const { v, rv, start } = value ?? {};
  if (v !== apiVersion) throw refuse(`server does not recognize this encoded version ${String(v ?? '')}`);
  if (typeof rv !== 'number' || rv === 0)
    throw refuse('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (typeof start !== 'string' || start === '') throw refuse('encoded start key empty (version meta.k8s.io/v1)');
  const parts = start.replace(/^\//, '').split('/');
  if (parts.some((part) => part === '..' || part === '.' || part === '')) throw refuse(start);
  return { revision: rv, start: parts.join('/') };
}
