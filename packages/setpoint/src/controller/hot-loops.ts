import type { PassWrite } from '../reconcile/index.ts';

/** So many passes in a row that wrote the same, in quick succession, are a loop. */
const sameWrites = 20;
/** So many passes in a row that wrote nothing and wanted to run again at once. */
const idleRequeues = 50;
/** A `requeueAfter` from here on is an interval that somebody chose, however small. */
const shortestInterval = 100;
/** Passes further apart than this are no loop. */
const quickSuccession = 1000;
/** What a pass of a loop is held back, doubled each time. */
const firstHold = 1000;
const longestHold = 60_000;
/** Loops are few and busy: of what is remembered the least recent goes. */
const mostRecords = 1000;

/** What a pass did, as far as it tells a loop. */
export interface LoopSample {
  readonly uid: string | undefined;
  readonly generation: number | undefined;
  readonly writes: readonly PassWrite[];
  /** Milliseconds; undefined: it did not ask to be run again. */
  readonly requeueAfter: number | undefined;
}

/** A key that runs in circles. */
export interface HotLoop {
  /** Milliseconds to hold the key back. */
  readonly hold: number;
  /** Whether this is news. */
  readonly begins: boolean;
  /** What happened, as the end of a sentence. */
  readonly description: string;
}

interface Record {
  readonly uid: string | undefined;
  readonly generation: number | undefined;
  /** What was written, without what was in it; empty for passes that only wanted to run again. */
  readonly writes: string;
  /** Of the contents; made when the second pass of the same writes comes, since most have no second. */
  contents: string | undefined;
  count: number;
  first: number;
  last: number;
  interval: number | undefined;
  hold: number;
}

/**
 * Finds keys that run in circles: passes over an unchanged generation that write the same again and again (two
 * controllers at odds over a field, a field that the schema prunes), or that do nothing and ask to be run again at
 * once. Passes that fail have their back-off and are not looked at.
 *
 * Never a loop: what comes in its interval (`requeueAfter` of 100 ms or more), passes more than a second apart, and
 * passes that changes elsewhere led to and that wrote nothing.
 */
export class HotLoops {
  readonly #records = new Map<string, Record>();

  /** Tells a pass that went well; answers if it was one too many. */
  observe(id: string, sample: LoopSample, now: number): HotLoop | undefined {
    const { uid, generation, requeueAfter } = sample;
    const writes = sample.writes.map(({ what }) => what).join('\n');
    const atOnce = requeueAfter !== undefined && requeueAfter < shortestInterval;
    const record = this.#records.get(id);
    if (writes === '' && record && record.writes !== '') return undefined;
    this.#records.delete(id);
    if (writes === '' && !atOnce) return undefined;
    const interval = atOnce ? undefined : requeueAfter;
    const goesOn =
      record?.uid === uid && record?.generation === generation && record?.writes === writes && isQuick(record, now);
    if (!record || !goesOn) return this.#begin(id, { uid, generation, writes, interval }, now);
    this.#records.set(id, record);
    return next(record, sample.writes, interval, now);
  }

  forget(id: string): void {
    this.#records.delete(id);
  }

  get size(): number {
    return this.#records.size;
  }

  #begin(id: string, about: Pick<Record, 'uid' | 'generation' | 'writes' | 'interval'>, now: number): undefined {
    this.#records.set(id, { ...about, contents: undefined, count: 1, first: now, last: now, hold: 0 });
    if (this.#records.size <= mostRecords) return;
    for (const oldest of this.#records.keys()) {
      this.#records.delete(oldest);
      return;
    }
  }
}

/** Whether a pass that ends now came soon after the last one, and not because its interval was over. */
function isQuick({ last, hold, interval }: Record, now: number): boolean {
  const gap = now - last;
  return gap <= quickSuccession + hold && (interval === undefined || gap < interval);
}

function next(
  record: Record,
  writes: readonly PassWrite[],
  interval: number | undefined,
  now: number,
): HotLoop | undefined {
  const contents = contentsOf(writes);
  const differs = record.contents !== undefined && record.contents !== contents;
  if (differs) Object.assign(record, { count: 0, first: now, hold: 0 });
  Object.assign(record, { contents, interval, last: now, count: record.count + 1 });
  if (record.count < (writes.length > 0 ? sameWrites : idleRequeues)) return undefined;
  const begins = record.hold === 0;
  record.hold = begins ? firstHold : Math.min(record.hold * 2, longestHold);
  return { hold: record.hold, begins, description: describe(record, writes, now) };
}

function describe({ count, first }: Record, writes: readonly PassWrite[], now: number): string {
  const [write] = writes;
  const what = write
    ? `wrote the same (${write.what}${writes.length > 1 ? `, and ${writes.length - 1} more` : ''})`
    : `changed nothing and asked for the next one within ${shortestInterval} ms`;
  return `${count} passes within ${((now - first) / 1000).toFixed(1)} s ${what} though the object is the same`;
}

/** What was written, but for what differs each time: the revision that it was written for. */
function contentsOf(writes: readonly PassWrite[]): string {
  return JSON.stringify(
    writes.map(({ body }) => body),
    (key, value) => (key === 'resourceVersion' ? undefined : typeof value === 'bigint' ? `${value}n` : value),
  );
}
