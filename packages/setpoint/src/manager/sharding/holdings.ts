import { type Clock, sleep } from '@setpoint/apimachinery/clock';
import { nextTurn } from '../../cache/index.ts';
import type { ShardGate, ShardKeys, WhichKeys } from '../../controller/index.ts';
import { type Log, messageOf } from '../../reconcile/index.ts';
import { mergeWritten, type Written } from '../leader-election/parts.ts';
import { deadlineOf, whenAborted } from '../wait.ts';
import { shardOf } from './assignment.ts';
import type { ShardState } from './plan.ts';

/** Milliseconds until the caches are asked again whether they show what the replica before wrote. */
const again = 2000;

/** One controller that is shared, as sharding sees it. */
export interface SharedController {
  readonly name: string;
  readonly keys: ShardKeys;
}

export interface HoldingsOptions {
  /** Into how many shards the keys are divided. */
  readonly shards: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds that passes of a shard that moves may take to finish; negative: for ever. */
  readonly drainTimeout: number;
  /** After so many milliseconds nothing of a pass that had to be abandoned can be under way. */
  readonly leaseDuration: number;
  /** Those that run now. */
  readonly controllers: () => readonly SharedController[];
  /** Takes our name out of the Lease of a drained shard. */
  readonly free: (shard: number) => Promise<void>;
}

interface Holding {
  state: ShardState;
  /** Aborts when its passes should hurry. */
  readonly stopping: AbortController;
}

/** The shards that this replica has, from the claim until the Lease is free again. */
export class Holdings {
  readonly gate: ShardGate;
  readonly #options: HoldingsOptions;
  readonly #mine = new Map<number, Holding>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #ending = new AbortController();
  /** Nothing is begun any more. */
  readonly #closing = new AbortController();
  /** The deadline of `leave` is over. */
  readonly #late = new AbortController();
  #leaving = false;

  constructor(options: HoldingsOptions) {
    this.#options = options;
    const { shards } = options;
    this.gate = {
      holds: (id) => this.#mine.get(shardOf(id, shards))?.state === 'working',
      stopping: (id) => this.#mine.get(shardOf(id, shards))?.stopping.signal ?? AbortSignal.abort(),
    };
  }

  get states(): ReadonlyMap<number, ShardState> {
    return new Map(Array.from(this.#mine, ([shard, { state }]) => [shard, state]));
  }

  /** How many it works on. */
  get working(): number {
    return this.#mine.values().reduce((sum, { state }) => sum + (state === 'working' ? 1 : 0), 0);
  }

  /** What all that is shared wrote last. */
  get written(): Written {
    return mergeWritten(this.#options.controllers().map(({ keys }) => keys.written));
  }

  /** The Leases say that these are ours: work begins when the caches show what was `written` before. */
  take(shards: readonly number[], written: Written | undefined): void {
    for (const shard of shards) this.#mine.set(shard, { state: 'claimed', stopping: new AbortController() });
    this.#run(this.#begin(shards, written));
  }

  /** Drains a shard and gives it up. */
  release(shard: number): void {
    const holding = this.#mine.get(shard);
    if (holding?.state === 'claimed' || holding?.state === 'working') this.#run(this.#letGo(shard, holding));
  }

  /** The shard is somebody else's: its passes lose their rights at once. */
  lose(shard: number, reason: string): void {
    const holding = this.#mine.get(shard);
    if (!holding) return;
    this.#mine.delete(shard);
    holding.stopping.abort(new Error(reason));
    const which = this.#keysOf([shard]);
    for (const { keys } of this.#options.controllers()) {
      keys.drop(which);
      keys.revoke(which, reason);
    }
  }

  /** A drained shard has no Lease in our name any more. */
  forget(shard: number): void {
    if (this.#mine.get(shard)?.state === 'drained') this.#mine.delete(shard);
  }

  /** Releases all of them; passes that have not ended by the deadline are left to whoever stops the controllers. */
  leave(deadline: AbortSignal): void {
    this.#leaving = true;
    this.#closing.abort(new Error('the operator stops'));
    whenAborted(deadline).then(
      () => this.#late.abort(),
      () => undefined,
    );
    for (const shard of [...this.#mine.keys()]) this.release(shard);
  }

  /** Resolves once all that was begun is done, or the signal aborts; answers whether nothing is left. */
  async settled(signal: AbortSignal): Promise<boolean> {
    while (this.#tasks.size > 0 && !signal.aborted) {
      await Promise.race([Promise.all(this.#tasks), whenAborted(signal)]);
    }
    return this.#mine.size === 0;
  }

  close(): void {
    this.#closing.abort(new Error('the operator stops'));
    this.#ending.abort(new Error('the operator stops'));
  }

  async #begin(shards: readonly number[], written: Written | undefined): Promise<void> {
    const { controllers, clock, log } = this.#options;
    const waiting = () => shards.filter((shard) => this.#mine.get(shard)?.state === 'claimed');
    while (waiting().length > 0) {
      try {
        await Promise.all(controllers().map(({ keys }) => keys.caughtUp(written, this.#closing.signal)));
        break;
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        log.warn({ error: messageOf(error) }, 'cannot tell what the replica before has written: its shards wait');
        await sleep(clock, again, { signal: this.#closing.signal });
      }
    }
    const begun = waiting();
    for (const shard of begun) (this.#mine.get(shard) as Holding).state = 'working';
    if (begun.length === 0) return;
    log.info({ shards: begun }, 'took shards');
    const which = this.#keysOf(begun);
    for (const { keys } of controllers()) keys.take(which);
  }

  async #letGo(shard: number, holding: Holding): Promise<void> {
    const { controllers, clock, log, drainTimeout, leaseDuration } = this.#options;
    const which = this.#keysOf([shard]);
    holding.state = 'draining';
    holding.stopping.abort(new Error(`shard ${shard} goes to another replica`));
    for (const { keys } of controllers()) keys.drop(which);
    const ended = Promise.all(controllers().map(({ keys }) => keys.ended(which))).then(() => true);
    const deadline = deadlineOf(clock, drainTimeout);
    const late = Promise.race([whenAborted(deadline.signal), whenAborted(this.#late.signal)]).then(() => false);
    await Promise.race([ended, late]).finally(() => deadline.cancel());
    // No time at all is enough where nothing runs.
    const drained = await Promise.race([ended, nextTurn().then(() => false)]);
    if (this.#mine.get(shard) !== holding) return;
    if (!drained && this.#leaving) return;
    if (!drained) {
      log.warn({ shard }, 'passes of a shard that moves did not finish in time and are abandoned');
      for (const { keys } of controllers()) keys.revoke(which, `shard ${shard} goes to another replica`);
      await sleep(clock, leaseDuration, { signal: this.#ending.signal });
      if (this.#mine.get(shard) !== holding) return;
    }
    holding.state = 'drained';
    await this.#options.free(shard);
    this.forget(shard);
    log.info({ shard }, 'gave a shard up');
  }

  #keysOf(shards: readonly number[]): WhichKeys {
    const some = new Set(shards);
    return (id) => some.has(shardOf(id, this.#options.shards));
  }

  /** Something that goes on behind; whatever fails, the next look at the Leases mends. */
  #run(task: Promise<void>): void {
    const running = task.catch((error) => {
      if (error === this.#closing.signal.reason || this.#ending.signal.aborted) return;

      this.#options.log.warn({ error: messageOf(error) }, 'a shard could not be given up yet');
    });
    this.#tasks.add(running);
    running.finally(() => this.#tasks.delete(running)).catch(() => undefined);
  }
}
