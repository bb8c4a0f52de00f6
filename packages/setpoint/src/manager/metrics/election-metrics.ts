import type { Makers } from './makers.ts';
import type { Metrics } from './metrics.ts';

/** Of Leases; families are made when there is a Lease. */
export function electionMetrics(make: Makers): Pick<Metrics, 'leaderElection' | 'sharding'> {
  let families: ReturnType<typeof leaseFamilies> | undefined;
  const lease = (name: string) => {
    families ??= leaseFamilies(make);
    const { slowPath, fenced } = families;
    for (const family of [slowPath, fenced]) family.inc({ name }, 0);
    return { slowPath: () => slowPath.inc({ name }), fencedWrite: () => fenced.inc({ name }) };
  };
  return {
    leaderElection: (name) => {
      const status = make.gauge(
        'leader_election_master_status',
        'Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master.',
        'name',
      );
      status.set({ name }, 0);
      return { leading: (on) => status.set({ name }, on ? 1 : 0), ...lease(name) };
    },
    sharding: (figures) => {
      const held = 'Shards of a controller that this replica works on';
      make.asked('gauge', 'setpoint_shards_held', held, ['controller'], () => {
        const { controllers, working } = figures();
        return controllers.map((controller) => [{ controller }, working] as const);
      });
      const divided = 'Shards that the keys of a controller are divided into';
      make.asked('gauge', 'setpoint_shards', divided, ['controller'], () => {
        const { controllers, shards } = figures();
        return controllers.map((controller) => [{ controller }, shards] as const);
      });
      const known = 'Replicas that share the work, this one included';
      make.asked('gauge', 'setpoint_shard_members', known, [], () => [[{}, figures().members]]);
      // The Leases of replicas have names of their own, of which there would be ever more: they count as one.
      return lease('shards');
    },
  };
}

function leaseFamilies({ counter }: Makers) {
  return {
    slowPath: counter(
      'leader_election_slowpath_total',
      'Total number of slow path exercised in renewing leader leases.',
      'name',
    ),
    fenced: counter(
      'setpoint_fenced_writes_total',
      'Writes that were not sent, or broken off, since the lease was not certainly held',
      'name',
    ),
  };
}
