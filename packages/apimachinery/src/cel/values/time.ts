import { integerOverflow, maxInt64, minInt64 } from './integers.ts';
import { CelError, DurationValue, TimestampValue } from './value.ts';

/** Timestamps and durations: reading, arithmetic, the calendar, time zones. */

const billion = 1_000_000_000;
const minimumSeconds = -62135596800;
const maximumSeconds = 253402300799;

export const timestampOverflow = new CelError('timestamp overflow');

export const inRange = (seconds: number): boolean => seconds >= minimumSeconds && seconds <= maximumSeconds;

const pattern = /^(\d{4})-(\d{2})-(\d{2})T(\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/;

/** RFC 3339 as Go's time.Parse takes it; undefined if it is none. The range is not checked. */
export function parseTimestamp(text: string): TimestampValue | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const [zoneHours, zoneMinutes] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  if (zoneHours > 24 || zoneMinutes > 60) return undefined;
  const offset = (zoneHours * 60 + zoneMinutes) * 60 * (match[8] === '-' ? -1 : 1);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const nanoseconds = Number((match[7] ?? '').slice(0, 9).padEnd(9, '0'));
  return new TimestampValue(date.getTime() / 1000 - offset, nanoseconds, offset);
}

const daysIn = (year: number, month: number): number => {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
};

/** The moment as the zone of the timestamp writes it. */
export function civil(time: TimestampValue): { readonly date: string; readonly clock: string } {
  const at = new Date((time.seconds + time.offset) * 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const year = String(at.getUTCFullYear()).padStart(4, '0');
  return {
    date: `${year}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`,
    clock: `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`,
  };
}

export function addDuration(time: TimestampValue, duration: bigint): TimestampValue | CelError {
  let seconds = time.seconds + Number(duration / 1_000_000_000n);
  let nanoseconds = time.nanoseconds + Number(duration % 1_000_000_000n);
  if (nanoseconds < 0) {
    seconds -= 1;
    nanoseconds += billion;
  } else if (nanoseconds >= billion) {
    seconds += 1;
    nanoseconds -= billion;
  }
  return inRange(seconds) ? new TimestampValue(seconds, nanoseconds, time.offset) : timestampOverflow;
}

export function timeBetween(later: TimestampValue, earlier: TimestampValue): DurationValue | CelError {
  const seconds = BigInt(later.seconds - earlier.seconds) * 1_000_000_000n;
  if (seconds > maxInt64 || seconds < minInt64) return integerOverflow;
  return checkedDuration(seconds + BigInt(later.nanoseconds - earlier.nanoseconds));
}

export const checkedDuration = (nanoseconds: bigint): DurationValue | CelError =>
  nanoseconds > maxInt64 || nanoseconds < minInt64 ? integerOverflow : new DurationValue(nanoseconds);

/** The calendar's fields of a moment in a zone: an IANA name, or an offset such as `-08:00`. */
export function fieldsIn(time: TimestampValue, zone: string): Date | CelError {
  const offset = zoneOffset(time, zone);
  return offset instanceof CelError ? offset : new Date((time.seconds + offset) * 1000);
}

function zoneOffset(time: TimestampValue, zone: string): number | CelError {
  const colon = zone.indexOf(':');
  if (colon < 0) return namedZoneOffset(time.seconds, zone);
  const hours = goInteger(zone.slice(0, colon));
  if (hours instanceof CelError) return hours;
  const minutes = goInteger(zone.slice(colon + 1));
  if (minutes instanceof CelError) return minutes;
  return (hours * 60 + (zone.startsWith('-') ? -minutes : minutes)) * 60;
}

function goInteger(text: string): number | CelError {
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  return new CelError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function namedZoneOffset(seconds: number, zone: string): number | CelError {
  if (zone === '' || zone === 'UTC' || zone === 'Local') return 0;
  if (zone.includes('..') || /^[/\\]/.test(zone)) return new CelError('time: invalid location name');
  const unknown = new CelError(`unknown time zone ${zone}`);
  if (!/^[A-Z]/.test(zone)) return unknown;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    const parts = new Map(format.formatToParts(new Date(seconds * 1000)).map(({ type, value }) => [type, value]));
    const part = (name: Intl.DateTimeFormatPartTypes) => Number(parts.get(name));
    const local = new Date(0);
    const year = parts.get('era') === 'BC' ? 1 - part('year') : part('year');
    local.setUTCFullYear(year, part('month') - 1, part('day'));
    local.setUTCHours(part('hour'), part('minute'), part('second'));
    return local.getTime() / 1000 - seconds;
  } catch {
    return unknown;
  }
}

/** From 0, the day of the year. */
export function dayOfYear(date: Date): number {
  const first = new Date(0);
  first.setUTCFullYear(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - first.getTime()) / 86_400_000);
}
