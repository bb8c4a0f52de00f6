/** One field of a schedule: its name in messages, its range, and the names of its values. */
interface CronField {
  readonly minimum: number;
  readonly maximum: number;
  readonly names?: readonly string[];
}

const fields: readonly CronField[] = [
  { minimum: 0, maximum: 59 },
  { minimum: 0, maximum: 23 },
  { minimum: 1, maximum: 31 },
  {
    minimum: 1,
    maximum: 12,
    names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  { minimum: 0, maximum: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
];

const descriptors = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);

/** Why a schedule is none, in the words of the parser that the API server uses (robfig/cron); undefined if it is one. */
export function cronProblem(schedule: string): string | undefined {
  let text = schedule;
  if (/^(CRON_)?TZ=/.test(text)) {
    const space = text.indexOf(' ');
    if (space < 0) return `provided bad location ${text.slice(text.indexOf('=') + 1)}: unknown time zone`;
    text = text.slice(space).trim();
  }
  if (text.startsWith('@')) return descriptorProblem(text);
  const parts = text.trim().split(/\s+/);
  if (parts.length !== 5) return `expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`;
  for (const [index, part] of parts.entries()) {
    const problem = fieldProblem(part, fields[index] as CronField);
    if (problem) return problem;
  }
  return undefined;
}

function descriptorProblem(text: string): string | undefined {
  if (descriptors.has(text)) return undefined;
  if (!text.startsWith('@every ')) return `unrecognized descriptor: ${text}`;
  return /^@every ([0-9.]+(ns|us|µs|ms|s|m|h))+$/.test(text)
    ? undefined
    : `failed to parse duration ${text}: time: invalid duration ${JSON.stringify(text.slice(7))}`;
}

function fieldProblem(text: string, field: CronField): string | undefined {
  for (const expression of text.split(',')) {
    const problem = rangeProblem(expression, field);
    if (problem) return problem;
  }
  return undefined;
}

/** `*`, `?`, `n`, `n-m`, each with an optional `/step`. */
function rangeProblem(expression: string, { minimum, maximum, names }: CronField): string | undefined {
  const [range = '', step, ...more] = expression.split('/');
  const [low = '', high, ...rest] = range.split('-');
  let start = minimum;
  let end = maximum;
  if (low === '*' || low === '?') {
    if (high !== undefined) end = maximum;
  } else {
    const from = numberOf(low, names);
    if (typeof from === 'string') return from;
    start = from;
    if (rest.length > 0) return `too many hyphens: ${expression}`;
    const to = high === undefined ? (step === undefined ? from : maximum) : numberOf(high, names);
    if (typeof to === 'string') return to;
    end = to;
  }
  if (more.length > 0) return `too many slashes: ${expression}`;
  if (step !== undefined) {
    const by = numberOf(step);
    if (typeof by === 'string') return by;
    if (by === 0) return `step of range should be a positive number: ${expression}`;
  }
  if (start < minimum) return `beginning of range (${start}) below minimum (${minimum}): ${expression}`;
  if (end > maximum) return `end of range (${end}) above maximum (${maximum}): ${expression}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${expression}`;
  return undefined;
}

/** A number or the name of one; a text is what is wrong with it. */
function numberOf(text: string, names: readonly string[] = []): number | string {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return names.length === 12 ? named + 1 : named;
  if (/^-?\d+$/.test(text)) {
    return text.startsWith('-') ? `negative number (${text}) not allowed: ${text}` : Number(text);
  }
  return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
}
