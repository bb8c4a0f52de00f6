import type { TLSSocket } from 'node:tls';
import type { Clock } from '@setpoint/apimachinery/clock';
import type { Connector } from '../connect.ts';
import { clientClosed, lostConnection } from '../failure.ts';
import { type ConnectionClass, readAhead, type TransportRequest, type TransportResponse } from '../transport.ts';
import { Http2Connection } from './connection.ts';
import { SessionPool } from './pool.ts';

export interface Http2ClientOptions {
  readonly host: string;
  readonly connector: Connector;
  readonly clock: Clock;
  /** @default 30_000 */
  readonly pingInterval?: number | undefined;
  /** @default 15_000 */
  readonly pingTimeout?: number | undefined;
}

/** The server takes no HTTP/2. */
export class HttpOneOnly extends Error {
  readonly code = 'HttpOneOnly';
}

/** Requests over HTTP/2, many on one connection; each class of requests has connections of its own. */
export class Http2Client {
  readonly #options: Http2ClientOptions;
  readonly #pools: Readonly<Record<ConnectionClass, SessionPool>>;
  #closed: Error | undefined;
  #draining = false;

  constructor(options: Http2ClientOptions) {
    this.#options = options;
    const pool = (connection: ConnectionClass) =>
      new SessionPool({
        open: (onChange) => this.#open(connection, onChange),
        unusable: () => lostConnection(options.host, new Error('the server closes every connection at once'), false),
      });
    this.#pools = { unary: pool('unary'), watch: pool('watch'), lease: pool('lease') };
  }

  /** Rejects with HttpOneOnly where the server has no HTTP/2. */
  request(request: TransportRequest): Promise<TransportResponse> {
    if (this.#closed) return Promise.reject(this.#closed);
    const pool = this.#pools[request.connection ?? 'unary'];
    // Where a connection has room nothing is waited for.
    return (
      pool.free()?.request(request) ?? acquire(pool, request.signal).then((connection) => connection.request(request))
    );
  }

  connections(connection: ConnectionClass): number {
    return this.#pools[connection].size;
  }

  /** The connections end with the requests under way. */
  drain(): void {
    this.#draining = true;
    for (const pool of Object.values(this.#pools)) pool.drain();
  }

  close(): void {
    this.#closed = clientClosed(false);
    for (const pool of Object.values(this.#pools)) pool.destroy(clientClosed(true));
  }

  async #open(connection: ConnectionClass, onChange: () => void): Promise<Http2Connection> {
    const { connector, host, clock, pingInterval, pingTimeout } = this.#options;
    const socket = (await connector.connect({ clock, protocols: ['h2', 'http/1.1'] })) as TLSSocket;
    if (socket.alpnProtocol !== 'h2') {
      socket.destroy();
      throw new HttpOneOnly();
    }
    const options = { host, clock, streamWindow: readAhead[connection], pingInterval, pingTimeout };
    const opened = await Http2Connection.open(socket, options, onChange);
    if (this.#closed) {
      opened.destroy();
      throw this.#closed;
    }
    // Certificates that changed during the handshake: this one serves who waits for it, later ones get another.
    if (this.#draining) opened.drain();
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
