import { stringifyJson } from '@setpoint/apimachinery/json';
import { type ApiRequest, type ApiResponse, checkRouted } from '../http/index.ts';
import { methodNotAllowed, notImplemented } from '../status/index.ts';

export interface ServerDocumentsOptions {
  /** Whether the server takes requests; false while it shuts down. */
  readonly ready?: () => boolean;
}

/** The release whose behaviour is emulated, in the form of `/version`. */
const version = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.3+setpoint',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
};

const platforms: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', win32: 'windows' };

/** Health checks of every path; readyz has two more. */
const checks = ['ping', 'log', 'etcd'];
const endpoints: Readonly<Record<string, readonly string[]>> = {
  healthz: checks,
  livez: checks,
  readyz: [...checks, 'informer-sync', 'shutdown'],
};

/**
 * Answers for `/version`, `/healthz`, `/livez`, `/readyz` and the checks below them; undefined for every other path.
 * `/metrics` is refused by name (501).
 */
export function createServerDocuments(
  options: ServerDocumentsOptions = {},
): (request: ApiRequest, path: string) => ApiResponse | undefined {
  return (request, path) => {
    if (path === '/version' || path === '/version/') {
      if (request.method !== 'GET') throw methodNotAllowed();
      checkRouted(request, ['application/json']);
      return versionDocument();
    }
    if (path === '/metrics') throw notImplemented('/metrics');
    const [, endpoint = '', check, ...rest] = path.split('/');
    const names = Object.hasOwn(endpoints, endpoint) ? endpoints[endpoint] : undefined;
    if (!names || rest.length > 0) return undefined;
    const failing = endpoint !== 'livez' && options.ready?.() === false;
    if (check === undefined) return health(endpoint, names, request.url, failing);
    if (!names.includes(check)) return undefined;
    if (failing && check === 'shutdown') return text(500, 'internal server error: shutting down');
    return { status: 200, headers: { 'content-type': plainText }, body: Buffer.from('ok') };
  };
}

const plainText = 'text/plain; charset=utf-8';

function versionDocument(): ApiResponse {
  const platform = `${platforms[process.platform] ?? process.platform}/${platforms[process.arch] ?? process.arch}`;
  const document = { ...version, goVersion: `node${process.versions.node}`, compiler: 'v8', platform };
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(stringifyJson(document, { indent: 2 })),
  };
}

function health(endpoint: string, names: readonly string[], url: string, failing: boolean): ApiResponse {
  const query = new URLSearchParams(url.slice(url.indexOf('?') + 1));
  const verbose = url.includes('?') && query.has('verbose');
  if (!failing && !verbose) return text(200, 'ok');
  const excluded = new Set(query.getAll('exclude'));
  const bad = (name: string) => failing && !excluded.has(name) && (name === 'shutdown' || endpoint === 'healthz');
  const lines = names.map((name) => {
    if (excluded.has(name)) return `[+]${name} excluded: ok`;
    return bad(name) ? `[-]${name} failed: reason withheld` : `[+]${name} ok`;
  });
  const failed = names.some(bad);
  const strange = [...excluded].filter((name) => !names.includes(name)).map((name) => `"${name}"`);
  if (strange.length > 0) {
    lines.push(`warn: some health checks cannot be excluded: no matches for ${strange.join(', ')}`);
  }
  lines.push(`${endpoint} check ${failed ? 'failed' : 'passed'}`, '');
  return text(failed ? 500 : 200, lines.join('\n'));
}

function text(status: number, body: string): ApiResponse {
  const headers = { 'content-type': plainText, 'x-content-type-options': 'nosniff' };
  return { status, headers, body: Buffer.from(body) };
}
