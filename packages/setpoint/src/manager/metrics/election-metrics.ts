import type { LeaderElectionMetrics } from '../leader-election/index.ts';
import type { Makers } from './makers.ts';

export function electionMetrics({ counter, gauge }: Makers, name: string): LeaderElectionMetrics {
  const status = gauge(
    'leader_election_master_status',
    'Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master.',
    'name',
  );
  const slowPath = counter(
    'leader_election_slowpath_total',
    'Total number of slow path exercised in renewing leader leases.',
    'name',
  );
  const fenced = counter(
    'setpoint_fenced_writes_total',
    'Writes that were not sent, or broken off, since the lease was not certainly held',
    'name',
  );
  status.set({ name }, 0);
  for (const family of [slowPath, fenced]) family.inc({ name }, 0);
  return {
    leading: (on) => status.set({ name }, on ? 1 : 0),
    slowPath: () => slowPath.inc({ name }),
    fencedWrite: () => fenced.inc({ name }),
  };
}
