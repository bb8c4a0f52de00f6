import { parseGoDuration } from '../../duration/index.ts';
import { parseTimestamp } from './time.ts';
import { BytesValue, CelError, DurationValue, TimestampValue, type Value } from './value.ts';

/** Strings of a schema's format, as the values that expressions see. */
export function readFormatted(text: string, format: string | undefined): Value {
  switch (format) {
    case 'duration':
      return readDuration(text);
    case 'date':
      return readDate(text);
    case 'date-time':
      return readDateTime(text);
    case 'byte':
      return readBytes(text);
    default:
      return text;
  }
}

const unitNanoseconds: readonly (readonly [RegExp, bigint])[] = [
  [/^(?:ns|nano.*)$/, 1n],
  [/^(?:us|µs|micro.*)$/, 1_000n],
  [/^(?:ms|milli.*)$/, 1_000_000n],
  [/^(?:s|sec.*)$/, 1_000_000_000n],
  [/^(?:m|min.*)$/, 60_000_000_000n],
  [/^(?:h|hr|hour.*)$/, 3_600_000_000_000n],
  [/^(?:d|day.*)$/, 86_400_000_000_000n],
  [/^(?:w|wk|week.*)$/, 604_800_000_000_000n],
];

/** As Go writes durations, or with words and days as Scala does. */
function readDuration(text: string): Value {
  try {
    return new DurationValue(parseGoDuration(text));
  } catch {
    let total: bigint | undefined;
    for (const [, count = '0', unit = ''] of text.matchAll(/(\d+)\s*([A-Za-zµ]+)/g)) {
      const scale = unitNanoseconds.find(([names]) => names.test(unit.toLowerCase()))?.[1];
      if (scale !== undefined) total = (total ?? 0n) + BigInt(count) * scale;
    }
    if (total !== undefined) return new DurationValue(BigInt.asIntN(64, total));
    return new CelError(`Invalid duration ${text}: unable to parse ${text} as duration`);
  }
}

function readDate(text: string): Value {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? parseTimestamp(`${text}T00:00:00Z`) : undefined;
  return time ?? new CelError(`Invalid date formatted string ${text}: parsing time "${text}" as "2006-01-02"`);
}

/** RFC 3339; the zone may be missing, and nothing at all is the epoch. */
function readDateTime(text: string): Value {
  if (text === '') return new TimestampValue(0, 0);
  const time = parseTimestamp(text) ?? parseTimestamp(`${text}Z`);
  return (
    time ?? new CelError(`Invalid date-time formatted string ${text}: parsing time "${text}" as "2006-01-02T15:04:05"`)
  );
}

/** Base 64 in the alphabet for URLs, as upstream reads it: `+` and `/` are refused. */
function readBytes(text: string): Value {
  const data = text.replace(/[\r\n]/g, '');
  if (/^[A-Za-z0-9_-]*={0,2}$/.test(data) && data.length % 4 === 0) {
    const binary = atob(data.replaceAll('-', '+').replaceAll('_', '/'));
    return new BytesValue(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
  }
  const illegal = text.search(/[^A-Za-z0-9_\-\r\n]/);
  const at = illegal < 0 ? text.length : illegal;
  return new CelError(`Invalid byte formatted string ${text}: illegal base64 data at input byte ${at}`);
}
