import type { Clock } from '@setpoint/apimachinery/clock';
import { withinTime } from './patience.ts';

/** Answers, or throws with the reason why not. The signal aborts when nobody waits for it any more. */
export type Check = (signal: AbortSignal) => void | Promise<void>;

/** How a check is told of. */
export interface CheckOptions {
  /**
   * Whether whoever asks may read why it failed. Probes are answered to anybody, and errors may name what not everybody
   * should know: the log always has the reason. @default false
   */
  readonly reveal?: boolean;
}

export interface NamedCheck {
  readonly check: Check;
  readonly reveal: boolean;
}

export interface ProbeAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * Answers a probe as the API server's health handlers do: `ok`, or with `?verbose` (and on failure) a line for each
 * check, all of which are asked at once.
 *
 * @param path what follows `/healthz` or `/readyz`; empty for all checks
 * @param options.told what each check came to; undefined: it answered
 */
export async function probe(
  kind: 'healthz' | 'readyz',
  path: string,
  query: URLSearchParams,
  checks: ReadonlyMap<string, NamedCheck>,
  options: {
    readonly signal: AbortSignal;
    readonly clock: Clock;
    readonly told: (check: string, error: unknown) => void;
  },
): Promise<ProbeAnswer> {
  const only = path.replace(/^\//, '');
  if (only !== '' && !checks.has(only)) {
    return { status: 404, body: `there is no check ${only}; there are ${[...checks.keys()].join(', ')}\n` };
  }
  const excluded = new Set(query.getAll('exclude'));
  const asked = [...checks].filter(([name]) => only === '' || name === only);
  const answers = await Promise.all(
    asked.map(async ([name, { check, reveal }]) => {
      if (excluded.delete(name)) return { healthy: true, line: `[+]${name} excluded: ok` };
      try {
        await withinTime(options.clock, options.signal, check);
        options.told(name, undefined);
        return { healthy: true, line: `[+]${name} ok` };
      } catch (error) {
        options.told(name, error);
        return { healthy: false, line: `[-]${name} failed: ${reveal ? reasonOf(error) : 'reason withheld'}` };
      }
    }),
  );
  const lines = answers.map(({ line }) => line);
  if (excluded.size > 0)
    lines.push(`warn: some health checks cannot be excluded: no matches for ${[...excluded].join(', ')}`);
  const title = only === '' ? kind : `${kind}/${only}`;
  if (!answers.every(({ healthy }) => healthy)) {
    return { status: 500, body: `${lines.join('\n')}\n${title} check failed\n` };
  }
  return { status: 200, body: query.has('verbose') ? `${lines.join('\n')}\n${title} check passed\n` : 'ok' };
}

/** What a check threw, in one line. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ');
}
