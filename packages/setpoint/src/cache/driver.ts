import { type Clock, type Random, sleep } from '@setpoint/apimachinery/clock';
import type { Client } from '../client/index.ts';
import type { AnyKind } from '../kinds/index.ts';
import { type Attempt, type Failure, failureOf, failureOfStatus } from './failure.ts';
import { initialWatchState, step } from './reducer.ts';
import type { ListMethod, WatchEffect, WatchInput, WatchOutput, WatchState } from './reducer-types.ts';
import { serverRevision } from './server-revision.ts';
import { nextTurn } from './turn.ts';

/** Where the driver puts what it learns. */
export interface WatchSink {
  accept(output: WatchOutput): void;
  /** Before the list is swapped in: work that may be done in parts. */
  prepare(revision: string): Iterable<void>;
  /** Before each list: which cluster it comes from, where that can be told. */
  clusterSeen(identity: string | undefined): void;
  /** Whether this cluster is surely another than that of the last list. */
  isOtherCluster(identity: string | undefined): boolean;
}

export interface DriverOptions {
  readonly client: Pick<Client, 'pages' | 'watch'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly kind: AnyKind;
  readonly namespace: string | undefined;
  readonly labelSelector: string | undefined;
  readonly fieldSelector: string | undefined;
  readonly managers: readonly string[] | undefined;
  readonly idleTimeout: number;
  /** The UID of the cluster, or undefined where that cannot be told; never rejects. */
  readonly identity: (signal: AbortSignal) => Promise<string | undefined>;
  readonly sink: WatchSink;
}

export interface Driver {
  /** Somebody waits for this revision: make the server say soon how far it is. */
  hurry(revision: string): void;
  readonly counters: { readonly lists: number; readonly watches: number; readonly failures: number };
  /** Whether it holds objects that it has not handed on, since others have their turn. */
  readonly givesWay: boolean;
  /** Settles once the loop has ended, which it does only when the signal aborts. Never rejects. */
  readonly done: Promise<void>;
}

/** Objects after which other work gets a turn: two or three milliseconds' worth for Pods of 7 KB. */
const slice = 32;
/** Seconds after which the server ends a watch: spread, so that stores do not come back all at once. */
const watchSeconds = 300;
const longPause = 30_000;
/** The server sends a bookmark two seconds before the end. */
const hurrySeconds = 3;

/** Runs the list and watch protocol of one store until the signal aborts: the I/O around `step`. */
export function drive(options: DriverOptions, signal: AbortSignal): Driver {
  const loop = new DriverLoop(options, signal);
  return {
    hurry: (revision) => loop.hurry(revision),
    counters: loop.counters,
    get givesWay() {
      return loop.givesWay;
    },
    done: loop.run(),
  };
}

class DriverLoop {
  readonly #options: DriverOptions;
  readonly #signal: AbortSignal;
  givesWay = false;
  readonly counters = { lists: 0, watches: 0, failures: 0 };
  #state: WatchState = initialWatchState;
  /** Ends the stream that is being read. */
  #stream: AbortController | undefined;
  /** What `hurry` wants instead of the stream that is being read. */
  #instead: WatchEffect | undefined;
  #taken = 0;

  constructor(options: DriverOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  async run(): Promise<void> {
    let effect = this.#feed({ type: 'start' });
    while (!this.#signal.aborted) {
      try {
        effect = await this.#perform(effect);
      } catch (error) {
        if (this.#signal.aborted) return;
        effect = this.#feed({ type: 'failed', failure: this.#failure(error, this.#verb()) });
        // Whatever happens, nothing is repeated without a pause.
        if (effect.type === 'continue') effect = { type: 'wait', milliseconds: longPause, atLeast: 0 };
      }
    }
  }

  hurry(revision: string): void {
    const effect = this.#feed({ type: 'hurry', revision });
    if (effect.type === 'continue') return;
    this.#instead = effect;
    this.#stream?.abort(new Error('another watch takes over'));
  }

  #feed(input: WatchInput): WatchEffect {
    const { state, outputs, effect } = step(this.#state, input, this.#options.clock.monotonic());
    this.#state = state;
    if (input.type === 'failed') this.counters.failures++;
    try {
      for (const output of outputs) this.#options.sink.accept(output);
    } catch (error) {
      // A log that throws must not end the loop; anything else is a failure, to be repeated.
      if (input.type !== 'failed') throw error;
    }
    return effect;
  }

  #perform(effect: WatchEffect): Promise<WatchEffect> {
    switch (effect.type) {
      case 'list':
        return this.#list(effect.method);
      case 'watch':
        return this.#watch(effect.revision, effect.hurry);
      case 'verify':
        return this.#verify();
      case 'wait':
        return this.#wait(Math.max(this.#jitter(effect.milliseconds), effect.atLeast));
      case 'continue':
        // Only streams go on, and they do not come back with this.
        throw new Error('the watch protocol has nothing to do next');
      default:
        return effect satisfies never;
    }
  }

  async #list(method: ListMethod): Promise<WatchEffect> {
    this.counters.lists++;
    const { sink, identity } = this.#options;
    sink.clusterSeen(await identity(this.#signal));
    if (method !== 'stream') return this.#pages(method === 'whole' ? 0 : undefined);
    return this.#follow(this.#seconds(), { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' });
  }

  async #pages(limit: number | undefined): Promise<WatchEffect> {
    const { client, kind, sink } = this.#options;
    const options = { ...this.#scope(), signal: this.#signal, ...(limit === undefined ? {} : { limit }) };
    for await (const page of client.pages(kind, options)) {
      for (const [i, object] of page.items.entries()) {
        sink.accept({ type: 'stage', object: object as object, ownFields: page.ownFields?.[i] });
        await this.#giveWay();
      }
      for (const { key, reason } of page.unreadable) sink.accept({ type: 'unreadable', key, reason });
      if (page.continue === '') await this.#prepare(page.resourceVersion);
      const effect = this.#feed({ type: 'page', revision: page.resourceVersion, last: page.continue === '' });
      if (effect.type !== 'continue') return effect;
    }
    throw new Error('the server ended the list without a last page');
  }

  #watch(revision: string, hurry: boolean): Promise<WatchEffect> {
    return this.#follow(hurry ? hurrySeconds : this.#seconds(), { resourceVersion: revision });
  }

  /** Reads a stream until the protocol wants something else. */
  async #follow(timeoutSeconds: number, start: StreamStart): Promise<WatchEffect> {
    if (this.#instead) return this.#takeInstead();
    const { client, clock, kind, idleTimeout } = this.#options;
    this.counters.watches++;
    const began = clock.monotonic();
    const stream = this.#openStream();
    try {
      const options = { ...this.#scope(), ...start, timeoutSeconds, idleTimeout, signal: stream.signal };
      for await (const message of client.watch(kind, options)) {
        if (this.#instead) break;
        if (message.type === 'BOOKMARK' && this.#state.phase === 'listing') {
          await this.#prepare(message.object.metadata?.resourceVersion ?? '');
        }
        const effect =
          message.type === 'ERROR'
            ? this.#feed({ type: 'failed', failure: failureOfStatus(message.object, this.#attempt('watch')) })
            : this.#feed({ type: 'news', news: message });
        if (effect.type !== 'continue') return effect;
        await this.#giveWay();
      }
      if (!this.#instead) {
        const early = clock.monotonic() - began < timeoutSeconds * 1000 - 2000;
        return this.#feed({ type: 'ended', early });
      }
    } catch (error) {
      if (!this.#instead) {
        if (this.#signal.aborted) throw error;
        const watchList = start.sendInitialEvents === true;
        return this.#feed({ type: 'failed', failure: this.#failure(error, 'watch', watchList) });
      }
    } finally {
      stream.close();
    }
    return this.#takeInstead();
  }

  #takeInstead(): WatchEffect {
    const effect = this.#instead ?? { type: 'verify' };
    this.#instead = undefined;
    return effect;
  }

  #openStream(): { readonly signal: AbortSignal; close(): void } {
    const controller = new AbortController();
    const onAbort = () => controller.abort(this.#signal.reason);
    this.#signal.addEventListener('abort', onAbort, { once: true });
    if (this.#signal.aborted) onAbort();
    this.#stream = controller;
    return {
      signal: controller.signal,
      close: () => {
        this.#signal.removeEventListener('abort', onAbort);
        this.#stream = undefined;
      },
    };
  }

  async #verify(): Promise<WatchEffect> {
    const { client, sink, identity } = this.#options;
    const otherCluster = sink.isOtherCluster(await identity(this.#signal));
    const revision = await serverRevision(client, this.#options, this.#signal);
    return this.#feed({ type: 'verified', revision, otherCluster });
  }

  async #wait(milliseconds: number): Promise<WatchEffect> {
    await sleep(this.#options.clock, milliseconds, { signal: this.#signal });
    return this.#feed({ type: 'woke' });
  }

  /** Half to all of it. */
  #jitter(milliseconds: number): number {
    return milliseconds * (0.5 + this.#options.random.next() / 2);
  }

  #seconds(): number {
    return watchSeconds + this.#options.random.integer(watchSeconds);
  }

  #scope() {
    const { namespace, labelSelector, fieldSelector, managers } = this.#options;
    return {
      namespace,
      labelSelector,
      fieldSelector,
      managedFields: managers === undefined ? ('cut' as const) : ('own' as const),
      managers,
    };
  }

  #attempt(verb: Attempt['verb']): Attempt {
    return { verb, kind: this.#options.kind, namespace: this.#options.namespace };
  }

  #verb(): Attempt['verb'] {
    return this.#state.phase === 'watching' ? 'watch' : 'list';
  }

  #failure(error: unknown, verb: Attempt['verb'], watchList = false): Failure {
    return failureOf(error, this.#attempt(verb), { watchList });
  }

  async #prepare(revision: string): Promise<void> {
    for (const _ of this.#options.sink.prepare(revision)) {
      this.givesWay = true;
      await nextTurn();
      this.givesWay = false;
    }
  }

  /** A long burst that is all in memory already would otherwise hold up timers and other streams. */
  async #giveWay(): Promise<void> {
    if (++this.#taken % slice !== 0) return;
    this.givesWay = true;
    await nextTurn();
    this.givesWay = false;
  }
}

type StreamStart =
  | { readonly resourceVersion: string; readonly sendInitialEvents?: undefined }
  | { readonly sendInitialEvents: true; readonly resourceVersionMatch: 'NotOlderThan' };
