/** What a body asks of the connection that it comes over. */
export interface Flow {
  pause(): void;
  resume(): void;
  /** Nobody reads on. */
  cancel(): void;
}

const smallEnough = 64 * 1024;

/**
 * The body of an answer as it comes. Where its reader is slow, the peer is made to wait; where it is given back, the
 * connection learns that nobody reads on.
 */
export class AnswerBody implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined> {
  readonly #flow: Flow;
  readonly #readAhead: number;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #paused = false;
  #done = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  /** @param readAhead bytes received and not yet read at which the peer is made to wait */
  constructor(flow: Flow, readAhead: number) {
    this.#flow = flow;
    this.#readAhead = readAhead;
  }

  push(chunk: Uint8Array): void {
    if (this.#done) return;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size >= this.#readAhead && !this.#paused) {
      this.#paused = true;
      this.#flow.pause();
    }
    this.#wakeUp();
  }

  /** No more will come. */
  end(): void {
    if (this.#done) return;
    this.#done = true;
    this.#wakeUp();
  }

  /** As `end`, with an error behind what has come. */
  fail(error: Error): void {
    if (this.#done) return;
    this.#error = error;
    this.end();
  }

  /** Ends with an error at once; what has come and was not read is lost. */
  abort(error: Error): void {
    if (this.#done) return;
    this.#chunks = [];
    this.fail(error);
  }

  /** All of it, if it has come to its end and nobody has read of it. */
  whole(): Uint8Array | undefined {
    if (!this.#done || this.#error) return undefined;
    return joined(this.#chunks);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#chunks.length > 0) return Promise.resolve({ done: false, value: this.#take() });
    if (this.#done) {
      const error = this.#error;
      this.#error = undefined;
      return error ? Promise.reject(error) : Promise.resolve({ done: true, value: undefined });
    }
    return new Promise((resolve) => {
      this.#wake = () => resolve(this.next());
    });
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#done) {
      this.end();
      this.#flow.cancel();
    }
    this.#chunks = [];
    this.#error = undefined;
    return { done: true, value: undefined };
  }

  #take(): Uint8Array {
    const chunks = this.#chunks;
    // Small ones as one, since each costs its reader a turn.
    const chunk = this.#size <= smallEnough ? joined(chunks) : (chunks.shift() as Uint8Array);
    this.#size -= chunk.length;
    if (this.#size === 0) this.#chunks = [];
    if (this.#paused && this.#size < this.#readAhead) {
      this.#paused = false;
      if (!this.#done) this.#flow.resume();
    }
    return chunk;
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
}
