import { median } from '../lib/process.ts';
import type { Figure } from '../lib/table.ts';
import type { Sample } from './parts.ts';
import type { Peer } from './peers.ts';

/** The samples of each operator, round by round; undefined for a run that failed. */
export type Rounds = ReadonlyMap<string, readonly (Sample | undefined)[]>;

export interface Plan {
  readonly rounds: number;
  /** No round begins after this time of the monotonic clock, but for the first. */
  readonly until: number;
}

/**
 * Each operator once a round, in turns: whatever else the machine does meanwhile slows all of them. A run that fails is
 * said, and missing in the table.
 */
export async function inRounds(
  { rounds, until }: Plan,
  peers: readonly Peer[],
  measure: (peer: Peer) => Promise<Sample>,
): Promise<Rounds> {
  const samples = new Map<string, (Sample | undefined)[]>(peers.map((peer) => [peer.name, []]));
  for (let round = 0; round < rounds && (round === 0 || performance.now() < until); round++) {
    const asked = peers.filter(({ mostRounds = rounds }) => round < mostRounds);
    // Whoever comes first finds other caches than who comes last.
    const order = round % 2 === 0 ? asked : asked.toReversed();
    for (const peer of order) {
      const sample = await measure(peer).catch((error: Error) => {
        console.error(`  round ${round + 1}: ${peer.name} failed: ${error.message}`);
      });
      samples.get(peer.name)?.push(sample ?? undefined);
      if (!sample) continue;
      const figures = Object.entries(sample).map(([name, value]) => `${name} ${value.toFixed(2)}`);
      console.error(`  round ${round + 1}: ${peer.name}: ${figures.join(', ')}`);
    }
  }
  return samples;
}

export interface Column {
  readonly figure: string;
  readonly title: string;
  readonly digits: number;
}

/** All operators beside each other: the median, and the least and the most in brackets. */
export function printRounds(title: string, rounds: Rounds, columns: readonly Column[]): void {
  const shown = columns.filter(({ figure }) =>
    [...rounds.values()].some((samples) => samples.some((sample) => sample?.[figure] !== undefined)),
  );
  console.log(`\n### ${title}\n\n| operator | ${shown.map((column) => column.title).join(' | ')} |`);
  console.log(`|---|${shown.map(() => '---|').join('')}`);
  for (const [name, samples] of rounds) {
    const cells = shown.map(({ figure, digits }) =>
      spread(
        samples.map((sample) => sample?.[figure]),
        digits,
      ),
    );
    console.log(`| ${name} | ${cells.join(' | ')} |`);
  }
}

function spread(values: readonly (number | undefined)[], digits: number): string {
  const numbers = values.filter((value) => value !== undefined);
  if (numbers.length === 0) return '';
  const [low, middle, high] = [Math.min(...numbers), median(numbers), Math.max(...numbers)].map((n) =>
    n.toFixed(digits),
  );
  return low === high ? `${middle}` : `${middle} (${low}–${high})`;
}

/** How many times what the other takes; the ratio of each round, and of these the median. */
export function beside(
  what: string,
  rounds: Rounds,
  [own, other]: readonly [string, string],
  figure: string,
  limit: number | undefined,
): Figure {
  const mine = rounds.get(own) ?? [];
  const theirs = rounds.get(other) ?? [];
  const ratios = mine
    .map((sample, i) => (sample?.[figure] ?? Number.NaN) / (theirs[i]?.[figure] ?? Number.NaN))
    .filter(Number.isFinite);
  const ratio = median(ratios);
  return {
    what: `${what}, beside ${other}`,
    measured: `× ${spread(ratios, 2)}`,
    promised: limit === undefined ? '' : `≤ × ${limit}`,
    met: limit === undefined || ratio <= limit,
  };
}

/** The median of one operator's figure against a limit. */
export function within(what: string, rounds: Rounds, own: string, figure: string, limit: number, unit: string): Figure {
  const values = (rounds.get(own) ?? []).map((sample) => sample?.[figure]).filter((value) => value !== undefined);
  const met = median(values) <= limit;
  return { what, measured: `${spread(values, 1)} ${unit}`, promised: `≤ ${limit} ${unit}`, met };
}
