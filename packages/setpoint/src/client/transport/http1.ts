import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import https from 'node:https';
import type { TlsConfig } from '../kubeconfig/index.ts';
import { type Target, tlsOptions } from './connect.ts';
import { clientClosed, connectFailure, lostConnection } from './failure.ts';
import { incomingHeaders, outgoingHeaders } from './headers.ts';
import { StreamBody } from './stream-body.ts';
import type { ConnectionClass, TransportRequest, TransportResponse } from './transport.ts';

/** An import statement would read every export of node:http, among them WebSocket, which loads undici: 50 ms and 13 MB. */
const http = process.getBuiltinModule('node:http');

/** HTTP/1.1 holds a connection per request; unary requests beyond this many wait for one. */
const unaryConnections = 50;

/** Requests over HTTP/1.1 with kept connections, for servers and proxies that have no HTTP/2. */
export class Http1Client {
  readonly #target: Target;
  readonly #tls: TlsConfig;
  readonly #agents: Record<ConnectionClass, Agent>;
  #closed = false;

  constructor(target: Target, tls: TlsConfig) {
    this.#target = target;
    this.#tls = tls;
    const agent = (maxSockets: number) =>
      target.secure
        ? new https.Agent({ keepAlive: true, maxSockets })
        : new http.Agent({ keepAlive: true, maxSockets });
    this.#agents = { unary: agent(unaryConnections), watch: agent(Number.POSITIVE_INFINITY), lease: agent(2) };
  }

  request(request: TransportRequest): Promise<TransportResponse> {
    const { host } = this.#target;
    const { signal } = request;
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#closed) return Promise.reject(clientClosed(false));
    return new Promise((resolve, reject) => {
      const outgoing = this.#start(request);
      let body: StreamBody | undefined;
      let sent = false;
      const onAbort = () => {
        if (body) body.fail(signal.reason);
        else reject(signal.reason);
        outgoing.destroy();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const sending = () => {
        try {
          request.onSending?.();
          sent = true;
        } catch (error) {
          reject(error);
          outgoing.destroy();
        }
      };
      outgoing.on('socket', (socket) => {
        if (outgoing.reusedSocket) sending();
        else socket.once(this.#target.secure ? 'secureConnect' : 'connect', sending);
      });
      outgoing.on('error', (error) => {
        if (!body) reject(sent ? lostConnection(host, error, true) : connectFailure(host, error));
      });
      outgoing.on('close', () => {
        signal.removeEventListener('abort', onAbort);
        if (!body) reject(lostConnection(host, undefined, sent));
      });
      outgoing.on('response', (incoming: IncomingMessage) => {
        let failed: Error | undefined;
        incoming.on('error', (error) => {
          failed = error;
        });
        body = new StreamBody(incoming, {
          failure: () => (incoming.complete ? undefined : lostConnection(host, failed, true)),
          cancel: () => outgoing.destroy(),
        });
        resolve({ status: incoming.statusCode ?? 0, headers: incomingHeaders(incoming.headers), body });
      });
      outgoing.end(request.body);
    });
  }

  /** Ends idle connections now and the others with their requests. */
  drain(): void {
    this.#closed = true;
    for (const agent of Object.values(this.#agents)) {
      for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
    }
  }

  close(): void {
    this.#closed = true;
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  #start(request: TransportRequest): ClientRequest {
    const headers = outgoingHeaders(request.headers);
    if (request.body) headers['content-length'] = request.body.length;
    const options = {
      agent: this.#agents[request.connection ?? 'unary'],
      host: this.#target.hostname,
      port: this.#target.port,
      method: request.method,
      path: request.url,
      headers,
    };
    return this.#target.secure ? https.request({ ...options, ...tlsOptions(this.#tls) }) : http.request(options);
  }
}
