/** Answers, or throws with the reason why not. */
export type Check = (signal: AbortSignal) => void | Promise<void>;

export interface ProbeAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * Answers a probe as the API server's health handlers do: `ok`, or with `?verbose` (and on failure) a line for each
 * check. Reasons of failures are withheld from callers and given to `failed`.
 *
 * @param path what follows `/healthz` or `/readyz`; empty for all checks
 */
export async function probe(
  kind: 'healthz' | 'readyz',
  path: string,
  query: URLSearchParams,
  checks: ReadonlyMap<string, Check>,
  options: { readonly signal: AbortSignal; readonly failed: (check: string, error: unknown) => void },
): Promise<ProbeAnswer> {
  const only = path.replace(/^\//, '');
  if (only !== '' && !checks.has(only)) return { status: 404, body: `there is no check ${only}\n` };
  const excluded = new Set(query.getAll('exclude'));
  const lines: string[] = [];
  let healthy = true;
  for (const [name, check] of checks) {
    if (only !== '' && name !== only) continue;
    if (excluded.delete(name)) {
      lines.push(`[+]${name} excluded: ok`);
      continue;
    }
    try {
      await check(options.signal);
      lines.push(`[+]${name} ok`);
    } catch (error) {
      healthy = false;
      options.failed(name, error);
      lines.push(`[-]${name} failed: reason withheld`);
    }
  }
  if (excluded.size > 0)
    lines.push(`warn: some health checks cannot be excluded: no matches for ${[...excluded].join(', ')}`);
  const title = only === '' ? kind : `${kind}/${only}`;
  if (!healthy) return { status: 500, body: `${lines.join('\n')}\n${title} check failed\n` };
  return { status: 200, body: query.has('verbose') ? `${lines.join('\n')}\n${title} check passed\n` : 'ok' };
}
