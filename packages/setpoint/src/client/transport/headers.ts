import type { OutgoingHttpHeaders } from 'node:http';
import type { TransportRequest } from './transport.ts';

/** Our header fields as Node takes them. */
export function outgoingHeaders(headers: TransportRequest['headers']): OutgoingHttpHeaders {
  const outgoing: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) outgoing[name] = typeof value === 'string' ? value : [...value];
  }
  return outgoing;
}
