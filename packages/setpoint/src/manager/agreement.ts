import type { Clock, Random } from '@setpoint/apimachinery/clock';
import type { Client } from '../client/index.ts';
import type { Controller, ControllerRunner } from '../controller/index.ts';
import type { LeaseLost } from '../errors/index.ts';
import type { Log } from '../reconcile/index.ts';
import { type LeaderElectionOptions, type Leadership, loadLeadership } from './leader-election/index.ts';
import type { Metrics } from './metrics/index.ts';
import { loadSharding, type Sharding } from './sharding/index.ts';

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
 * What the replicas of an operator agree on by Leases: which one leads, where controllers need that, and which one works
 * on which shards, where controllers are shared.
 */
export class Agreement {
  readonly leadership: Leadership | undefined;
  readonly sharding: Sharding | undefined;

  /** @throws Error in one sentence for options that cannot work, or a namespace that is not known */
  static async make(options: AgreementOptions): Promise<Agreement> {
    const { controllers, metrics, gracefulShutdownTimeout, runners } = options;
    const { shards, isLed } = agreementOf(controllers);
    const leadership = isLed
      ? await (await loadLeadership()).Leadership.create({ ...options, metrics: metrics?.leaderElection })
      : undefined;
    if (shards === undefined) return new Agreement(leadership, undefined);
    const shared = () =>
      runners().flatMap(({ controller, shards: keys }) => (keys ? { name: controller.name, keys } : []));
    const loaded = await loadSharding();
    const sharding: Sharding = await loaded.Sharding.create({
      ...options,
      shards,
      drainTimeout: gracefulShutdownTimeout,
      controllers: shared,
      metrics: metrics?.sharding(() => sharding.figures),
    });
    return new Agreement(leadership, sharding);
  }

  private constructor(leadership: Leadership | undefined, sharding: Sharding | undefined) {
    this.leadership = leadership;
    this.sharding = sharding;
  }

  /** In whose name a controller works; undefined: in nobody's, on every replica. */
  of(controller: Controller): Leadership | Sharding | undefined {
    if (controller.shards !== undefined) return this.sharding;
    return worksUnelected(controller) ? undefined : this.leadership;
  }

  /** @throws Error for a controller that was not thought of when this replica joined the others */
  check({ name, shards, needsLeaderElection }: Controller): void {
    const { sharding, leadership } = this;
    if (shards !== undefined && shards !== sharding?.state.shards) {
      const present = sharding ? `its controllers have ${sharding.state.shards}` : 'no controller of it is shared';
      throw new Error(`controller ${name} has ${shards} shards, but ${present}: declare it with the operator`);
    }
    if (shards === undefined && needsLeaderElection && !leadership) {
      throw new Error(
        `controller ${name} works where the leader is, but all others are shared and nobody leads: give it \`shards\` or \`needsLeaderElection: false\`, or declare it with the operator`,
      );
    }
  }

  /** Comes to the others; resolves once this replica leads, where that is needed, and has a share. */
  async join(signal: AbortSignal): Promise<void> {
    await Promise.all([this.leadership?.win(signal), this.sharding?.join(signal)]);
  }

  /** Begins to give shards up, each as soon as its passes have ended. */
  leave(deadline: AbortSignal): void {
    this.sharding?.leave(deadline);
  }

  /** Gives everything up, as far as all work has ended. */
  async close({ drained, deadline }: { readonly drained: boolean; readonly deadline: AbortSignal }): Promise<void> {
    await Promise.all([
      this.leadership?.close({ release: drained, signal: deadline }),
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

/** Whether somebody has to lead, and into how many shards the keys are divided. An operator is led unless all is shared. */
export function agreementOf(controllers: readonly Controller[]): { readonly isLed: boolean; readonly shards?: number } {
  const shards = controllers.find((one) => one.shards !== undefined)?.shards;
  if (shards === undefined) return { isLed: true };
  return { isLed: controllers.some((one) => !startsAtOnce(one)), shards };
}
