import { type Clock, type Random, sleep } from '@setpoint/apimachinery/clock';
import { type Client, linkedSignal, podNamespace } from '../../client/index.ts';
import type { ShardGate } from '../../controller/index.ts';
import { isAlreadyExists, isConflict, isForbidden, isNotFound, type LeaseLost } from '../../errors/index.ts';
import { type Log, messageOf } from '../../reconcile/index.ts';
import type { LeaderElectionMetrics, LeaderElectionOptions } from '../leader-election/index.ts';
import { electionTiming, type LeaseObject, requestTimeout, writtenBefore } from '../leader-election/parts.ts';
import { deadlineOf } from '../wait.ts';
import { Holdings, type SharedController } from './holdings.ts';
import { ShardLeases } from './leases.ts';
import { Membership, shardingRule } from './membership.ts';
import { type LeaseSet, leaseSet, setLabel } from './names.ts';
import { mayBegin, type Plan, plan, type ShardState } from './plan.ts';
import { Sightings, type View } from './view.ts';

/** The same complaint is repeated this often. */
const patience = 30_000;
/** A Lease of a drained shard that somebody else wrote meanwhile is tried again so often before the next look. */
const attempts = 3;

/** What sharding tells the metrics part. */
export type ShardingMetrics = Pick<LeaderElectionMetrics, 'slowPath' | 'fencedWrite'>;

/** How this replica shares, for the metrics part to ask. */
export interface ShardingFigures {
  /** The controllers that are shared, by name. */
  readonly controllers: readonly string[];
  /** Into how many shards their keys are divided. */
  readonly shards: number;
  /** How many shards this replica works on. */
  readonly working: number;
  /** How many replicas there are, this one included. */
  readonly members: number;
}

export { setLabel };

export interface ShardingOptions {
  /** The names of its Leases begin with it. */
  readonly base: string;
  /** Into how many shards the keys are divided. */
  readonly shards: number;
  /** With the name of the Lease of who leads, and who this replica is. */
  readonly election: LeaderElectionOptions & { readonly id: string; readonly identity: string };
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: ShardingMetrics | undefined;
  /** Milliseconds that passes of a shard that moves may take to finish; negative: for ever. */
  readonly drainTimeout: number;
  /** Those that are shared and run now. */
  readonly controllers: () => readonly SharedController[];
  /** This replica's Lease is gone: everything that works in its name must stop. Called at once. */
  readonly lost: (error: LeaseLost) => void;
}

/** What is known of the shards, for people. */
export interface ShardingState {
  /** Into how many shards this release divides the keys. */
  readonly shards: number;
  readonly identity: string;
  readonly members: readonly string[];
  /** What this replica does with its shards, by number. */
  readonly mine: Readonly<Record<string, ShardState>>;
  /** Who has each shard, by number; null: nobody. */
  readonly holders: readonly (string | null)[];
  /** Why this replica takes none; null: nothing stands against it. */
  readonly waitsFor: string | null;
}

/**
 * The part of a manager that shares keys with other replicas: it looks at the Leases every retry period, and whenever
 * somebody comes, goes, takes a shard or gives one up, and does what follows.
 */
export class Sharding {
  /** For work on what is shared: its writes end with this replica's Lease. */
  readonly client: Client;
  readonly identity: string;
  readonly gate: ShardGate;
  readonly #options: ShardingOptions;
  readonly #set: LeaseSet;
  readonly #timing: ReturnType<typeof electionTiming>;
  readonly #membership: Membership;
  readonly #leases: ShardLeases;
  readonly #holdings: Holdings;
  readonly #sightings: Sightings;
  readonly #ending = new AbortController();
  #running: Promise<void> | undefined;
  #leaving = false;
  #seen: { readonly view: View; readonly plan: Plan } | undefined;
  #wake: (() => void) | undefined;
  #woken = false;
  #said: { readonly message: string; readonly at: number } | undefined;

  /** @throws Error in one sentence for options that cannot work, or a namespace that is not known */
  static async create(options: ShardingOptions): Promise<Sharding> {
    const namespace = options.election.namespace || (await podNamespace());
    if (!namespace) {
      throw new Error(
        'sharding needs a namespace for its Leases: this is not a Pod, whose own it would be; give one (--leader-election-namespace, or leaderElection.namespace)',
      );
    }
    return new Sharding(options, namespace);
  }

  private constructor(options: ShardingOptions, namespace: string) {
    const { base, election, client, clock, random, log, metrics, shards } = options;
    const timing = electionTiming(election);
    const set = leaseSet(base, shards);
    const { identity } = election;
    const lost = (error: LeaseLost) => {
      for (const shard of this.#holdings.states.keys()) this.#holdings.lose(shard, error.message);
      options.lost(error);
    };
    const common = { clock, namespace, set, identity, labels: election.labels ?? {} };
    this.#options = options;
    this.#set = set;
    this.#timing = timing;
    this.identity = identity;
    this.#membership = new Membership({ ...common, client, random, log, timing, metrics, lost });
    this.client = this.#membership.client;
    this.#leases = new ShardLeases({
      ...common,
      leader: election.id,
      client: this.client,
      timeout: requestTimeout(timing),
    });
    this.#sightings = new Sightings(set, timing.leaseDuration);
    this.#holdings = new Holdings({
      ...options,
      leaseDuration: timing.leaseDuration,
      free: (shard) => this.#free(shard),
    });
    this.gate = this.#holdings.gate;
  }

  /** Comes to the others: once the controllers are warm, since shards fall to it at once. */
  async join(signal: AbortSignal): Promise<void> {
    const { log, shards } = this.#options;
    await this.#membership.join(signal);
    log.info({ lease: this.#membership.leaseName, shards }, 'joined the replicas that share the work');
    this.#running = this.#run();
    this.#running.catch(() => undefined);
    this.#follow().catch(() => undefined);
  }

  get state(): ShardingState {
    const { shards } = this.#set;
    const { view, plan: last } = this.#seen ?? {};
    const held = new Map(view?.held.filter((one) => one.shards === shards).map((one) => [one.shard, one.holder]));
    return {
      shards,
      identity: this.identity,
      members: view?.members.map(({ identity }) => identity) ?? [],
      mine: Object.fromEntries(this.#holdings.states),
      holders: Array.from({ length: shards }, (_, shard) => held.get(shard) ?? null),
      waitsFor: last?.waitsFor ?? null,
    };
  }

  get figures(): ShardingFigures {
    return {
      controllers: this.#options.controllers().map(({ name }) => name),
      shards: this.#options.shards,
      working: this.#holdings.working,
      members: this.#seen?.view.members.length ?? 0,
    };
  }

  /** Begins to give every shard up, each as soon as its passes have ended; those that do not until `deadline` stay. */
  leave(deadline: AbortSignal): void {
    if (this.#leaving) return;
    this.#leaving = true;
    this.#holdings.leave(deadline);
    if (!this.#running) return;
    // Nobody waits for it: without this the others find out when the shards are free.
    this.#leases.leaving(this.#membership.leaseName, true, this.#ending.signal).catch(() => undefined);
  }

  /**
   * Ends. Shards that are free are the others' at once; what could not be drained is theirs when this replica's Lease has
   * expired.
   */
  async close({ drained }: { readonly drained: boolean }): Promise<void> {
    const { clock, election } = this.#options;
    const limit = deadlineOf(clock, requestTimeout(this.#timing));
    const gone = drained && (await this.#holdings.settled(limit.signal).finally(() => limit.cancel()));
    limit.cancel();
    this.#ending.abort(new Error('the operator stops'));
    this.#holdings.close();
    await this.#running;
    await this.#membership.close({ release: gone && (election.releaseOnStop ?? true) });
  }

  async #run(): Promise<void> {
    const { clock, random } = this.#options;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      this.#woken = false;
      const isOver = await this.#look().catch((error) => this.#complain('look at', error));
      if (isOver === false || this.#woken) continue;
      using link = linkedSignal(signal);
      this.#wake = () => link.abort(undefined);
      const pause = this.#timing.retryPeriod * (1 + random.next() / 5);
      await sleep(clock, pause, { signal: link.signal, background: true }).catch(() => undefined);
      this.#wake = undefined;
    }
  }

  /** Does what follows from the Leases as they are; false: it changed them so that it has to look again at once. */
  async #look(): Promise<boolean> {
    const { signal } = this.#ending;
    const view = await this.#view();
    const { states } = this.#holdings;
    const situation = { set: this.#set, identity: this.identity, leaving: this.#leaving, mine: states };
    const next = plan(view, situation);
    this.#tell(next);
    this.#seen = { view, plan: next };
    for (const { shard, reason } of next.lost) this.#lose(shard, reason);
    for (const shard of states.keys()) if (!view.leases.has(shard)) this.#holdings.forget(shard);
    const ended = await Promise.all(next.end.map(({ lease, identity }) => this.#end(lease, identity)));
    if (ended.some(Boolean)) return false;
    for (const shard of next.release) this.#holdings.release(shard);
    await this.#stay(view);
    const { written } = this.#holdings;
    await Promise.all([
      ...next.free.map(({ lease }) => this.#try('free', this.#leases.free(lease, written, signal))),
      ...next.restore.map((shard) => this.#try('restore', this.#leases.claim(shard, undefined, signal))),
      ...next.sweep.map((lease) => this.#try('delete', this.#leases.delete(lease, signal))),
    ]);
    await this.#claim(next.claim, view);
    return true;
  }

  /** A process of the same name may have left before. */
  async #stay({ members }: View): Promise<void> {
    const says = members.find(({ identity }) => identity === this.identity)?.leaving;
    if (!says || this.#leaving) return;
    await this.#try('join', this.#leases.leaving(this.#membership.leaseName, false, this.#ending.signal));
  }

  async #view(): Promise<View> {
    const { signal } = this.#ending;
    const [leases, leader] = await Promise.all([this.#leases.list(signal), this.#leases.leader(signal)]);
    return this.#sightings.view(leases, leader, this.#options.clock.monotonic());
  }

  async #claim(wanted: Plan['claim'], before: View): Promise<void> {
    if (wanted.length === 0) return;
    const { signal } = this.#ending;
    const tried = await Promise.all(
      wanted.map(({ shard, lease }) => this.#try('claim', this.#leases.claim(shard, lease, signal))),
    );
    const won = wanted.filter((_, i) => tried[i]);
    if (won.length === 0) return;
    const after = await this.#view();
    // Who read before the claim may not have seen that another release claims as well.
    if (!mayBegin(after, this.#set.shards)) {
      const leases = won.flatMap(({ shard }) => after.leases.get(shard) ?? []).filter((lease) => this.#isOurs(lease));
      await Promise.all(leases.map((lease) => this.#try('free', this.#leases.free(lease, {}, signal))));
      return;
    }
    const ours = won.filter(({ shard }) => this.#isOurs(after.leases.get(shard)));
    const shards = ours.map(({ shard }) => shard);
    if (this.#leaving || shards.length === 0) return;
    this.#holdings.take(shards, writtenBefore([...ours.flatMap(({ lease }) => lease ?? []), ...before.former]));
  }

  #isOurs(lease: LeaseObject | undefined): boolean {
    return lease?.spec?.holderIdentity === this.identity;
  }

  /** Takes our name out of the Lease of a drained shard; what it was before matters to nobody. */
  async #free(shard: number): Promise<void> {
    const { signal } = this.#ending;
    let lease = this.#seen?.view.leases.get(shard);
    for (let attempt = 1; ; attempt++) {
      if (attempt > 1 || !this.#isOurs(lease)) lease = (await this.#view()).leases.get(shard);
      if (!lease || !this.#isOurs(lease)) return;
      try {
        return await this.#leases.free(lease, this.#holdings.written, signal);
      } catch (error) {
        if (!isConflict(error) || attempt === attempts) throw error;
      }
    }
  }

  /** Whoever does not renew its Lease has it taken away: from then on the server refuses it. */
  async #end(lease: LeaseObject, identity: string): Promise<boolean> {
    const { log } = this.#options;
    const ended = await this.#try('take over', this.#leases.end(lease, this.#ending.signal));
    if (ended) log.warn({ replica: identity }, 'a replica has not renewed its lease: its shards go to others');
    return ended;
  }

  #lose(shard: number, reason: string): void {
    if (this.#holdings.states.get(shard) === 'drained') {
      this.#holdings.forget(shard);
      return;
    }
    this.#options.log.error({ shard }, `a shard was lost: ${reason}`);
    this.#holdings.lose(shard, `shard ${shard} is lost: ${reason}`);
  }

  /** Whether it was done; that somebody else was faster shows at the next look. */
  async #try(action: string, request: Promise<void>): Promise<boolean> {
    try {
      await request;
      return true;
    } catch (error) {
      if (!isConflict(error) && !isAlreadyExists(error) && !isNotFound(error)) this.#complain(action, error);
      return false;
    }
  }

  /** Watches the Leases, so that nobody waits for the next look. Without it there is one all the same. */
  async #follow(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        for await (const _ of this.#leases.changes(signal)) this.#wakeUp();
      } catch (error) {
        if (signal.aborted) return;
        log.debug({ error: messageOf(error) }, 'the leases cannot be watched: they are looked at from time to time');
      }
      await sleep(clock, this.#timing.retryPeriod, { signal, background: true }).catch(() => undefined);
    }
  }

  #wakeUp(): void {
    this.#woken = true;
    this.#wake?.();
  }

  #tell({ waitsFor }: Plan): void {
    if (waitsFor !== undefined && waitsFor !== this.#seen?.plan.waitsFor) {
      this.#options.log.info(`takes no shards yet: ${waitsFor}`);
    }
  }

  #complain(action: string, error: unknown): void {
    const { clock, log } = this.#options;
    if (this.#ending.signal.aborted) return;
    const now = clock.monotonic();
    const advice = isForbidden(error) ? `; ${shardingRule} in a Role in their namespace; it is tried again` : '';
    const message = `cannot ${action} the leases of shards: ${messageOf(error)}${advice}`;
    if (this.#said?.message === message && now - this.#said.at < patience) return;
    this.#said = { message, at: now };
    log.warn(message);
  }
}
