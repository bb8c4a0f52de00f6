import type { Clock, Timer } from '@setpoint/apimachinery/clock';
import type { Http1Connection } from './connection.ts';

export interface Http1PoolOptions {
  readonly clock: Clock;
  /** Requests beyond so many wait. */
  readonly most: number;
  readonly open: (onIdle: () => void, onClose: () => void) => Promise<Http1Connection>;
}

/**
 * Shorter than what a server, or a load balancer on the way, waits before it closes a connection that is idle (kube-apiserver:
 * 90 s): where it closes one while a write is sent, nobody knows whether the write was done.
 */
const idleLimit = 30_000;
/** One that is too old is found out when it is wanted; this only ends those that nobody wants. */
const sweepInterval = 15_000;
/** A connection that is used again and again would keep to one of several API servers for ever, and none go to one that is new. */
const mostAge = 600_000;

interface Waiter {
  readonly resolve: (connection: Http1Connection) => void;
  readonly reject: (error: unknown) => void;
}

/** The connections of one class of requests, each of which carries one request at a time. */
export class Http1Pool {
  readonly #options: Http1PoolOptions;
  /** The one that was used last is used first, so that the others can end. */
  readonly #idle: { readonly connection: Http1Connection; readonly until: number }[] = [];
  /** All, with the time up to which they may be used again. */
  readonly #all = new Map<Http1Connection, number>();
  readonly #waiting: Waiter[] = [];
  #opening = 0;
  #sweep: Timer | undefined;
  #closed: Error | undefined;

  constructor(options: Http1PoolOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Connections that carry a request, and requests that wait for one. */
  get active(): number {
    return this.#all.size - this.#idle.length + this.#waiting.length;
  }

  /** An idle connection; undefined where there is none. */
  free(): Http1Connection | undefined {
    const last = this.#idle.pop();
    if (!last) return undefined;
    // Where this process, or the machine, stood still, timers come late.
    if (this.#options.clock.monotonic() < last.until) return last.connection;
    last.connection.drain();
    return this.free();
  }

  /** The same, opened if need be; rejects when none can be, or with the signal's reason. */
  acquire(signal: AbortSignal): Promise<Http1Connection> {
    const free = this.free();
    if (free) return Promise.resolve(free);
    if (this.#closed) return Promise.reject(this.#closed);
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        const at = this.#waiting.indexOf(waiter);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        resolve(connection) {
          signal.removeEventListener('abort', onAbort);
          resolve(connection);
        },
        reject(error) {
          signal.removeEventListener('abort', onAbort);
          reject(error);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiter);
      this.#openMore();
    });
  }

  /** Idle connections end now, the others with their requests; later requests get new ones. */
  drain(): void {
    for (const connection of [...this.#all.keys()]) connection.drain();
  }

  destroy(error: Error): void {
    this.#closed = error;
    this.#sweep?.cancel();
    for (const connection of [...this.#all.keys()]) connection.destroy(error);
    for (const waiter of this.#waiting.splice(0)) waiter.reject(error);
  }

  #openMore(): void {
    const { most, open } = this.#options;
    if (this.#opening >= this.#waiting.length || this.#all.size + this.#opening >= most) return;
    this.#opening++;
    let opened: Http1Connection | undefined;
    const onIdle = () => {
      if (opened) this.#idleAgain(opened);
    };
    const onClose = () => {
      if (opened) this.#forget(opened);
    };
    open(onIdle, onClose).then(
      (connection) => {
        this.#opening--;
        opened = connection;
        this.#all.set(connection, this.#options.clock.monotonic() + mostAge);
        if (this.#closed) connection.destroy(this.#closed);
        else this.#idleAgain(connection);
      },
      (error) => {
        this.#opening--;
        // Who came first waits for an answer that is known now; the others try for themselves.
        this.#waiting.shift()?.reject(error);
        this.#openMore();
      },
    );
  }

  #idleAgain(connection: Http1Connection): void {
    if (connection.closed) return;
    const now = this.#options.clock.monotonic();
    if (now >= (this.#all.get(connection) ?? 0)) {
      connection.drain();
      return;
    }
    const waiter = this.#waiting.shift();
    if (waiter) {
      waiter.resolve(connection);
      return;
    }
    const until = now + Math.min(idleLimit, connection.idleLimit);
    this.#idle.push({ connection, until });
    this.#scheduleSweep();
  }

  #forget(connection: Http1Connection): void {
    this.#all.delete(connection);
    const at = this.#idle.findIndex((idle) => idle.connection === connection);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#openMore();
  }

  /** One timer for all: a timer for each request would cost more than the rest of this. */
  #scheduleSweep(): void {
    if (this.#sweep) return;
    const { clock } = this.#options;
    this.#sweep = clock.timer(
      sweepInterval,
      () => {
        this.#sweep = undefined;
        const now = clock.monotonic();
        for (const { connection, until } of [...this.#idle]) if (now >= until) connection.drain();
        if (this.#idle.length > 0) this.#scheduleSweep();
      },
      { background: true },
    );
  }
}
