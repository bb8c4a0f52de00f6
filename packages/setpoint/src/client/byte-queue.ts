/** Bytes from a producer to one reader; the producer waits while the reader is far behind. */
export class ByteQueue implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined> {
  readonly #limit: number;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #ended = false;
  #error: unknown;
  #abandoned = false;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;

  /** @param limit bytes that may wait to be read */
  constructor(limit = 1024 * 1024) {
    this.#limit = limit;
  }

  /** Resolves when there is room for more. What comes after `return` is thrown away. */
  async push(chunk: Uint8Array): Promise<void> {
    if (this.#ended || this.#abandoned || chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    this.#wakeReader?.();
    while (this.#size > this.#limit && !this.#abandoned && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wakeWriter = resolve;
      });
    }
  }

  /** No more will come; with an error, that is what the reader gets after the last chunk. */
  end(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#wakeReader?.();
    this.#wakeWriter?.();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk) {
        this.#size -= chunk.length;
        if (this.#size <= this.#limit) this.#wakeWriter?.();
        return { done: false, value: chunk };
      }
      const error = this.#error;
      this.#error = undefined;
      if (error !== undefined) throw error;
      if (this.#ended || this.#abandoned) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#abandoned = true;
    this.#chunks.length = 0;
    this.#size = 0;
    this.#wakeWriter?.();
    return { done: true, value: undefined };
  }
}
