import type { Schedule } from './schedule.ts';

/** Since when times count: the last one that was kept, or the beginning. Milliseconds. */
export interface Since {
  readonly created: number;
  readonly last: number | undefined;
  /** Times that are longer past are not made up for, in milliseconds. */
  readonly deadline: number | undefined;
}

export interface Missed {
  readonly earliest: number;
  /** The latest time that is due; undefined: none is. */
  readonly latest: number | undefined;
  readonly many: boolean;
  readonly any: boolean;
}

/** Which time is due now. */
export function missedTimes(schedule: Schedule, { created, last, deadline }: Since, now: number): Missed {
  const earliest = Math.max(last ?? created, deadline === undefined ? 0 : now - deadline);
  const first = schedule.next(earliest);
  if (first === undefined || now < first) return { earliest, latest: undefined, many: false, any: false };
  const second = schedule.next(first);
  if (second === undefined || now < second) return { earliest, latest: first, many: false, any: false };
  const between = Math.round((second - first) / 1000) * 1000;
  const count = Math.floor((now - first) / between) + 1;
  let latest: number | undefined;
  let time = schedule.next(first + (count - 2) * between);
  for (; time !== undefined && time <= now; time = schedule.next(time)) latest = time;
  return { earliest, latest, many: count > 100, any: count > 0 };
}

/** Milliseconds until it is to be looked at again: a moment after the next time. */
export function untilNext(schedule: Schedule, since: Since, now: number): number | undefined {
  const { earliest, latest, any } = missedTimes(schedule, { ...since, deadline: undefined }, now);
  const next = schedule.next(latest ?? (any ? now : earliest));
  return next === undefined ? undefined : next + 100 - now;
}
