import { RE2JS } from 're2js';
import { DurationError, parseGoDuration } from '../../duration/index.ts';

/** Whether `duration('…')` can be computed: Go's syntax of durations, within 64 bits of nanoseconds. */
export const isDurationLiteral = (text: string): boolean => {
  try {
    parseGoDuration(text);
    return true;
  } catch (error) {
    if (error instanceof DurationError) return false;
    throw error;
  }
};

const timestampPattern = /^(\d{4})-(\d\d)-(\d\d)T(\d{1,2}):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|([+-])(\d\d):(\d\d))$/;

/** Seconds of the first and the last moment of CEL's timestamps: the years 1 to 9999. */
const firstSecond = -62_135_596_800;
const lastSecond = 253_402_300_799;

export const isTimestampInRange = (seconds: number | bigint): boolean =>
  seconds >= firstSecond && seconds <= lastSecond;

/** Whether `timestamp('…')` can be computed: RFC 3339, a day that exists, within the range. */
export const isTimestampLiteral = (text: string): boolean => {
  const match = timestampPattern.exec(text);
  if (match === null) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const [zoneHour, zoneMinute] = [Number(match[8] ?? 0), Number(match[9] ?? 0)];
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return false;
  if (zoneHour > 24 || zoneMinute > 60) return false;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return false;
  const offset = (zoneHour * 60 + zoneMinute) * 60 * (match[7] === '-' ? -1 : 1);
  return isTimestampInRange(date.getTime() / 1000 + hour * 3600 + minute * 60 + second - offset);
};

/** Whether RE2 can compile a pattern. */
export const isPattern = (text: string): boolean => {
  try {
    RE2JS.compile(text);
    return true;
  } catch {
    return false;
  }
};
