import type { Random } from '@setpoint/apimachinery/clock';
import { corpus, type WireRequest } from './corpus.ts';

/** A request of the corpus with one to three mistakes in it, or with none that matters. */
export function mutant(random: Random): WireRequest {
  let request = pick(random, corpus);
  for (let changes = 1 + below(random, 3); changes > 0; changes--)
    request = pick(random, changesOf(request))(request, random);
  return harmless(below(random, 4) === 0 ? { ...request, http2: true } : request);
}

/** Nothing is written. Options in the body of a deletion are heard instead of those in the query. */
function harmless(request: WireRequest): WireRequest {
  const { method, path, body } = request;
  if (method !== 'DELETE' || body.includes('"dryRun":["All"]')) return request;
  const dry = path.includes('dryRun=All') ? path : `${path}${path.includes('?') ? '&' : '?'}dryRun=All`;
  return { ...request, path: dry, body: Buffer.alloc(0) };
}

type Change = (request: WireRequest, random: Random) => WireRequest;

function changesOf(request: WireRequest): readonly Change[] {
  const body: Change[] = request.body.length > 0 ? [value, value, value, value, bytes, bytes, cut] : [];
  return [method, path, path, query, query, header, ...body];
}

function below(random: Random, count: number): number {
  return Math.floor(random.next() * count);
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[below(random, from.length)] as T;
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'FOO', 'get', 'CONNECT'];

function method(request: WireRequest, random: Random): WireRequest {
  return { ...request, method: pick(random, methods) };
}

const segments = [
  '',
  '.',
  '..',
  '%2e%2e',
  '%2F',
  '%00',
  '%zz',
  '%',
  'ü',
  'a'.repeat(3000),
  'watch',
  'status',
  'scale',
  'proxy',
  'log',
  'v1',
  'v2',
  'namespaces',
  'Pods',
  'configmaps',
  '*',
  'a:b',
  ';a=b',
  'no such',
  'UPPER',
  '-',
  'seed/seed',
  'token',
  'eviction',
  'binding',
  'finalize',
  'exec',
];

function path(request: WireRequest, random: Random): WireRequest {
  const [before = '', ...after] = request.path.split('?');
  const parts = before.split('/');
  const at = 1 + below(random, Math.max(1, parts.length - 1));
  switch (below(random, 4)) {
    case 0:
      parts.splice(at, 1);
      break;
    case 1:
      parts.splice(at, 0, pick(random, segments));
      break;
    case 2:
      parts[at] = pick(random, segments);
      break;
    default:
      parts[at] = changedText(parts[at] ?? '', random);
  }
  return { ...request, path: [parts.join('/') || '/', ...after].join('?') };
}

const parameters = [
  'watch',
  'limit',
  'continue',
  'resourceVersion',
  'resourceVersionMatch',
  'fieldSelector',
  'labelSelector',
  'dryRun',
  'fieldManager',
  'fieldValidation',
  'force',
  'timeoutSeconds',
  'allowWatchBookmarks',
  'sendInitialEvents',
  'propagationPolicy',
  'gracePeriodSeconds',
  'orphanDependents',
  'pretty',
  'timeout',
  'includeObject',
  'unknown',
];
const values = [
  '',
  '0',
  '1',
  '-1',
  'true',
  'false',
  'maybe',
  'null',
  '99999999999999999999',
  '1.5',
  '1e3',
  'All',
  'None',
  'abc',
  'a=b',
  'a==b',
  'a!=b',
  'a in (b,c)',
  'a in (',
  '!a',
  'a,,b',
  '=',
  '((',
  'metadata.name=x',
  'spec.x=y',
  'metadata.name=x,metadata.namespace!=y',
  'Exact',
  'NotOlderThan',
  'Strict',
  'Warn',
  'Ignore',
  'Foreground',
  'Orphan',
  'x'.repeat(200),
  '%00',
  '%zz',
  '%',
  '😀',
  '10s',
  '-5s',
  'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhXHUwMDAwIn0',
];

function query(request: WireRequest, random: Random): WireRequest {
  const [before = '', after = ''] = request.path.split('?');
  const pairs = after.split('&').filter(Boolean);
  const raw = pick(random, values);
  const encoded = /%(00|zz|$)/.test(raw) ? raw : encodeURIComponent(raw);
  const added = `${pick(random, parameters)}=${encoded}`;
  // What keeps both servers alike, and watches short, stays as it is.
  const loose = pairs.flatMap((pair, i) => (/^(dryRun|timeoutSeconds|watch)=/.test(pair) ? [] : [i]));
  const keeps = pairs.some(
    (pair) => added.startsWith(`${pair.split('=')[0]}=`) && /^(dryRun|timeoutSeconds|watch)=/.test(pair),
  );
  if (below(random, 3) === 0 && loose.length > 0) pairs.splice(pick(random, loose), 1);
  else if (keeps) pairs.push('unknown=1');
  else pairs.splice(below(random, pairs.length + 1), 0, added);
  return { ...request, path: pairs.length > 0 ? `${before}?${pairs.join('&')}` : before };
}

const headers: readonly (readonly [string, readonly string[]])[] = [
  [
    'content-type',
    [
      '',
      'text/plain',
      'application/json; charset=utf-8',
      'application/yaml',
      'application/cbor',
      'garbage',
      'application/vnd.kubernetes.protobuf',
      'application/merge-patch+json',
      'application/json-patch+json',
      'application/strategic-merge-patch+json',
      'application/apply-patch+yaml',
      '*/*',
      'application/json;;',
      'é',
    ],
  ],
  [
    'accept',
    [
      '',
      '*/*',
      'text/html',
      'application/yaml',
      'application/json;as=Table;v=v1;g=meta.k8s.io',
      'garbage',
      'application/json;as=Table;v=v9;g=meta.k8s.io',
      'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
      'application/json;q=0',
      'application/json;stream=watch',
      'application/cbor',
      ';;;',
      'a/b/c',
    ],
  ],
  ['impersonate-user', ['', 'jane', 'system:serviceaccount:a:b', 'system:serviceaccount:a', 'system:anonymous', 'é']],
  ['impersonate-group', ['', 'system:masters', 'a,b']],
  ['impersonate-uid', ['', '1']],
  ['impersonate-extra-a%zz', ['b']],
  ['impersonate-extra-', ['b']],
  ['authorization', ['', 'Bearer', 'Bearer ', 'bearer x', 'Bearer a.b.c', 'Bearer a b', 'Basic eDp5', 'x']],
  ['accept-encoding', ['gzip', 'br', 'gzip;q=0', 'identity', '']],
  ['user-agent', ['', 'x'.repeat(2000), 'kubectl/v1.36 (linux/amd64)', 'curl/8', '😀']],
  ['expect', ['100-continue']],
  ['x-unknown', ['1']],
  ['range', ['bytes=0-1']],
  ['if-none-match', ['"x"', '*']],
];

function header(request: WireRequest, random: Random): WireRequest {
  const [name, all] = pick(random, headers);
  return { ...request, headers: { ...request.headers, [name]: pick(random, all) } };
}

const wrong: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e21,
  '',
  'x',
  [],
  {},
  [null],
  [[]],
  [1],
  { a: 1 },
  '9'.repeat(300),
  'Not A Name',
  '../x',
  'a'.repeat(300),
  2147483648,
  9007199254740992,
  '2026-01-01T00:00:00Z',
  '1Gi',
  '-5',
  '😀',
];
const names = [
  'apiVersion',
  'kind',
  'metadata',
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generateName',
  'labels',
  'annotations',
  'finalizers',
  'ownerReferences',
  'managedFields',
  'creationTimestamp',
  'deletionTimestamp',
  'spec',
  'status',
  'data',
  '__proto__',
  'constructor',
  'toString',
  '',
  'x.y',
  'replicas',
  '$patch',
  '$retainKeys',
];

/** A member or element is replaced, removed, added, or renamed. */
function value(request: WireRequest, random: Random): WireRequest {
  let parsed: unknown;
  try {
    parsed = JSON.parse(request.body.toString());
  } catch {
    return bytes(request, random);
  }
  const places: { readonly of: Record<string, unknown>; readonly key: string }[] = [];
  const collect = (of: unknown) => {
    if (typeof of !== 'object' || of === null) return;
    for (const key of Object.keys(of)) {
      places.push({ of: of as Record<string, unknown>, key });
      collect((of as Record<string, unknown>)[key]);
    }
  };
  collect(parsed);
  if (places.length === 0) return bytes(request, random);
  const { of, key } = pick(random, places);
  switch (below(random, 5)) {
    case 0:
      if (Array.isArray(of)) of.splice(Number(key), 1);
      else delete of[key];
      break;
    case 1:
      if (Array.isArray(of)) of.push(pick(random, wrong));
      else
        Object.defineProperty(of, pick(random, names), {
          value: pick(random, wrong),
          enumerable: true,
          configurable: true,
        });
      break;
    case 2:
      if (Array.isArray(of)) of.push(of[Number(key)]);
      else of[pick(random, names)] = of[key];
      break;
    default:
      of[key] = pick(random, wrong);
  }
  return { ...request, body: Buffer.from(JSON.stringify(parsed)) };
}

/** Some bytes are others. */
function bytes(request: WireRequest, random: Random): WireRequest {
  const body = Buffer.from(request.body);
  for (let changes = 1 + below(random, 4); changes > 0; changes--) {
    if (body.length > 0) body[below(random, body.length)] = below(random, 256);
  }
  return { ...request, body };
}

/** The end is missing, or something stands where nothing should. */
function cut(request: WireRequest, random: Random): WireRequest {
  const { body } = request;
  const at = below(random, body.length + 1);
  const inserted = pick(random, [
    '',
    '',
    '{',
    '}',
    '"',
    '[',
    ',',
    '\\',
    '\0',
    '\ufeff',
    '{"a":1}',
    'null',
    '[['.repeat(50),
  ]);
  const rest = below(random, 2) === 0 ? Buffer.alloc(0) : body.subarray(at);
  return { ...request, body: Buffer.concat([body.subarray(0, at), Buffer.from(inserted), rest]) };
}

function changedText(text: string, random: Random): string {
  const at = below(random, text.length + 1);
  return (
    text.slice(0, at) + pick(random, ['x', '-', '.', 'A', '%20', '0', '_', ':']) + text.slice(at + below(random, 2))
  );
}
