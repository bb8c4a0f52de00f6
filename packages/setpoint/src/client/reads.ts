import type { KubeObject, ObjectList } from '@setpoint/apimachinery/meta';
import { describeRequest } from '../errors/index.ts';
import { acceptOf, type Core, decodeAnswer, describe, fieldsMode, invalidAnswer, selectorText } from './core.ts';
import type {
  GetOptions,
  KindReference,
  ListOptions,
  LogOptions,
  ObjectKey,
  Page,
  PagesOptions,
  SelectorOptions,
  WatchMessage,
  WatchOptions,
} from './options.ts';
import type { Call } from './pipeline.ts';
import { completeType, queryOf, type ResourceInfo, requireKey, resourcePath } from './resource.ts';
import { type DecodedList, decodeList, type OpenWatch, watchMessages } from './watch/index.ts';

/** Objects per page: a fiftieth of a second of parsing for Pods of 7 KB. */
const pageSize = 500;
const idleTimeout = 150_000;

export async function getObject(
  core: Core,
  kind: KindReference,
  key: ObjectKey,
  options: GetOptions,
): Promise<KubeObject> {
  const resource = await core.resolve(kind, options.signal);
  requireKey(resource, 'get', key);
  const parts = { namespace: key.namespace || undefined, name: key.name, subresource: options.subresource };
  const call: Call = {
    request: describe(resource, 'get', parts),
    method: 'GET',
    url: resourcePath(resource, parts) + queryOf({ resourceVersion: options.resourceVersion }),
    accept: options.subresource === undefined ? acceptOf(resource, false) : 'application/json',
    write: false,
    signal: options.signal,
    timeout: options.timeout,
    connection: options.connection,
    beforeSend: options.beforeSend,
  };
  const { body } = await core.pipeline.unary(call);
  return completeType(resource)(decodeAnswer(call, body) as KubeObject);
}

export async function listObjects(
  core: Core,
  kind: KindReference,
  options: ListOptions,
): Promise<ObjectList<KubeObject>> {
  const resource = await core.resolve(kind, options.signal);
  const { items, metadata, apiVersion, kind: listKind, unreadable } = await fetchList(core, resource, options);
  const bad = unreadable[0];
  if (bad) throw new Error(`cannot list ${resource.label}: ${bad.key}: ${bad.reason}`, { cause: bad.cause });
  return { apiVersion, kind: listKind, metadata, items };
}

export async function* listPages(
  core: Core,
  kind: KindReference,
  options: PagesOptions,
): AsyncGenerator<Page<KubeObject>, void> {
  const resource = await core.resolve(kind, options.signal);
  let next = options.continue;
  do {
    // A continue token holds the revision; the server refuses both together.
    const from = next ? { continue: next, resourceVersion: undefined, resourceVersionMatch: undefined } : {};
    const list = await fetchList(core, resource, { ...options, limit: options.limit ?? pageSize, ...from });
    const { resourceVersion = '', continue: token = '', remainingItemCount } = list.metadata;
    yield {
      items: list.items,
      ...(options.managedFields === 'own' ? { ownFields: list.ownFields } : {}),
      unreadable: list.unreadable,
      resourceVersion,
      continue: token,
      ...(remainingItemCount === undefined ? {} : { remainingItemCount }),
    };
    next = token;
  } while (next !== '');
}

async function fetchList(core: Core, resource: ResourceInfo, options: ListOptions): Promise<DecodedList> {
  const namespace = options.namespace || undefined;
  const call: Call = {
    request: describe(resource, 'list', { namespace }),
    method: 'GET',
    url:
      resourcePath(resource, { namespace }) +
      queryOf({
        ...selection(options),
        limit: options.limit,
        continue: options.continue,
        resourceVersion: options.resourceVersion,
        resourceVersionMatch: options.resourceVersionMatch,
      }),
    accept: acceptOf(resource, true),
    write: false,
    signal: options.signal,
    timeout: options.timeout,
    connection: options.connection,
    beforeSend: options.beforeSend,
  };
  const { body } = await core.pipeline.unary(call);
  let list: DecodedList;
  try {
    list = await decodeList(body, fieldsMode(core, options), completeType(resource));
  } catch (error) {
    throw invalidAnswer(call, error);
  }
  if (resource.projection === 'full') return list;
  return { ...list, apiVersion: resource.apiVersion, kind: `${resource.kind}List` };
}

export function watchObjects(
  core: Core,
  kind: KindReference,
  options: WatchOptions,
): AsyncGenerator<WatchMessage<KubeObject>, void> {
  return watchMessages(() => openWatch(core, kind, options));
}

async function openWatch(core: Core, kind: KindReference, options: WatchOptions): Promise<OpenWatch> {
  const resource = await core.resolve(kind, options.signal);
  const namespace = options.namespace || undefined;
  const request = describe(resource, 'watch', { namespace });
  const { body } = await core.pipeline.stream({
    request,
    method: 'GET',
    url:
      resourcePath(resource, { namespace }) +
      queryOf({
        watch: true,
        ...selection(options),
        allowWatchBookmarks: options.allowWatchBookmarks ?? true,
        resourceVersion: options.resourceVersion,
        resourceVersionMatch: options.resourceVersionMatch,
        // Said out loud either way: without a revision, false means something else than nothing.
        sendInitialEvents: options.sendInitialEvents?.toString(),
        timeoutSeconds: options.timeoutSeconds,
      }),
    accept: acceptOf(resource, false),
    write: false,
    signal: options.signal,
    connection: 'watch',
  });
  const messages = {
    fields: fieldsMode(core, options),
    clock: core.clock,
    idleTimeout: options.idleTimeout ?? idleTimeout,
    what: describeRequest(request),
    complete: completeType(resource),
  };
  return { body, options: messages };
}

function selection(options: SelectorOptions): { labelSelector: string | undefined; fieldSelector: string | undefined } {
  return { labelSelector: selectorText(options.labelSelector), fieldSelector: options.fieldSelector };
}

const pods: ResourceInfo = {
  group: '',
  version: 'v1',
  apiVersion: 'v1',
  kind: 'Pod',
  plural: 'pods',
  scope: 'Namespaced',
  projection: 'full',
  label: 'Pod',
};

/** The path of a Pod's subresource. */
export function podPath(verb: string, key: ObjectKey, subresource: string): string {
  requireKey(pods, verb, key);
  return resourcePath(pods, { namespace: key.namespace, name: key.name, subresource });
}

export async function* podLogs(core: Core, key: ObjectKey, options: LogOptions): AsyncGenerator<Uint8Array, void> {
  const { signal, ...query } = options;
  const response = await core.pipeline.stream({
    request: { verb: 'get', kind: 'Pod', namespace: key.namespace, name: key.name, subresource: 'log' },
    method: 'GET',
    url: podPath('get the log of', key, 'log') + queryOf({ ...query }),
    accept: '*/*',
    write: false,
    signal,
    // It may go on for ever, as a watch does.
    connection: options.follow ? 'watch' : 'unary',
  });
  yield* response.body;
}
