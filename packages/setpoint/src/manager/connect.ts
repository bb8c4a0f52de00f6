import type { Clock } from '@setpoint/apimachinery/clock';
import type { CallInstrument } from '../client/index.ts';
import type { Attribution, Log } from '../reconcile/index.ts';
import { type ClusterClients, connectClusters } from './clusters.ts';
import { resumingWork } from './loop-watch.ts';
import type { Metrics } from './metrics/index.ts';
import { findTracing } from './tracing.ts';
import type { ManagerOptions } from './types.ts';

/** The clients of a manager, whose requests are measured, traced and attributed. */
export async function connect(of: {
  /** The operator's name. */
  readonly name: string;
  readonly options: ManagerOptions;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics | undefined;
  readonly attribution: Attribution;
}): Promise<ClusterClients> {
  const { name, options, clock, log, metrics, attribution } = of;
  const traced = options.tracing === false ? undefined : await tracedBy(attribution);
  const instruments = [resumingWork(attribution), metrics?.instrument, traced].filter((one) => one !== undefined);
  const common = { clock, log, fieldManager: name, userAgent: name, observe: metrics?.observeRequest, instruments };
  return connectClusters(options, options.clusters ?? {}, common);
}

/** Passes are traced, and of the requests those that they make. */
async function tracedBy(attribution: Attribution): Promise<CallInstrument | undefined> {
  const tracing = await findTracing();
  if (!tracing) return undefined;
  attribution.around = tracing.pass;
  return (call) => (attribution.current ? tracing.instrument(call) : undefined);
}
