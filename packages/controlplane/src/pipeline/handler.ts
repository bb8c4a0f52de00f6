import { parseGoDuration } from '@setpoint/apimachinery/duration';
import { escapeFieldValue } from '@setpoint/apimachinery/selectors';
import type { AuditDraft, AuditLog } from '../audit/index.ts';
import type { ApiRequest, ApiResponse, Output, UserInfo } from '../http/index.ts';
import { encodeObject, maxBodyBytes, negotiateObject, negotiateStatus, negotiateWatch } from '../http/index.ts';
import type { ServedResource } from '../registry/index.ts';
import { badRequest, deletedStatus, requestEntityTooLarge, StatusError } from '../status/index.ts';
import { type IncludeObject, parseIncludeObject } from '../table/index.ts';
import { type Answer, type Backend, newUid, type RequestScope } from '../verbs/index.ts';
import { type Access, checkAccess } from './access.ts';
import { Encoder, statusOf } from './encoder.ts';
import { parseResourcePath, type ResourcePath, splitUrl } from './request-info.ts';
import { type Route, routeOf } from './route.ts';
import { warningHeaders } from './warnings.ts';

/** Answers for paths that name no resource; undefined where it has nothing to say. */
export type DocumentHandler = (request: ApiRequest, path: string) => ApiResponse | Promise<ApiResponse> | undefined;

export interface PipelineOptions extends Access {
  readonly backend: Backend;
  /** Told of every request while somebody listens to it. */
  readonly audit?: AuditLog;
  /** Asked in order, before resources. */
  readonly documents: readonly DocumentHandler[];
  /** Requests whose answer is not made yet have become more or fewer. */
  requestsChanged(by: number): void;
}

/** One request from its first byte to its answer: never rejects, every failure is a Status. */
export function createPipeline(options: PipelineOptions): (request: ApiRequest) => Promise<ApiResponse> {
  const encoder = new Encoder(options.backend.clock);
  return async (request) => {
    options.requestsChanged(1);
    const warnings = new Set<string>();
    const audit = options.audit?.begin(request);
    let response: ApiResponse;
    try {
      response = await answer(options, encoder, request, warnings, audit);
    } catch (error) {
      response = await refusal(request, error);
    } finally {
      options.requestsChanged(-1);
    }
    const complete = { ...response, headers: withCommonHeaders(options.backend, response.headers, warnings) };
    return audit ? audit.answered(complete) : complete;
  };
}

function withCommonHeaders(
  backend: Backend,
  headers: ApiResponse['headers'],
  warnings: ReadonlySet<string>,
): ApiResponse['headers'] {
  const common = { 'audit-id': newUid(backend.random), 'cache-control': 'no-cache, private', ...headers };
  if (warnings.size === 0) return common;
  return { ...common, warning: warningHeaders(warnings) };
}

async function answer(
  options: PipelineOptions,
  encoder: Encoder,
  request: ApiRequest,
  warnings: Set<string>,
  audit: AuditDraft | undefined,
): Promise<ApiResponse> {
  const { backend } = options;
  const { path, query } = splitUrl(request.url);
  let user: UserInfo;
  try {
    user = checkAccess(options, request, path, query, audit);
  } catch (error) {
    return refusal(request, error, error instanceof StatusError && error.code !== 401 ? noSniffing : {});
  }
  if (malformedEscape.test(path)) return malformedPath();
  checkTimeout(query);
  const resourcePath = parseResourcePath(path);
  if (!resourcePath) {
    for (const document of options.documents) {
      const response = await document(request, path);
      if (response) return response;
    }
    return pageNotFound();
  }
  const route = routeOf(backend.registry, resourcePath, request.method, query);
  if (!route) return pageNotFound();
  if (request.body.length > maxBodyBytes) throw requestEntityTooLarge(`limit is ${maxBodyBytes}`);
  const annotate = (key: string, value: string) => audit?.annotate(key, value);
  const told = { warnings, annotate };
  const scope = scopeOf(backend, route, resourcePath, request, user, watchQuery(resourcePath, query), told);
  const output = negotiate(route, resourcePath, request);
  const include = output.convert?.kind === 'Table' ? parseIncludeObject(scope.query.get('includeObject')) : 'Metadata';
  for (const text of route.resource.requestWarnings ?? []) warnings.add(text);
  const given = await route.run(scope);
  if (audit) noteWritten(audit, request.method, given);
  return respond(encoder, request, route.answerAs ?? route.resource, given, output, include);
}

function noteWritten(audit: AuditDraft, method: string, given: Answer): void {
  if (method === 'GET') return;
  if (given.type === 'entry') audit.wrote(given.entry.object.metadata);
  else if (given.type === 'object') audit.wrote(given.object.metadata);
  else if (given.type === 'deleted') audit.wrote({ name: given.name, uid: given.uid });
}

/** What was once said by the path is now said by the query. */
function watchQuery(path: ResourcePath, query: string): URLSearchParams {
  const parameters = new URLSearchParams(readablePairs(query));
  if (path.legacyWatch) {
    parameters.set('watch', '1');
    if (path.name !== '') parameters.set('fieldSelector', `metadata.name=${escapeFieldValue(path.name)}`);
  }
  return parameters;
}

/** Pairs with a semicolon or a malformed escape are passed over, as Go does. */
function readablePairs(query: string): string {
  if (!query.includes(';') && !/%(?![\da-f]{2})/i.test(query)) return query;
  return query
    .split('&')
    .filter((pair) => !pair.includes(';') && !/%(?![\da-f]{2})/i.test(pair))
    .join('&');
}

/** `timeout` limits how long a write may take; what has no duration is refused. No other answer takes that long. */
function checkTimeout(query: string): void {
  if (!query.includes('timeout=')) return;
  const timeout = new URLSearchParams(query).get('timeout');
  if (!timeout) return;
  try {
    parseGoDuration(timeout);
  } catch (error) {
    throw badRequest(`invalid timeout specified in the request URL - ${(error as Error).message}`);
  }
}

function negotiate(route: Route, path: ResourcePath, request: ApiRequest): Output {
  const collection = path.name === '' && request.method === 'GET';
  const routed = route.resource.custom ? 'custom' : collection ? 'collection' : 'object';
  return route.verb === 'watch' ? negotiateWatch(request, routed) : negotiateObject(request, routed);
}

function scopeOf(
  backend: Backend,
  route: Route,
  path: ResourcePath,
  request: ApiRequest,
  user: UserInfo,
  query: URLSearchParams,
  told: { readonly warnings: Set<string>; annotate(key: string, value: string): void },
): RequestScope {
  return {
    backend,
    resource: route.resource,
    namespace: path.namespace,
    name: path.name,
    subresource: path.subresource,
    query,
    body: request.body,
    contentType: request.headers['content-type'],
    user,
    userAgent: request.headers['user-agent'] ?? '',
    get signal() {
      return request.signal;
    },
    warn: (text) => told.warnings.add(text),
    annotate: told.annotate,
  };
}

async function respond(
  encoder: Encoder,
  request: ApiRequest,
  resource: ServedResource,
  given: Answer,
  output: Output,
  include: IncludeObject,
): Promise<ApiResponse> {
  const headers = { 'content-type': output.contentType };
  if (resource.conversion) {
    if (given.type === 'entry') await resource.conversion.prepare([given.entry.object]);
    if (given.type === 'list') await resource.conversion.prepare(given.entries.map(({ object }) => object));
  }
  switch (given.type) {
    case 'entry': {
      const body = encoder.entry(resource, given.entry, output, include);
      return { status: given.code, headers, body: body instanceof Promise ? await body : body };
    }
    case 'object':
      return { status: given.code, headers, body: await encoder.object(resource, given.object, output, include) };
    case 'deleted':
      return statusResponse(request, given.code, deletedStatus(resource, given.name, given.uid));
    case 'done': {
      const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: given.code };
      return statusResponse(request, given.code, status);
    }
    case 'list':
      return {
        status: 200,
        headers,
        body: await encoder.list(resource, given.entries, given.metadata, output, include),
      };
    case 'text':
      if (given.body === undefined) return { status: 204, headers: {}, body: new Uint8Array(0) };
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: given.body };
    case 'watch':
      return { status: 200, headers, body: given.events(encoder.events(resource, output, include)) };
    default:
      return given satisfies never;
  }
}

/** Said where it is said what somebody may not do, before a request has come to anything. */
const noSniffing = { 'x-content-type-options': 'nosniff' };

async function refusal(
  request: ApiRequest,
  error: unknown,
  more: Readonly<Record<string, string>> = {},
): Promise<ApiResponse> {
  const status = statusOf(error);
  const seconds = status.details?.retryAfterSeconds;
  const headers = seconds ? { ...more, 'retry-after': String(seconds) } : more;
  return statusResponse(request, error instanceof StatusError ? error.code : 500, status, headers);
}

async function statusResponse(
  request: ApiRequest,
  code: number,
  status: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<ApiResponse> {
  const output = negotiateStatus(request);
  const body = await encodeObject(status, output);
  return { status: code, headers: { 'content-type': output.contentType, ...headers }, body };
}

const malformedEscape = /%(?![\da-f]{2})/i;

/** The real server does not get beyond the request line. */
function malformedPath(): ApiResponse {
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  return { status: 400, headers, body: Buffer.from('400 Bad Request') };
}

function pageNotFound(): ApiResponse {
  return {
    status: 404,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
    body: Buffer.from('404 page not found\n'),
  };
}
