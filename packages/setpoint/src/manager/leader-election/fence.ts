import type { Clock, Timer } from '@setpoint/apimachinery/clock';
import { type CallOptions, type Client, type LinkedSignal, linkedSignal } from '../../client/index.ts';
import { PassRevoked } from '../../errors/index.ts';
import { elapsed, type Instant, instantOf } from './instant.ts';
import { fenceMargin } from './options.ts';

export interface FenceOptions {
  readonly clock: Clock;
  /** Of the lease, in milliseconds: writes end before it, counted from before its last successful renewal was sent. */
  readonly leaseDuration: number;
  /** Of the lease, for messages. */
  readonly description: string;
  /** A write was not sent, or broken off. */
  readonly refused: () => void;
}

type FenceState =
  | { readonly status: 'closed' }
  | { readonly status: 'open'; readonly renewed: Instant }
  | { readonly status: 'over'; readonly reason: string };

/**
 * Lets writes through while the lease is certainly held. It is asked at the last moment before each write is sent, and
 * breaks off what is under way when the time is over; a process that stood still is stopped by its first look at the
 * clocks.
 */
export class Fence {
  readonly #options: FenceOptions;
  readonly #limit: number;
  readonly #inFlight = new Set<LinkedSignal>();
  #state: FenceState = { status: 'closed' };
  #expiry: Timer | undefined;

  constructor(options: FenceOptions) {
    this.#options = options;
    this.#limit = options.leaseDuration - fenceMargin(options.leaseDuration);
  }

  /** The lease was renewed, by a request that was sent then. */
  renewed(sent: Instant): void {
    if (this.#state.status === 'over') return;
    this.#state = { status: 'open', renewed: sent };
    this.#expiry?.cancel();
    // By both clocks it may be over earlier: `check` sees that.
    this.#expiry = this.#options.clock.timer(Math.max(0, this.left()), () => this.#breakOff(), { background: true });
  }

  /** Nothing goes through any more. */
  end(reason: string): void {
    if (this.#state.status === 'over') return;
    this.#state = { status: 'over', reason };
    this.#expiry?.cancel();
    this.#breakOff();
  }

  /** Milliseconds for which writes may still be under way; zero or less: none. */
  left(): number {
    if (this.#state.status !== 'open') return 0;
    return this.#limit - elapsed(this.#state.renewed, instantOf(this.#options.clock));
  }

  /** @throws PassRevoked unless the lease is certainly held */
  check(): void {
    if (this.left() > 0) return;
    this.#options.refused();
    throw this.#refusal();
  }

  /** Makes a write that ends with the lease. */
  async run<O extends CallOptions, T>(given: O | undefined, call: (given: O) => Promise<T>): Promise<T> {
    this.check();
    const link = linkedSignal(given?.signal);
    this.#inFlight.add(link);
    try {
      const beforeSend = () => {
        given?.beforeSend?.();
        this.check();
      };
      return await call({ ...given, signal: link.signal, beforeSend } as O);
    } finally {
      this.#inFlight.delete(link);
      link[Symbol.dispose]();
    }
  }

  #breakOff(): void {
    if (this.#inFlight.size === 0) return;
    const refusal = this.#refusal();
    for (const link of [...this.#inFlight]) {
      this.#options.refused();
      link.abort(refusal);
    }
  }

  #refusal(): PassRevoked {
    const { description } = this.#options;
    const state = this.#state;
    if (state.status === 'over') return new PassRevoked(`${description} is not held any more: ${state.reason}`);
    return new PassRevoked(`${description} was not renewed in time: nothing is written until it is`);
  }
}

/** The client for work that only the leader may do: its writes go through the fence, its reads are as ever. */
export function fencedClient(client: Client, fence: Fence): Client {
  const verbs: Pick<Client, 'create' | 'update' | 'patch' | 'delete' | 'deleteCollection' | 'raw' | 'exec'> = {
    create: (kind, object, given) => fence.run(given, (o) => client.create(kind, object, o)),
    update: (kind, object, given) => fence.run(given, (o) => client.update(kind, object, o)),
    patch: (kind, key, patch, given) => fence.run(given, (o) => client.patch(kind, key, patch, o)),
    delete: (kind, key, given) => fence.run(given, (o) => client.delete(kind, key, o)),
    deleteCollection: (kind, given) => fence.run(given, (o) => client.deleteCollection(kind, o)),
    raw: (method, path, given) =>
      method === 'GET' || method === 'HEAD'
        ? client.raw(method, path, given)
        : fence.run(given, (o) => client.raw(method, path, o)),
    exec: (pod, given) => fence.run(given, (o) => client.exec(pod, o)),
  };
  return {
    get: client.get.bind(client),
    list: client.list.bind(client),
    pages: client.pages.bind(client),
    watch: client.watch.bind(client),
    logs: client.logs.bind(client),
    portForward: client.portForward.bind(client),
    ...verbs,
    discovery: client.discovery,
    defaultNamespace: client.defaultNamespace,
    fieldManager: client.fieldManager,
    close: () => client.close(),
    [Symbol.asyncDispose]: () => client.close(),
  };
}
