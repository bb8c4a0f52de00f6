import { type MetricHandles, type MetricSink, metricHandles, unservedMetrics } from '../metrics/index.ts';
import type { Declaration } from './declaration.ts';
import type { Metrics } from './metrics/index.ts';

/** Handles of the operator's own metrics, for what runs beside passes; they count once metrics are served. */
export function countingHandles({ metrics = [] }: Declaration, served: () => Metrics | undefined): MetricHandles {
  const sink = () => served()?.user ?? unservedMetrics;
  const late: MetricSink = {
    add: (...of) => sink().add(...of),
    set: (...of) => sink().set(...of),
    observe: (...of) => sink().observe(...of),
    remove: (...of) => sink().remove(...of),
  };
  return metricHandles(late, metrics, undefined);
}

/** Serves those of them that are counted by calls: webhooks are asked before any controller is there. */
export function serveCounted({ metrics = [] }: Declaration, served: Metrics | undefined): void {
  for (const metric of metrics) if (metric.type !== 'collected') served?.user.enlistCounted(metric);
}
