import { crc32 } from 'node:zlib';
import { BitWriter, type HuffmanCode, huffmanCode } from './huffman.ts';

/**
 * Compresses by gzip (RFC 1951 and 1952), to the same bytes on every machine. What Node's own zlib makes of the same
 * bytes depends on its version (Node 22 and 26 differ) and on the instructions that the processor has.
 */
export async function* gzipBytes(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  // No name, no time, no system.
  yield Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
  const deflater = new Deflater();
  let [crc, size] = [0, 0];
  for await (const chunk of chunks) {
    crc = crc32(chunk, crc);
    size += chunk.length;
    for (let from = 0; from < chunk.length; ) {
      from += deflater.take(chunk, from);
      if (deflater.isFull) yield deflater.block(false);
    }
  }
  yield deflater.block(true);
  const end = Buffer.alloc(8);
  end.writeUInt32LE(crc, 0);
  end.writeUInt32LE(size % 2 ** 32, 4);
  yield end;
}

/** How far back what was seen may be repeated. */
const windowSize = 32 * 1024;
const blockSize = 128 * 1024;
const longest = 258;
/** How many earlier places are looked at. */
const patience = 32;
/** With this, no better one is looked for. */
const goodEnough = 128;

const lengthBases = Uint16Array.of(
  ...[
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
  ],
);
const lengthExtras = Uint8Array.of(
  ...[0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0],
);
const distanceExtras = Uint8Array.from({ length: 30 }, (_, i) => Math.max(0, (i >> 1) - 1));
const distanceBases = Uint16Array.from({ length: 30 }, (_, i) =>
  i < 4 ? i + 1 : 1 + ((2 + (i & 1)) << ((i >> 1) - 1)),
);
const lengthSymbols = symbolTable(lengthBases, longest + 1);
const distanceSymbols = symbolTable(distanceBases, windowSize + 1);
/** The order in which the lengths of the code for lengths stand. */
const lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const endOfBlock = 256;

function symbolTable(bases: Uint16Array, size: number): Uint8Array {
  const table = new Uint8Array(size);
  for (const [symbol, base] of bases.entries()) table.fill(symbol, base);
  return table;
}

/** Makes blocks of what it is given; each may repeat what is at most a window before it. */
class Deflater {
  /** The window before the block, then the block. */
  readonly #data = new Uint8Array(windowSize + blockSize);
  #start = 0;
  #end = 0;
  /** By the hash of three bytes the last place where they were, and from a place the one before; -1 is none. */
  readonly #last = new Int32Array(1 << 15);
  readonly #before = new Int32Array(windowSize + blockSize);
  /** What the block comes to: a byte, or a length and a distance. The first block has no window before it. */
  readonly #values = new Uint16Array(windowSize + blockSize);
  readonly #distances = new Uint16Array(windowSize + blockSize);
  readonly #bits = new BitWriter(blockSize);

  get isFull(): boolean {
    return this.#end === this.#data.length;
  }

  /** @returns how many bytes of the chunk were taken */
  take(chunk: Uint8Array, from: number): number {
    const count = Math.min(chunk.length - from, this.#data.length - this.#end);
    this.#data.set(chunk.subarray(from, from + count), this.#end);
    this.#end += count;
    return count;
  }

  /** The block of what was taken, which is then the window of the next one. */
  block(last: boolean): Uint8Array {
    const count = this.#findRepetitions();
    writeBlock(this.#bits, this.#values.subarray(0, count), this.#distances.subarray(0, count), last);
    if (last) this.#bits.align();
    const kept = Math.min(this.#end, windowSize);
    this.#data.copyWithin(0, this.#end - kept, this.#end);
    this.#start = kept;
    this.#end = kept;
    return this.#bits.take();
  }

  /** @returns the number of values */
  #findRepetitions(): number {
    const [data, end] = [this.#data, this.#end];
    this.#last.fill(-1);
    for (let at = 0; at < this.#start; at++) this.#remember(at);
    let count = 0;
    for (let at = this.#start; at < end; ) {
      const place = this.#remember(at);
      const found = place < 0 ? 0 : this.#longestFrom(place, at);
      const length = found >>> 16;
      if (length === 0) {
        this.#values[count] = data[at] as number;
        this.#distances[count++] = 0;
        at++;
        continue;
      }
      this.#values[count] = length;
      this.#distances[count++] = found & 0xffff;
      for (const after = at + length; ++at < after; ) this.#remember(at);
    }
    return count;
  }

  /** @returns the last place before with the same three bytes, or -1 */
  #remember(at: number): number {
    const data = this.#data;
    if (at + 3 > this.#end) return -1;
    const three = ((data[at] as number) << 16) | ((data[at + 1] as number) << 8) | (data[at + 2] as number);
    const hash = Math.imul(three, 0x9e3779b1) >>> 17;
    const place = this.#last[hash] as number;
    this.#before[at] = place;
    this.#last[hash] = at;
    return place;
  }

  /** @returns the length of the best repetition, above 16 bits of its distance; 0 if there is none */
  #longestFrom(first: number, at: number): number {
    const data = this.#data;
    const most = Math.min(longest, this.#end - at);
    let [best, distance] = [2, 0];
    for (let place = first, tries = patience; place >= 0 && at - place < windowSize && tries > 0; tries--) {
      if (data[place + best] === data[at + best]) {
        let length = 0;
        while (length < most && data[place + length] === data[at + length]) length++;
        if (length > best) {
          best = length;
          distance = at - place;
          if (length >= goodEnough || length === most) break;
        }
      }
      place = this.#before[place] as number;
    }
    // Three bytes from far away take more than they save.
    return distance === 0 || (best === 3 && distance > 4096) ? 0 : (best << 16) | distance;
  }
}

function writeBlock(bits: BitWriter, values: Uint16Array, distances: Uint16Array, last: boolean): void {
  const [frequencies, distanceFrequencies] = [new Uint32Array(286), new Uint32Array(30)];
  frequencies[endOfBlock] = 1;
  for (let i = 0; i < values.length; i++) {
    const [value, distance] = [values[i] as number, distances[i] as number];
    const symbol = distance === 0 ? value : 257 + (lengthSymbols[value] as number);
    frequencies[symbol] = (frequencies[symbol] as number) + 1;
    if (distance === 0) continue;
    const far = distanceSymbols[distance] as number;
    distanceFrequencies[far] = (distanceFrequencies[far] as number) + 1;
  }
  const [code, distanceCode] = [huffmanCode(frequencies, 15), huffmanCode(distanceFrequencies, 15)];
  bits.write(last ? 1 : 0, 1);
  bits.write(2, 2);
  writeCodes(bits, code.lengths, distanceCode.lengths);
  for (let i = 0; i < values.length; i++) {
    const [value, distance] = [values[i] as number, distances[i] as number];
    if (distance === 0) {
      writeSymbol(bits, code, value);
      continue;
    }
    const near = lengthSymbols[value] as number;
    writeSymbol(bits, code, 257 + near);
    bits.write(value - (lengthBases[near] as number), lengthExtras[near] as number);
    const far = distanceSymbols[distance] as number;
    writeSymbol(bits, distanceCode, far);
    bits.write(distance - (distanceBases[far] as number), distanceExtras[far] as number);
  }
  writeSymbol(bits, code, endOfBlock);
}

function writeSymbol(bits: BitWriter, { codes, lengths }: HuffmanCode, symbol: number): void {
  bits.write(codes[symbol] as number, lengths[symbol] as number);
}

/** The lengths of both codes, themselves in a code; RFC 1951, section 3.2.7. */
function writeCodes(bits: BitWriter, lengths: Uint8Array, distanceLengths: Uint8Array): void {
  const literals = Math.max(257, usedOf(lengths));
  const distances = Math.max(1, usedOf(distanceLengths));
  const runs = runsOf([...lengths.subarray(0, literals), ...distanceLengths.subarray(0, distances)]);
  const frequencies = new Uint32Array(19);
  for (const { symbol } of runs) frequencies[symbol] = (frequencies[symbol] as number) + 1;
  const code = huffmanCode(frequencies, 7);
  let used = lengthOrder.length;
  while (used > 4 && code.lengths[lengthOrder[used - 1] as number] === 0) used--;
  bits.write(literals - 257, 5);
  bits.write(distances - 1, 5);
  bits.write(used - 4, 4);
  for (const symbol of lengthOrder.slice(0, used)) bits.write(code.lengths[symbol] as number, 3);
  for (const { symbol, extra, count } of runs) {
    writeSymbol(bits, code, symbol);
    bits.write(extra, count);
  }
}

function usedOf(lengths: Uint8Array): number {
  return lengths.findLastIndex((length) => length > 0) + 1;
}

interface Run {
  readonly symbol: number;
  /** The bits that follow it, and how many they are. */
  readonly extra: number;
  readonly count: number;
}

/** 16 repeats the last length 3 to 6 times, 17 zero 3 to 10 times, 18 zero 11 to 138 times. */
function runsOf(lengths: readonly number[]): Run[] {
  const runs: Run[] = [];
  for (let at = 0; at < lengths.length; ) {
    const length = lengths[at] as number;
    let same = 1;
    while (lengths[at + same] === length) same++;
    at += same;
    if (length !== 0) {
      runs.push({ symbol: length, extra: 0, count: 0 });
      same--;
    }
    while (same >= 3) {
      const most = length !== 0 ? 6 : same >= 11 ? 138 : 10;
      const taken = Math.min(same, most);
      if (length !== 0) runs.push({ symbol: 16, extra: taken - 3, count: 2 });
      else if (most === 138) runs.push({ symbol: 18, extra: taken - 11, count: 7 });
      else runs.push({ symbol: 17, extra: taken - 3, count: 3 });
      same -= taken;
    }
    for (; same > 0; same--) runs.push({ symbol: length, extra: 0, count: 0 });
  }
  return runs;
}
