import { parseQuantity } from './parse.ts';
import { power10, type Quantity, type QuantityFormat } from './types.ts';

/** The canonical text: no fraction, the largest suffix that keeps it exact. `1000m` → `1`, `1024Mi` → `1Gi`. */
export function formatQuantity(quantity: Quantity): string {
  if (quantity.text !== undefined) return quantity.text;
  if (quantity.unscaled === 0n) return '0';
  const whole = quantity.format === 'BinarySI' ? wholeOf(quantity) : undefined;
  // Below 1024, and where it is no whole number, binary suffixes would round: upstream writes it in decimal.
  if (whole !== undefined && (whole >= 1024n || whole <= -1024n)) return formatBinary(whole);
  return formatDecimal(quantity);
}

/** The text that the server answers with for a text it accepts. */
export function canonicalQuantity(text: string | number): string {
  return formatQuantity(parseQuantity(text));
}

/** Negative, zero or positive, as the first is less than, equal to or greater than the second. */
export function compareQuantities(a: Quantity, b: Quantity): -1 | 0 | 1 {
  const [left, right] = aligned(a, b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The sum, in the notation of `a` (of `b` where `a` is zero). */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  const [left, right, scale] = aligned(a, b);
  return { unscaled: left + right, scale, format: isZeroQuantity(a) ? b.format : a.format };
}

/** The difference, in the notation of `a` (of `b` where `a` is zero). */
export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return addQuantities(a, negateQuantity(b));
}

/** The same amount with the other sign. */
export function negateQuantity(a: Quantity): Quantity {
  return { unscaled: -a.unscaled, scale: a.scale, format: a.format };
}

/** Whether the amount is zero, in whatever unit. */
export function isZeroQuantity(a: Quantity): boolean {
  return a.unscaled === 0n;
}

/** As a double; large or very precise amounts lose digits. */
export function quantityToNumber(a: Quantity): number {
  return Number(`${a.unscaled}e${a.scale}`);
}

/** A quantity of an integer. */
export function quantityFromNumber(value: number | bigint, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { unscaled: BigInt(value), scale: 0, format };
}

function aligned(a: Quantity, b: Quantity): [bigint, bigint, number] {
  const scale = Math.min(a.scale, b.scale);
  return [a.unscaled * power10(a.scale - scale), b.unscaled * power10(b.scale - scale), scale];
}

/** The amount as an integer; undefined if it has a fraction. */
function wholeOf(quantity: Quantity): bigint | undefined {
  if (quantity.scale >= 0) return quantity.unscaled * power10(quantity.scale);
  const divisor = power10(-quantity.scale);
  return quantity.unscaled % divisor === 0n ? quantity.unscaled / divisor : undefined;
}

function formatBinary(whole: bigint): string {
  let mantissa = whole;
  let times = 0;
  while (mantissa % 1024n === 0n) {
    mantissa /= 1024n;
    times++;
  }
  return `${mantissa}${['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'][times] ?? ''}`;
}

const decimalSuffixes: Readonly<Record<number, string>> = {
  [-9]: 'n',
  [-6]: 'u',
  [-3]: 'm',
  0: '',
  3: 'k',
  6: 'M',
  9: 'G',
  12: 'T',
  15: 'P',
  18: 'E',
};

function formatDecimal(quantity: Quantity): string {
  let { unscaled: mantissa, scale: exponent } = quantity;
  while (mantissa % 10n === 0n) {
    mantissa /= 10n;
    exponent++;
  }
  // Exponents are multiples of three.
  const excess = ((exponent % 3) + 3) % 3;
  mantissa *= power10(excess);
  exponent -= excess;
  if (quantity.format === 'DecimalExponent') return exponent === 0 ? `${mantissa}` : `${mantissa}e${exponent}`;
  // Beyond E there is no suffix; upstream then writes none, and another amount.
  while (exponent > 18) {
    mantissa *= 1000n;
    exponent -= 3;
  }
  return `${mantissa}${decimalSuffixes[exponent]}`;
}
