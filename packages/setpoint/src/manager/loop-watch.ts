import { type Clock, systemClock, type Timer } from '@setpoint/apimachinery/clock';
import type { CallInstrument } from '../client/index.ts';
import { type Attribution, describeWork, detailsOf, type Log, type Work } from '../reconcile/index.ts';

/** How often it is looked at whether timers come when they are due. */
const interval = 500;
/** Probes give up after a second, as a rule. */
const worthAWord = 1000;

export interface LoopWatchOptions {
  readonly clock: Clock;
  readonly attribution: Attribution;
  readonly log: Log;
  /** Told whose work blocked the event loop, where that is known. */
  readonly blocked: (work: Work | undefined, seconds: number) => void;
  /** What passes are under way, for when it is not known. */
  readonly running: () => readonly string[];
  /** Microseconds of CPU that this process has used. */
  readonly cpu?: () => number;
}

/**
 * Says when nothing else could run for a second or more: neither probes nor other controllers nor the renewal of the
 * lease. Named is the work that held the thread meanwhile. A process that was stopped by others is told apart by its CPU
 * time.
 */
export class LoopWatch {
  readonly #options: LoopWatchOptions;
  readonly #cpu: () => number;
  #timer: Timer | undefined;

  constructor(options: LoopWatchOptions) {
    this.#options = options;
    this.#cpu = options.cpu ?? processCpu;
  }

  /** Undefined on another clock than the system's: time that somebody else moves says nothing of the event loop. */
  static begin(options: LoopWatchOptions): LoopWatch | undefined {
    if (options.clock !== systemClock) return undefined;
    const watch = new LoopWatch(options);
    watch.start();
    return watch;
  }

  start(): void {
    const { clock } = this.#options;
    const due = clock.monotonic() + interval;
    const cpu = this.#cpu();
    const look = () => {
      const late = clock.monotonic() - due;
      const longest = this.#options.attribution.longest();
      if (late >= worthAWord) this.#tell(late, (this.#cpu() - cpu) / 1000, longest);
      this.start();
    };
    this.#timer = clock.timer(interval, look, { background: true });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #tell(late: number, cpu: number, longest: { readonly work: Work; readonly milliseconds: number } | undefined): void {
    const { log, blocked, running } = this.#options;
    const seconds = Math.round(late / 100) / 10;
    // On a busy machine even code that blocks gets a share only.
    if (cpu < late / 10) {
      log.warn(
        { seconds },
        `this process stood still for ${seconds} s: it was suspended, or got no CPU; what it knows of a lease may be out of date`,
      );
      return;
    }
    const work = longest && longest.milliseconds >= late / 2 ? longest.work : undefined;
    blocked(work, seconds);
    const what = 'probes, other controllers and the renewal of a lease had to wait';
    if (work) {
      log.warn(
        { seconds, ...detailsOf(work) },
        `${describeWork(work)} blocked the event loop for ${seconds} s: ${what}; do such work in slices, or in a worker thread`,
      );
      return;
    }
    const passes = running();
    const suspects = passes.length === 0 ? '' : `; passes were under way: ${passes.join(', ')}`;
    log.warn({ seconds }, `the event loop was blocked for ${seconds} s: ${what}${suspects}`);
  }
}

function processCpu(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Tells when a work begins to wait for the API server, and when it goes on. */
export function resumingWork(attribution: Attribution): CallInstrument {
  return () => {
    const work = attribution.current;
    if (!work) return undefined;
    attribution.left();
    return { end: () => attribution.entered(work) };
  };
}
