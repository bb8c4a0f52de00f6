import type { Loose } from '../walk.ts';

/** The cells of one object, one a column, wide ones included. */
export type Cells = (object: Loose, now: number) => readonly unknown[];

/** `a=b,c=d`, or `<none>`. */
export function labels(map: Loose): string {
  const entries = Object.entries((map ?? {}) as Record<string, string>).map(([key, value]) => `${key}=${value}`);
  return entries.length > 0 ? entries.sort().join(',') : '<none>';
}

/** A label selector as text: `a=b,c in (d,e)`, `<none>` for one that selects all. */
export function selector(given: Loose): string {
  if (!given) return '<none>';
  const simple = Object.entries((given.matchLabels ?? {}) as Record<string, string>).map(
    ([key, value]) => [key, `${key}=${value}`] as const,
  );
  const expressions = (given.matchExpressions ?? []).map((one: Loose) => [one.key, expression(one)] as const);
  const all = [...simple, ...expressions].sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  return all.length > 0 ? all.map(([, text]) => text).join(',') : '<none>';
}

function expression({ key, operator, values = [] }: Loose): string {
  const list = `(${[...values].sort().join(',')})`;
  if (operator === 'In') return `${key} in ${list}`;
  if (operator === 'NotIn') return `${key} notin ${list}`;
  return operator === 'Exists' ? key : `!${key}`;
}

/** Names and images of containers, each as one cell. */
export function containerCells(containers: Loose): [string, string] {
  const list: readonly Loose[] = containers ?? [];
  return [list.map((one) => one.name).join(','), list.map((one) => one.image ?? '').join(',')];
}

/** The first few of a list: `a,b,c + 2 more...`. */
export function some(list: readonly string[], maximum: number): string {
  if (list.length === 0) return '<none>';
  const shown = list.slice(0, maximum).join(',');
  return list.length > maximum ? `${shown} + ${list.length - maximum} more...` : shown;
}

export function orNone(text: string | undefined): string {
  return text ? text : '<none>';
}

export function hasCondition(object: Loose, type: string): boolean {
  return (object.status?.conditions ?? []).some((one: Loose) => one.type === type && one.status === 'True');
}
