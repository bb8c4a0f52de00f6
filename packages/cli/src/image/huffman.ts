/** Bits as deflate packs them: the first into the lowest place of a byte. */
export class BitWriter {
  #bytes: Uint8Array;
  #length = 0;
  #held = 0;
  #count = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** @param count at most 16 */
  write(bits: number, count: number): void {
    this.#held |= bits << this.#count;
    this.#count += count;
    while (this.#count >= 8) this.#writeByte();
  }

  /** Fills the last byte up. */
  align(): void {
    if (this.#count > 0) this.#writeByte();
    this.#count = 0;
    this.#held = 0;
  }

  /** The whole bytes so far, which are forgotten here. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #writeByte(): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = this.#held & 0xff;
    this.#held >>>= 8;
    this.#count -= 8;
  }
}

/** For each symbol the bits that stand for it, in the order they are written, and how many they are; 0 is none. */
export interface HuffmanCode {
  readonly lengths: Uint8Array;
  readonly codes: Uint16Array;
}

/**
 * The code by which symbols of these frequencies take the fewest bits; symbols of equal frequency go by their number, so
 * that there is one answer.
 *
 * @param limit of the bits of a symbol
 */
export function huffmanCode(frequencies: ArrayLike<number>, limit: number): HuffmanCode {
  let weights = Array.from(frequencies);
  for (;;) {
    const lengths = huffmanLengths(weights);
    if (lengths.every((length) => length <= limit)) return { lengths, codes: canonicalCodes(lengths) };
    // Flatter frequencies make a flatter tree.
    weights = weights.map((weight) => (weight === 0 ? 0 : (weight >> 1) | 1));
  }
}

function huffmanLengths(weights: readonly number[]): Uint8Array {
  const lengths = new Uint8Array(weights.length);
  const leaves = weights.flatMap((weight, symbol) => (weight > 0 ? [{ weight, symbol }] : []));
  // Decoders want two symbols at least, or one of one bit.
  if (leaves.length < 2) {
    lengths[leaves[0]?.symbol ?? 0] = 1;
    return lengths;
  }
  leaves.sort((a, b) => a.weight - b.weight || a.symbol - b.symbol);
  // Two queues that are each in order: leaves, and the trees made of them.
  const total = 2 * leaves.length - 1;
  const weight = new Float64Array(total);
  const parent = new Int32Array(total);
  for (const [i, leaf] of leaves.entries()) weight[i] = leaf.weight;
  let [leaf, tree] = [0, leaves.length];
  for (let made = leaves.length; made < total; made++) {
    for (let child = 0; child < 2; child++) {
      const fromLeaves = leaf < leaves.length && (tree >= made || (weight[leaf] as number) <= (weight[tree] as number));
      const least = fromLeaves ? leaf++ : tree++;
      parent[least] = made;
      weight[made] = (weight[made] as number) + (weight[least] as number);
    }
  }
  const depth = new Int32Array(total);
  for (let node = total - 2; node >= 0; node--) {
    depth[node] = (depth[parent[node] as number] as number) + 1;
  }
  for (const [i, { symbol }] of leaves.entries()) lengths[symbol] = Math.min(depth[i] as number, 255);
  return lengths;
}

/** RFC 1951, section 3.2.2; turned round, since codes are packed from their highest bit on. */
function canonicalCodes(lengths: Uint8Array): Uint16Array {
  const next = new Uint16Array(17);
  const counts = new Uint16Array(17);
  for (const length of lengths) if (length > 0) counts[length] = (counts[length] as number) + 1;
  for (let bits = 1, code = 0; bits <= 15; bits++) {
    code = (code + (bits > 1 ? (counts[bits - 1] as number) : 0)) << 1;
    next[bits] = code;
  }
  return Uint16Array.from(lengths, (length) => {
    if (length === 0) return 0;
    const code = next[length] as number;
    next[length] = code + 1;
    let turned = 0;
    for (let bit = 0; bit < length; bit++) turned |= ((code >> bit) & 1) << (length - 1 - bit);
    return turned;
  });
}
