import { asBuffer } from '../json.ts';

const lineFeed = 0x0a;
/** No object of a cluster comes near (etcd takes 1.5 MiB); a stream without line ends must not fill the memory. */
const longestLine = 128 * 1024 * 1024;

/** Cuts a stream of bytes at its line feeds, wherever the chunks happen to end. */
export class LineSplitter {
  #pieces: Uint8Array[] = [];
  #length = 0;

  /** The lines that this chunk completes, without their line feeds and without empty ones. */
  push(chunk: Uint8Array): Uint8Array[] {
    const lines: Uint8Array[] = [];
    const buffer = asBuffer(chunk);
    let start = 0;
    for (let end = buffer.indexOf(lineFeed); end >= 0; end = buffer.indexOf(lineFeed, start)) {
      this.#keep(buffer.subarray(start, end));
      const line = this.rest();
      if (line.length > 0) lines.push(line);
      start = end + 1;
    }
    this.#keep(buffer.subarray(start));
    if (this.#length > longestLine) throw new Error(`a line is longer than ${longestLine} bytes`);
    return lines;
  }

  /** What came after the last line feed; forgotten by this call. */
  rest(): Uint8Array {
    const rest = this.#pieces.length === 1 ? (this.#pieces[0] as Uint8Array) : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#length = 0;
    return rest;
  }

  #keep(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.#length += piece.length;
  }
}
