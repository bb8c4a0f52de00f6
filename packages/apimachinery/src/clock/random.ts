/** Chance, as everything in Setpoint sees it: jitter, generated names, orders a test explores. Never key material. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** An integer in [0, bound). */
  integer(bound: number): number;
}

/** The same sequence for the same seed, on every machine (mulberry32 over a hash of the seed). */
export function seededRandom(seed: string | number): Random {
  let state = hash(String(seed));
  return fromNext(() => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  });
}

/** Chance from the JavaScript engine; not for secrets. */
export const systemRandom: Random = fromNext(() => Math.random());

function fromNext(next: () => number): Random {
  return { next, integer: (bound) => Math.floor(next() * bound) };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h | 0;
}
