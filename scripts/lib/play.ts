import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'setpoint/client';
import { happiness, type WalkThroughStep } from './walk-through.ts';

export interface PlayOptions {
  /** Milliseconds that the operator may take to bring about what a step expects. */
  readonly patience: number;
  readonly signal: AbortSignal;
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

/**
 * Plays steps in order and checks each through the API.
 *
 * @returns whether all came to what they expect; the first that did not has been reported with what was seen
 * @throws the signal's reason
 */
export async function play(client: Client, steps: readonly WalkThroughStep[], options: PlayOptions): Promise<boolean> {
  for (const [i, step] of steps.entries()) {
    const failure = await attempt(client, step, options);
    if (failure !== undefined) {
      options.err(`step ${i + 1} of ${steps.length} failed: ${step.title}\n${failure}`);
      return false;
    }
    options.out(`step ${i + 1} of ${steps.length} ok: ${step.title}`);
  }
  return true;
}

/** What was seen instead of what the step expects; undefined if all is well. */
async function attempt(client: Client, step: WalkThroughStep, options: PlayOptions): Promise<string | undefined> {
  try {
    await step.act(client);
    const seen = await untilHappy(client, step.happy, options);
    if (same(seen, step.happy)) return undefined;
    return `  expected: ${describe(step.happy)}\n  seen:     ${describe(seen)} (after ${options.patience / 1000} s)`;
  } catch (error) {
    options.signal.throwIfAborted();
    return `  ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** What the API says once it is what is expected, or when patience ends. */
export async function untilHappy(
  client: Client,
  expected: WalkThroughStep['happy'],
  { patience, signal }: Pick<PlayOptions, 'patience' | 'signal'>,
): Promise<Readonly<Record<string, boolean | undefined>>> {
  const deadline = performance.now() + patience;
  for (;;) {
    const seen = await happiness(client);
    if (same(seen, expected) || performance.now() > deadline) return seen;
    await delay(20, undefined, { signal });
  }
}

type Happiness = Readonly<Record<string, boolean | undefined>>;

function same(one: Happiness, other: Happiness): boolean {
  return describe(one) === describe(other);
}

function describe(happy: Happiness): string {
  const entries = Object.entries(happy).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return 'no Foos';
  return entries
    .map(([name, value]) => `${name} ${value === undefined ? 'without a status' : value ? 'happy' : 'not happy'}`)
    .join(', ');
}
