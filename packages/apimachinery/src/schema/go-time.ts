/** RFC 3339 times as Go's time.Parse reads them, with its messages. */

const layout = '2006-01-02T15:04:05Z07:00';

interface Part {
  readonly name: string;
  readonly pattern: RegExp;
  readonly range?: readonly [number, number, string];
}

const parts: readonly Part[] = [
  { name: '2006', pattern: /^\d{4}/ },
  { name: '-', pattern: /^-/ },
  { name: '01', pattern: /^\d{2}/, range: [1, 12, 'month'] },
  { name: '-', pattern: /^-/ },
  { name: '02', pattern: /^\d{2}/ },
  { name: 'T', pattern: /^T/ },
  { name: '15', pattern: /^\d{1,2}/, range: [0, 23, 'hour'] },
  { name: ':', pattern: /^:/ },
  { name: '04', pattern: /^\d{2}/, range: [0, 59, 'minute'] },
  { name: ':', pattern: /^:/ },
  { name: '05', pattern: /^\d{2}/, range: [0, 59, 'second'] },
  { name: 'fraction', pattern: /^([.,]\d+)?/ },
  { name: 'Z07:00', pattern: /^(Z|[+-]\d{2}:\d{2})/ },
];

/** How the server itself writes times, on days that every month has: most times that are read. */
const written = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;

/** The time in UTC to the second, as metav1.Time is written, or Go's error. */
export function parseRfc3339(text: string): { readonly time: string } | { readonly error: string } {
  if (written.test(text)) return { time: text };
  let rest = text;
  const found: string[] = [];
  for (const part of parts) {
    const match = part.pattern.exec(rest);
    if (match === null)
      return { error: `parsing time "${text}" as "${layout}": cannot parse "${rest}" as "${part.name}"` };
    const value = Number(match[0]);
    if (part.range && (value < part.range[0] || value > part.range[1])) {
      return { error: `parsing time "${text}": ${part.range[2]} out of range` };
    }
    found.push(match[0]);
    rest = rest.slice(match[0].length);
  }
  if (rest !== '') return { error: `parsing time "${text}": extra text: "${rest}"` };
  const [year, month, day] = [Number(found[0]), Number(found[2]), Number(found[4])];
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || day < 1) return { error: `parsing time "${text}": day out of range` };
  const zone = found[12] as string;
  const offset =
    zone === 'Z' ? 0 : (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4))) * (zone[0] === '-' ? -1 : 1);
  const clock = (Number(found[6]) * 60 + Number(found[8]) - offset) * 60 + Number(found[10]);
  const utc = new Date(date.getTime() + clock * 1000);
  return { time: `${utc.toISOString().slice(0, -5)}Z` };
}
