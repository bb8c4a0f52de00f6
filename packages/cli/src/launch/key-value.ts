import type { IncomingMessage } from 'node:http';
import type { LinkAnswer } from './link.ts';
import type { StorageLink } from './storage-link.ts';

/** An answer of etcd's JSON gateway that is none: an HTTP status and a gRPC code. */
export class EtcdError extends Error {
  override readonly name = 'EtcdError';
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const mostBytes = 3 << 20;

/**
 * Range and Put of one key, as etcd's JSON gateway answers them. How often an object was changed is not kept, so
 * `version` and `create_revision` are left out.
 *
 * @throws EtcdError for everything else
 */
export async function answerKeyValue(request: IncomingMessage, path: string, link: StorageLink): Promise<object> {
  const isRange = path === '/v3/kv/range';
  if (!isRange && path !== '/v3/kv/put')
    throw new EtcdError(501, 12, `${path} is not available: this etcd answers /v3/kv/range and /v3/kv/put`);
  if (request.method !== 'POST') throw new EtcdError(405, 12, 'Method Not Allowed');
  const body = await bodyOf(request);
  const key = bytesOf(body, 'key').toString();
  if (key === '') throw new EtcdError(400, 3, 'etcdserver: key is not provided');
  refuseMore(body, isRange);
  const answer = await link.ask(
    isRange ? { type: 'get', key } : { type: 'put', key, value: bytesOf(body, 'value').toString('base64') },
  );
  if (!answer) throw new EtcdError(503, 14, 'no kube-apiserver keeps its objects here at the moment');
  return isRange ? rangeAnswer(key, answer) : putAnswer(answer);
}

/** Members of a request that would change its answer. */
function refuseMore(body: Readonly<Record<string, unknown>>, isRange: boolean): void {
  const known = isRange ? ['key', 'limit', 'serializable', 'sort_order', 'sort_target'] : ['key', 'value'];
  for (const [name, value] of Object.entries(body)) {
    if (known.includes(name) || value === false || value === '' || value === '0' || value === 0) continue;
    throw new EtcdError(501, 12, `${name} is not available: this etcd answers Range and Put of single keys`);
  }
}

function rangeAnswer(key: string, answer: LinkAnswer): object {
  const header = headerOf(answer);
  if (answer.type === 'refused') throw new EtcdError(400, 3, answer.message);
  if (answer.type === 'nothing') return { header };
  const kv = { key: Buffer.from(key).toString('base64'), mod_revision: String(answer.modified), value: answer.value };
  return { header, kvs: [kv], count: '1' };
}

function putAnswer(answer: LinkAnswer): object {
  if (answer.type === 'refused') throw new EtcdError(400, 3, answer.message);
  return { header: headerOf(answer) };
}

function headerOf({ revision }: LinkAnswer): object {
  return { cluster_id: '1', member_id: '1', revision: String(revision), raft_term: '1' };
}

async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > mostBytes) throw new EtcdError(400, 3, 'etcdserver: request is too large');
    chunks.push(chunk);
  }
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString() || '{}');
  } catch (error) {
    throw new EtcdError(400, 3, (error as Error).message);
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new EtcdError(400, 3, 'the body must be a JSON object');
  return body as Readonly<Record<string, unknown>>;
}

function bytesOf(body: Readonly<Record<string, unknown>>, name: string): Buffer {
  const value = body[name] ?? '';
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(value))
    throw new EtcdError(400, 3, `${name} must be a string in base64`);
  return Buffer.from(value, 'base64');
}
