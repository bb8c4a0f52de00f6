import { nano, power10, type Quantity, QuantityError, type QuantityFormat } from './types.ts';

const wrongFormat = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const wrongSuffix = "unable to parse quantity's suffix";

const grammar = /^([+-]?)0*(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/;

const decimalSuffixes: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binarySuffixes: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

const largestBinary = 2n ** 63n - 1n;

/**
 * Reads `100m`, `1.5Gi`, `12e6`. Accepts what the API server accepts, and keeps the text where the server does
 * (`1.500` comes back as it is, `1500m` for `1.5` does not stay `1.5`).
 * @throws QuantityError with the server's message
 */
export function parseQuantity(text: string | number): Quantity {
  const source = typeof text === 'number' ? numberText(text) : text;
  if (source === '') throw new QuantityError(wrongFormat, source);
  if (source === '0') return { unscaled: 0n, scale: 0, format: 'DecimalSI', text: source };
  const match = grammar.exec(source);
  if (!match) throw new QuantityError(wrongFormat, source);
  const [, sign, , denominator = '', suffix = ''] = match;
  const numerator = match[2] === '' ? '0' : (match[2] as string);
  const { format, exponent } = interpret(suffix, source);
  const shifted = numerator + denominator;
  const digits = BigInt(shifted) * (sign === '-' ? -1n : 1n);
  const fast = fastScale(format, exponent, numerator, denominator);
  if (fast !== undefined) {
    const unscaled = format === 'BinarySI' ? digits << BigInt(exponent) : digits;
    const kept =
      format === 'BinarySI'
        ? (BigInt(shifted) & 7n) !== 0n
        : fast % 3 === 0 && !shifted.endsWith('000') && shifted[0] !== '0';
    return kept ? { unscaled, scale: fast, format, text: source } : { unscaled, scale: fast, format };
  }
  return slow(digits, denominator.length, format, exponent);
}

function interpret(suffix: string, source: string): { format: QuantityFormat; exponent: number } {
  if (Object.hasOwn(decimalSuffixes, suffix))
    return { format: 'DecimalSI', exponent: decimalSuffixes[suffix] as number };
  if (Object.hasOwn(binarySuffixes, suffix)) return { format: 'BinarySI', exponent: binarySuffixes[suffix] as number };
  if (/^[eE][-+]?\d+$/.test(suffix)) {
    const exponent = Number(suffix.slice(1));
    // Upstream keeps 32 bits of it; beyond a few hundred digits an amount has no meaning and only costs memory.
    if (Math.abs(exponent) > 4096) throw new QuantityError(wrongSuffix, source);
    return { format: 'DecimalExponent', exponent };
  }
  throw new QuantityError(wrongSuffix, source);
}

/** The scale on the path that upstream takes for amounts that fit 64 bits; only that path keeps the text. */
function fastScale(
  format: QuantityFormat,
  exponent: number,
  numerator: string,
  denominator: string,
): number | undefined {
  if (format === 'BinarySI') {
    if (denominator !== '') return undefined;
    return 15 - numerator.length - Math.trunc((exponent * 3) / 10) - 1 >= 0 ? 0 : undefined;
  }
  if (18 - (numerator.length + denominator.length) < 0) return undefined;
  const scale = exponent - denominator.length;
  return scale >= nano ? scale : undefined;
}

function slow(digits: bigint, decimals: number, format: QuantityFormat, exponent: number): Quantity {
  const binary = format === 'BinarySI';
  let unscaled = binary ? digits << BigInt(exponent) : digits;
  let scale = (binary ? 0 : exponent) - decimals;
  if (scale < nano) {
    unscaled = divideUp(unscaled, power10(nano - scale));
    scale = nano;
  }
  if (!binary) return { unscaled, scale, format };
  const one = power10(-scale);
  const magnitude = unscaled < 0n ? -unscaled : unscaled;
  if (magnitude > largestBinary * one) {
    return { unscaled: unscaled < 0n ? -largestBinary : largestBinary, scale: 0, format };
  }
  return { unscaled, scale, format: magnitude > 0n && magnitude < one ? 'DecimalSI' : format };
}

/** Division that rounds away from zero. */
function divideUp(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  if (quotient * by === value) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}

/** JavaScript writes 1e+21 where JSON and Go write 1e21. */
function numberText(value: number): string {
  return String(value).replace('e+', 'e');
}
