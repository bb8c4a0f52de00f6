/**
 * Values as Go's fmt prints them. Messages of an API server are made by it, and users compare them.
 */

const printable = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** `%q`: in double quotes, what cannot be printed escaped. */
export function goQuote(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  let out = '"';
  for (const character of text) out += shortEscapes[character] ?? escapeRune(character);
  return `${out}"`;
}

function escapeRune(character: string): string {
  const point = character.codePointAt(0) as number;
  // A lone surrogate cannot be in Go's UTF-8; its decoder has put the replacement character there.
  if (point >= 0xd800 && point <= 0xdfff) return '\ufffd';
  if (printable.test(character)) return character;
  const hex = point.toString(16);
  if (point < 0x80) return `\\x${hex.padStart(2, '0')}`;
  return point < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/**
 * `%v` of a number: a whole number that JavaScript holds exactly is Go's int64, everything else a float64.
 */
export function goNumber(value: number | bigint): string {
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return String(value);
  return goFloat(value);
}

/** `%v` of a float64: the shortest digits that are exact, with an exponent below 1e-4 and from 1e6 on. */
export function goFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const [mantissa = '', exponentText = '0'] = Math.abs(value).toExponential().split('e');
  const exponent = Number(exponentText);
  const sign = value < 0 ? '-' : '';
  if (exponent < -4 || exponent >= 6) return `${sign}${mantissa}e${goExponent(exponent)}`;
  return `${sign}${plain(mantissa, exponent)}`;
}

function goExponent(exponent: number): string {
  return `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function plain(mantissa: string, exponent: number): string {
  const digits = mantissa.replace('.', '');
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
