import type { Server } from './beside.ts';
import { type Connection, open, widgets } from './load.ts';

export const watchers = 100;

/** Many watches of the widgets of one server, on ten connections. */
export class Watchers {
  readonly #writer: Connection;
  readonly #connections: readonly Connection[];
  #awaited = '';
  #received = 0;
  #all: () => void = () => {};

  private constructor(writer: Connection, connections: readonly Connection[]) {
    this.#writer = writer;
    this.#connections = connections;
  }

  static async open(server: Server, writer: Connection): Promise<Watchers> {
    const { text } = await writer.request('GET', `${widgets}?limit=1`);
    const from = JSON.parse(text).metadata.resourceVersion;
    const opened = new Watchers(
      writer,
      Array.from({ length: 10 }, () => open(server.kubeconfig)),
    );
    const url = `${widgets}?watch=1&resourceVersion=${from}`;
    await Promise.all(
      Array.from({ length: watchers }, (_, i) =>
        (opened.#connections[i % 10] as Connection).watch(url, (line) => opened.#event(line)),
      ),
    );
    return opened;
  }

  async change(change: number): Promise<number> {
    const name = `round-0-${change}`;
    this.#awaited = `"name":"${name}"`;
    this.#received = 0;
    const received = new Promise<void>((resolve) => {
      this.#all = resolve;
    });
    const began = performance.now();
    const patch = { metadata: { annotations: { changed: String(change) } } };
    const answer = this.#writer.request('PATCH', `${widgets}/${name}`, patch, 'application/merge-patch+json');
    await received;
    const lag = performance.now() - began;
    const { status, text } = await answer;
    if (status !== 200) throw new Error(text);
    return lag;
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  #event(line: string): void {
    if (!line.includes(this.#awaited)) return;
    this.#received++;
    if (this.#received === watchers) this.#all();
  }
}
