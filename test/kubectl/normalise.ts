import type { Output } from './kubectl.ts';
import type { Step } from './script.ts';

/**
 * Makes the outputs of one script at two servers comparable. Uids and revisions become the order in which they were
 * first seen, so that one that should have stayed, or changed, still shows.
 */
export class Normaliser {
  readonly #folder: string;
  readonly #uids = new Map<string, string>();
  readonly #revisions = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  output(step: Step, output: Output): object {
    return {
      command: output.command,
      code: output.code,
      stdout: this.#text(output.stdout, step.lines),
      stderr: this.#text(output.stderr, undefined),
    };
  }

  #text(text: string, lines: RegExp | undefined): string[] {
    const all = text
      .replaceAll(this.#folder, 'folder')
      .replaceAll(/https:\/\/127\.0\.0\.1:\d+/g, 'https://server')
      .replaceAll(/127\.0\.0\.1:\d+/g, 'server')
      .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, (uid) => remember(this.#uids, uid, 'uid'))
      .replaceAll(
        /(resource[- ]?version\\*"?: *\\*"?)(\d+)/gi,
        (_, before: string, revision: string) => `${before}${remember(this.#revisions, revision, 'revision')}`,
      )
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'time')
      .replaceAll(/(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, 'time')
      .replaceAll(/^[EIW]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ /gm, 'log ')
      .replaceAll(/^([-+]{3} .*)\t\d{4}-\d\d-\d\d .*$/gm, '$1 time')
      .replaceAll(/(kubectl-edit-|\/(?:LIVE|MERGED)-)\d+/g, '$1…')
      .replaceAll(/(?<=\s)(?:\d+[smh]){1,2}(?: ago)?(?=\s|$)/g, 'age')
      .replaceAll(/\b10\.0\.0\.\d+\b|\b10\.96\.\d+\.\d+\b/g, 'address')
      .replaceAll(/:3[0-2]\d{3}\/TCP/g, ':node-port/TCP')
      .replaceAll('v1.36.3+setpoint', 'v1.36.3');
    const kept = all.split('\n').filter((line) => lines === undefined || lines.test(line));
    // Columns are as wide as what was replaced in them.
    return sortedCauses(kept.map((line) => line.replaceAll(/(?<=\S) {2,}/g, '  ').trimEnd()));
  }
}

/** A real server tells the faults of a custom resource in any order. */
function sortedCauses(lines: readonly string[]): string[] {
  const isCause = (line: string | undefined) => line?.startsWith('* ') === true;
  const sorted = lines.filter(isCause).sort();
  return lines.map((line) => (isCause(line) ? (sorted.shift() ?? line) : line));
}

function remember(seen: Map<string, string>, value: string, word: string): string {
  const known = seen.get(value) ?? `${word}-${seen.size + 1}`;
  seen.set(value, known);
  return known;
}
