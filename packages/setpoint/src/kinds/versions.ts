import type { KindDefinition } from './definition.ts';
import type { AnyKind } from './kind.ts';

/** A kind that this program defines, whatever its types. */
export type AnyDefinedKind = AnyKind & { readonly definition: KindDefinition };

/** As Kubernetes orders versions: stable before beta before alpha, the higher number first, other names last. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [rank(a), rank(b)];
  for (const [index, value] of x.entries()) {
    const difference = (y[index] ?? 0) - value;
    if (difference !== 0) return difference;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

function rank(version: string): readonly number[] {
  const match = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(version);
  if (!match) return [0, 0, 0];
  const stability = match[2] === undefined ? 3 : match[2] === 'beta' ? 2 : 1;
  return [stability, Number(match[1]), Number(match[3] ?? 0)];
}
