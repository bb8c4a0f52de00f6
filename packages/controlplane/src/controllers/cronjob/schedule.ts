import { parseGoDuration } from '@setpoint/apimachinery/duration';
import { localTime, utcOf } from './time-zone.ts';

/** When something is to happen, again and again. */
export interface Schedule {
  /** The first time after `after`, in milliseconds; undefined: none within five years. */
  next(after: number): number | undefined;
}

const minute = 60_000;
const day = 86_400_000;
/** Days that are looked at: five years. */
const horizon = 5 * 366;

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const weekdays = 'sun mon tue wed thu fri sat'.split(' ');

const named: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

interface FieldSet {
  readonly values: ReadonlySet<number>;
  /** `*` or `?`: it restricts nothing. */
  readonly star: boolean;
}

/**
 * The five fields of cron, the names of usual schedules, and `@every 1h30m`; `TZ=` or `CRON_TZ=` in front of them.
 * Follows github.com/robfig/cron v3.
 *
 * @throws Error that says what is wrong with it
 */
export function parseSchedule(text: string, timeZone = 'UTC'): Schedule {
  const prefixed = /^(?:CRON_)?TZ=(\S+)\s+(.*)$/.exec(text);
  if (prefixed) return parseSchedule(prefixed[2] as string, prefixed[1]);
  if (text.startsWith('@every ')) return every(Number(parseGoDuration(text.slice('@every '.length)) / 1_000_000n));
  const fields = (named[text] ?? text).trim().split(/\s+/);
  if (text.startsWith('@') && !named[text]) throw new Error(`unrecognized descriptor: ${text}`);
  if (fields.length !== 5) throw new Error(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
  const [minutes, hours, days, inMonths, onWeekdays] = fields as [string, string, string, string, string];
  return cron({
    minutes: parseField(minutes, 0, 59),
    hours: parseField(hours, 0, 23),
    days: parseField(days, 1, 31),
    months: parseField(inMonths, 1, 12, months, 1),
    weekdays: parseField(onWeekdays, 0, 6, weekdays, 0),
    timeZone,
  });
}

/** Counted from each time that is asked about, in whole seconds. */
function every(milliseconds: number): Schedule {
  const seconds = Math.max(1, Math.floor(milliseconds / 1000));
  return { next: (after) => (Math.floor(after / 1000) + seconds) * 1000 };
}

function parseField(text: string, least: number, most: number, names: readonly string[] = [], first = 0): FieldSet {
  const values = new Set<number>();
  let star = false;
  for (const part of text.split(',')) {
    const [range = '', step, ...more] = part.split('/');
    if (more.length > 0) throw new Error(`too many slashes: ${part}`);
    const [from = '', to, ...others] = range.split('-');
    if (others.length > 0) throw new Error(`too many hyphens: ${part}`);
    const any = from === '*' || from === '?';
    const number = (word: string) => numberOf(word, names, first);
    const start = any ? least : number(from);
    const by = step === undefined ? 1 : numberOf(step, [], 0);
    const end = any ? most : to !== undefined ? number(to) : step === undefined ? start : most;
    if (any && by === 1) star = true;
    if (start < least) throw new Error(`beginning of range (${start}) below minimum (${least}): ${part}`);
    if (end > most) throw new Error(`end of range (${end}) above maximum (${most}): ${part}`);
    if (start > end) throw new Error(`beginning of range (${start}) beyond end of range (${end}): ${part}`);
    if (by === 0) throw new Error(`step of range should be a positive number: ${part}`);
    for (let value = start; value <= end; value += by) values.add(value);
  }
  return { values, star };
}

function numberOf(word: string, names: readonly string[], first: number): number {
  const at = names.indexOf(word.toLowerCase());
  if (at >= 0) return at + first;
  if (!/^\d+$/.test(word)) throw new Error(`failed to parse int from ${word}`);
  return Number(word);
}

interface Cron {
  readonly minutes: FieldSet;
  readonly hours: FieldSet;
  readonly days: FieldSet;
  readonly months: FieldSet;
  readonly weekdays: FieldSet;
  readonly timeZone: string;
}

function cron(schedule: Cron): Schedule {
  return {
    next(after) {
      const from = Math.floor(after / minute) * minute + minute;
      const local = localTime(from, schedule.timeZone);
      const midnight = Date.UTC(local.year, local.month - 1, local.day);
      for (let number = 0; number < horizon; number++) {
        const date = new Date(midnight + number * day);
        if (!isDay(schedule, date)) continue;
        const found = firstOf(schedule, date, from);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

/** Days of the month and of the week: either, unless one of them restricts nothing. */
function isDay({ days, weekdays: onWeekdays, months: inMonths }: Cron, date: Date): boolean {
  if (!inMonths.values.has(date.getUTCMonth() + 1)) return false;
  const byDay = days.values.has(date.getUTCDate());
  const byWeekday = onWeekdays.values.has(date.getUTCDay());
  return days.star || onWeekdays.star ? byDay && byWeekday : byDay || byWeekday;
}

/** The first time of a day that is not before `from`; hours that the clocks leave out are no times. */
function firstOf({ hours, minutes, timeZone }: Cron, date: Date, from: number): number | undefined {
  for (const hour of [...hours.values].sort((a, b) => a - b)) {
    for (const at of [...minutes.values].sort((a, b) => a - b)) {
      const time = utcOf(date.getTime() + hour * 3_600_000 + at * minute, timeZone);
      if (time !== undefined && time >= from) return time;
    }
  }
  return undefined;
}
