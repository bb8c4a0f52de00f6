import { type Clock, type Random, sleep } from '@setpoint/apimachinery/clock';
import { linkedSignal } from '../../client/index.ts';
import { isAlreadyExists, isApiError, isConflict, isForbidden } from '../../errors/index.ts';
import { type Log, messageOf } from '../../reconcile/index.ts';
import { elapsed, type Instant, instantOf } from './instant.ts';
import type { LeaseLock, LeaseObject, LockCall } from './lease.ts';
import { jitterFactor, requestTimeout } from './options.ts';
import {
  candidate,
  type ElectionConfig,
  type ElectionEffect,
  type ElectionInput,
  type ElectionState,
  releasedSpec,
  step,
} from './step.ts';

/** The same complaint is repeated this often. */
const patience = 30_000;
/** A write of the lease that is under way at a stop may take so long: a lease that was won unseen would block others. */
const lastWrite = 1000;

export interface ElectorOptions {
  readonly lock: LeaseLock;
  readonly config: ElectionConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly elected: () => void;
  /** A renewal succeeded that was sent then; the first one before `elected`. */
  readonly renewed: (sent: Instant) => void;
  readonly lost: (reason: string) => void;
  /** The lease had to be read before it could be renewed. */
  readonly slowPath: () => void;
  /** What to add to a Role where a permission is missing. @default what leader election takes */
  readonly rules?: string | undefined;
}

/** Does what the election's steps say, one after the other, until the lease is lost or it is told to end. */
export class Elector {
  readonly #options: ElectorOptions;
  readonly #ending = new AbortController();
  readonly #settled = new AbortController();
  #state: ElectionState = candidate;
  #withdrawn = false;
  #running: Promise<void> | undefined;
  #woken = false;
  #wake: (() => void) | undefined;
  #leader: string | undefined;
  #predecessor: LeaseObject | undefined;
  #said: { readonly message: string; readonly at: number } | undefined;

  constructor(options: ElectorOptions) {
    this.#options = options;
  }

  get isLeader(): boolean {
    return this.#state.role === 'leader';
  }

  /** The Lease as it was before it was won; undefined if there was none. */
  get predecessor(): LeaseObject | undefined {
    return this.#predecessor;
  }

  start(): void {
    this.#running = this.#run();
    this.#running.catch(() => undefined);
    this.#followLease().catch(() => undefined);
  }

  /** Ends the competition; whoever leads already goes on. */
  withdraw(): void {
    if (this.isLeader) return;
    this.#withdrawn = true;
    this.#ending.abort();
  }

  /**
   * Ends, and gives the lease up if told to. Nothing may act in the name of the leader any more.
   *
   * @param given.written what a successor has to have seen, as it is left on the Lease
   */
  async close({ release, written }: { readonly release: boolean; readonly written?: string }): Promise<void> {
    this.#ending.abort();
    this.#settled.abort();
    await this.#running;
    if (release && !this.#withdrawn) await this.#release(written);
  }

  async #run(): Promise<void> {
    const { clock, config } = this.#options;
    let input: ElectionInput = { type: 'due' };
    for (;;) {
      const before = this.#state;
      const { state, effect } = step(before, input, instantOf(clock), config);
      this.#state = state;
      if (before.role === 'candidate' && state.role === 'leader' && this.#withdrawn) {
        await this.#release();
        this.#state = candidate;
        return;
      }
      this.#tell(before, input);
      if (effect.do === 'end' || this.#ending.signal.aborted) return;
      input = await this.#perform(effect);
    }
  }

  #tell(before: ElectionState, input: ElectionInput): void {
    const { renewed, elected, lost, log, lock, config } = this.#options;
    const state = this.#state;
    if (state.role === 'leader' && input.type === 'written') renewed(input.sent);
    if (state.role === 'lost' && before.role !== 'lost') lost(state.reason);
    const lease = state.role === 'leader' ? state.lease : state.role === 'candidate' && state.observed?.lease;
    const leader = lease ? (lease.spec?.holderIdentity ?? '') : undefined;
    if (leader && leader !== this.#leader && leader !== config.identity) {
      log.info({ lease: `${lock.namespace}/${lock.name}`, leader }, 'new leader elected');
    }
    this.#leader = leader ?? this.#leader;
    if (before.role === 'candidate' && state.role === 'leader') {
      this.#predecessor = before.observed?.lease;
      this.#settled.abort();
      elected();
    }
  }

  async #perform(effect: Exclude<ElectionEffect, { readonly do: 'end' }>): Promise<ElectionInput> {
    const { lock, clock } = this.#options;
    if (effect.do === 'wait') return this.#wait(effect.milliseconds, effect.jitter);
    const timeout = this.#timeout();
    try {
      if (effect.do === 'read') {
        if (this.isLeader) this.#options.slowPath();
        return { type: 'read', lease: await lock.read({ timeout, signal: this.#ending.signal }) };
      }
      const sent = instantOf(clock);
      const lease = await this.#write((call) =>
        effect.do === 'create' ? lock.create(effect.spec, call) : lock.update(effect.lease, effect.spec, call),
      );
      this.#said = undefined;
      return { type: 'written', lease, sent };
    } catch (error) {
      if (isConflict(error) || isAlreadyExists(error)) return { type: 'refused' };
      this.#complain(effect.do, error);
      return { type: 'failed' };
    }
  }

  /** A write is not broken off by the end at once. */
  async #write<T>(call: (options: LockCall) => Promise<T>): Promise<T> {
    const { clock } = this.#options;
    using link = linkedSignal();
    let timer: ReturnType<Clock['timer']> | undefined;
    const end = () => {
      timer = clock.timer(lastWrite, () => link.abort(new Error('the election has ended')), { background: true });
    };
    const { signal } = this.#ending;
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
    try {
      return await call({ timeout: this.#timeout(), signal: link.signal });
    } finally {
      signal.removeEventListener('abort', end);
      timer?.cancel();
    }
  }

  /** A leader's attempt ends when it has to give up, but is given one retry period at least. */
  #timeout(): number {
    const { config, clock } = this.#options;
    if (this.#state.role !== 'leader') return requestTimeout(config);
    const left = config.renewDeadline - elapsed(this.#state.renewed, instantOf(clock));
    return Math.min(requestTimeout(config), Math.max(config.retryPeriod, left));
  }

  async #wait(milliseconds: number, jitter: boolean): Promise<ElectionInput> {
    const { clock, random } = this.#options;
    if (this.#woken && !this.isLeader) {
      this.#woken = false;
      return { type: 'due' };
    }
    using link = linkedSignal(this.#ending.signal);
    this.#wake = () => link.abort(undefined);
    const time = jitter ? milliseconds * (1 + random.next() * jitterFactor) : milliseconds;
    await sleep(clock, time, { signal: link.signal }).catch(() => undefined);
    this.#wake = undefined;
    this.#woken = false;
    return { type: 'due' };
  }

  /** Watches for the lease to become free, so that nobody waits for the next attempt. Without it there is one all the same. */
  async #followLease(): Promise<void> {
    const { lock, clock, config, log } = this.#options;
    const { signal } = this.#settled;
    const { signal: ending } = this.#ending;
    using link = linkedSignal(signal, ending);
    while (!link.signal.aborted) {
      let pause = config.retryPeriod;
      try {
        for await (const { free } of lock.changes(link.signal)) {
          if (!free) continue;
          this.#woken = true;
          this.#wake?.();
        }
      } catch (error) {
        if (link.signal.aborted) return;
        if (isApiError(error)) pause = patience;
        log.debug({ error: messageOf(error) }, 'the lease cannot be watched: it is looked at from time to time');
      }
      await sleep(clock, pause, { signal: link.signal, background: true }).catch(() => undefined);
    }
  }

  async #release(written?: string): Promise<void> {
    const { lock, clock, config, log } = this.#options;
    const state = this.#state;
    if (state.role !== 'leader') return;
    const timeout = requestTimeout(config);
    const free = (lease: LeaseObject) =>
      lock.update(lease, releasedSpec(lease, instantOf(clock)), { timeout }, written);
    const freePresent = async () => {
      const present = await lock.read({ timeout });
      return present?.spec?.holderIdentity === config.identity && (await free(present));
    };
    try {
      // Somebody may have labelled it since the last renewal.
      const freed = await (state.failures > 0 ? freePresent() : free(state.lease).catch(ifConflict(freePresent)));
      if (!freed) return;
      log.info({ lease: `${lock.namespace}/${lock.name}` }, 'the lease was given up');
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'the lease could not be given up: a successor waits until it expires');
    }
    this.#state = candidate;
  }

  #complain(action: string, error: unknown): void {
    const { lock, clock, log, rules = electionRules(lock) } = this.#options;
    if (this.#ending.signal.aborted) return;
    const now = clock.monotonic();
    const advice = isForbidden(error) ? `; ${rules} in a Role in ${lock.namespace}; it is tried again` : '';
    const message = `cannot ${action} the lease ${lock.namespace}/${lock.name}: ${messageOf(error)}${advice}`;
    if (this.#said?.message === message && now - this.#said.at < patience) return;
    this.#said = { message, at: now };
    log.warn(message);
  }
}

function ifConflict<T>(otherwise: () => Promise<T>): (error: unknown) => Promise<T> {
  return async (error) => {
    if (isConflict(error)) return otherwise();
    throw error;
  };
}

function electionRules({ name }: LeaseLock): string {
  const group = 'apiGroups: ["coordination.k8s.io"], resources: ["leases"]';
  return `leader election takes the rules { ${group}, verbs: ["create"] } and { ${group}, resourceNames: ["${name}"], verbs: ["get", "list", "update", "watch"] }`;
}
