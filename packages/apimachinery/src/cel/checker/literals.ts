import { RE2JS } from 're2js';

const durationPattern = /^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

/** Whether `duration('…')` can be computed: Go's syntax of durations. */
export const isDurationLiteral = (text: string): boolean => durationPattern.test(text);

const timestampPattern = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:[.,]\d+)?(?:[Zz]|[+-](\d\d):(\d\d))$/;

/** Whether `timestamp('…')` can be computed: RFC 3339 with a day that exists. */
export const isTimestampLiteral = (text: string): boolean => {
  const match = timestampPattern.exec(text);
  if (match === null) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, zoneHour = 0, zoneMinute = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59 || zoneHour > 24 || zoneMinute > 60)
    return false;
  if (year === 0) return false;
  const days = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  return day >= 1 && day <= days;
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
