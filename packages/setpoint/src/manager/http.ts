import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { KeyPair } from '@setpoint/apimachinery/certificates';
import { type BindAddress, formatAddress } from './address.ts';

/** An import statement would read every export of node:http, among them WebSocket, which loads undici: 50 ms and 17 MB. */
const http = process.getBuiltinModule('node:http');

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | AsyncIterable<Uint8Array | string>;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What is known of a request beside its URL. */
export interface HttpRequest {
  readonly method: 'GET' | 'HEAD';
  readonly headers: IncomingMessage['headers'];
}

/** Answers a GET; undefined is a 404. */
export type Answer = (url: URL, signal: AbortSignal, request: HttpRequest) => Promise<HttpAnswer | undefined>;

/** A small HTTP server for probes, metrics or debugging. */
export interface HttpServer {
  /** The port is the real one where 0 was asked for. */
  readonly address: BindAddress;
  /** What new connections are served with, if it serves HTTPS. */
  certify(pair: KeyPair): void;
  /** Ends open connections too. */
  close(): Promise<void>;
}

/**
 * @param options.secure HTTPS; handshakes fail until there is a certificate
 * @throws Error in one sentence if the address cannot be had
 */
export async function serve(
  name: string,
  address: BindAddress,
  answer: Answer,
  options: { readonly secure?: boolean } = {},
): Promise<HttpServer> {
  const handler = (request: IncomingMessage, response: ServerResponse) => void handle(request, response, answer);
  const secure = options.secure ? createSecure(handler) : undefined;
  const server: Server | SecureServer = secure ?? http.createServer(handler);
  server.listen(address.port, address.host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'the port is in use' : (error as Error).message;
    throw new Error(`cannot serve ${name} on ${formatAddress(address)}: ${why}`, { cause: error });
  }
  // A scrape that nobody reads must not keep a process alive.
  server.unref();
  const { address: host, port } = server.address() as AddressInfo;
  return {
    address: { host, port },
    certify: ({ certificate, key }) => secure?.setSecureContext({ cert: certificate, key, minVersion: 'TLSv1.2' }),
    close: () => close(server),
  };
}

function createSecure(handler: (request: IncomingMessage, response: ServerResponse) => void): SecureServer {
  const server = process.getBuiltinModule('node:https').createServer({ minVersion: 'TLSv1.2' }, handler);
  // Broken handshakes are the business of whoever called.
  server.on('tlsClientError', () => undefined);
  return server;
}

async function handle(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  try {
    const { method, headers } = request;
    const found =
      method === 'GET' || method === 'HEAD'
        ? await answer(new URL(request.url ?? '/', 'http://localhost'), gone.signal, { method, headers })
        : { status: 405, contentType: 'text/plain; charset=utf-8', body: 'method not allowed\n' };
    const { status, contentType, body, ...more } = found ?? notFound;
    const own = { 'content-type': contentType, 'x-content-type-options': 'nosniff' };
    response.writeHead(status, { ...own, ...('headers' in more ? more.headers : {}) });
    if (method !== 'HEAD' && typeof body !== 'string') await stream(body, response, gone.signal);
    response.end(method === 'HEAD' || typeof body !== 'string' ? undefined : body);
  } catch {
    if (response.headersSent) response.destroy();
    else response.writeHead(500).end();
  }
}

async function stream(
  body: AsyncIterable<Uint8Array | string>,
  response: ServerResponse,
  gone: AbortSignal,
): Promise<void> {
  for await (const chunk of body) {
    if (gone.aborted) return;
    if (!response.write(chunk)) await once(response, 'drain', { signal: gone });
  }
}

const notFound: HttpAnswer = { status: 404, contentType: 'text/plain; charset=utf-8', body: '404 page not found\n' };

async function close(server: Server | SecureServer): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
