import type { Entry } from '../store/index.ts';

/** Events that may wait for a reader; a slower one is cut off and comes back with a new list or watch. */
const longestQueue = 10_000;
/** Events taken at once from the initial ones, so that one reader of many objects does not hold up everybody. */
const initialBatch = 256;

export interface WatchStreamOptions {
  /** Makes the line of an initial event, when it is read. */
  readonly encodeInitial: (entry: Entry) => Uint8Array;
  /** Told once, however the stream ends. */
  readonly onEnd: () => void;
  readonly undeliveredChanged: (by: number) => void;
}

/** One event, written already or to be written when it is read. */
export type Line = Uint8Array | (() => Uint8Array);

function bytesOf(line: Line): Uint8Array {
  return typeof line === 'function' ? line() : line;
}

/**
 * The body of a watch: the objects that were there, then lines as they are pushed. Pushing never waits; what has
 * come together since the last read is read as one piece.
 */
export class WatchStream implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array> {
  readonly #options: WatchStreamOptions;
  #initial: readonly Entry[] = [];
  #sentInitial = 0;
  #queue: Line[] = [];
  #ended = false;
  #waiting: ((result: IteratorResult<Uint8Array>) => void) | undefined;

  constructor(options: WatchStreamOptions) {
    this.#options = options;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Goes out before anything pushed. */
  begin(entries: readonly Entry[]): void {
    this.#initial = entries;
    this.#options.undeliveredChanged(entries.length);
    this.#wake();
  }

  push(line: Line): void {
    if (this.#ended) return;
    this.#queue.push(line);
    this.#options.undeliveredChanged(1);
    if (this.#queue.length > longestQueue) {
      this.#drop();
      this.end();
    } else this.#wake();
  }

  /** No more lines; what is queued can still be read. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.onEnd();
    this.#wake();
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const chunk = this.#take();
    if (chunk) return Promise.resolve({ done: false, value: chunk });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** The reader has gone. */
  return(): Promise<IteratorResult<Uint8Array>> {
    this.#drop();
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this;
  }

  #wake(): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    const chunk = this.#take();
    if (!chunk && !this.#ended) return;
    this.#waiting = undefined;
    waiting(chunk ? { done: false, value: chunk } : { done: true, value: undefined });
  }

  #take(): Uint8Array | undefined {
    if (this.#sentInitial < this.#initial.length) {
      const batch = this.#initial.slice(this.#sentInitial, this.#sentInitial + initialBatch);
      this.#sentInitial += batch.length;
      if (this.#sentInitial === this.#initial.length) {
        this.#initial = [];
        this.#sentInitial = 0;
      }
      this.#options.undeliveredChanged(-batch.length);
      return Buffer.concat(batch.map(this.#options.encodeInitial));
    }
    const lines = this.#queue;
    if (lines.length === 0) return undefined;
    this.#queue = [];
    this.#options.undeliveredChanged(-lines.length);
    const [first] = lines;
    return lines.length === 1 && first ? bytesOf(first) : Buffer.concat(lines.map(bytesOf));
  }

  #drop(): void {
    this.#options.undeliveredChanged(-(this.#queue.length + this.#initial.length - this.#sentInitial));
    this.#queue = [];
    this.#initial = [];
    this.#sentInitial = 0;
  }
}
