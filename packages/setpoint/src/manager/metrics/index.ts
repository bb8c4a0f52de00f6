export type { Metrics } from './metrics.ts';
export type { MetricSource } from './user-metrics.ts';

/** prom-client and all families; loaded only where metrics are served. */
export const loadMetrics = () => import('./metrics.ts');
