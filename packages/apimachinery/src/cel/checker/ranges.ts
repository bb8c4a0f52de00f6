/** Arithmetic of cost estimates: ranges of 64-bit numbers that stop at the greatest instead of overflowing. */

/** At least and at most this much. */
export interface Range {
  readonly min: bigint;
  readonly max: bigint;
}

/** The greatest number: what is not known to have an end. */
export const unbounded = 2n ** 64n - 1n;
export const unknownRange: Range = { min: 0n, max: unbounded };
const twoTo64 = 2 ** 64;

export const fixed = (value: bigint): Range => ({ min: value, max: value });

const capped = (value: bigint): bigint => (value > unbounded ? unbounded : value);

export const add = (...ranges: readonly Range[]): Range => {
  let [min, max] = [0n, 0n];
  for (const range of ranges) {
    min = capped(min + range.min);
    max = capped(max + range.max);
  }
  return { min, max };
};

export const multiply = (a: Range, b: Range): Range => ({ min: capped(a.min * b.min), max: capped(a.max * b.max) });

/** Times a factor in floating point, rounded up. */
export const scale = (range: Range, factor: number): Range => ({
  min: scaled(range.min, factor),
  max: scaled(range.max, factor),
});

const scaled = (value: bigint, factor: number): bigint => {
  const product = Math.ceil(Number(value) * factor);
  return product >= twoTo64 ? unbounded : BigInt(product);
};

/** The range that holds both. */
export const union = (a: Range, b: Range): Range => ({
  min: a.min < b.min ? a.min : b.min,
  max: a.max > b.max ? a.max : b.max,
});

/** The costs of cel-go's `common/cost.go`. */
export const costs = {
  ident: 1n,
  createList: 10n,
  createMap: 30n,
  createStruct: 40n,
  /** Per character, to go through a string once. */
  stringTraversal: 0.1,
  /** Per character of a pattern, to match it with a string of unit cost. */
  regexLength: 0.25,
} as const;
