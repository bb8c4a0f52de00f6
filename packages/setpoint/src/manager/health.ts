import type { Log } from '../reconcile/index.ts';
import { type Check, probe } from './checks.ts';
import type { HttpAnswer } from './http.ts';
import { asError } from './wait.ts';

/** The named checks of one manager, and what answers /healthz and /readyz with them. */
export class Health {
  readonly #log: Log;
  readonly #checks = {
    healthz: new Map<string, Check>([['ping', () => undefined]]),
    readyz: new Map<string, Check>(),
  };

  constructor(log: Log) {
    this.#log = log;
  }

  /** @throws Error if there is one of that name */
  add(kind: 'healthz' | 'readyz', name: string, check: Check): void {
    if (this.#checks[kind].has(name)) throw new Error(`there is a check ${name} already`);
    this.#checks[kind].set(name, check);
  }

  /** Undefined where the path is nobody's. */
  async answer(url: URL, signal: AbortSignal): Promise<HttpAnswer | undefined> {
    const match = /^\/(healthz|readyz)(\/.*)?$/.exec(url.pathname);
    if (!match) return undefined;
    const kind = match[1] as 'healthz' | 'readyz';
    const { status, body } = await probe(kind, match[2] ?? '', url.searchParams, this.#checks[kind], {
      signal,
      failed: (check, error) => this.#log.info({ check, error: asError(error).message }, `${kind} check failed`),
    });
    return { status, contentType: 'text/plain; charset=utf-8', body };
  }
}
