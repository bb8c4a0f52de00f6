import { keyOf, type Shape } from './shapes.ts';

type ObjectShape = Extract<Shape, { type: 'object' }>;

/**
 * A name for each object among the types of a kind. One that is there once is called by its whole path
 * (`CertificateSpecIssuerRef`); one that is there several times by its last step (`PrometheusContainer`), and by as
 * many more as it takes to tell it from others.
 */
export function nameTypes(kind: string, root: ObjectShape, taken: Iterable<string>): ReadonlyMap<string, string> {
  const paths = new Map<string, { readonly path: readonly string[]; count: number }>();
  for (const member of root.members) collect(member.shape, [typeWord(member.name)], paths);
  const used = new Set(taken);
  const names = new Map<string, string>();
  for (const [key, { path, count }] of paths) {
    const name = firstFree(kind, path, count === 1 ? path.length : 1, used);
    used.add(name);
    used.add(`${name}Input`);
    names.set(key, name);
  }
  return names;
}

function collect(
  shape: Shape,
  path: readonly string[],
  paths: Map<string, { readonly path: readonly string[]; count: number }>,
): void {
  const last = path.at(-1) ?? '';
  if (shape.type === 'list') collect(shape.items.shape, path.with(-1, singular(last)), paths);
  if (shape.type === 'map') collect(shape.values.shape, path.with(-1, singular(last)), paths);
  if (shape.type !== 'object' || shape.members.length === 0) return;
  const key = keyOf(shape);
  const known = paths.get(key);
  if (known) known.count += 1;
  else paths.set(key, { path, count: 1 });
  // What is within a shape that was met before is met again: it is there as often.
  for (const member of shape.members) collect(member.shape, [...path, typeWord(member.name)], paths);
}

function firstFree(kind: string, path: readonly string[], words: number, used: ReadonlySet<string>): string {
  for (let count = words; count <= path.length; count++) {
    const name = `${kind}${path.slice(-count).join('')}`;
    if (!used.has(name) && !used.has(`${name}Input`)) return name;
  }
  for (let number = 2; ; number++) {
    const name = `${kind}${path.join('')}${number}`;
    if (!used.has(name) && !used.has(`${name}Input`)) return name;
  }
}

/** A member's name as a word of a type's name. */
function typeWord(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => `${word[0]?.toUpperCase() ?? ''}${word.slice(1)}`)
    .join('');
}

/** As one says of an item of a list: `Addresses` → `Address`, `Policies` → `Policy`. */
function singular(word: string): string {
  if (/(ss|us|is|ews|eries)$/.test(word) || !/[a-z]s$/.test(word)) return word;
  if (/ies$/.test(word)) return `${word.slice(0, -3)}y`;
  if (/(ss|x|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return word.slice(0, -1);
}
