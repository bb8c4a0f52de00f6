/** What a clock on the wall shows. */
export interface LocalTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** @throws RangeError for a zone that is not known */
export function localTime(time: number, timeZone: string): LocalTime {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(time);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
  };
}

/** How far the zone is ahead of UTC at that time, in milliseconds. */
export function offsetAt(time: number, timeZone: string): number {
  if (timeZone === 'UTC') return 0;
  const { year, month, day, hour, minute, second } = localTime(time, timeZone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(time / 1000) * 1000;
}

/** When a clock in the zone shows what UTC's shows at `wall`; undefined: never, it leaves that out. */
export function utcOf(wall: number, timeZone: string): number | undefined {
  for (const near of [wall - offsetAt(wall, timeZone), wall - offsetAt(wall - 86_400_000, timeZone)]) {
    const time = wall - offsetAt(near, timeZone);
    if (time + offsetAt(time, timeZone) === wall) return time;
  }
  return undefined;
}

/** RFC 3339 as a clock in the zone shows it. */
export function zonedTimestamp(time: number, timeZone: string): string {
  const offset = offsetAt(time, timeZone) / 60_000;
  const text = new Date(time + offset * 60_000).toISOString().slice(0, 19);
  if (offset === 0) return `${text}Z`;
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.abs(offset);
  return `${text}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
