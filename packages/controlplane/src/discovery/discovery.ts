import { createHash } from 'node:crypto';
import { stringifyJson } from '@setpoint/apimachinery/json';
import {
  type ApiRequest,
  type ApiResponse,
  checkRouted,
  encodeJson,
  encodeObject,
  negotiateDocument,
  parseAccept,
} from '../http/index.ts';
import type { Registry } from '../registry/index.ts';
import { methodNotAllowed, resourceNotFound } from '../status/index.ts';
import {
  apiGroup,
  apiGroupDiscoveryList,
  apiGroupList,
  apiResourceList,
  apiVersions,
  type ServedGroup,
  servedGroups,
} from './documents.ts';

/**
 * Answers for `/`, `/api`, `/apis` and the documents below them that name groups, versions and resources; undefined for
 * every other path. Throws a StatusError where a real server answers with a Status. Whoever answers for `/apis/{group}`
 * that is not served gets undefined as well: there a real server says `404 page not found`.
 */
export type Discovery = (request: ApiRequest, path: string) => Promise<ApiResponse> | undefined;

const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

interface Aggregated {
  readonly body: Uint8Array;
  readonly etag: string;
}

/** Discovery of what is registered; its documents are made when they are asked for after a change. */
export function createDiscovery(registry: Registry): Discovery {
  let groups: readonly ServedGroup[] | undefined;
  const aggregated = new Map<string, Aggregated>();
  registry.onChange(() => {
    groups = undefined;
    aggregated.clear();
  });
  const served = () => {
    groups ??= servedGroups(registry.list());
    return groups;
  };
  const aggregate = (path: string): Aggregated => {
    let document = aggregated.get(path);
    if (!document) {
      const body = encodeJson(
        apiGroupDiscoveryList(served().filter(({ group }) => (group === '') === (path === '/api'))),
      );
      document = { body: Buffer.concat([body, Buffer.from('\n')]), etag: `"${sha512(body)}"` };
      aggregated.set(path, document);
    }
    return document;
  };
  return (request, rawPath) => {
    const path = rawPath.length > 1 && rawPath.endsWith('/') ? rawPath.slice(0, -1) : rawPath;
    if (path === '/' && request.method === 'GET') return Promise.resolve(rootPaths(served()));
    if (path !== '/api' && path !== '/apis' && !path.startsWith('/api/') && !path.startsWith('/apis/'))
      return undefined;
    const parts = path.split('/');
    if (parts.length > (parts[1] === 'api' ? 3 : 4)) return undefined;
    const find = () => {
      if (path === '/api') return apiVersions(served(), request.headers.host ?? request.headers[':authority'] ?? '');
      if (path === '/apis') return apiGroupList(served());
      return legacyDocument(served(), parts);
    };
    const document = find();
    if (!document) return undefined;
    // Lists of groups and groups are answered whatever the method, as the real server's aggregator does.
    if (request.method !== 'GET' && (parts[1] === 'api' || parts.length > 3)) throw methodNotAllowed();
    if (isRouted(registry, parts)) checkRouted(request);
    if ((path === '/api' || path === '/apis') && wantsAggregated(request.headers.accept)) {
      return Promise.resolve(aggregatedResponse(request, aggregate(path)));
    }
    return answer(request, document);
  };
}

/** Lists of groups, groups, and the versions of custom resources are answered beside the router. */
function isRouted(registry: Registry, [, root, group, version]: readonly string[]): boolean {
  if (root === 'api') return true;
  return version !== undefined && registry.list().some((one) => one.group === group && !one.custom);
}

const otherPaths = ['/healthz', '/livez', '/openapi/v3', '/readyz', '/version'];

/** `/`: where everything is. */
function rootPaths(groups: readonly ServedGroup[]): ApiResponse {
  const paths = groups.flatMap(({ group, versions }) => {
    const root = group === '' ? '/api' : `/apis/${group}`;
    return [root, ...versions.map(({ version }) => `${root}/${version}`)];
  });
  const document = { paths: ['/apis', '/apis/', ...paths, ...otherPaths].sort() };
  const body = Buffer.from(stringifyJson(document, { indent: 2 }));
  return { status: 200, headers: { 'content-type': 'application/json' }, body };
}

/** Undefined where a real server has no route. */
function legacyDocument(groups: readonly ServedGroup[], parts: readonly string[]): object | undefined {
  const core = parts[1] === 'api';
  const name = core ? '' : parts[2];
  const version = core ? parts[2] : parts[3];
  const group = groups.find((one) => one.group === name);
  if (!group || (!core && name === '')) return undefined;
  if (version === undefined) return apiGroup(group);
  const found = group.versions.find((one) => one.version === version);
  if (!found) {
    // Versions of definitions come and go: nobody keeps a route for one that is not there.
    if (group.versions.every(({ resources }) => resources.every(({ custom }) => custom))) return undefined;
    throw resourceNotFound();
  }
  return apiResourceList(group.group, version, found.resources);
}

async function answer(request: ApiRequest, document: object): Promise<ApiResponse> {
  const output = negotiateDocument(request);
  return { status: 200, headers: { 'content-type': output.contentType }, body: await encodeObject(document, output) };
}

function aggregatedResponse(request: ApiRequest, { body, etag }: Aggregated): ApiResponse {
  const headers = { etag, vary: 'Accept', 'cache-control': 'public' };
  if (request.headers['if-none-match'] === etag) return { status: 304, headers, body: new Uint8Array(0) };
  return { status: 200, headers: { ...headers, 'content-type': aggregatedType }, body };
}

/** Whether the first form that can be served is the aggregated one. */
function wantsAggregated(accept: string | undefined): boolean {
  for (const { type, parameters } of parseAccept(accept ?? '')) {
    if (type !== 'application/json' && type !== '*/*' && type !== 'application/*' && type !== 'application/yaml')
      continue;
    if (parameters.as === undefined) return false;
    const { as: kind, g: group, v: version } = parameters;
    if (
      type === 'application/json' &&
      kind === 'APIGroupDiscoveryList' &&
      group === 'apidiscovery.k8s.io' &&
      version === 'v2'
    )
      return true;
  }
  return false;
}

function sha512(bytes: Uint8Array): string {
  return createHash('sha512').update(bytes).digest('hex').toUpperCase();
}
