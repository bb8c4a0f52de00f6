import type { Clock } from '@setpoint/apimachinery/clock';
import type { Log } from '../reconcile/index.ts';
import { type Check, type CheckOptions, type NamedCheck, probe, reasonOf } from './checks.ts';
import type { HttpAnswer } from './http.ts';

type Kind = 'healthz' | 'readyz';

/** The named checks of one manager, and what answers /healthz and /readyz with them. */
export class Health {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #checks = {
    healthz: new Map<string, NamedCheck>([['ping', { check: () => undefined, reveal: true }]]),
    readyz: new Map<string, NamedCheck>(),
  };
  /** Why checks failed when they were last asked; what everybody knows is not said again. */
  readonly #failing = new Map<string, string>();

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** @throws Error for a name that is taken, or would be no path */
  add(kind: Kind, name: string, check: Check, { reveal = false }: CheckOptions = {}): void {
    if (!/^[A-Za-z0-9][-._A-Za-z0-9]*$/.test(name)) {
      throw new Error(`a check cannot be named ${JSON.stringify(name)}: use letters, digits, dashes, dots`);
    }
    if (this.#checks[kind].has(name)) throw new Error(`there is a check ${name} already`);
    this.#checks[kind].set(name, { check, reveal });
  }

  /** Undefined where the path is nobody's. */
  async answer(url: URL, signal: AbortSignal): Promise<HttpAnswer | undefined> {
    const match = /^\/(healthz|readyz)(\/.*)?$/.exec(url.pathname);
    if (!match) return undefined;
    const kind = match[1] as Kind;
    const { status, body } = await probe(kind, match[2] ?? '', url.searchParams, this.#checks[kind], {
      signal,
      clock: this.#clock,
      told: (check, error) => this.#told(kind, check, error),
    });
    return { status, contentType: 'text/plain; charset=utf-8', body };
  }

  #told(kind: Kind, check: string, error: unknown): void {
    const id = `${kind}/${check}`;
    const before = this.#failing.get(id);
    if (error === undefined) {
      if (this.#failing.delete(id)) this.#log.info({ check }, `the ${kind} check is passed again`);
      return;
    }
    const reason = reasonOf(error);
    this.#failing.set(id, reason);
    if (before !== reason) this.#log.warn({ check, error: reason }, `a ${kind} check failed`);
  }
}
