import { stringifyJson } from '../json/index.ts';

/** One value as kubectl prints it: objects and lists as JSON, everything else as Go's fmt does. */
export function printJsonPathValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return printNumber(value);
    case 'object':
      return value === null ? '<no value>' : stringifyJson(value, { sortKeys: true });
    default:
      return String(value);
  }
}

/** %v of a float64: an exponent below 1e-4 and from 1e21 on, of two digits at least. Integers stay plain. */
function printNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value);
  const exponential = value.toExponential();
  const [, digits, sign, exponent] = /^(.*)e([+-])(\d+)$/.exec(exponential) ?? [];
  if (digits === undefined || (sign === '-' ? Number(exponent) <= 4 : Number(exponent) < 21)) return String(value);
  return `${digits}e${sign}${exponent?.padStart(2, '0')}`;
}
