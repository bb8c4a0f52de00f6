/** Digits that surely fit a 64-bit integer. */
const safeDigits = 18;

const decimalExponents: Readonly<Record<string, number>> = {
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

const binaryExponents: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

/**
 * The Go value of a quantity that was parsed from its canonical text: an integer with a scale where that is surely enough,
 * a decimal of any length otherwise.
 */
export function quantityDump(text: string): string {
  const match = /^(-?)(\d*)(?:\.(\d*))?(.*)$/.exec(text);
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match ?? [];
  const digits = whole.replace(/^0+(?=\d)/, '') || '0';
  const places = fraction.replace(/0+$/, '');
  const binary = binaryExponents[suffix];
  const exponent = binary ?? decimalExponents[suffix] ?? Number(suffix.slice(1));
  const format = binary !== undefined ? 'BinarySI' : suffix in decimalExponents ? 'DecimalSI' : 'DecimalExponent';
  const scale = (binary === undefined ? exponent : 0) - places.length;
  const spare =
    binary === undefined
      ? safeDigits - digits.length - places.length
      : places === ''
        ? 15 - digits.length - Math.trunc(binary * 0.3) - 1
        : -1;
  if (spare >= 0 && scale >= -9) {
    const value = BigInt(`${sign}${digits}${places}`) * (binary === undefined ? 1n : 1n << BigInt(binary));
    const shifted = `${digits}${places}`;
    const kept = isCanonical(shifted, scale, binary !== undefined) ? text : '';
    return `{i:(resource.int64Amount){value:(int64)${value} scale:(resource.Scale)${scale}} d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)${kept} Format:(resource.Format)${format}}`;
  }
  const unscaled = nanos(BigInt(`${digits}${places}`), places.length, binary, exponent);
  const decimal = `{unscaled:(big.Int){neg:(bool)${sign === '-'} abs:(big.nat)[${words(unscaled)}]} scale:(inf.Scale)9}`;
  return `{i:(resource.int64Amount){value:(int64)0 scale:(resource.Scale)0} d:(resource.infDecAmount){Dec:(*inf.Dec)${decimal}} s:(string) Format:(resource.Format)${format}}`;
}

/** Whether the text is surely the canonical one: it is kept beside the number then. */
function isCanonical(digits: string, scale: number, isBinary: boolean): boolean {
  if (isBinary) return (BigInt(digits) & 7n) !== 0n;
  return scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0');
}

/** Rounded up to a billionth. */
function nanos(value: bigint, places: number, binary: number | undefined, exponent: number): bigint {
  const shifted = binary === undefined ? value : value << BigInt(binary);
  const power = (binary === undefined ? exponent : 0) - places + 9;
  if (power >= 0) return shifted * 10n ** BigInt(power);
  const divisor = 10n ** BigInt(-power);
  return (shifted + divisor - 1n) / divisor;
}

/** Of 64 bits, the lowest first. */
function words(value: bigint): string {
  const result: string[] = [];
  for (let rest = value; rest > 0n; rest >>= 64n) result.push(String(BigInt.asUintN(64, rest)));
  return result.join(' ');
}
