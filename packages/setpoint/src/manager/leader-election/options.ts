import { type Duration, toMilliseconds } from '@setpoint/apimachinery/duration';

/**
 * Leader election on a Lease: of several replicas, one works. Times and their defaults are controller-runtime's; all
 * replicas should have the same.
 */
export interface LeaderElectionOptions {
  /** The name of the Lease. @default `<operator>-leader` */
  readonly id?: string | undefined;
  /** Where the Lease is. @default the namespace of the Pod that this runs in; elsewhere it has to be given */
  readonly namespace?: string | undefined;
  /** Put on the Lease, beside the labels that it has. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** How long the others wait after the last renewal that they have seen. Whole seconds are best. @default '15s' */
  readonly leaseDuration?: Duration | undefined;
  /** How long the leader tries to renew before it gives up; less than the duration. @default '10s' */
  readonly renewDeadline?: Duration | undefined;
  /** Between two attempts. @default '2s' */
  readonly retryPeriod?: Duration | undefined;
  /**
   * Gives the Lease up when all work has ended at a stop, so that a successor need not wait for it to expire. It is not
   * given up where passes had to be abandoned. @default true
   */
  readonly releaseOnStop?: boolean | undefined;
  /**
   * Fills the caches of the controllers that wait for the election, so that they can work at once when it is won; false
   * saves the memory and the watches of the replicas that wait. @default true
   */
  readonly warmup?: boolean | undefined;
  /** Who this process is; no two may have the same. @default `<host name>_<UUID>` */
  readonly identity?: string | undefined;
}

/** The times of an election, in milliseconds. */
export interface ElectionTiming {
  readonly leaseDuration: number;
  readonly renewDeadline: number;
  readonly retryPeriod: number;
}

/** client-go waits between one and 2.2 retry periods while somebody else leads. */
export const jitterFactor = 1.2;

/** @throws Error in one sentence for times that cannot work together; the rules are client-go's */
export function electionTiming(options: LeaderElectionOptions): ElectionTiming {
  const timing = {
    leaseDuration: toMilliseconds(options.leaseDuration ?? '15s'),
    renewDeadline: toMilliseconds(options.renewDeadline ?? '10s'),
    retryPeriod: toMilliseconds(options.retryPeriod ?? '2s'),
  };
  const { leaseDuration, renewDeadline, retryPeriod } = timing;
  if (!(retryPeriod > 0)) throw new Error('leader election: the retry period must be more than nothing');
  if (leaseDuration <= renewDeadline) {
    throw new Error(
      `leader election: the lease duration (${leaseDuration} ms) must be longer than the renew deadline (${renewDeadline} ms)`,
    );
  }
  if (renewDeadline <= retryPeriod * jitterFactor) {
    throw new Error(
      `leader election: the renew deadline (${renewDeadline} ms) must be longer than ${jitterFactor} retry periods (of ${retryPeriod} ms)`,
    );
  }
  return timing;
}

/**
 * So long before its lease can be taken over a leader stops writing: two seconds of the usual fifteen, which is what
 * clocks that run at different speeds, and requests under way, may use up.
 */
export function fenceMargin(leaseDuration: number): number {
  return Math.min(2000, (leaseDuration * 2) / 15);
}

/** One lock request may take as long as controller-runtime lets it: a call that hangs must not use up the deadline. */
export function requestTimeout({ renewDeadline }: ElectionTiming): number {
  return Math.max(1000, renewDeadline / 2);
}
