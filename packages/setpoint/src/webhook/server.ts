import { once } from 'node:events';
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { KeyPair } from '@setpoint/apimachinery/certificates';
import type { Router } from './router.ts';

/** Loaded by those who serve; see the manager's servers for why this is no import statement. */
const http2 = process.getBuiltinModule('node:http2');

/** Sockets on which nothing happens are let go after this; by wall time, as all below sockets. */
const idleTimeout = 150_000;

/**
 * Serves webhooks over TLS, HTTP/2 and HTTP/1.1. It listens before it has a certificate, so that a busy port is found
 * at once; until then handshakes fail.
 */
export class WebhookServer {
  readonly #server: Http2SecureServer;
  readonly #router: Router;
  readonly #clientCa: string | undefined;
  readonly #sockets = new Set<Socket>();
  #inFlight = 0;
  #drained: (() => void) | undefined;
  #certified = false;

  /** @param clientCa PEM; only callers with a certificate of one of these authorities are answered */
  constructor(router: Router, clientCa?: string) {
    this.#router = router;
    this.#clientCa = clientCa;
    const callers = clientCa === undefined ? {} : { requestCert: true, rejectUnauthorized: true };
    this.#server = http2.createSecureServer(
      { allowHTTP1: true, minVersion: 'TLSv1.2', ...callers },
      (request, response) => void this.#handle(request, response),
    );
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    // Broken handshakes and connections are the business of whoever called.
    this.#server.on('tlsClientError', () => undefined);
    this.#server.on('sessionError', () => undefined);
    this.#server.setTimeout(idleTimeout);
  }

  /** Where it listens; the port is the real one where 0 was asked for. */
  async listen({ host, port }: { readonly host: string; readonly port: number }) {
    this.#server.listen(port, host);
    try {
      await once(this.#server, 'listening');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const why = code === 'EADDRINUSE' ? 'the port is in use' : message;
      throw new Error(`cannot serve webhooks on ${host.includes(':') ? `[${host}]` : host}:${port}: ${why}`, {
        cause: error,
      });
    }
    this.#server.unref();
    const { address, port: real } = this.#server.address() as AddressInfo;
    return { host: address, port: real };
  }

  /** What new connections are served with; those that are open keep theirs. */
  certify({ certificate, key }: KeyPair): void {
    const ca = this.#clientCa === undefined ? {} : { ca: this.#clientCa };
    this.#server.setSecureContext({ cert: certificate, key, ...ca });
    this.#certified = true;
  }

  get certified(): boolean {
    return this.#certified;
  }

  /** Takes no more connections, waits for the answers under way until the signal aborts, and ends all connections. */
  async close(deadline: AbortSignal): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    if (this.#inFlight > 0 && !deadline.aborted) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
        deadline.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #handle(request: Http2ServerRequest, response: Http2ServerResponse): Promise<void> {
    this.#inFlight++;
    const gone = new AbortController();
    response.on('close', () => gone.abort(new Error('whoever asked has gone')));
    request.on('error', () => gone.abort(new Error('the connection broke')));
    response.on('error', () => gone.abort(new Error('the connection broke')));
    try {
      const url = request.url ?? '/';
      const body = await readBody(request, this.#router.limit(url) ?? 0);
      const contentType = request.headers['content-type'] ?? '';
      const answer = await this.#router.answer({
        method: request.method ?? '',
        url,
        contentType,
        body,
        signal: gone.signal,
      });
      if (gone.signal.aborted) return;
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      const { stream } = response;
      response.end(answer.body);
      // Of a body that is too large the rest is not waited for: it may have no end. HTTP/1.1 closes the connection then.
      if (body === undefined) stream?.close(http2.constants.NGHTTP2_NO_ERROR);
    } catch {
      // The body could not be read: there is nobody left to answer.
      response.stream?.destroy();
    } finally {
      if (--this.#inFlight === 0) this.#drained?.();
    }
  }
}

/** Undefined for a body of more than `limit` bytes, of which no more is read. */
async function readBody(request: Http2ServerRequest, limit: number): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else {
        request.pause();
        resolve(undefined);
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the connection broke')));
  });
}
