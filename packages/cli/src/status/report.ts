/** How well one thing is. */
export type State = 'ok' | 'warning' | 'failure';

/** One thing that was looked at. */
export interface Line {
  readonly state: State;
  /** What kind of thing, in a word. */
  readonly about: string;
  /** Which one, where there are several. */
  readonly name?: string;
  readonly text: string;
  /** What stands behind it, a line for each. */
  readonly reasons?: readonly string[];
  /** The same for programs; depends on what it is about. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** All that is known of an operator in a cluster. */
export interface StatusReport {
  readonly operator: string;
  readonly namespace: string;
  readonly lines: readonly Line[];
}

export const formats = ['table', 'json', 'yaml'] as const;
export type Format = (typeof formats)[number];

/** The report as text. */
export async function render(report: StatusReport, format: Format): Promise<string> {
  switch (format) {
    case 'json':
      return `${JSON.stringify(report, null, 2)}\n`;
    case 'yaml':
      return (await import('yaml')).stringify(report);
    case 'table':
      return report.lines.map(tableLine).join('');
    default:
      return format satisfies never;
  }
}

function tableLine({ state, about, name, text, reasons = [] }: Line): string {
  const subject = name === undefined ? about : `${about} ${name}`;
  const more = reasons.map((reason) => `${' '.repeat(9)}${reason}\n`).join('');
  return `${state.padEnd(7)}  ${subject}: ${text}\n${more}`;
}
