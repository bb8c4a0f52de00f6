/** Doubles in decimal notation with a number of digits, as Go rounds them: exactly, ties to the even digit. */

/** The double as a fraction of two integers, without its sign. */
function fraction(value: number): { readonly numerator: bigint; readonly denominator: bigint } {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, Math.abs(value));
  const raw = bits.getBigUint64(0);
  const exponent = Number(raw >> 52n);
  const mantissa = exponent === 0 ? raw : (raw & (2n ** 52n - 1n)) | (2n ** 52n);
  const power = Math.max(exponent, 1) - 1075;
  return power >= 0
    ? { numerator: mantissa * 2n ** BigInt(power), denominator: 1n }
    : { numerator: mantissa, denominator: 2n ** BigInt(-power) };
}

/** |value| × 10^power, to the nearest integer. */
function scaled(value: number, power: number): bigint {
  const { numerator, denominator } = fraction(value);
  const top = power >= 0 ? numerator * 10n ** BigInt(power) : numerator;
  const bottom = power >= 0 ? denominator : denominator * 10n ** BigInt(-power);
  const quotient = top / bottom;
  const twice = (top - quotient * bottom) * 2n;
  const isUp = twice > bottom || (twice === bottom && quotient % 2n === 1n);
  return isUp ? quotient + 1n : quotient;
}

const signOf = (value: number): string => (value < 0 || Object.is(value, -0) ? '-' : '');

/** A double has no more digits than these behind the point; all others are zeros. */
const mostPlaces = 1100;

/** |value| with a number of places, in two parts. */
function decimalParts(value: number, places: number): { readonly whole: string; readonly rest: string } {
  if (places <= mostPlaces) return withPoint(String(scaled(value, places)), places);
  const { whole, rest } = withPoint(String(scaled(value, mostPlaces)), mostPlaces);
  return { whole, rest: rest.padEnd(places + 1, '0') };
}

function withPoint(digits: string, places: number): { readonly whole: string; readonly rest: string } {
  const padded = digits.padStart(places + 1, '0');
  const rest = places === 0 ? '' : `.${padded.slice(-places)}`;
  return { whole: padded.slice(0, padded.length - places), rest };
}

/** Go's `%.Nf` of a finite double. */
export function fixed(value: number, places: number): string {
  const { whole, rest } = decimalParts(value, places);
  return signOf(value) + whole + rest;
}

const unusual = (value: number): string | undefined => {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? undefined : value > 0 ? '∞' : '-∞';
};

/** With the thousands parted by commas. */
export function localeFixed(value: number, places: number): string {
  const special = unusual(value);
  if (special !== undefined) return special;
  const { whole, rest } = decimalParts(value, places);
  return (value < 0 ? '-' : '') + whole.replace(/\B(?=(?:\d{3})+$)/g, ',') + rest;
}

const superscripts: Readonly<Record<string, string>> = {
  '-': '⁻',
  '0': '⁰',
  '1': '¹',
  '2': '²',
  '3': '³',
  '4': '⁴',
  '5': '⁵',
  '6': '⁶',
  '7': '⁷',
  '8': '⁸',
  '9': '⁹',
};

/**
 * `1.052033×10⁰³`. Upstream hands the precision on as a width, so that there are always six digits, and short texts are
 * filled up with blanks.
 */
export function localeScientific(value: number, width: number): string {
  return (unusual(value) ?? scientific(value)).padStart(width, ' ');
}

function scientific(value: number): string {
  const places = 6;
  let exponent = value === 0 ? 0 : Number(value.toExponential().split('e')[1]);
  let digits = scaled(value, places - exponent);
  if (digits >= 10n ** BigInt(places + 1)) {
    exponent++;
    digits = scaled(value, places - exponent);
  }
  const { whole, rest } = withPoint(String(digits), places);
  const power = `${exponent < 0 ? '-' : ''}${String(Math.abs(exponent)).padStart(2, '0')}`;
  return `${value < 0 ? '-' : ''}${whole}${rest}×10${[...power].map((digit) => superscripts[digit]).join('')}`;
}
