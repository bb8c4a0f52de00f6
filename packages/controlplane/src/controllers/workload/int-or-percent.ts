/** What an int-or-string such as `25%` comes to of `total`. */
export function scaledValue(value: number | string | undefined | null, total: number, roundUp: boolean): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === 'number') return value;
  const percent = Number.parseInt(value, 10);
  if (!value.endsWith('%') || Number.isNaN(percent)) return 0;
  return roundUp ? Math.ceil((percent * total) / 100) : Math.floor((percent * total) / 100);
}
