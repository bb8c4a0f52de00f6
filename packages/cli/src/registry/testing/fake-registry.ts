import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readAll, sha256 } from '../content.ts';

export interface FakeRegistryOptions {
  /** Who may come in; without it, anybody. `bearer` sends to a place that gives out tokens, as most registries do. */
  readonly login?: { readonly scheme: 'basic' | 'bearer'; readonly username: string; readonly password: string };
  /** Answers instead of the registry, where it returns true. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Another server that blobs are fetched from. */
  readonly blobsAt?: () => string;
}

/** A registry of the OCI distribution specification, in memory, that remembers what it was asked. */
export interface FakeRegistry extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly host: string;
  /** `METHOD /path`, in the order they came. */
  readonly requests: string[];
  /** `Authorization` of each of them. */
  readonly authorizations: (string | undefined)[];
  readonly blobs: Map<string, Buffer>;
  /** By `repository:tag` and `repository@digest`. */
  readonly manifests: Map<string, { readonly bytes: Buffer; readonly mediaType: string }>;
}

export async function fakeRegistry(options: FakeRegistryOptions = {}): Promise<FakeRegistry> {
  const requests: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const state = { blobs: new Map<string, Buffer>(), manifests: new Map(), uploads: new Map<string, Buffer>() };
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    authorizations.push(request.headers.authorization);
    if (options.intercept?.(request, response)) return;
    if (!isAllowed(request, response, options)) return;
    answer(request, response, state, options).catch((error: Error) => response.writeHead(500).end(error.message));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    authorizations,
    blobs: state.blobs,
    manifests: state.manifests,
    [Symbol.asyncDispose]: () => closed(server),
  };
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

function isAllowed(request: IncomingMessage, response: ServerResponse, { login }: FakeRegistryOptions): boolean {
  if (!login) return true;
  const { authorization } = request.headers;
  const basic = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  if (request.url?.startsWith('/token?')) {
    if (authorization === basic) response.end(JSON.stringify({ token: tokenFor(request.url) }));
    else response.writeHead(401).end('{}');
    return false;
  }
  const wanted = login.scheme === 'basic' ? authorization === basic : authorization?.startsWith('Bearer token-for-');
  if (wanted) return true;
  const realm = `http://${request.headers.host}/token`;
  const challenge =
    login.scheme === 'basic' ? 'Basic realm="here"' : `Bearer realm="${realm}",service="fake",scope="whatever"`;
  response.writeHead(401, { 'www-authenticate': challenge }).end(errors('UNAUTHORIZED', 'authentication required'));
  return false;
}

/** Shows in `authorizations` what was asked for. */
function tokenFor(url: string): string {
  return `token-for-${new URLSearchParams(url.split('?')[1]).getAll('scope').join('+')}`;
}

interface State {
  readonly blobs: Map<string, Buffer>;
  readonly manifests: Map<string, { readonly bytes: Buffer; readonly mediaType: string }>;
  readonly uploads: Map<string, Buffer>;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { blobs, manifests, uploads }: State,
  { blobsAt }: FakeRegistryOptions,
): Promise<void> {
  const url = new URL(request.url ?? '', 'http://registry');
  const body = await readAll(request);
  const [, repository = '', kind = '', name = ''] =
    /^\/v2\/(.+)\/(blobs\/uploads|blobs|manifests)\/(.*)$/.exec(url.pathname) ?? [];
  const verb = `${request.method} ${kind}`;
  if (verb === 'HEAD blobs') {
    response.writeHead(blobs.has(`${repository}@${name}`) ? 200 : 404).end();
  } else if (verb === 'GET blobs') {
    const bytes = blobs.get(`${repository}@${name}`);
    if (blobsAt) response.writeHead(307, { location: `${blobsAt()}/v2/${repository}/blobs/${name}` }).end();
    else response.writeHead(bytes ? 200 : 404).end(bytes ?? errors('BLOB_UNKNOWN', 'blob unknown to registry'));
  } else if (verb === 'POST blobs/uploads') {
    const mount = url.searchParams.get('mount');
    const bytes = blobs.get(`${url.searchParams.get('from')}@${mount}`);
    if (bytes) blobs.set(`${repository}@${mount}`, bytes);
    const location = `/v2/${repository}/blobs/uploads/u${uploads.size}?state=1`;
    response.writeHead(bytes ? 201 : 202, { location }).end();
  } else if (verb === 'PATCH blobs/uploads') {
    uploads.set(name, body);
    response.writeHead(202, { location: `/v2/${repository}/blobs/uploads/${name}?state=2` }).end();
  } else if (verb === 'PUT blobs/uploads') {
    const [bytes, digest] = [uploads.get(name), url.searchParams.get('digest')];
    const right = bytes !== undefined && sha256(bytes) === digest && url.searchParams.get('state') === '2';
    if (right) blobs.set(`${repository}@${digest}`, bytes);
    response.writeHead(right ? 201 : 400).end(right ? '' : errors('DIGEST_INVALID', 'digest does not match'));
  } else if (verb === 'PUT manifests') {
    const stored = { bytes: body, mediaType: request.headers['content-type'] ?? '' };
    manifests.set(`${repository}${name.includes(':') ? '@' : ':'}${name}`, stored);
    manifests.set(`${repository}@${sha256(body)}`, stored);
    response.writeHead(201).end();
  } else if (verb === 'GET manifests') {
    const found = manifests.get(`${repository}${name.includes(':') ? '@' : ':'}${name}`);
    if (found) response.writeHead(200, { 'content-type': found.mediaType }).end(found.bytes);
    else response.writeHead(404).end(errors('MANIFEST_UNKNOWN', 'manifest unknown'));
  } else {
    response.writeHead(url.pathname === '/v2/' ? 200 : 404).end('{}');
  }
}

function errors(code: string, message: string): string {
  return JSON.stringify({ errors: [{ code, message }] });
}
