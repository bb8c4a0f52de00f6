import type { Clock } from '@setpoint/apimachinery/clock';
import type { ApiRequest } from '../http/index.ts';
import { AuditDraft } from './draft.ts';
import type { AuditEvent } from './event.ts';

/** How many events a recording keeps unless told. */
const defaultLimit = 1_000;

/** The last events of an audit log, oldest first, from when it was begun to when it is closed. */
export interface AuditRecording extends Disposable {
  readonly events: readonly AuditEvent[];
  /** Forgets what was recorded so far. */
  clear(): void;
  close(): void;
}

/**
 * Who did what, and whether it was allowed. Nothing is made while nobody listens, so that it costs nothing then.
 * Events hold no bodies, so no secrets; a stage RequestReceived is never told.
 *
 * @example
 * using recording = controlPlane.audit.record();
 * await env.settled();
 * expect(recording.events.filter((event) => event.responseStatus.code === 403)).toEqual([]);
 */
export class AuditLog {
  readonly #clock: Clock;
  readonly #listeners = new Set<(event: AuditEvent) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls back with each event from here on, in the order in which answers begin or end. Returns the way to stop. */
  onEvent(listener: (event: AuditEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Keeps the last events, `limit` of them at most. @default 1_000 */
  record({ limit = defaultLimit }: { readonly limit?: number } = {}): AuditRecording {
    const events: AuditEvent[] = [];
    const close = this.onEvent((event) => {
      events.push(event);
      if (events.length > limit) events.shift();
    });
    return { events, clear: () => void events.splice(0), close, [Symbol.dispose]: close };
  }

  /** The event of a request, to be filled; undefined: nobody listens. */
  begin(request: ApiRequest): AuditDraft | undefined {
    if (this.#listeners.size === 0) return undefined;
    return new AuditDraft(request, this.#clock, (event) => {
      for (const listener of this.#listeners) listener(event);
    });
  }
}
