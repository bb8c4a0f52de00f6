import { gzip } from 'node:zlib';
import type { ApiRequest, ApiResponse } from './message.ts';

// An import of node:util loads much that a server never needs.
const { promisify } = process.getBuiltinModule('node:util');
const compressed = promisify(gzip);
/** Shorter bodies cost more to compress than to send. */
const threshold = 128 * 1024;

/** Compresses a whole body of 128 KiB or more for a client that asks for it, quickly rather than well. Never a stream. */
export async function compress(request: Pick<ApiRequest, 'headers'>, response: ApiResponse): Promise<ApiResponse> {
  const { body, headers } = response;
  if (!(body instanceof Uint8Array) || body.length < threshold) return response;
  if (!acceptsGzip(request.headers['accept-encoding']) || headers['content-encoding'] !== undefined) return response;
  const vary = headers.vary === undefined ? 'Accept-Encoding' : `${headers.vary}, Accept-Encoding`;
  return {
    status: response.status,
    headers: { ...headers, 'content-encoding': 'gzip', vary },
    body: await compressed(body, { level: 1 }),
  };
}

function acceptsGzip(header: string | undefined): boolean {
  return header?.split(',').some((part) => part.split(';')[0]?.trim() === 'gzip') ?? false;
}
