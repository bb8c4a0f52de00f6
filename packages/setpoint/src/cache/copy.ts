/** A copy of what JSON can hold, bigint included: structuredClone takes several times as long, for what it cannot. */
export function copyOf<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    // An assignment would set the prototype.
    if (name === '__proto__') Object.defineProperty(copy, name, { ...plain, value: copyOf(member) });
    else copy[name] = copyOf(member);
  }
  return copy as T;
}

const plain = { configurable: true, enumerable: true, writable: true };
