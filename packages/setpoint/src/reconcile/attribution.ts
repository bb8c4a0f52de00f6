import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '@setpoint/apimachinery/clock';

/** On whose behalf code of an operator's author runs. */
export interface Work {
  readonly type: 'reconcile' | 'enqueue' | 'source' | 'webhook' | 'collect';
  /** The controller's name, a webhook's path, or a metric's name. */
  readonly of: string;
  /** `namespace/name`, or what else it is about. */
  readonly object: string | undefined;
  /** Tells the passes of an object apart, as in the lines of the log. */
  readonly reconcileID?: string | undefined;
  /** Told of an error of this work that nobody caught. */
  readonly uncaught?: ((error: unknown) => void) | undefined;
}

/** For a sentence: `the pass of controller foo over default/a`. */
export function describeWork({ type, of, object }: Work): string {
  switch (type) {
    case 'reconcile':
      return `the pass of controller ${of}${object === undefined ? '' : ` over ${object}`}`;
    case 'enqueue':
      return `enqueue of controller ${of}${object === undefined ? '' : ` for ${object}`}`;
    case 'source':
      return `a source of controller ${of}${object === undefined ? '' : ` (${object})`}`;
    case 'webhook':
      return `the webhook ${of}${object === undefined ? '' : ` for ${object}`}`;
    case 'collect':
      return `collect of metric ${of}`;
    default:
      return type satisfies never;
  }
}

const ownerOf = {
  reconcile: 'controller',
  enqueue: 'controller',
  source: 'controller',
  webhook: 'webhook',
  collect: 'metric',
} as const;

/** As members of a log line. */
export function detailsOf({ type, of, object, reconcileID }: Work): Readonly<Record<string, string>> {
  return {
    [ownerOf[type]]: of,
    ...(object === undefined ? {} : { object }),
    ...(reconcileID === undefined ? {} : { reconcileID }),
  };
}

/**
 * Knows on whose behalf the present code runs, through every await, timer and callback that follows from it: so an error
 * that nobody caught, and code that blocks the event loop, can be named. One a manager.
 *
 * What is opened on behalf of one work and shared by others later (a connection, say) stays that work's.
 */
export class Attribution {
  readonly #clock: Clock;
  readonly #storage = new AsyncLocalStorage<Work>();
  #holder: Work | undefined;
  #since = 0;
  #longest: { readonly work: Work; readonly milliseconds: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whose code runs now. */
  get current(): Work | undefined {
    return this.#storage.getStore();
  }

  /** What a pass runs in besides: a span, where passes are traced. */
  around: (<T extends { readonly type: string }>(work: Work, run: () => Promise<T>) => Promise<T>) | undefined;

  /** As `run`, for a whole pass. */
  pass<T extends { readonly type: string }>(work: Work, action: () => Promise<T>): Promise<T> {
    const { around } = this;
    return this.run(work, around ? () => around(work, action) : action);
  }

  /** Runs an action; what it throws later, uncaught, is known to be of this work. */
  run<T>(work: Work, action: () => T): T {
    this.entered(work);
    try {
      return this.#storage.run(work, action);
    } finally {
      this.left();
    }
  }

  /** The work goes on now: what it waited for is there. */
  entered(work: Work): void {
    this.left();
    this.#holder = work;
    this.#since = this.#clock.monotonic();
  }

  /** The work waits. */
  left(): void {
    if (!this.#holder) return;
    const milliseconds = this.#clock.monotonic() - this.#since;
    if (milliseconds > (this.#longest?.milliseconds ?? 0)) this.#longest = { work: this.#holder, milliseconds };
    this.#holder = undefined;
  }

  /** Who held the one thread longest since this was last asked, as far as can be told. */
  longest(): { readonly work: Work; readonly milliseconds: number } | undefined {
    this.left();
    const longest = this.#longest;
    this.#longest = undefined;
    return longest;
  }
}
