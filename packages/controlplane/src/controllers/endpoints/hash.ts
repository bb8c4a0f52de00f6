const offset = 0x6c62272e07bb014262b821756295c58dn;
const prime = 0x1000000000000000000013bn;
const mask = (1n << 128n) - 1n;

/** FNV-1a of 128 bits, as 32 hexadecimal digits. Ports are written in the order of such hashes of their Go values. */
export function fnv128a(text: string): string {
  let hash = offset;
  for (const byte of new TextEncoder().encode(text)) hash = ((hash ^ BigInt(byte)) * prime) & mask;
  return hash.toString(16).padStart(32, '0');
}

/** Sorted by the hash of what `dump` writes of each. */
export function sortedByHash<T>(values: readonly T[], dump: (value: T) => string): T[] {
  if (values.length < 2) return [...values];
  return values
    .map((value) => ({ value, hash: fnv128a(dump(value)) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0))
    .map(({ value }) => value);
}
