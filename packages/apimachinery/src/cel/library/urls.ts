import type { FunctionLibrary } from '../interpret/index.ts';
import { ArrayList, CelError, HashMap, noSuchOverload, OpaqueValue, type Value } from '../values/index.ts';
import {
  escapedPath,
  type GoUrl,
  parseRequestUri,
  parseUrl,
  queryValues,
  splitHost,
  UrlError,
  urlText,
} from './go-url.ts';

/** Kubernetes' `url`. */

export class UrlValue extends OpaqueValue {
  readonly typeName = 'kubernetes.URL';
  readonly goType = 'cel.URL';
  readonly url: GoUrl;

  constructor(url: GoUrl) {
    super();
    this.url = url;
  }

  equalTo(other: Value): boolean | CelError {
    return other instanceof UrlValue ? urlText(this.url) === urlText(other.url) : noSuchOverload(other);
  }
}

function readUrl(text: string): Value {
  const strict = parseRequestUri(text);
  // The strict reading takes the fragment for a part of the path.
  const url = strict instanceof UrlError ? strict : parseUrl(text);
  if (url instanceof UrlError) return new CelError(`URL parse error during conversion from string: ${url.message}`);
  return new UrlValue(url);
}

function query(url: GoUrl): Value {
  const map = new HashMap();
  for (const [key, values] of queryValues(url.query)) map.set(key, new ArrayList(values));
  return map;
}

const part = (id: string, read: (url: GoUrl) => Value) => ({
  overloads: { [id]: { unary: (value: Value) => read((value as UrlValue).url) } },
});

export const urlFunctions: FunctionLibrary = {
  url: { overloads: { string_to_url: { unary: (text) => readUrl(text as string) } } },
  isURL: {
    overloads: { is_url_string: { unary: (text) => !(parseRequestUri(text as string) instanceof UrlError) } },
  },
  getScheme: part('url_get_scheme', (url) => url.scheme),
  getHost: part('url_get_host', (url) => url.host),
  getHostname: part('url_get_hostname', (url) => splitHost(url.host).name),
  getPort: part('url_get_port', (url) => splitHost(url.host).port),
  getEscapedPath: part('url_get_escaped_path', escapedPath),
  getQuery: part('url_get_query', query),
};
