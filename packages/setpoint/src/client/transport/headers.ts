import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { TransportRequest } from './transport.ts';

/** Our header fields as Node takes them. */
export function outgoingHeaders(headers: TransportRequest['headers']): OutgoingHttpHeaders {
  const outgoing: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) outgoing[name] = typeof value === 'string' ? value : [...value];
  }
  return outgoing;
}

/** Headers of an answer as texts: Node gives their bytes as characters, and warnings of the API server are UTF-8. */
export function incomingHeaders(headers: IncomingHttpHeaders): Record<string, string | readonly string[] | undefined> {
  const result: Record<string, string | readonly string[] | undefined> = {};
  for (const [name, value] of Object.entries(headers)) {
    // What begins with a colon belongs to HTTP/2.
    if (name.startsWith(':')) continue;
    result[name] =
      name === 'warning' && typeof value === 'string' ? Buffer.from(value, 'latin1').toString('utf8') : value;
  }
  return result;
}
