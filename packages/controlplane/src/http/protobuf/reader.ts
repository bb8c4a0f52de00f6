/** Bytes that are no protobuf message; the text is the one that Go's generated decoders give. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}

/** A field number and how its value is written: 0 varint, 1 eight bytes, 2 length-prefixed, 5 four bytes. */
export interface Tag {
  readonly number: number;
  readonly wire: number;
}

const unexpectedEnd = 'unexpected EOF';
const overflow = 'proto: integer overflow';
const negativeLength = 'proto: negative length found during unmarshaling';

/** A place in a message. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  /** `message` is what the error of a tag that cannot be speaks of. */
  tag(message: string): Tag {
    const value = Number(BigInt.asIntN(35, this.#varint()));
    const wire = ((value % 8) + 8) % 8;
    const number = Math.floor(value / 8);
    if (wire === 4) throw new ProtobufError(`proto: ${message}: wiretype end group for non-group`);
    if (number <= 0) throw new ProtobufError(`proto: ${message}: illegal tag ${number} (wire type ${value})`);
    return { number, wire };
  }

  /** Exact: a bigint beyond what a number holds. */
  integer(bits: 32 | 64): number | bigint {
    const value = BigInt.asIntN(bits, this.#varint());
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  boolean(): boolean {
    return this.#varint() !== 0n;
  }

  double(): number {
    const bytes = this.#take(8);
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true);
  }

  bytes(): Uint8Array {
    return this.#take(this.#length());
  }

  string(): string {
    const { buffer, byteOffset, length } = this.bytes();
    return Buffer.from(buffer, byteOffset, length).toString('utf8');
  }

  /** The message that begins here. */
  message(): Reader {
    const length = this.#length();
    const start = this.#at;
    this.#take(length);
    return new Reader(this.#bytes, start, start + length);
  }

  /** Passes over the value of a field that is not known; groups, which nobody writes any more, included. */
  skip(wire: number): void {
    let depth = 0;
    for (let next = wire; ; ) {
      if (next === 0) this.#varint();
      else if (next === 1) this.#take(8);
      else if (next === 2) this.bytes();
      else if (next === 3) depth++;
      else if (next === 4) depth--;
      else if (next === 5) this.#take(4);
      else throw new ProtobufError(`proto: illegal wireType ${next}`);
      if (depth === 0) return;
      next = Number(this.#varint() & 7n);
    }
  }

  #take(length: number): Uint8Array {
    if (this.#at + length > this.#end) throw new ProtobufError(unexpectedEnd);
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }

  #length(): number {
    const length = BigInt.asIntN(64, this.#varint());
    if (length < 0n) throw new ProtobufError(negativeLength);
    return Number(length);
  }

  #varint(): bigint {
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      low += (byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt(low);
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 64n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new ProtobufError(overflow);
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new ProtobufError(unexpectedEnd);
    return this.#bytes[this.#at++] as number;
  }
}
