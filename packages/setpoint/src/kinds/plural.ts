/** Words whose plural is themselves, among those that name kinds. */
const unchanged: ReadonlySet<string> = new Set(['endpoints', 'sheep', 'series', 'species', 'equipment', 'information']);

const irregular: Readonly<Record<string, string>> = {
  person: 'people',
  child: 'children',
  index: 'indices',
  matrix: 'matrices',
  vertex: 'vertices',
};

/**
 * The plural of a kind in lower case, formed as the generators of Kubernetes do: `foo` → `foos`, `policy` →
 * `policies`, `ingress` → `ingresses`, `gateway` → `gateways`. Where it guesses wrong, say `plural` yourself.
 */
export function pluralOf(singular: string): string {
  if (unchanged.has(singular)) return singular;
  const known = irregular[singular];
  if (known) return known;
  if (/(s|x|z|ch|sh)$/.test(singular)) return `${singular}es`;
  if (/[^aeiou]y$/.test(singular)) return `${singular.slice(0, -1)}ies`;
  return `${singular}s`;
}
