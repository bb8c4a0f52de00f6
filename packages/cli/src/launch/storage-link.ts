import type { Duplex } from 'node:stream';
import { type LinkAnswer, type LinkRequest, onLines, type Welcome } from './link.ts';

type Unnumbered<T> = T extends unknown ? Omit<T, 'id'> : never;

/** etcd's end of the link: at most one API server at a time, asked for single keys. */
export class StorageLink {
  readonly #welcome: Welcome;
  readonly #waiting = new Map<number, (answer: LinkAnswer | undefined) => void>();
  #socket: Duplex | undefined;
  #id = 0;

  constructor(welcome: Welcome) {
    this.#welcome = welcome;
  }

  get taken(): boolean {
    return this.#socket !== undefined;
  }

  /** The other end is an API server from here on, until it goes away. */
  take(socket: Duplex, head: Uint8Array): void {
    this.#socket = socket;
    socket.write(`${JSON.stringify(this.#welcome)}\n`);
    onLines(socket, head, (line) => {
      const answer = JSON.parse(line) as LinkAnswer;
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    // Sockets of an HTTP server stay half open unless told.
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      this.#socket = undefined;
      for (const settle of this.#waiting.values()) settle(undefined);
      this.#waiting.clear();
    });
  }

  /** Undefined: there is no API server, or it went away meanwhile. */
  ask(request: Unnumbered<LinkRequest>): Promise<LinkAnswer | undefined> {
    const socket = this.#socket;
    if (!socket) return Promise.resolve(undefined);
    const id = ++this.#id;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      socket.write(`${JSON.stringify({ ...request, id })}\n`);
    });
  }
}
