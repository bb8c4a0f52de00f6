import type { Clock, Random } from '@setpoint/apimachinery/clock';
import { type Client, podNamespace } from '../../client/index.ts';
import { LeaseLost } from '../../errors/index.ts';
import { EventRecorder, type Log } from '../../reconcile/index.ts';
import { compete } from './compete.ts';
import { Elector } from './elector.ts';
import { Fence, fencedClient } from './fence.ts';
import { newIdentity } from './identity.ts';
import { Lease, LeaseLock } from './lease.ts';
import { defaultLeaseId } from './needs.ts';
import { electionTiming, type LeaderElectionOptions } from './options.ts';
import { mergeWritten, type Written, writtenBefore } from './written.ts';

export { newIdentity };

/** What an election tells the metrics part. */
export interface LeaderElectionMetrics {
  leading(on: boolean): void;
  slowPath(): void;
  /** A write was not sent, or was broken off, since the lease was not certainly held. */
  fencedWrite(): void;
}

export interface LeadershipOptions {
  readonly operator: string;
  /** `<operator>-<host>`, for Events. */
  readonly instance: string;
  readonly election: LeaderElectionOptions;
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: ((lease: string) => LeaderElectionMetrics) | undefined;
  /** What was written in its name, for a successor; asked at the end. */
  readonly written: () => readonly Written[];
  /** The lease was held and is lost: everything that works in its name must stop. Called at once. */
  readonly lost: (error: LeaseLost) => void;
}

/** The part of a manager that competes for the lease, keeps it, and lets writes through while it is held. */
export class Leadership {
  /** For work that only the leader may do. */
  readonly client: Client;
  readonly identity: string;
  readonly #options: LeadershipOptions;
  readonly #lock: LeaseLock;
  readonly #fence: Fence;
  readonly #elector: Elector;
  readonly #events: EventRecorder;
  readonly #won = Promise.withResolvers<void>();
  #lost = false;

  /** @throws Error in one sentence for options that cannot work, or a namespace that is not known */
  static async create(options: LeadershipOptions): Promise<Leadership> {
    const namespace = options.election.namespace || (await podNamespace());
    if (!namespace) {
      throw new Error(
        'leader election needs a namespace for its Lease: this is not a Pod, whose own it would be; give one (--leader-election-namespace, or leaderElection.namespace)',
      );
    }
    return new Leadership(options, namespace);
  }

  private constructor(options: LeadershipOptions, namespace: string) {
    const { election, client, clock, log, operator } = options;
    const timing = electionTiming(election);
    const name = election.id || defaultLeaseId(operator);
    const description = `the lease ${namespace}/${name}`;
    const metrics = options.metrics?.(name);
    this.#options = options;
    this.#won.promise.catch(() => undefined);
    this.identity = election.identity ?? newIdentity();
    this.#lock = new LeaseLock({ client, namespace, name, labels: election.labels ?? {} });
    this.#fence = new Fence({
      clock,
      leaseDuration: timing.leaseDuration,
      description,
      refused: () => metrics?.fencedWrite(),
    });
    this.client = fencedClient(client, this.#fence);
    this.#events = new EventRecorder({
      client: this.client,
      clock,
      log,
      reportingController: `${operator}/leader-election`,
      reportingInstance: options.instance,
    });
    this.#elector = new Elector({
      lock: this.#lock,
      config: { ...timing, identity: this.identity },
      clock,
      random: options.random,
      log,
      renewed: (sent) => this.#fence.renewed(sent),
      elected: () => {
        metrics?.leading(true);
        log.info({ lease: `${namespace}/${name}`, identity: this.identity }, 'became leader');
        this.#record('became leader');
        this.#won.resolve();
      },
      lost: (reason) => {
        this.#lost = true;
        metrics?.leading(false);
        this.#fence.end(reason);
        options.lost(new LeaseLost(`${description} is lost: ${reason}`));
      },
      slowPath: () => metrics?.slowPath(),
    });
  }

  get isLeader(): boolean {
    return this.#elector.isLeader;
  }

  /**
   * What the leader before wrote, as far as it left word: a pass may begin when the caches show it. Undefined where that
   * is not known, since it did not end in peace.
   */
  get writtenBefore(): Written | undefined {
    const lease = this.#elector.predecessor;
    return lease ? writtenBefore([lease]) : {};
  }

  /** Competes until the lease is won; rejects if the competition ends before. */
  async win(signal: AbortSignal): Promise<void> {
    const { namespace, name } = this.#lock;
    this.#options.log.info({ lease: `${namespace}/${name}` }, 'attempting to acquire the leader lease');
    await compete(this.#elector, this.#won, signal);
  }

  /**
   * Ends the competition, or the leadership: after all work, since the lease is given up for somebody else to work.
   *
   * @param options.release false where work may still be under way: the lease then expires by itself
   */
  async close({ release, signal }: { readonly release: boolean; readonly signal: AbortSignal }): Promise<void> {
    this.#elector.withdraw();
    const wasLeader = this.isLeader;
    if (wasLeader) this.#record('stopped leading');
    await this.#events.close(this.#lost ? AbortSignal.abort() : signal);
    this.#fence.end('the operator stops');
    const { releaseOnStop = true } = this.#options.election;
    const written = JSON.stringify(mergeWritten(this.#options.written()));
    await this.#elector.close({ release: release && releaseOnStop && !this.#lost, written });
  }

  #record(what: string): void {
    const { namespace, name } = this.#lock;
    const regarding = { apiVersion: Lease.apiVersion, kind: Lease.kind, metadata: { namespace, name } };
    this.#events.record('Normal', regarding, 'LeaderElection', `${this.identity} ${what}`, {
      action: 'LeaderElection',
    });
  }
}
