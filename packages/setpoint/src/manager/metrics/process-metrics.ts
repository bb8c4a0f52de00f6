import type { Registry } from 'prom-client';

/** Gauges whose names promise counters; and to name every open handle is not cheap. */
const leftOut = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** `process_*` and `nodejs_*`, among them the delay of the event loop; read at each scrape. */
export function measureProcess(prom: typeof import('prom-client'), register: Registry): void {
  // At prom-client's own 10 ms an operator at rest wakes a hundred times a second: 0.9 % of a core for one histogram.
  prom.collectDefaultMetrics({ register, eventLoopMonitoringPrecision: 100 });
  for (const name of leftOut) {
    register.removeSingleMetric(name);
    register.removeSingleMetric(name.replace(/_total$/, ''));
  }
}
