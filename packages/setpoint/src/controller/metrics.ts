import type { QueueObserver } from '../queue/index.ts';

/** The label `result` of controller_runtime_reconcile_total. */
export type ReconcileResultLabel = 'success' | 'error' | 'requeue' | 'requeue_after';

/** What one controller tells the metrics part; calls are synchronous and never throw. */
export interface ControllerMetrics {
  /** A pass has ended, with what it came to. */
  reconciled(result: ReconcileResultLabel, seconds: number): void;
  /** A pass threw. */
  error(): void;
  /** A pass threw a TerminalError; told beside `error`. */
  terminalError(): void;
  /** Something other than an Error was thrown. */
  panic(): void;
  /** A pass exceeded its time. */
  timeout(): void;
  /** A pass whose key was let go while it still ran. */
  zombie(): void;
  /** An `enqueue` threw. */
  mapperError(): void;
  /** An object was found to run in circles. */
  hotLoop(): void;
  /** A worker began or ended a pass. */
  activeWorkers(change: 1 | -1): void;
  readonly queue: QueueObserver;
  /** Gives the way to ask for the times, in milliseconds, that running passes have taken. */
  watchRunning(running: () => readonly number[]): void;
}

/** For an operator that serves no metrics. */
export const noMetrics: ControllerMetrics = {
  reconciled() {},
  error() {},
  terminalError() {},
  panic() {},
  timeout() {},
  zombie() {},
  mapperError() {},
  hotLoop() {},
  activeWorkers() {},
  queue: {},
  watchRunning() {},
};
