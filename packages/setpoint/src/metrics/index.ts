/**
 * Metrics that an operator's author declares, as data.
 *
 * @module setpoint/metrics
 */

export { counter, gauge, histogram } from './declare.ts';
export { labelsOf, type MetricSink, metricHandles, unservedMetrics } from './handles.ts';
export { checkDistinct, reservedPrefixes } from './names.ts';
export type * from './types.ts';
