import type { AccountOptions } from './account.ts';

/**
 * What rights an operator needs that is run with these flags: those in its namespaces, for its Lease, for metrics that
 * not everybody may read.
 *
 * @throws UsageError for flags that make no sense
 */
export async function accountOfFlags(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<AccountOptions> {
  // Loaded by those who make accounts: an operator that is only declared reads no flags.
  const { parseFlags } = await import('./flags.ts');
  const flags = parseFlags(argv, environment);
  if (flags === 'help') return {};
  const { namespaces, leaderElection, metrics } = flags;
  return { namespaces, leaderElection, secureMetrics: metrics.secure };
}
