/** One measured figure beside the one that was promised. */
export interface Figure {
  readonly what: string;
  readonly measured: string;
  readonly promised: string;
  readonly met: boolean;
}

export function atMost(what: string, value: number, limit: number, unit: string): Figure {
  return { what, measured: `${format(value)} ${unit}`, promised: `≤ ${limit} ${unit}`, met: value <= limit };
}

export function atLeast(what: string, value: number, limit: number, unit: string): Figure {
  return { what, measured: `${format(value)} ${unit}`, promised: `≥ ${limit} ${unit}`, met: value >= limit };
}

/** For what is only reported. */
export function reported(what: string, value: number, unit: string): Figure {
  return { what, measured: `${format(value)} ${unit}`, promised: '', met: true };
}

export function print(title: string, figures: readonly Figure[]): void {
  console.log(`\n## ${title}\n\n| figure | measured | promised | |\n|---|---|---|---|`);
  for (const figure of figures) {
    console.log(`| ${figure.what} | ${figure.measured} | ${figure.promised} | ${figure.met ? '' : 'missed'} |`);
  }
}

function format(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits);
}
