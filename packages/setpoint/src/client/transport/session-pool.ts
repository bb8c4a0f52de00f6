import type { Http2Connection } from './http2-connection.ts';

/**
 * The HTTP/2 connections of one class of requests. A connection whose streams reach 80 % of the peer's limit gets
 * a successor opened in the background; nobody waits for it until the limit itself is reached.
 */
export class SessionPool {
  readonly #open: (onChange: () => void) => Promise<Http2Connection>;
  #connections: Http2Connection[] = [];
  #opening: Promise<Http2Connection> | undefined;

  constructor(open: (onChange: () => void) => Promise<Http2Connection>) {
    this.#open = open;
  }

  /** A connection with a slot reserved on it; rejects when none can be opened. */
  async acquire(): Promise<Http2Connection> {
    for (;;) {
      const usable = this.#connections.filter((connection) => connection.usable && !connection.full);
      const best = usable.find((connection) => !connection.crowded) ?? usable[0];
      if (!best) {
        await this.#successor();
        continue;
      }
      best.reserve();
      // A failure to open in advance concerns nobody yet; whoever needs the connection will try again and say so.
      if (best.crowded && !usable.some((connection) => !connection.crowded)) this.#successor().catch(() => undefined);
      return best;
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
    this.#opening ??= this.#open(() => this.#forgetClosed())
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
