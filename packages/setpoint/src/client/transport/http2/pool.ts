import type { Http2Connection } from './connection.ts';

export interface SessionPoolOptions {
  /** @param onChange called when the connection has room again, or has none for ever */
  readonly open: (onChange: () => void) => Promise<Http2Connection>;
  /** The error of a peer whose connections take no request. */
  readonly unusable: () => Error;
}

/** A peer that says GOAWAY on so many fresh connections in a row is not asked again. */
const mostStillborn = 3;

/**
 * The HTTP/2 connections of one class of requests. A connection whose streams reach 80 % of the peer's limit gets
 * a successor opened in the background; nobody waits for it until the limit itself is reached.
 */
export class SessionPool {
  readonly #options: SessionPoolOptions;
  #connections: Http2Connection[] = [];
  #opening: Promise<Http2Connection> | undefined;

  constructor(options: SessionPoolOptions) {
    this.#options = options;
  }

  /** A connection with a slot reserved on it; undefined where none is there that has room. */
  free(): Http2Connection | undefined {
    const usable = this.#connections.filter((connection) => connection.usable && !connection.full);
    const best = usable.find((connection) => !connection.crowded) ?? usable[0];
    if (!best) return undefined;
    best.reserve();
    // A failure to open in advance concerns nobody yet; whoever needs the connection will try again and say so.
    if (best.crowded && !usable.some((connection) => !connection.crowded)) this.#successor().catch(() => undefined);
    return best;
  }

  /** The same, opened if need be; rejects when none can be. */
  async acquire(): Promise<Http2Connection> {
    for (let stillborn = 0; ; ) {
      const free = this.free();
      if (free) return free;
      const opened = await this.#successor();
      if (!opened.usable && ++stillborn >= mostStillborn) throw this.#options.unusable();
    }
  }

  get size(): number {
    return this.#connections.length;
  }

  /** New requests get new connections; the present ones close when their streams have ended. */
  drain(): void {
    for (const connection of this.#connections) connection.drain();
  }

  destroy(error: Error): void {
    for (const connection of [...this.#connections]) connection.destroy(error);
  }

  #successor(): Promise<Http2Connection> {
    this.#opening ??= this.#options
      .open(() => this.#forgetClosed())
      .then((connection) => {
        this.#connections.push(connection);
        return connection;
      })
      .finally(() => {
        this.#opening = undefined;
      });
    return this.#opening;
  }

  #forgetClosed(): void {
    this.#connections = this.#connections.filter((connection) => !connection.closed);
  }
}
