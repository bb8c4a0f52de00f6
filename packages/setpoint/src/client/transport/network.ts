import type { Clock } from '@setpoint/apimachinery/clock';
import { isConnectionError } from '../../errors/index.ts';
import type { TlsConfig } from '../kubeconfig/index.ts';
import { linkedSignal } from '../linked-signal.ts';
import { Connector, parseTarget, type Target } from './connect.ts';
import { clientClosed } from './failure.ts';
import { Http1Client } from './http1/index.ts';
import type { Http2Client, HttpOneOnly } from './http2/index.ts';
import type {
  ConnectionClass,
  Transport,
  TransportRequest,
  TransportResponse,
  UpgradedSocket,
  UpgradeRequest,
} from './transport.ts';
import { openWebSocket } from './web-socket.ts';

/** Options of `networkTransport`; times are in milliseconds. */
export interface NetworkTransportOptions {
  /** `https://host:port`; a path in it comes before every request's path. */
  readonly server: string;
  /** Left out: what Node trusts, and no client certificate. */
  readonly tls?: TlsConfig | undefined;
  readonly clock: Clock;
  /** Milliseconds between two HTTP/2 pings of a connection. @default 30_000 */
  readonly pingInterval?: number | undefined;
  /** Milliseconds after which a connection without an answer to a ping is dead. @default 15_000 */
  readonly pingTimeout?: number | undefined;
}

/** A transport over sockets, whose certificates can change under way. */
export interface NetworkTransport extends Transport {
  /** Later requests use connections made with these; the present ones end with their requests. */
  replaceTls(tls: TlsConfig): void;
  /** Connections per class, for tests and diagnosis. */
  connections(): Readonly<Record<ConnectionClass, number>>;
}

/**
 * As many watches have a connection each, of HTTP/1.1; those beyond share connections of HTTP/2. An operator with a watch for
 * each of ten kinds does without Node's HTTP/2, which takes 10 to 16 ms of processor time to load; one with a watch for each
 * of a hundred namespaces would hold a hundred connections.
 */
const mostSingleWatches = 32;

/**
 * HTTP/1.1 with kept connections, and HTTP/2 for many watches, or where the server takes nothing else. Watches, unary requests
 * and the lease have connections of their own.
 */
export function networkTransport(options: NetworkTransportOptions): NetworkTransport {
  return new SocketTransport(options);
}

class SocketTransport implements NetworkTransport {
  readonly host: string;
  readonly #options: NetworkTransportOptions;
  readonly #target: Target;
  readonly #closing = new AbortController();
  #tls: TlsConfig;
  #connector: Connector;
  #http1: Http1Client;
  #http2: Http2Client | undefined;
  /** Those of former certificates, while requests of theirs go on. */
  readonly #retired = new Set<Http1Client | Http2Client>();
  /** Loaded when the first request needs it: few operators do. */
  #http2Module: Promise<typeof import('./http2/index.ts')> | undefined;
  /** What the server was found not to take. */
  #without: 'h2' | 'http/1.1' | undefined;
  #closed = false;

  constructor(options: NetworkTransportOptions) {
    this.#options = options;
    this.#target = parseTarget(options.server);
    this.host = this.#target.host;
    this.#tls = options.tls ?? {};
    this.#connector = new Connector(this.#target, this.#tls);
    this.#http1 = this.#newHttp1();
    if (!this.#target.secure) this.#without = 'h2';
  }

  request(request: TransportRequest): Promise<TransportResponse> {
    if (request.signal.aborted) return Promise.reject(request.signal.reason);
    if (this.#closed) return Promise.reject(clientClosed(false));
    const { basePath } = this.#target;
    const full = basePath === '' ? request : { ...request, url: basePath + request.url };
    if (this.#without === 'http/1.1') return this.#overHttp2(full);
    const { connection } = request;
    if (this.#without === undefined && connection === 'watch' && this.#http1.active('watch') >= mostSingleWatches) {
      return this.#overHttp2(full);
    }
    return this.#overHttp1(full);
  }

  async upgrade(request: UpgradeRequest): Promise<UpgradedSocket | TransportResponse> {
    if (this.#closed) throw clientClosed(false);
    const link = linkedSignal(request.signal, this.#closing.signal);
    return openWebSocket(this.#target, this.#tls, { ...request, signal: link.signal }, () => link[Symbol.dispose]());
  }

  replaceTls(tls: TlsConfig): void {
    this.#tls = tls;
    this.#connector = new Connector(this.#target, tls);
    this.#retire(this.#http1);
    this.#http1 = this.#newHttp1();
    if (this.#http2) this.#retire(this.#http2);
    this.#http2 = undefined;
  }

  connections(): Record<ConnectionClass, number> {
    const of = (connection: ConnectionClass) =>
      this.#http1.connections(connection) + (this.#http2?.connections(connection) ?? 0);
    return { unary: of('unary'), watch: of('watch'), lease: of('lease') };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#closing.abort(clientClosed(true));
    this.#http1.close();
    this.#http2?.close();
    for (const client of this.#retired) client.close();
  }

  #retire(client: Http1Client | Http2Client): void {
    for (const former of this.#retired) if (isUnused(former)) this.#retired.delete(former);
    client.drain();
    this.#retired.add(client);
  }

  #overHttp1(request: TransportRequest): Promise<TransportResponse> {
    return this.#http1.request(request).catch((error) => {
      if (!isProtocolRefused(error)) throw error;
      this.#without = 'http/1.1';
      return this.#overHttp2(request);
    });
  }

  async #overHttp2(request: TransportRequest): Promise<TransportResponse> {
    this.#http2Module ??= import('./http2/index.ts');
    const { Http2Client } = await this.#http2Module;
    request.signal.throwIfAborted();
    if (this.#closed) throw clientClosed(false);
    const { clock, pingInterval, pingTimeout } = this.#options;
    const connector = this.#connector;
    this.#http2 ??= new Http2Client({ host: this.host, connector, clock, pingInterval, pingTimeout });
    try {
      return await this.#http2.request(request);
    } catch (error) {
      if (!isHttpOneOnly(error)) throw error;
      this.#without = 'h2';
      return this.#http1.request(request);
    }
  }

  #newHttp1(): Http1Client {
    return new Http1Client({ host: this.host, connector: this.#connector, clock: this.#options.clock });
  }
}

function isUnused(client: Http1Client | Http2Client): boolean {
  return client.connections('unary') + client.connections('watch') + client.connections('lease') === 0;
}

/** The server takes none of the protocols that it was offered. */
function isProtocolRefused(error: unknown): boolean {
  const cause = isConnectionError(error) ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
  return /NO_APPLICATION_PROTOCOL/.test(String(cause?.code));
}

/** Told by its code: the class is loaded with the rest of HTTP/2. */
function isHttpOneOnly(error: unknown): error is HttpOneOnly {
  return error instanceof Error && (error as { code?: unknown }).code === 'HttpOneOnly';
}
