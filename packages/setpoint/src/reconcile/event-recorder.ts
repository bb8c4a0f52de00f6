import { type Clock, sleep } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Client } from '../client/index.ts';
import { isNotFound } from '../errors/index.ts';
import type { AnyKind } from '../kinds/index.ts';
import { messageOf } from './message.ts';
import type { EventOptions, Log } from './types.ts';

/** The kind Event of events.k8s.io/v1, as far as requests need it. */
const Event: AnyKind = Object.freeze({
  group: 'events.k8s.io',
  version: 'v1',
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  listKind: 'EventList',
  plural: 'events',
  singular: 'event',
  shortNames: [],
  categories: [],
  scope: 'Namespaced',
  projection: 'full',
  subresources: { status: false, scale: false },
});

/** A series that was quiet for so long is over: its count is written a last time. As client-go has it. */
const seriesEnds = 6 * 60_000;
/** A series that goes on is written this often. */
const seriesRefreshes = 30 * 60_000;
/** So many different notes of one object, reason and action are events of their own; further ones join the last. */
const mostNotes = 10;
/** More events than this waiting to be sent are dropped, and said so. */
const longestBacklog = 1000;

/** Options of an `EventRecorder`. */
export interface EventRecorderOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  /** Who reports: `<operator>/<controller>`. */
  readonly reportingController: string;
  /** Which process reports: `<operator>-<host>`. */
  readonly reportingInstance: string;
}

interface Series {
  readonly group: string;
  /** The event as it was sent. */
  readonly event: { readonly metadata: { readonly namespace: string; readonly name: string } } & object;
  count: number;
  lastObserved: number;
  sent: number;
}

/**
 * Sends Events (events.k8s.io/v1) in the order in which they are told, behind the passes that tell them.
 *
 * An event that repeats (same object, reason, action, type and note) becomes a series (KEP-383): the second time it is
 * counted at once, later every half hour, and when it has been quiet for six minutes. Best effort: a failure is logged
 * and forgotten.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #series = new Map<string, Series>();
  /** Keys of the series that differ in their note only. */
  readonly #groups = new Map<string, Set<string>>();
  readonly #stopped = new AbortController();
  #backlog: Promise<void> = Promise.resolve();
  #waiting = 0;
  #sequence = 0;
  #sweeping: Promise<void> | undefined;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** Takes an Event for sending and returns at once; it never throws. */
  record(
    type: 'Normal' | 'Warning',
    regarding: KubeObject,
    reason: string,
    note: string,
    options: EventOptions = {},
  ): void {
    if (this.#stopped.signal.aborted) return;
    const action = options.action ?? 'Reconcile';
    const group = JSON.stringify([
      type,
      action,
      reason,
      reference(regarding),
      options.related && reference(options.related),
    ]);
    const key = this.#keyOf(group, note);
    const now = this.#options.clock.now();
    const series = this.#series.get(key);
    if (!series) {
      const event = this.#compose(type, regarding, reason, note, action, options.related, now);
      this.#series.set(key, { group, event, count: 1, lastObserved: now, sent: now });
      this.#send(() => this.#create(event));
    } else {
      series.count++;
      series.lastObserved = now;
      if (series.count === 2) this.#update(series);
    }
    this.#sweeping ??= this.#sweep();
  }

  /** The series that the event belongs to. A note that is never the same twice must not make events without end. */
  #keyOf(group: string, note: string): string {
    const key = `${group} ${note}`;
    const keys = this.#groups.get(group) ?? new Set();
    if (keys.size >= mostNotes && !keys.has(key)) return [...keys].at(-1) as string;
    this.#groups.set(group, keys.add(key));
    return key;
  }

  /** Events that are still to be sent. */
  get pending(): number {
    return this.#waiting;
  }

  /** Sends what waits, then nothing more. Ends with the signal at the latest. */
  async close(signal: AbortSignal): Promise<void> {
    for (const series of this.#series.values()) if (series.sent < series.lastObserved) this.#update(series);
    const sent = this.#backlog;
    await Promise.race([sent, aborted(signal)]);
    this.#stopped.abort(new Error('the event recorder is closed'));
    await this.#sweeping;
  }

  #compose(
    type: 'Normal' | 'Warning',
    regarding: KubeObject,
    reason: string,
    note: string,
    action: string,
    related: KubeObject | undefined,
    now: number,
  ) {
    const { name = 'unnamed', namespace } = regarding.metadata;
    const unique = (BigInt(Math.trunc(now)) * 1_000_000n + BigInt(this.#sequence++ % 1_000_000)).toString(16);
    return {
      apiVersion: 'events.k8s.io/v1' as const,
      kind: 'Event' as const,
      metadata: { namespace: namespace ?? 'default', name: `${name.slice(0, 236)}.${unique}` },
      eventTime: microTime(now),
      reportingController: this.#options.reportingController,
      reportingInstance: this.#options.reportingInstance.slice(0, 128),
      action: action.slice(0, 128),
      reason: reason.slice(0, 128),
      regarding: reference(regarding),
      ...(related ? { related: reference(related) } : {}),
      note: truncate(note, 1024),
      type,
    };
  }

  async #create(event: Series['event']): Promise<void> {
    await this.#options.client.create(Event, event as never, { signal: this.#stopped.signal });
  }

  #update(series: Series): void {
    const { event } = series;
    series.sent = series.lastObserved;
    const body = { series: { count: series.count, lastObservedTime: microTime(series.lastObserved) } };
    this.#send(async () => {
      const { client } = this.#options;
      const { signal } = this.#stopped;
      try {
        await client.patch(Event, event.metadata, { type: 'merge', body }, { signal });
      } catch (error) {
        // Events live for an hour; a series that outlives its event begins another.
        if (!isNotFound(error)) throw error;
        await client.create(Event, { ...event, ...body } as never, { signal });
      }
    });
  }

  #send(request: () => Promise<void>): void {
    const { log } = this.#options;
    if (this.#waiting >= longestBacklog) {
      log.warn({ dropped: 1 }, 'too many events wait to be sent: one is dropped');
      return;
    }
    this.#waiting++;
    const failed = (error: unknown) => {
      if (!this.#stopped.signal.aborted) log.warn({ error: messageOf(error) }, 'an event could not be sent');
    };
    const over = () => {
      this.#waiting--;
    };
    // Whatever goes wrong with one event (a log that throws included), the next one is sent.
    this.#backlog = this.#backlog.then(request).catch(failed).then(over, over);
  }

  /** Ends quiet series and refreshes long ones; runs while there are any. */
  async #sweep(): Promise<void> {
    const { clock } = this.#options;
    try {
      while (this.#series.size > 0) {
        await sleep(clock, seriesEnds, { signal: this.#stopped.signal, background: true });
        for (const [key, series] of this.#series) this.#look(key, series, clock.now());
      }
    } catch {
      // Closed.
    } finally {
      this.#sweeping = undefined;
    }
  }

  #look(key: string, series: Series, now: number): void {
    const quiet = now - series.lastObserved >= seriesEnds;
    const unsent = series.sent < series.lastObserved;
    if (unsent && (quiet || now - series.sent >= seriesRefreshes)) this.#update(series);
    if (!quiet) return;
    this.#series.delete(key);
    const keys = this.#groups.get(series.group);
    keys?.delete(key);
    if (keys?.size === 0) this.#groups.delete(series.group);
  }
}

/** The object as an ObjectReference. */
function reference({ apiVersion, kind, metadata }: KubeObject): object {
  const { namespace, name, uid, resourceVersion: _ } = metadata;
  return { apiVersion, kind, ...(namespace ? { namespace } : {}), name, ...(uid ? { uid } : {}) };
}

/** meta/v1 MicroTime. */
function microTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000Z');
}

/** At most so many bytes of UTF-8, cut between characters. */
function truncate(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  return Buffer.from(text)
    .subarray(0, bytes - 3)
    .toString()
    .replace(/\uFFFD+$/, '')
    .concat('…');
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
