import type { Clock } from '@setpoint/apimachinery/clock';
import type { Connector } from '../connect.ts';
import { clientClosed, lostConnection } from '../failure.ts';
import { type ConnectionClass, readAhead, type TransportRequest, type TransportResponse } from '../transport.ts';
import { Http1Connection } from './connection.ts';
import { Http1Pool } from './pool.ts';

export interface Http1ClientOptions {
  readonly host: string;
  readonly connector: Connector;
  readonly clock: Clock;
}

/** A connection is held per request; those beyond these wait for one. */
const mostConnections: Readonly<Record<ConnectionClass, number>> = {
  unary: 50,
  watch: Number.POSITIVE_INFINITY,
  lease: 2,
};

/** As much as one TLS record carries. */
const bufferSize = 16 * 1024;

/**
 * Requests over HTTP/1.1 with kept connections. Node's own client takes three times the processor time for a small request:
 * a stream each for the request and its answer, of which none is needed where bytes are whole.
 */
export class Http1Client {
  readonly host: string;
  readonly #options: Http1ClientOptions;
  readonly #pools: Readonly<Record<ConnectionClass, Http1Pool>>;
  #closed = false;

  constructor(options: Http1ClientOptions) {
    this.host = options.host;
    this.#options = options;
    const pool = (connection: ConnectionClass) =>
      new Http1Pool({
        clock: options.clock,
        most: mostConnections[connection],
        open: (onIdle, onClose) => this.#open(readAhead[connection], onIdle, onClose),
      });
    this.#pools = { unary: pool('unary'), watch: pool('watch'), lease: pool('lease') };
  }

  request(request: TransportRequest): Promise<TransportResponse> {
    if (this.#closed) return Promise.reject(clientClosed(false));
    const pool = this.#pools[request.connection ?? 'unary'];
    const free = pool.free();
    // Where a connection is at hand nothing is waited for.
    if (free) return free.request(request);
    return pool.acquire(request.signal).then((connection) => connection.request(request));
  }

  connections(connection: ConnectionClass): number {
    return this.#pools[connection].size;
  }

  /** Requests of a class that have a connection, or wait for one. */
  active(connection: ConnectionClass): number {
    return this.#pools[connection].active;
  }

  /** Idle connections end now and the others with their requests. */
  drain(): void {
    this.#closed = true;
    for (const pool of Object.values(this.#pools)) pool.drain();
  }

  close(): void {
    this.#closed = true;
    for (const pool of Object.values(this.#pools)) pool.destroy(clientClosed(true));
  }

  async #open(bytes: number, onIdle: () => void, onClose: () => void): Promise<Http1Connection> {
    const { host, connector, clock } = this.#options;
    let connection: Http1Connection | undefined;
    const buffer = Buffer.allocUnsafeSlow(bufferSize);
    const socket = await connector.connect({
      clock,
      protocols: ['http/1.1'],
      onread: { buffer, callback: (count) => connection?.received(buffer.subarray(0, count)) ?? true },
    });
    connection = new Http1Connection(socket, { host, readAhead: bytes, onIdle, onClose });
    if (socket.destroyed) throw lostConnection(host, new Error('the server closed the connection at once'), false);
    return connection;
  }
}
