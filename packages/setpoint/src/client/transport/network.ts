import type { Clock } from '@setpoint/apimachinery/clock';
import type { TlsConfig } from '../kubeconfig/index.ts';
import { linkedSignal } from '../linked-signal.ts';
import { connectTls, parseTarget, type Target } from './connect.ts';
import { clientClosed, lostConnection } from './failure.ts';
import { Http1Client } from './http1.ts';
import { Http2Connection } from './http2-connection.ts';
import { SessionPool } from './session-pool.ts';
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
  /** Connections per class, for tests and diagnosis; empty over HTTP/1.1. */
  connections(): Readonly<Record<ConnectionClass, number>>;
}

/** A list may run ahead of its reader by a few pages' worth; an unread watch holds no more than this in memory. */
const streamWindows: Readonly<Record<ConnectionClass, number>> = {
  unary: 4 * 1024 * 1024,
  watch: 256 * 1024,
  lease: 64 * 1024,
};

/**
 * HTTP/2 where the server takes it in the TLS handshake, else HTTP/1.1 with kept connections.
 * Watches, unary requests and the lease have connections of their own.
 */
export function networkTransport(options: NetworkTransportOptions): NetworkTransport {
  return new SocketTransport(options);
}

class HttpOneOnly extends Error {}

class SocketTransport implements NetworkTransport {
  readonly host: string;
  readonly #options: NetworkTransportOptions;
  readonly #target: Target;
  #tls: TlsConfig;
  readonly #pools: Record<ConnectionClass, SessionPool>;
  #http1: Http1Client | undefined;
  readonly #closing = new AbortController();
  #closed = false;

  constructor(options: NetworkTransportOptions) {
    this.#options = options;
    this.#target = parseTarget(options.server);
    this.host = this.#target.host;
    this.#tls = options.tls ?? {};
    this.#pools = this.#newPools();
    if (!this.#target.secure) this.#http1 = new Http1Client(this.#target, this.#tls);
  }

  request(request: TransportRequest): Promise<TransportResponse> {
    if (request.signal.aborted) return Promise.reject(request.signal.reason);
    if (this.#closed) return Promise.reject(clientClosed(false));
    const { basePath } = this.#target;
    const full = basePath === '' ? request : { ...request, url: basePath + request.url };
    if (this.#http1) return this.#http1.request(full);
    const pool = this.#pools[request.connection ?? 'unary'];
    // Where a connection has room nothing is waited for.
    return pool.free()?.request(full) ?? this.#queued(pool, full);
  }

  async #queued(pool: SessionPool, full: TransportRequest): Promise<TransportResponse> {
    try {
      const connection = await acquire(pool, full.signal);
      return await connection.request(full);
    } catch (error) {
      if (!(error instanceof HttpOneOnly)) throw error;
      this.#http1 ??= new Http1Client(this.#target, this.#tls);
      return this.#http1.request(full);
    }
  }

  async upgrade(request: UpgradeRequest): Promise<UpgradedSocket | TransportResponse> {
    if (this.#closed) throw clientClosed(false);
    const link = linkedSignal(request.signal, this.#closing.signal);
    return openWebSocket(this.#target, this.#tls, { ...request, signal: link.signal }, () => link[Symbol.dispose]());
  }

  replaceTls(tls: TlsConfig): void {
    this.#tls = tls;
    for (const pool of Object.values(this.#pools)) pool.drain();
    if (this.#http1) {
      this.#http1.drain();
      this.#http1 = new Http1Client(this.#target, tls);
    }
  }

  connections(): Record<ConnectionClass, number> {
    const { unary, watch, lease } = this.#pools;
    return { unary: unary.size, watch: watch.size, lease: lease.size };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#closing.abort(clientClosed(true));
    for (const pool of Object.values(this.#pools)) pool.destroy(clientClosed(true));
    this.#http1?.close();
  }

  #newPools(): Record<ConnectionClass, SessionPool> {
    const pool = (connection: ConnectionClass) =>
      new SessionPool({
        open: (onChange) => this.#connect(connection, onChange),
        unusable: () => lostConnection(this.host, new Error('the server closes every connection at once'), false),
      });
    return { unary: pool('unary'), watch: pool('watch'), lease: pool('lease') };
  }

  async #connect(connection: ConnectionClass, onChange: () => void): Promise<Http2Connection> {
    const { clock, pingInterval, pingTimeout } = this.#options;
    const tls = this.#tls;
    const socket = await connectTls(this.#target, tls, clock);
    if (socket.alpnProtocol !== 'h2') {
      socket.destroy();
      throw new HttpOneOnly();
    }
    const options = { host: this.host, clock, streamWindow: streamWindows[connection], pingInterval, pingTimeout };
    const opened = await Http2Connection.open(socket, options, onChange);
    if (this.#closed) {
      opened.destroy();
      throw clientClosed(false);
    }
    // Certificates that changed during the handshake: this one serves who waits for it, later ones get another.
    if (tls !== this.#tls) opened.drain();
    return opened;
  }
}

/** Waits for a slot no longer than the signal allows; a slot that comes too late is given back. */
function acquire(pool: SessionPool, signal: AbortSignal): Promise<Http2Connection> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    pool
      .acquire()
      .then((connection) => {
        if (signal.aborted) connection.release();
        else resolve(connection);
      }, reject)
      .finally(() => signal.removeEventListener('abort', onAbort));
  });
}
