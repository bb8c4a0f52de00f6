import type { Clock, Random } from '@setpoint/apimachinery/clock';
import type { Client } from '../client/index.ts';
import type { Controller, ControllerRunner } from '../controller/index.ts';
import type { LeaseLost } from '../errors/index.ts';
import { type Log, messageOf } from '../reconcile/index.ts';
import {
  defaultLeaseId,
  type LeaderElectionOptions,
  type Leadership,
  loadLeadership,
} from './leader-election/index.ts';
import type { Metrics } from './metrics/index.ts';
import { loadSharding, type Sharding } from './sharding/index.ts';
import { deadlineOf } from './wait.ts';

/** How long the first passes of a leader wait for caches that lag behind. */
const catchingUp = 5000;

export interface AgreementOptions {
  readonly operator: string;
  readonly instance: string;
  readonly election: LeaderElectionOptions;
  readonly controllers: readonly Controller[];
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics | undefined;
  /** Milliseconds that passes may take to finish. */
  readonly gracefulShutdownTimeout: number;
  /** Those that run now. */
  readonly runners: () => readonly ControllerRunner[];
  /** A Lease is gone that work was done by. Called at once. */
  readonly lost: (error: LeaseLost) => void;
}

/**
 * What the replicas of an operator agree on by Leases: which one leads, and which one works on which shards, where
 * controllers are shared. Somebody leads then, too: it keeps a release out that does not share.
 */
export class Agreement {
  readonly leadership: Leadership;
  readonly sharding: Sharding | undefined;
  readonly #options: AgreementOptions;

  /** @throws Error in one sentence for options that cannot work, or a namespace that is not known */
  static async make(options: AgreementOptions): Promise<Agreement> {
    const { controllers, metrics, gracefulShutdownTimeout, runners, operator } = options;
    const { Leadership, newIdentity } = await loadLeadership();
    const { id = defaultLeaseId(operator), identity = newIdentity(), labels } = options.election;
    const election = { ...options.election, id: id || defaultLeaseId(operator), identity };
    const common = { ...options, election };
    const written = () => runners().map((runner) => runner.written);
    const lead = (own: typeof labels) =>
      Leadership.create({
        ...common,
        election: { ...election, labels: own },
        metrics: metrics?.leaderElection,
        written,
      });
    const shards = shardsOf(controllers);
    if (shards === undefined) return new Agreement(options, await lead(labels), undefined);
    const shared = () =>
      runners().flatMap(({ controller, shards: keys }) => (keys ? { name: controller.name, keys } : []));
    const { Sharding, setLabel } = await loadSharding();
    const base = options.election.id || operator;
    const sharding: Sharding = await Sharding.create({
      ...common,
      base,
      shards,
      drainTimeout: gracefulShutdownTimeout,
      controllers: shared,
      metrics: metrics?.sharding(() => sharding.figures),
    });
    // So that whoever watches the Leases of shards sees who leads.
    return new Agreement(options, await lead({ ...labels, [setLabel]: base }), sharding);
  }

  private constructor(options: AgreementOptions, leadership: Leadership, sharding: Sharding | undefined) {
    this.#options = options;
    this.leadership = leadership;
    this.sharding = sharding;
  }

  /** In whose name a controller works; undefined: in nobody's, on every replica. */
  of(controller: Controller): Leadership | Sharding | undefined {
    if (controller.shards !== undefined) return this.sharding;
    return worksUnelected(controller) ? undefined : this.leadership;
  }

  /** @throws Error for a controller that was not thought of when this replica joined the others */
  check({ name, shards }: Controller): void {
    const { sharding } = this;
    if (shards === undefined || shards === sharding?.state.shards) return;
    const present = sharding ? `its controllers have ${sharding.state.shards}` : 'no controller of it is shared';
    throw new Error(`controller ${name} has ${shards} shards, but ${present}: declare it with the operator`);
  }

  /** Comes to the others; resolves once this replica leads. Who shares is known to the others before it leads. */
  async join(signal: AbortSignal): Promise<void> {
    await this.sharding?.join(signal);
    await this.leadership.win(signal);
    await this.#catchUp(signal);
  }

  /**
   * Caches that were filled while somebody else led have to show what that one wrote, or the first passes would do it
   * once more. Who vanished leaves no word of it: the server is asked then.
   */
  async #catchUp(signal: AbortSignal): Promise<void> {
    const { runners, clock, log } = this.#options;
    const deadline = deadlineOf(clock, catchingUp);
    const either = AbortSignal.any([signal, deadline.signal]);
    const written = this.leadership.writtenBefore;
    try {
      // Who waits for a kind reads it anew when it is there.
      const waiting = runners().filter(
        (runner) => this.of(runner.controller) === this.leadership && runner.waitsFor().length === 0,
      );
      await Promise.all(waiting.map((runner) => runner.caughtUp(written, either)));
    } catch (error) {
      signal.throwIfAborted();
      log.warn(
        { error: messageOf(error) },
        'the caches may not show yet what the leader before wrote: passes begin all the same, since each write names the state that it is for',
      );
    } finally {
      deadline.cancel();
    }
  }

  /** Begins to give shards up, each as soon as its passes have ended. */
  leave(deadline: AbortSignal): void {
    this.sharding?.leave(deadline);
  }

  /** Gives everything up, as far as all work has ended. */
  async close({ drained, deadline }: { readonly drained: boolean; readonly deadline: AbortSignal }): Promise<void> {
    await Promise.all([
      this.leadership.close({ release: drained, signal: deadline }),
      this.sharding?.close({ drained }),
    ]);
  }
}

export function worksUnelected({ needsLeaderElection }: Controller): boolean {
  return !needsLeaderElection;
}

/** Whether it works before this replica leads: everywhere, or on the shards that this replica has. */
export function startsAtOnce(controller: Controller): boolean {
  return worksUnelected(controller) || controller.shards !== undefined;
}

/** Into how many shards the keys of those that are shared are divided; undefined: none is. */
export function shardsOf(controllers: readonly Controller[]): number | undefined {
  return controllers.find(({ shards }) => shards !== undefined)?.shards;
}
