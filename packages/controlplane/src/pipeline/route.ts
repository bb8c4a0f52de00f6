import type { Registry, ServedResource } from '../registry/index.ts';
import {
  badRequest,
  methodNotAllowed,
  methodNotSupported,
  notFound,
  notImplemented,
  resourceNotFound,
  StatusError,
} from '../status/index.ts';
import {
  type Answer,
  act,
  collectionOf,
  create,
  deleteCollection,
  deleteVerb,
  finalizeNamespace,
  get,
  getScale,
  isNamespace,
  keyOf,
  list,
  patch,
  patchScale,
  type RequestScope,
  update,
  updateScale,
  watch,
} from '../verbs/index.ts';
import type { ResourcePath } from './request-info.ts';

/** The names of verbs, as authorization and discovery know them. */
export type VerbName = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

export interface Route {
  readonly resource: ServedResource;
  /** What the answer is an object of, where that is another kind. */
  readonly answerAs?: ServedResource;
  readonly verb: VerbName;
  run(scope: RequestScope): Answer | Promise<Answer>;
}

/**
 * Which verb a request means. Undefined where the real server has no route at all, which it says in plain text.
 * @throws StatusError 404, 405 or 501
 */
export function routeOf(registry: Registry, path: ResourcePath, method: string, query: string): Route | undefined {
  const resource = registry.lookup(path.group, path.version, path.resource);
  const builtinGroup = path.group === '' || hasBuiltin(registry, path.group);
  const unknown = () => {
    if (builtinGroup) throw resourceNotFound();
    return undefined;
  };
  if (!resource) return unknown();
  // What is never stored has no objects to name, and none in other namespaces.
  if (resource.action && (path.name !== '' || (resource.namespaced && path.namespace === ''))) return unknown();
  if (!resource.namespaced && path.namespace !== '') return unknown();
  if (resource.namespaced && path.namespace === '') {
    if (path.name !== '') return unknown();
    if (method !== 'GET') {
      if (resource.custom) return undefined;
      throw methodNotAllowed();
    }
  }
  if (path.legacyWatch && method !== 'GET' && !resource.custom) throw methodNotAllowed();
  if (path.deeper && !reachesThrough(resource, path.subresource)) return unknown();
  if (path.subresource !== '') {
    refuseUnbuilt(resource);
    return subresourceRoute(resource, path, method);
  }
  // The router of built-in kinds knows watches by GET alone; custom resources, which have none, by any method.
  const route: Route = path.legacyWatch
    ? { resource, verb: 'watch', run: watch }
    : path.name === ''
      ? collectionRoute(resource, method, query)
      : objectRoute(resource, method);
  if (!resource.verbs.includes(route.verb)) throw refusedMethod(resource, method);
  refuseUnbuilt(resource);
  return route;
}

function refuseUnbuilt(resource: ServedResource): void {
  if (resource.notImplemented !== undefined) throw new StatusError(501, 'NotImplemented', resource.notImplemented);
}

const verbsOfMethods: Readonly<Record<string, string>> = {
  GET: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Requests for built-in kinds do not get past the real server's router, which knows no verbs. */
function refusedMethod(resource: ServedResource, method: string): StatusError {
  return resource.custom ? methodNotSupported(resource, verbsOfMethods[method] ?? '') : methodNotAllowed();
}

function hasBuiltin(registry: Registry, group: string): boolean {
  return registry.list().some((one) => !one.custom && one.group === group);
}

/** `pods/x/proxy/any/path` */
function reachesThrough(resource: ServedResource, subresource: string): boolean {
  return subresource === 'proxy' && !resource.custom;
}

function collectionRoute(resource: ServedResource, method: string, query: string): Route {
  switch (method) {
    case 'GET':
      return wantsWatch(query) ? { resource, verb: 'watch', run: watch } : { resource, verb: 'list', run: list };
    case 'POST':
      return { resource, verb: 'create', run: resource.action ? actionOf(resource) : create };
    case 'DELETE':
      return { resource, verb: 'deletecollection', run: deleteCollection };
    case 'PUT':
    case 'PATCH':
      if (resource.custom) throw badRequest('name must be provided');
      throw refusedMethod(resource, method);
    default:
      throw refusedMethod(resource, method);
  }
}

function wantsWatch(query: string): boolean {
  if (!query.includes('watch')) return false;
  const value = new URLSearchParams(query).get('watch');
  return value !== null && value.toLowerCase() !== 'false' && value !== '0';
}

function objectRoute(resource: ServedResource, method: string): Route {
  switch (method) {
    case 'GET':
      return { resource, verb: 'get', run: get };
    case 'PUT':
      return { resource, verb: 'update', run: update };
    case 'PATCH':
      return { resource, verb: 'patch', run: patch };
    case 'DELETE':
      return { resource, verb: 'delete', run: deleteVerb };
    case 'POST':
      // Custom resources take no notice of a name behind the collection.
      if (resource.custom) return { resource, verb: 'create', run: create };
      throw refusedMethod(resource, method);
    default:
      throw refusedMethod(resource, method);
  }
}

function subresourceRoute(resource: ServedResource, path: ResourcePath, method: string): Route {
  const { subresource } = path;
  const { status, scale } = resource.subresources;
  const isPart = (subresource === 'status' && status) || resource.strategy.parts?.[subresource] !== undefined;
  if (isPart) return partRoute(resource, method, get, update, patch);
  if (subresource === 'scale' && scale) {
    return partRoute(
      resource,
      method,
      (scope) => getScale(scope, scale),
      (scope) => updateScale(scope, scale),
      (scope) => patchScale(scope, scale),
    );
  }
  if (subresource === 'finalize' && isNamespace(resource)) {
    if (method !== 'PUT') throw methodNotAllowed();
    return { resource, verb: 'update', run: finalizeNamespace };
  }
  const body = resource.actions?.[subresource];
  if (body) {
    if (method !== 'POST') throw methodNotAllowed();
    return { resource, answerAs: body, verb: 'create', run: actionOf(body) };
  }
  const read = resource.reads?.[subresource];
  if (read) {
    // What opens a stream may be posted as well.
    const opens = method === 'POST' && subresourceOf(resource, subresource)?.verbs.includes('create') === true;
    if (method !== 'GET' && !opens) throw methodNotAllowed();
    return { resource, verb: opens ? 'create' : 'get', run: (scope) => ({ type: 'text', body: read(scope) }) };
  }
  // Found out late, so that the answer carries the warnings of a deprecated version.
  if (resource.custom) return { resource, verb: 'get', run: () => noSubresource(resource, path.name) };
  if (subresourceOf(resource, subresource)) {
    return { resource, verb: 'get', run: (scope) => refuseSubresource(scope) };
  }
  throw resourceNotFound();
}

function subresourceOf(resource: ServedResource, name: string) {
  return resource.discovery?.subresources.find((one) => one.name === name);
}

function actionOf(body: ServedResource): Route['run'] {
  const { action } = body;
  if (!action) throw new TypeError(`${body.kind} has no action`);
  return (scope) => act(scope, body, action);
}

function noSubresource(resource: ServedResource, name: string): never {
  throw notFound(resource, name);
}

/** What is not there is not found, whatever was wanted of it. */
function refuseSubresource(scope: RequestScope): never {
  const { backend, resource, namespace, name, subresource } = scope;
  if (!collectionOf(backend, resource).get(keyOf(resource, namespace, name))) throw notFound(resource, name);
  throw notImplemented(`the subresource ${resource.resource}/${subresource}`);
}

function partRoute(
  resource: ServedResource,
  method: string,
  read: Route['run'],
  put: Route['run'],
  change: Route['run'],
): Route {
  if (method === 'GET') return { resource, verb: 'get', run: read };
  if (method === 'PUT') return { resource, verb: 'update', run: put };
  if (method === 'PATCH') return { resource, verb: 'patch', run: change };
  throw refusedMethod(resource, method);
}
