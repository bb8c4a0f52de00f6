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
  const { v, rv, start } = value ?? {};
  if (v !== apiVersion) throw refuse(`server does not recognize this encoded version ${String(v ?? '')}`);
  if (typeof rv !== 'number' || rv === 0)
    throw refuse('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (typeof start !== 'string' || start === '') throw refuse('encoded start key empty (version meta.k8s.io/v1)');
  const parts = start.replace(/^\//, '').split('/');
  if (parts.some((part) => part === '..' || part === '.' || part === '')) throw refuse(start);
  return { revision: rv, start: parts.join('/') };
}
