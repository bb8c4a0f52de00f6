import { pathSegmentName } from '@setpoint/apimachinery/names';
import { parseFieldSelector } from '@setpoint/apimachinery/selectors';
import type { UserInfo } from '../http/index.ts';

/** What somebody wants to do, as an authorizer is asked. */
export interface Attributes {
  readonly user: UserInfo;
  /** Of a path that names no resource: its method in lower case. */
  readonly verb: string;
  readonly resourceRequest: boolean;
  readonly path: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** The selectors of a list, watch or deletecollection, as they stand in the query; empty where there are none. */
  readonly fieldSelector: string;
  readonly labelSelector: string;
}

/** What a request asks for; who asks is added later. */
export type RequestAttributes = Omit<Attributes, 'user'>;

const nothing = {
  group: '',
  version: '',
  resource: '',
  subresource: '',
  namespace: '',
  name: '',
  fieldSelector: '',
  labelSelector: '',
} as const;

/** A question about a path, or with `resourceRequest` about a resource, of which only some parts are said. */
export function attributesOf(given: Partial<Attributes> & Pick<Attributes, 'user' | 'verb'>): Attributes {
  return { ...nothing, resourceRequest: true, path: '', ...given };
}

const verbsOfMethods: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

const prefixVerbs: readonly string[] = ['proxy', 'watch'];
const namespaceSubresources: readonly string[] = ['status', 'finalize'];
const verbsWithSelectors: readonly string[] = ['list', 'watch', 'deletecollection'];

/**
 * What a request asks for, by its method and path alone: whether such a resource is served is another question, which
 * nobody who may not ask gets an answer to. Follows k8s.io/apiserver/pkg/endpoints/request.
 *
 * @throws Error where the path cannot be read, `/api/v1/watch`
 */
export function requestAttributes(method: string, encodedPath: string, query: string): RequestAttributes {
  const path = decode(encodedPath);
  const parts = path.replace(/^\/+|\/+$/g, '').split('/');
  const core = parts[0] === 'api';
  if ((!core && parts[0] !== 'apis') || parts.length < (core ? 3 : 4)) {
    return { ...nothing, path, verb: method.toLowerCase(), resourceRequest: false };
  }
  const group = core ? '' : (parts[1] as string);
  const version = parts[core ? 1 : 2] as string;
  let rest = parts.slice(core ? 2 : 3);
  let verb = verbsOfMethods[method] ?? '';
  const byPrefix = prefixVerbs.includes(rest[0] as string);
  if (byPrefix) {
    if (rest.length < 2) throw new Error(`unable to determine kind and namespace from url, ${encodedPath}`);
    verb = rest[0] as string;
    rest = rest.slice(1);
  }
  let namespace = '';
  if (rest[0] === 'namespaces' && rest.length > 1) {
    namespace = rest[1] as string;
    if (rest.length > 2 && !namespaceSubresources.includes(rest[2] as string)) rest = rest.slice(2);
  }
  const [resource = '', pathName = '', third = ''] = rest;
  const subresource = verb === 'proxy' ? '' : third;
  let name = pathName;
  const parameters = query === '' ? undefined : new URLSearchParams(query);
  if (name === '' && verb === 'get') {
    verb = wantsWatch(parameters) ? 'watch' : 'list';
    name = nameInSelector(parameters?.get('fieldSelector'));
  }
  if (name === '' && verb === 'delete') verb = 'deletecollection';
  const selects = !byPrefix && parameters !== undefined && verbsWithSelectors.includes(verb);
  return {
    verb,
    resourceRequest: true,
    path,
    group,
    version,
    resource,
    subresource,
    namespace,
    name,
    fieldSelector: (selects && parameters.get('fieldSelector')) || '',
    labelSelector: (selects && parameters.get('labelSelector')) || '',
  };
}

function decode(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function wantsWatch(parameters: URLSearchParams | undefined): boolean {
  const value = parameters?.get('watch');
  return value !== undefined && value !== null && value.toLowerCase() !== 'false' && value !== '0';
}

/** A list of the one object of this name is asked for as a get of it would be. */
function nameInSelector(selector: string | null | undefined): string {
  if (!selector?.includes('metadata.name')) return '';
  try {
    const found = parseFieldSelector(selector).requirements.find(
      ({ field, operator }) => field === 'metadata.name' && operator !== '!=',
    );
    return found && pathSegmentName(found.value).length === 0 ? found.value : '';
  } catch {
    return '';
  }
}
