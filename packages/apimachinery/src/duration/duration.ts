/**
 * A length of time as a person writes it: a number of milliseconds, or a text such as `30s`, `5m`, `1h30m`.
 * Texts with several units are checked when they are read, not by the type.
 */
export type Duration = number | `${number}${'ns' | 'us' | 'µs' | 'ms' | 's' | 'm' | 'h'}`;

/** The text is no duration; the message is Go's. */
export class DurationError extends Error {
  readonly code = 'InvalidDuration';

  constructor(message: string) {
    super(message);
    this.name = 'DurationError';
  }
}

const unitNanoseconds: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const longest = 2n ** 63n - 1n;

/**
 * Milliseconds of a duration; fractions of a millisecond are kept.
 * @throws DurationError if it is no duration, or a number that is not finite
 */
export function toMilliseconds(duration: Duration | string): number {
  if (typeof duration === 'string') {
    const nanoseconds = parseGoDuration(duration);
    return Number(nanoseconds / 1_000_000n) + Number(nanoseconds % 1_000_000n) / 1e6;
  }
  if (!Number.isFinite(duration))
    throw new DurationError(`a duration is a finite number of milliseconds, not ${duration}`);
  return duration;
}

/**
 * Nanoseconds of a Go duration: `1h15m30.5s`, `-1.5h`, `0`.
 * @throws DurationError with the message of Go's time.ParseDuration
 */
export function parseGoDuration(text: string): bigint {
  const invalid = () => new DurationError(`time: invalid duration ${JSON.stringify(text)}`);
  const negative = text.startsWith('-');
  let rest = /^[+-]/.test(text) ? text.slice(1) : text;
  if (rest === '0') return 0n;
  if (rest === '') throw invalid();
  let total = 0n;
  while (rest !== '') {
    const match = /^(\d*)(?:\.(\d*))?/.exec(rest) as RegExpExecArray;
    const [number, whole = '', fraction = ''] = match;
    if (whole === '' && fraction === '') throw invalid();
    rest = rest.slice(number.length);
    const unit = /^[^.\d]*/.exec(rest)?.[0] ?? '';
    if (unit === '') throw new DurationError(`time: missing unit in duration ${JSON.stringify(text)}`);
    const nanoseconds = Object.hasOwn(unitNanoseconds, unit) ? unitNanoseconds[unit] : undefined;
    if (nanoseconds === undefined) {
      throw new DurationError(`time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
    }
    rest = rest.slice(unit.length);
    total += BigInt(whole || '0') * nanoseconds;
    // Digits beyond a nanosecond of an hour carry nothing.
    const digits = fraction.slice(0, 18);
    if (digits !== '') total += (BigInt(digits) * nanoseconds) / 10n ** BigInt(digits.length);
    if (total > longest + (negative ? 1n : 0n)) throw invalid();
  }
  return negative ? -total : total;
}

/** Milliseconds as Go writes a duration: `1h0m0s`, `1.5s`, `100ms`, `0s`. */
export function formatGoDuration(milliseconds: number): string {
  const nanoseconds = BigInt(Math.trunc(milliseconds)) * 1_000_000n + BigInt(Math.round((milliseconds % 1) * 1e6));
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 1_000n)}µs`;
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 1_000_000n)}ms`;
  const seconds = decimal(size % 60_000_000_000n, 1_000_000_000n);
  const minutes = size / 60_000_000_000n;
  if (minutes === 0n) return `${sign}${seconds}s`;
  if (minutes < 60n) return `${sign}${minutes}m${seconds}s`;
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}s`;
}

/** value / unit without trailing zeros. */
function decimal(value: bigint, unit: bigint): string {
  const fraction = (value % unit)
    .toString()
    .padStart(unit.toString().length - 1, '0')
    .replace(/0+$/, '');
  return fraction === '' ? `${value / unit}` : `${value / unit}.${fraction}`;
}
