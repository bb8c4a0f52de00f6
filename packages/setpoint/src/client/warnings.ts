import type { ClientLog } from './client.ts';

/** Texts remembered; beyond that the oldest may be said again. */
const remembered = 1000;

/** Hands the server's warnings (RFC 7234 code 299) to the log, each text once. */
export class Warnings {
  readonly #log: ClientLog | undefined;
  readonly #said = new Set<string>();

  constructor(log: ClientLog | undefined) {
    this.#log = log;
  }

  note(header: string | undefined, details: object): void {
    if (header === undefined) return;
    for (const text of parseWarnings(header)) {
      if (this.#said.has(text)) continue;
      this.#said.add(text);
      if (this.#said.size > remembered) this.#said.delete(this.#said.values().next().value as string);
      this.#log?.warn(details, text);
    }
  }
}

const warning = /299\s+\S+\s+"((?:[^"\\]|\\.)*)"/g;

/** The texts in `299 - "text", 299 - "another"`. */
export function parseWarnings(header: string): string[] {
  return Array.from(header.matchAll(warning), (match) => (match[1] ?? '').replace(/\\(.)/g, '$1'));
}
