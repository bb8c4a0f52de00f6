import { RequestError } from '../../../errors/index.ts';
import type { TransportRequest } from '../transport.ts';

/** What would end a line, or what a server may take for the end of one. */
const notInValue = /[^\t\x20-\x7e\x80-\xff]/;
const notInTarget = /[^\x21-\x7e]/;
const notInName = /[^!#$%&'*+\-.^_`|~0-9A-Za-z]/;

/** The head of a request as it goes on the wire, one byte a character. Nothing in it can begin another request. */
export function requestHead(request: TransportRequest, host: string): string {
  const { method, url, headers, body } = request;
  if (notInName.test(method) || notInTarget.test(url)) {
    throw new RequestError('the method or the path of the request holds characters that must be escaped');
  }
  let head = `${method} ${url} HTTP/1.1\r\nhost: ${host}\r\n`;
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    if (typeof value === 'string') head += field(name, value);
    else for (const one of value) head += field(name, one);
  }
  if (body) head += `content-length: ${body.length}\r\n`;
  else if (method === 'POST' || method === 'PUT' || method === 'PATCH') head += 'content-length: 0\r\n';
  return `${head}\r\n`;
}

/** The value stays out of the error: it may be a token. */
function field(name: string, value: string): string {
  if (notInName.test(name)) throw new RequestError('the name of a header holds characters that no header may have');
  if (notInValue.test(value)) throw new RequestError(`the header ${name} holds characters that no header may have`);
  return `${name}: ${value}\r\n`;
}
