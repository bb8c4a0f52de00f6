import type { Location, Source } from './ast.ts';
import { snippetOf } from './source.ts';

/** One thing wrong with an expression: a message and the node (0 for none) and place it is about. */
export interface CelIssue {
  readonly id: number;
  readonly location: Location;
  readonly message: string;
}

const reportLimit = 100;
const longestSnippet = 16_384;

/** Collects issues; from the 101st on they are only counted. */
export class Issues {
  readonly source: Source;
  readonly #list: CelIssue[] = [];
  #count = 0;

  constructor(source: Source) {
    this.source = source;
  }

  get count(): number {
    return this.#count;
  }

  get list(): readonly CelIssue[] {
    return this.#list;
  }

  report(id: number, location: Location, message: string): void {
    if (++this.#count <= reportLimit) this.#list.push({ id, location, message });
  }

  /** All issues in the order of their places, each with the line it is about and a mark under the column. */
  toString(): string {
    const sorted = this.#list.toSorted(
      (a, b) => a.location.line - b.location.line || a.location.column - b.location.column,
    );
    const lines = sorted.map((issue) => displayIssue(this.source, issue));
    if (this.#count > reportLimit) lines.push(`${this.#count - reportLimit} more errors were truncated`);
    return lines.join('\n');
  }
}

/** One issue as cel-go prints it: `ERROR: <input>:1:5: message`, the source line and a caret under the column. */
export const displayIssue = (source: Source, issue: CelIssue): string => {
  const { line, column } = issue.location;
  const head = `ERROR: ${source.description}:${line}:${column + 1}: ${issue.message}`;
  const snippet = snippetOf(source, line)?.replaceAll('\t', ' ');
  if (snippet === undefined || Buffer.byteLength(snippet) > longestSnippet) return head;
  const points = Array.from(snippet);
  const isWide = (point: string | undefined) => point !== undefined && (point.codePointAt(0) as number) > 0x7f;
  const dots = points.slice(0, Math.max(column, 0)).map((point) => (isWide(point) ? '\uff0e' : '.'));
  const mark = isWide(points[Math.max(column, 0)]) ? '\uff3e' : '^';
  return `${head}\n | ${snippet}\n | ${dots.join('')}${mark}`;
};
