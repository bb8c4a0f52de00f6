import { createHash } from 'node:crypto';
import type { Clock } from '@setpoint/apimachinery/clock';
import { stringifyJson } from '@setpoint/apimachinery/json';
import { loadDocumentation } from '@setpoint/apimachinery/kinds';
import { formatApiVersion } from '@setpoint/apimachinery/meta';
import { type ApiRequest, type ApiResponse, parseAccept } from '../http/index.ts';
import type { Registry, ServedResource } from '../registry/index.ts';
import { openApiDocument } from './document.ts';
import { openApiV2Accepted, openApiV2ContentType, openApiV2Definition, openApiV2Document } from './v2.ts';
import { openApiV2Json } from './v2-json.ts';

export interface OpenApiOptions {
  readonly clock: Clock;
}

/**
 * Answers for `/openapi/v3` and the documents below it, and for `/openapi/v2`, in protobuf and JSON; undefined for paths that are
 * not there.
 */
export type OpenApi = (request: ApiRequest, path: string) => Promise<ApiResponse> | undefined;

/** One group and version that is served. */
interface Entry {
  readonly resources: readonly ServedResource[];
  readonly hash: string;
  document?: Promise<Uint8Array>;
  /** Its schemas as definitions of OpenAPI v2, by name. */
  definitions?: Promise<ReadonlyMap<string, Uint8Array>>;
}

const root = '/openapi/v3';
const year = 365 * 24 * 3_600_000;

/**
 * OpenAPI v3 (KEP-2896): an index with a hash a group and version, and the documents themselves, each made when it is
 * first asked for. The hash is one of what a document is made from, so that the index costs no document.
 */
export function createOpenApi(registry: Registry, options: OpenApiOptions): OpenApi {
  let entries: ReadonlyMap<string, Entry> | undefined;
  registry.onChange(() => {
    entries = undefined;
  });
  let previous: ReadonlyMap<string, Entry> = new Map();
  const served = () => {
    if (!entries) {
      entries = entriesOf(registry.list(), previous);
      previous = entries;
    }
    return entries;
  };
  return (request, path) => {
    if (path === '/openapi/v2') return documentV2(request, served());
    if (path === root || path === `${root}/`) return Promise.resolve(index(request, served()));
    if (!path.startsWith(`${root}/`)) return undefined;
    const key = path.slice(root.length + 1);
    const entry = served().get(key);
    return entry && document(request, key, entry, options.clock);
  };
}

/** Documents of groups and versions that did not change are kept. */
function entriesOf(
  resources: readonly ServedResource[],
  previous: ReadonlyMap<string, Entry>,
): ReadonlyMap<string, Entry> {
  const keyOf = ({ group, version }: ServedResource) =>
    `${group === '' ? 'api' : 'apis'}/${formatApiVersion(group, version)}`;
  const byKey = Map.groupBy(resources, keyOf);
  const entries = new Map<string, Entry>();
  for (const key of [...byKey.keys()].sort()) {
    const members = [...(byKey.get(key) ?? [])].sort((a, b) => (a.resource < b.resource ? -1 : 1));
    const hash = hashOf(members);
    const before = previous.get(key);
    entries.set(key, before?.hash === hash ? before : { resources: members, hash });
  }
  return entries;
}

function hashOf(resources: readonly ServedResource[]): string {
  const hash = createHash('sha512');
  for (const resource of resources) {
    const { group, version, kind, listKind, resource: plural, namespaced, verbs, subresources } = resource;
    const names = [group, version, kind, listKind, plural, namespaced, verbs, subresources, resource.encodingVersion];
    hash.update(stringifyJson([names, resource.openApiSchema?.() ?? null]));
  }
  return hash.digest('hex').toUpperCase();
}

function index(request: ApiRequest, entries: ReadonlyMap<string, Entry>): ApiResponse {
  const paths = [...entries].map(([key, { hash }]) => [key, { serverRelativeURL: `${root}/${key}?hash=${hash}` }]);
  const body = Buffer.from(stringifyJson({ paths: Object.fromEntries(paths) }));
  const etag = `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"`;
  return unlessKnown(request, {
    status: 200,
    headers: { 'content-type': 'application/json', etag, vary: 'Accept' },
    body,
  });
}

async function document(request: ApiRequest, key: string, entry: Entry, clock: Clock): Promise<ApiResponse> {
  if (!acceptsJson(request.headers.accept)) return { status: 406, headers: {}, body: new Uint8Array(0) };
  const common = { etag: `"${entry.hash}"`, vary: 'Accept' };
  const asked = new URLSearchParams(request.url.split('?')[1] ?? '').get('hash');
  if (asked !== null && asked !== entry.hash) {
    const location = `${root}/${key}?hash=${entry.hash}`;
    return {
      status: 301,
      headers: { ...common, location, 'content-type': 'application/json' },
      body: new Uint8Array(0),
    };
  }
  entry.document ??= makeDocument(entry.resources);
  const forever =
    asked === null ? {} : { 'cache-control': 'public, immutable', expires: new Date(clock.now() + year).toUTCString() };
  const headers = { ...common, ...forever, 'content-type': 'application/json' };
  return unlessKnown(request, { status: 200, headers, body: await entry.document });
}

async function makeDocument(resources: readonly ServedResource[]): Promise<Uint8Array> {
  const documentation = await loadDocumentation();
  return Buffer.from(stringifyJson(openApiDocument(resources, documentation)));
}

/** kubectl falls back to it; everything else there is has v3. */
async function documentV2(request: ApiRequest, entries: ReadonlyMap<string, Entry>): Promise<ApiResponse> {
  const { accept } = request.headers;
  if (!openApiV2Accepted.test(accept ?? '')) {
    if (!acceptsJson(accept)) return { status: 406, headers: {}, body: new Uint8Array(0) };
    return unlessKnown(request, await jsonV2(entries));
  }
  const definitions = new Map<string, Uint8Array>();
  for (const entry of entries.values()) {
    entry.definitions ??= makeDefinitions(entry.resources);
    for (const [name, bytes] of await entry.definitions) definitions.set(name, bytes);
  }
  const body = openApiV2Document(definitions);
  const etag = `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"`;
  const headers = { 'content-type': openApiV2ContentType, etag, vary: 'Accept' };
  return unlessKnown(request, { status: 200, headers, body });
}

/** All documents at once, made when somebody asks: few do, and it is large. */
async function jsonV2(entries: ReadonlyMap<string, Entry>): Promise<ApiResponse> {
  const documentation = await loadDocumentation();
  const documents = [...entries.values()].map(({ resources }) => openApiDocument(resources, documentation));
  const body = Buffer.from(stringifyJson(openApiV2Json(documents)));
  const etag = `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"`;
  return { status: 200, headers: { 'content-type': 'application/json', etag, vary: 'Accept' }, body };
}

async function makeDefinitions(resources: readonly ServedResource[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const { components } = openApiDocument(resources, await loadDocumentation());
  const named = Object.entries(components.schemas);
  return new Map(named.map(([name, schema]) => [name, openApiV2Definition(name, schema)]));
}

function unlessKnown(request: ApiRequest, response: ApiResponse): ApiResponse {
  if (request.headers['if-none-match'] !== response.headers.etag) return response;
  const { 'content-type': _, ...headers } = response.headers;
  return { status: 304, headers, body: new Uint8Array(0) };
}

function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept === '') return true;
  return parseAccept(accept).some(
    ({ type }) => type === 'application/json' || type === 'application/*' || type === '*/*',
  );
}
