/** A source map, as far as it is written here (ECMA-426). */
export interface SourceMap {
  readonly version: number;
  readonly sources: readonly string[];
  readonly names: readonly string[];
  readonly mappings: string;
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const values = new Map([...digits].map((digit, value) => [digit, value]));

/**
 * The same map for some of its sources: Node reads a map whole when it loads a file, and those of packages take ten times
 * as much memory as the project's own. Undefined if nothing is left.
 */
export function mapOfSources(
  { sources, mappings }: SourceMap,
  wanted: (source: string) => boolean,
): SourceMap | undefined {
  const kept = new Map<number, number>();
  for (const [index, source] of sources.entries()) if (wanted(source)) kept.set(index, kept.size);
  if (kept.size === 0) return undefined;
  const read = { source: 0, line: 0, column: 0 };
  const written = { source: 0, line: 0, column: 0 };
  const lines = mappings.split(';').map((line) => {
    let [at, last] = [0, 0];
    /** Whether what follows belongs to a source that is kept; where that ends, a segment without one says so. */
    let inside = false;
    const segments: string[] = [];
    for (const segment of line === '' ? [] : line.split(',')) {
      const [generated = 0, source, original = 0, column = 0] = decoded(segment);
      at += generated;
      if (source !== undefined) {
        read.source += source;
        read.line += original;
        read.column += column;
      }
      const index = source === undefined ? undefined : kept.get(read.source);
      if (index === undefined && !inside) continue;
      const fields = [at - last];
      if (index !== undefined) {
        fields.push(index - written.source, read.line - written.line, read.column - written.column);
        Object.assign(written, { source: index, line: read.line, column: read.column });
      }
      inside = index !== undefined;
      last = at;
      segments.push(fields.map(encoded).join(''));
    }
    return segments.join(',');
  });
  const own = [...kept.keys()].map((index) => sources[index] as string);
  return { version: 3, sources: own, names: [], mappings: lines.join(';').replace(/;+$/, '') };
}

/** Numbers of six bits a digit, the least first, the sign in the least bit of all. */
function decoded(segment: string): number[] {
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const digit of segment) {
    const bits = values.get(digit) ?? 0;
    value += (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    numbers.push(value & 1 ? -(value >>> 1) : value >>> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}

function encoded(number: number): string {
  let rest = number < 0 ? (-number << 1) | 1 : number << 1;
  let text = '';
  do {
    const bits = rest & 31;
    rest >>>= 5;
    text += digits[rest > 0 ? bits | 32 : bits];
  } while (rest > 0);
  return text;
}
