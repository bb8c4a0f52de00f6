import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type BindAddress, formatAddress } from './address.ts';

/** An import statement would read every export of node:http, among them WebSocket, which loads undici: 50 ms and 17 MB. */
const http = process.getBuiltinModule('node:http');

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Answers a GET; undefined is a 404. */
export type Answer = (url: URL, signal: AbortSignal) => Promise<HttpAnswer | undefined>;

/** A small HTTP server for probes or metrics. */
export interface HttpServer {
  /** The port is the real one where 0 was asked for. */
  readonly address: BindAddress;
  /** Ends open connections too. */
  close(): Promise<void>;
}

/** @throws Error in one sentence if the address cannot be had */
export async function serve(name: string, address: BindAddress, answer: Answer): Promise<HttpServer> {
  const server = http.createServer((request, response) => void handle(request, response, answer));
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
  return { address: { host, port }, close: () => close(server) };
}

async function handle(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  try {
    const found =
      request.method === 'GET' || request.method === 'HEAD'
        ? await answer(new URL(request.url ?? '/', 'http://localhost'), gone.signal)
        : { status: 405, contentType: 'text/plain; charset=utf-8', body: 'method not allowed\n' };
    const { status, contentType, body } = found ?? notFound;
    response.writeHead(status, { 'content-type': contentType, 'x-content-type-options': 'nosniff' });
    response.end(request.method === 'HEAD' ? undefined : body);
  } catch {
    if (!response.headersSent) response.writeHead(500);
    response.end();
  }
}

const notFound: HttpAnswer = { status: 404, contentType: 'text/plain; charset=utf-8', body: '404 page not found\n' };

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
