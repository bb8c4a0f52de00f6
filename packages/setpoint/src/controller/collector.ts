import type { CollectedMetric } from '../metrics/index.ts';
import { controller } from './controller.ts';
import type { Controller } from './types.ts';

/** What a metric reads, as a controller would: it needs the same stores, and the same rights. */
export function collectorOf({ name, reads, clusterScoped }: CollectedMetric): Controller {
  const collector = controller.keyed({ name: 'metric', reads, clusterScoped, reconcile() {} });
  return { ...collector, name };
}
