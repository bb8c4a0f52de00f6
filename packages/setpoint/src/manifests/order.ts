/** The value with the members of every object in alphabetical order, as controller-gen and kubectl write manifests. */
export function sorted<T>(value: T): T {
  if (Array.isArray(value)) return value.map(sorted) as T;
  if (typeof value !== 'object' || value === null) return value;
  const out = {};
  for (const key of Object.keys(value).sort(byCodeUnits)) {
    const member = sorted((value as Record<string, unknown>)[key]);
    if (member === undefined) continue;
    Object.defineProperty(out, key, { value: member, enumerable: true, writable: true, configurable: true });
  }
  return out as T;
}

/** Never by the reader's language, so that every machine writes the same. */
export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
