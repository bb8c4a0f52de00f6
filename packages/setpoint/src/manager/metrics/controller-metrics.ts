import type { ControllerMetrics, ReconcileResultLabel } from '../../controller/index.ts';
import type { Makers } from './makers.ts';

/** More priorities than this share one label, so that a controller cannot make series without end. */
const mostPriorities = 25;

/** controller-runtime's buckets of a pass's duration, in seconds. */
const passBuckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2,
  2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
/** Ten nanoseconds to 1000 seconds, as client-go's work queue has it. */
const queueBuckets = Array.from({ length: 12 }, (_, i) => 1e-8 * 10 ** i);

/** What every controller of a manager shares: the families, of which each has its own series. */
export type ControllerFamilies = ReturnType<typeof controllerFamilies>;

export function controllerFamilies(make: Makers) {
  return { ...defineReconciles(make), ...defineQueue(make) };
}

function defineReconciles({ counter, gauge, histogram }: Makers) {
  const of = 'controller_runtime_';
  return {
    total: counter(`${of}reconcile_total`, 'Total number of reconciliations per controller', 'controller', 'result'),
    errors: counter(
      `${of}reconcile_errors_total`,
      'Total number of reconciliation errors per controller',
      'controller',
    ),
    terminal: counter(
      `${of}terminal_reconcile_errors_total`,
      'Total number of terminal reconciliation errors per controller',
      'controller',
    ),
    panics: counter(
      `${of}reconcile_panics_total`,
      'Total number of reconciliation panics per controller',
      'controller',
    ),
    timeouts: counter(
      `${of}reconcile_timeouts_total`,
      'Total number of reconciliation timeouts per controller',
      'controller',
    ),
    time: histogram(
      `${of}reconcile_time_seconds`,
      'Length of time per reconciliation per controller',
      passBuckets,
      'controller',
    ),
    workers: gauge(
      `${of}max_concurrent_reconciles`,
      'Maximum number of concurrent reconciles per controller',
      'controller',
    ),
    active: gauge(`${of}active_workers`, 'Number of currently used workers per controller', 'controller'),
    zombies: counter(
      'setpoint_abandoned_passes_total',
      'Passes whose keys were let go while they still ran',
      'controller',
    ),
    mapper: counter('setpoint_mapper_errors_total', 'Calls of enqueue that threw', 'controller'),
    loops: counter('setpoint_hot_loops_total', 'Objects that were found to run in circles', 'controller'),
  };
}

function defineQueue({ counter, gauge, histogram }: Makers) {
  return {
    depth: gauge(
      'workqueue_depth',
      'Current depth of workqueue by workqueue and priority',
      'name',
      'controller',
      'priority',
    ),
    adds: counter('workqueue_adds_total', 'Total number of adds handled by workqueue', 'name', 'controller'),
    retries: counter(
      'workqueue_retries_total',
      'Total number of items added to the workqueue with a non-zero delay: back-off and requeueAfter',
      'name',
      'controller',
    ),
    queued: histogram(
      'workqueue_queue_duration_seconds',
      'How long in seconds an item stays in workqueue before being requested',
      queueBuckets,
      'name',
      'controller',
    ),
    worked: histogram(
      'workqueue_work_duration_seconds',
      'How long in seconds processing an item from workqueue takes.',
      queueBuckets,
      'name',
      'controller',
    ),
  };
}

const results: readonly ReconcileResultLabel[] = ['success', 'error', 'requeue', 'requeue_after'];

export function controllerMetrics(
  families: ControllerFamilies,
  controller: string,
  workers: number,
  watchRunning: (times: () => readonly number[]) => void,
): ControllerMetrics {
  const label = { controller };
  const queue = { name: controller, controller };
  // From the first scrape on, so that rates and alerts work.
  for (const result of results) families.total.inc({ controller, result }, 0);
  for (const family of ['errors', 'terminal', 'panics', 'timeouts', 'zombies', 'mapper', 'loops'] as const)
    families[family].inc(label, 0);
  families.adds.inc(queue, 0);
  families.retries.inc(queue, 0);
  families.workers.set(label, workers);
  families.active.set(label, 0);
  families.depth.set({ ...queue, priority: '0' }, 0);
  families.time.zero(label);
  families.queued.zero(queue);
  families.worked.zero(queue);
  const priorities = new Set<number>();
  const priorityLabel = (priority: number) => {
    if (priorities.size < mostPriorities) priorities.add(priority);
    return priorities.has(priority) ? String(priority) : 'exceeded_cardinality_limit';
  };
  return {
    reconciled(result, seconds) {
      families.total.inc({ controller, result });
      families.time.observe(label, seconds);
    },
    error: () => families.errors.inc(label),
    terminalError: () => families.terminal.inc(label),
    panic: () => families.panics.inc(label),
    timeout: () => families.timeouts.inc(label),
    zombie: () => families.zombies.inc(label),
    mapperError: () => families.mapper.inc(label),
    hotLoop: () => families.loops.inc(label),
    activeWorkers: (change) => families.active.inc(label, change),
    watchRunning,
    queue: {
      depth: (priority, change) => families.depth.inc({ ...queue, priority: priorityLabel(priority) }, change),
      added: () => families.adds.inc(queue),
      taken: (milliseconds) => families.queued.observe(queue, milliseconds / 1000),
      done: (milliseconds) => families.worked.observe(queue, milliseconds / 1000),
      retried: () => families.retries.inc(queue),
    },
  };
}

/** What running passes have taken so far, asked at each scrape. */
export function measureRunning(
  { asked }: Makers,
  running: readonly { readonly name: string; readonly times: () => readonly number[] }[],
): void {
  const gauge = (name: string, help: string, value: (seconds: readonly number[]) => number) =>
    asked('gauge', name, help, ['name', 'controller'], () =>
      running.map(({ name, times }) => [
        { name, controller: name },
        value(times().map((milliseconds) => milliseconds / 1000)),
      ]),
    );
  gauge(
    'workqueue_unfinished_work_seconds',
    'How many seconds of work has been done that is in progress and has not been observed by work_duration.',
    (seconds) => seconds.reduce((sum, value) => sum + value, 0),
  );
  gauge(
    'workqueue_longest_running_processor_seconds',
    'How many seconds has the longest running processor for workqueue been running.',
    (seconds) => Math.max(0, ...seconds),
  );
}
