import { goQuote } from '../../errors/index.ts';
import { AddressError, parseAddress } from './address.ts';

/** URLs as Go's net/url reads and writes them, with its messages. */

export interface GoUrl {
  readonly scheme: string;
  readonly opaque: string;
  /** As written, decoded: user names are compared in this form. */
  readonly user: string | undefined;
  readonly host: string;
  readonly path: string;
  /** The path as written, where writing the decoded one would give another text. */
  readonly rawPath: string;
  readonly query: string;
  readonly hasEmptyQuery: boolean;
  readonly fragment: string;
}

export class UrlError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

type Part = 'path' | 'host' | 'zone' | 'query' | 'user';

/** Characters besides letters, digits and `-_.~` that stand unescaped in each part. */
const plainCharacters: Readonly<Record<Part, RegExp>> = {
  path: /[A-Za-z0-9\-_.~$&+,/:;=@]/,
  host: /[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/,
  zone: /[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/,
  query: /[A-Za-z0-9\-_.~]/,
  user: /[A-Za-z0-9\-_.~$&+,;=]/,
};

const decoder = new TextDecoder();

function unescaped(text: string, part: Part): string | UrlError {
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    if (character === '%') {
      const sequence = text.slice(i, i + 3);
      const isHex = /^%[0-9a-fA-F]{2}$/.test(sequence);
      const isRefused = part === 'host' && /^%[0-7]/.test(sequence) && sequence !== '%25';
      if (!isHex || isRefused) return new UrlError(`invalid URL escape ${goQuote(sequence)}`);
      i += 2;
    } else if ((part === 'host' || part === 'zone') && character < '\x80' && !plainCharacters.host.test(character)) {
      return new UrlError(`invalid character ${goQuote(character)} in host name`);
    }
  }
  const plain = part === 'query' ? text.replaceAll('+', ' ') : text;
  if (!plain.includes('%')) return plain;
  return plain.replace(/(?:%[0-9a-fA-F]{2})+/g, (sequence) =>
    decoder.decode(Uint8Array.from(sequence.split('%').slice(1), (hex) => Number.parseInt(hex, 16))),
  );
}

function escaped(text: string, part: Part): string {
  let out = '';
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCharCode(byte);
    const isPlain = byte < 0x80 && plainCharacters[part].test(character);
    out += isPlain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

/** Go's ParseRequestURI (`viaRequest`) or Parse; the error without what was parsed. */
function parse(text: string, viaRequest: boolean): GoUrl | UrlError {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what Go refuses
  if (/[\x00-\x1f\x7f]/.test(text)) return new UrlError('net/url: invalid control character in URL');
  if (text === '' && viaRequest) return new UrlError('empty url');
  const empty: GoUrl = {
    scheme: '',
    opaque: '',
    user: undefined,
    host: '',
    path: '',
    rawPath: '',
    query: '',
    hasEmptyQuery: false,
    fragment: '',
  };
  if (text === '*') return { ...empty, path: '*' };
  if (text.startsWith(':')) return new UrlError('missing protocol scheme');
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text)?.[1] ?? '';
  const afterScheme = scheme === '' ? text : text.slice(scheme.length + 1);
  const mark = afterScheme.indexOf('?');
  const rest = mark < 0 ? afterScheme : afterScheme.slice(0, mark);
  const query = mark < 0 ? '' : afterScheme.slice(mark + 1);
  const url = { ...empty, scheme: scheme.toLowerCase(), query, hasEmptyQuery: mark >= 0 && query === '' };
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...url, opaque: rest };
    if (viaRequest) return new UrlError('invalid URI for request');
    if (rest.split('/', 1)[0]?.includes(':')) return new UrlError('first path segment in URL cannot contain colon');
  }
  const hasAuthority = (scheme !== '' || (!viaRequest && !rest.startsWith('///'))) && rest.startsWith('//');
  if (!hasAuthority) return withPath(url, rest);
  const slash = rest.indexOf('/', 2);
  const authority = parseAuthority(url.scheme, rest.slice(2, slash < 0 ? undefined : slash));
  return authority instanceof UrlError
    ? authority
    : withPath({ ...url, ...authority }, slash < 0 ? '' : rest.slice(slash));
}

function withPath(url: GoUrl, text: string): GoUrl | UrlError {
  const path = unescaped(text, 'path');
  if (path instanceof UrlError) return path;
  return { ...url, path, rawPath: escaped(path, 'path') === text ? '' : text };
}

function parseAuthority(scheme: string, text: string): Pick<GoUrl, 'user' | 'host'> | UrlError {
  const at = text.lastIndexOf('@');
  const host = parseHost(scheme, text.slice(at + 1));
  if (host instanceof UrlError) return host;
  if (at < 0) return { user: undefined, host };
  const user = text.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) return new UrlError('net/url: invalid userinfo');
  const decoded = unescaped(user, 'user');
  return decoded instanceof UrlError ? decoded : { user: decoded, host };
}

const invalidPort = (port: string) => new UrlError(`invalid port ${goQuote(port)} after host`);
const isPort = (text: string) => /^(?::\d*)?$/.test(text);

function parseHost(scheme: string, host: string): string | UrlError {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) return new UrlError('invalid IP-literal');
  if (bracket === 0) return parseLiteral(host);
  const first = host.indexOf(':');
  if (first >= 0) {
    // Go refuses colons in the hosts of web addresses only.
    const port = host.slice(scheme === 'http' || scheme === 'https' ? first : host.lastIndexOf(':'));
    if (!isPort(port)) return invalidPort(port);
  }
  return unescaped(host, 'host');
}

/** An IPv6 address in brackets. */
function parseLiteral(host: string): string | UrlError {
  const close = host.lastIndexOf(']');
  if (close < 0) return new UrlError("missing ']' in host");
  const port = host.slice(close + 1);
  if (!isPort(port)) return invalidPort(port);
  const name = host.slice(1, close);
  const zone = name.indexOf('%25');
  const address = unescaped(zone < 0 ? name : name.slice(0, zone), 'host');
  if (address instanceof UrlError) return address;
  const decodedZone = zone < 0 ? '' : unescaped(name.slice(zone), 'zone');
  if (decodedZone instanceof UrlError) return decodedZone;
  const parsed = parseAddress(address + decodedZone);
  if (parsed instanceof AddressError) return new UrlError(`invalid host: ${parsed.message}`);
  return parsed.bytes.length === 4 ? new UrlError('invalid IP-literal') : `[${address}${decodedZone}]${port}`;
}

const described = (text: string, outcome: GoUrl | UrlError): GoUrl | UrlError =>
  outcome instanceof UrlError ? new UrlError(`parse ${goQuote(text)}: ${outcome.message}`) : outcome;

/** Only absolute URLs and absolute paths. */
export const parseRequestUri = (text: string): GoUrl | UrlError => described(text, parse(text, true));

export function parseUrl(text: string): GoUrl | UrlError {
  const hash = text.indexOf('#');
  const url = described(text, parse(hash < 0 ? text : text.slice(0, hash), false));
  if (url instanceof UrlError || hash < 0) return url;
  const fragment = unescaped(text.slice(hash + 1), 'path');
  return fragment instanceof UrlError ? described(text, fragment) : { ...url, fragment };
}

export function escapedPath({ path, rawPath }: GoUrl): string {
  const isValid = /^(?:[A-Za-z0-9\-_.~$&+,/:;=@!'()*[\]]|%[0-9a-fA-F]{2})*$/.test(rawPath);
  if (rawPath !== '' && isValid) return rawPath;
  return path === '*' ? '*' : escaped(path, 'path');
}

/** The host without port and brackets, and the port. */
export function splitHost(host: string): { readonly name: string; readonly port: string } {
  const colon = host.lastIndexOf(':');
  const hasPort = colon >= 0 && isPort(host.slice(colon));
  const name = hasPort ? host.slice(0, colon) : host;
  const bare = name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
  return { name: bare, port: hasPort ? host.slice(colon + 1) : '' };
}

/** The values of each parameter; what is malformed is left out. */
export function queryValues(query: string): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    const key = unescaped(equals < 0 ? pair : pair.slice(0, equals), 'query');
    const value = unescaped(equals < 0 ? '' : pair.slice(equals + 1), 'query');
    if (key instanceof UrlError || value instanceof UrlError) continue;
    const known = values.get(key);
    if (known === undefined) values.set(key, [value]);
    else known.push(value);
  }
  return values;
}

/** One text for each URL, to compare them by. */
export function urlText(url: GoUrl): string {
  const scheme = url.scheme === '' ? '' : `${url.scheme}:`;
  const user = url.user === undefined ? '' : `${url.user}@`;
  const authority = url.host !== '' || url.user !== undefined ? `//${user}${url.host}` : '';
  const query = url.query !== '' || url.hasEmptyQuery ? `?${url.query}` : '';
  const fragment = url.fragment === '' ? '' : `#${escaped(url.fragment, 'path')}`;
  return scheme + (url.opaque === '' ? authority + escapedPath(url) : url.opaque) + query + fragment;
}
