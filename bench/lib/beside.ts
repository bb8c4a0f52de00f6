import { median } from './process.ts';
import type { Figure } from './table.ts';

export interface Server {
  readonly kubeconfig: string;
  readonly pids: readonly number[];
  readonly startMs: number;
  stop(): Promise<void>;
}

/** The same thing measured on both. */
export interface Pair<T> {
  readonly embedded: T;
  readonly real: T;
}

/** On the one, then on the other: whatever else the machine does meanwhile slows both. */
export async function inTurns<T>(servers: Pair<Server>, measure: (server: Server) => Promise<T>): Promise<Pair<T>> {
  return { embedded: await measure(servers.embedded), real: await measure(servers.real) };
}

/** How many times the rate of the real one. */
export function times(what: string, results: readonly Pair<number>[], limit: number, unit = '/s'): Figure[] {
  const ratio = median(results.map(({ embedded, real }) => embedded / real));
  return both(what, results, unit, { value: ratio, limit, met: ratio >= limit, sign: '≥' });
}

/** How much of what the real one takes. */
export function part(what: string, results: readonly Pair<number>[], limit: number, unit: string): Figure[] {
  const ratio = median(results.map(({ embedded, real }) => embedded / real));
  return both(what, results, unit, { value: ratio, limit, met: ratio <= limit, sign: '≤' });
}

function both(
  what: string,
  results: readonly Pair<number>[],
  unit: string,
  ratio: { readonly value: number; readonly limit: number; readonly met: boolean; readonly sign: string },
): Figure[] {
  const shown = (values: readonly number[]) => {
    const digits = median(values) < 10 ? 2 : 0;
    const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(digits));
    return `${median(values).toFixed(digits)}${low === high ? '' : ` (${low}–${high})`} ${unit}`;
  };
  const embedded = shown(results.map((result) => result.embedded));
  const real = shown(results.map((result) => result.real));
  const measured = `${embedded} beside ${real}: × ${ratio.value.toPrecision(2)}`;
  return [{ what, measured, promised: `${ratio.sign} × ${Number(ratio.limit.toPrecision(2))}`, met: ratio.met }];
}
