import { Failure } from '../failure.ts';
import { type Answer, type Connections, discard, textOf } from './http.ts';
import type { Login } from './logins.ts';

/** What a registry asks for with a 401. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Reads `WWW-Authenticate`: one or several schemes, each with its parameters; RFC 9110, section 11.6.1. */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  const part = /\s*(?:,\s*)*(?:([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))|([\w-]+)(?=\s|,|$))/y;
  for (let match = part.exec(header); match; match = part.exec(header)) {
    const [, name, quoted, plain = '', scheme] = match;
    if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), parameters: {} });
    else if (name !== undefined) {
      const last = challenges.at(-1);
      if (last) last.parameters[name.toLowerCase()] = quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1');
    }
  }
  return challenges;
}

export interface Asking {
  readonly registry: string;
  /** What for, such as `repository:team/app:pull,push`. */
  readonly scopes: readonly string[];
  readonly login: Login | undefined;
  readonly connections: Connections;
  readonly signal: AbortSignal;
}

/**
 * The `Authorization` that answers a 401.
 *
 * @throws Failure that names the registry, and never what was sent to it
 */
export async function authorize(answer: Answer, asking: Asking): Promise<string> {
  const { registry, login } = asking;
  const challenges = [answer.headers['www-authenticate'] ?? []].flat().flatMap(parseChallenges);
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
  if (bearer) return `Bearer ${await fetchToken(bearer, answer.url, asking)}`;
  if (!challenges.some(({ scheme }) => scheme === 'basic')) {
    throw new Failure(`the registry ${registry} wants a way to log in that is not known here`);
  }
  if (login === undefined || !('password' in login)) {
    throw new Failure(`the registry ${registry} wants to know who you are: run \`docker login ${registry}\``);
  }
  return basic(login);
}

async function fetchToken(
  { parameters }: Challenge,
  asked: URL,
  { registry, scopes, login, connections, signal }: Asking,
): Promise<string> {
  const { realm = '', service } = parameters;
  if (!URL.canParse(realm)) throw new Failure(`the registry ${registry} does not say where its tokens are given out`);
  const url = new URL(realm);
  // Who talks to the registry in the clear does so to its tokens, too; nobody else may be made to.
  if (url.protocol !== 'https:' && asked.protocol === 'https:') {
    throw new Failure(`the registry ${registry} gives out its tokens at ${url.host}, which is not encrypted`);
  }
  const fields = [...(service ? [['service', service]] : []), ...scopes.map((scope) => ['scope', scope])] as string[][];
  const answer =
    login && 'identityToken' in login
      ? await exchangeIdentity(url, fields, login.identityToken, scopes, connections, signal)
      : await connections.send(
          { method: 'GET', url: withQuery(url, fields), ...(login ? { authorization: basic(login) } : {}) },
          signal,
        );
  if (answer.status !== 200) {
    discard(answer);
    const who = login ? 'refuses your login' : 'gives nothing to strangers';
    throw new Failure(`${url.host} ${who} (${answer.status}): run \`docker login ${registry}\``);
  }
  let token: unknown;
  try {
    const given = JSON.parse(await textOf(answer));
    token = given.token ?? given.access_token;
  } catch {
    // Said below, without what was in it.
  }
  if (typeof token !== 'string' || token === '') throw new Failure(`${url.host} gave no token that can be read`);
  return token;
}

function exchangeIdentity(
  url: URL,
  fields: readonly (readonly string[])[],
  identityToken: string,
  scopes: readonly string[],
  connections: Connections,
  signal: AbortSignal,
): Promise<Answer> {
  const form = new URLSearchParams([
    ['grant_type', 'refresh_token'],
    ['client_id', 'setpoint'],
    ['refresh_token', identityToken],
    ...fields.filter(([name]) => name !== 'scope').map(([name = '', value = '']): [string, string] => [name, value]),
    ['scope', scopes.join(' ')],
  ]);
  const bytes = Buffer.from(form.toString());
  const body = {
    size: bytes.length,
    async *open() {
      yield bytes;
    },
  };
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return connections.send({ method: 'POST', url, headers, body }, signal);
}

function withQuery(url: URL, fields: readonly (readonly string[])[]): URL {
  const made = new URL(url);
  for (const [name = '', value = ''] of fields) made.searchParams.append(name, value);
  return made;
}

function basic({ username, password }: Extract<Login, { readonly password: string }>): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
