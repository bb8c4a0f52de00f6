import type { Clock, Random } from '@setpoint/apimachinery/clock';
import type { Client } from '../../client/index.ts';
import { LeaseLost } from '../../errors/index.ts';
import type { Log } from '../../reconcile/index.ts';
import type { LeaderElectionMetrics } from '../leader-election/index.ts';
import { compete, type ElectionTiming, Elector, Fence, fencedClient, LeaseLock } from '../leader-election/parts.ts';
import { type LeaseSet, labelsOf, memberLeaseName } from './names.ts';

/** What `shardingNeeds` comes to, for messages. */
export const shardingRule =
  'sharding takes the rule { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create", "delete", "get", "list", "patch", "update", "watch"] }';

export interface MembershipOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly namespace: string;
  readonly set: LeaseSet;
  readonly identity: string;
  readonly timing: ElectionTiming;
  readonly labels: Readonly<Record<string, string>>;
  readonly metrics: Pick<LeaderElectionMetrics, 'slowPath' | 'fencedWrite'> | undefined;
  /** The Lease is gone, and with it every shard. Called at once. */
  readonly lost: (error: LeaseLost) => void;
}

/**
 * The Lease that says that this replica lives. It is kept as a leader keeps its Lease, and what the replica writes goes
 * through a fence that is open while it is certainly held; but it is this replica's alone, and one that somebody took
 * away or deleted never comes back.
 */
export class Membership {
  /** Its writes end with the Lease. */
  readonly client: Client;
  readonly leaseName: string;
  readonly #fence: Fence;
  readonly #elector: Elector;
  readonly #joined = Promise.withResolvers<void>();

  constructor(options: MembershipOptions) {
    const { client, clock, random, log, namespace, set, identity, timing, metrics } = options;
    const name = memberLeaseName(set, identity);
    const description = `the lease ${namespace}/${name} of this replica`;
    this.leaseName = name;
    this.#joined.promise.catch(() => undefined);
    this.#fence = new Fence({
      clock,
      leaseDuration: timing.leaseDuration,
      description,
      refused: () => metrics?.fencedWrite(),
    });
    this.client = fencedClient(client, this.#fence);
    this.#elector = new Elector({
      lock: new LeaseLock({ client, namespace, name, labels: { ...options.labels, ...labelsOf(set) } }),
      config: { ...timing, identity, recreates: false },
      clock,
      random,
      log,
      rules: shardingRule,
      renewed: (sent) => this.#fence.renewed(sent),
      elected: () => this.#joined.resolve(),
      lost: (reason) => {
        this.#fence.end(reason);
        options.lost(new LeaseLost(`${description} is lost: ${reason}`));
      },
      slowPath: () => metrics?.slowPath(),
    });
  }

  get isHeld(): boolean {
    return this.#elector.isLeader;
  }

  /** Resolves once the Lease is there; rejects with the signal's reason. */
  join(signal: AbortSignal): Promise<void> {
    return compete(this.#elector, this.#joined, signal);
  }

  /** Nothing is written any more; the Lease is given up if nothing can be under way either. */
  async close({ release }: { readonly release: boolean }): Promise<void> {
    this.#fence.end('the operator stops');
    this.#elector.withdraw();
    await this.#elector.close({ release });
  }
}
