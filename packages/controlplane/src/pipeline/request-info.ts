/** A path that names a resource: `/api/v1/namespaces/a/pods/b/log`. */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  /** Empty where the path has none. */
  readonly namespace: string;
  readonly resource: string;
  readonly name: string;
  readonly subresource: string;
  /** More parts follow the subresource. */
  readonly deeper: boolean;
  /** The path began with `/watch/` behind the version, which is how watches were once asked for. */
  readonly legacyWatch: boolean;
}

const namespaceSubresources: readonly string[] = ['status', 'finalize'];

/** What a path names; undefined for every path that names no resource. */
export function parseResourcePath(path: string): ResourcePath | undefined {
  // An escaped slash separates like any other.
  const parts = decodePart(path).split('/').slice(1);
  if (parts.at(-1) === '') parts.pop();
  const core = parts[0] === 'api';
  if (!core && parts[0] !== 'apis') return undefined;
  if (parts.length < (core ? 3 : 4)) return undefined;
  const group = core ? '' : (parts[1] as string);
  const version = parts[core ? 1 : 2] as string;
  let rest = parts.slice(core ? 2 : 3);
  const legacyWatch = rest[0] === 'watch' && rest.length > 1;
  if (legacyWatch) rest = rest.slice(1);
  let namespace = '';
  if (rest[0] === 'namespaces' && rest.length > 2 && !namespaceSubresources.includes(rest[2] as string)) {
    namespace = rest[1] as string;
    rest = rest.slice(2);
  }
  const [resource = '', name = '', subresource = '', ...deeper] = rest;
  return { group, version, namespace, resource, name, subresource, deeper: deeper.length > 0, legacyWatch };
}

function decodePart(part: string): string {
  if (!part.includes('%')) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Path and query of a request line. */
export function splitUrl(url: string): { readonly path: string; readonly query: string } {
  const mark = url.indexOf('?');
  return mark < 0 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
}
