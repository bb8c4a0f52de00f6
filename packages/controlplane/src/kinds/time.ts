import { DecodeError } from './decode-error.ts';

const layout = '2006-01-02T15:04:05Z07:00';
const microLayout = '2006-01-02T15:04:05.000000Z07:00';

/** The parts of an RFC 3339 time in order, with what Go's layout calls them. */
const parts: readonly (readonly [RegExp, string])[] = [
  [/^\d{4}/, '2006'],
  [/^-/, '-'],
  [/^\d{2}/, '01'],
  [/^-/, '-'],
  [/^\d{2}/, '02'],
  [/^T/, 'T'],
  [/^\d{2}/, '15'],
  [/^:/, ':'],
  [/^\d{2}/, '04'],
  [/^:/, ':'],
  [/^\d{2}/, '05'],
];
const zone: readonly [RegExp, string] = [/^(Z|[+-]\d{2}:\d{2})/, 'Z07:00'];

/** A metav1.Time: seconds, in UTC. */
export function decodeTime(value: unknown): string {
  const text = stringOf(value);
  if (isCanonical(text)) return text;
  check(text, layout, [...parts, [/^([.,]\d+)?/, ''], zone]);
  return `${instant(text, layout).toISOString().slice(0, 19)}Z`;
}

/** The common case: what is already written as the server writes it. Days that a month does not have roll over. */
function isCanonical(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return false;
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text.slice(0, 19));
}

/** A metav1.MicroTime: microseconds, in UTC; exactly six digits are asked for. */
export function decodeMicroTime(value: unknown): string {
  const text = stringOf(value);
  check(text, microLayout, [...parts, [/^\.\d{6}/, '.000000'], zone]);
  const micros = /\.(\d{6})/.exec(text)?.[1] ?? '000000';
  return `${instant(text, microLayout).toISOString().slice(0, 19)}.${micros}Z`;
}

function stringOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const type = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  throw new DecodeError(`json: cannot unmarshal ${type} into Go value of type string`);
}

/** Follows the layout and names the first part that does not fit, as Go does. */
function check(text: string, format: string, expected: readonly (readonly [RegExp, string])[]): void {
  let rest = text;
  for (const [expression, name] of expected) {
    const match = expression.exec(rest);
    if (!match) throw failure(text, format, `cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(name)}`);
    rest = rest.slice(match[0].length);
  }
  if (rest !== '') throw new DecodeError(`parsing time ${JSON.stringify(text)}: extra text: ${JSON.stringify(rest)}`);
}

function instant(text: string, format: string): Date {
  const [, month, day, hour, minute, second] = /^\d{4}-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)/.exec(text) ?? [];
  const outside = (name: string) => new DecodeError(`parsing time ${JSON.stringify(text)}: ${name} out of range`);
  if (Number(month) < 1 || Number(month) > 12) throw outside('month');
  if (Number(hour) > 23) throw outside('hour');
  if (Number(minute) > 59) throw outside('minute');
  if (Number(second) > 59) throw outside('second');
  const daysInMonth = new Date(Date.UTC(Number(text.slice(0, 4)), Number(month), 0)).getUTCDate();
  if (Number(day) < 1 || Number(day) > daysInMonth) throw outside('day');
  const date = new Date(text.replace(',', '.').replace(/(\.\d{3})\d+/, '$1'));
  if (Number.isNaN(date.getTime())) throw failure(text, format, 'is not a time');
  return date;
}

function failure(text: string, format: string, detail: string): DecodeError {
  return new DecodeError(`parsing time ${JSON.stringify(text)} as ${JSON.stringify(format)}: ${detail}`);
}
