import type { Caches } from '../../cache/index.ts';
import type { CallInstrument, RequestObserver } from '../../client/index.ts';
import type { ControllerMetrics } from '../../controller/index.ts';
import type { WebhookMetrics } from '../../webhook/index.ts';
import type { LeaderElectionMetrics } from '../leader-election/index.ts';
import type { ShardingFigures, ShardingMetrics } from '../sharding/index.ts';
import { measureCaches } from './cache-metrics.ts';
import { clientMetrics } from './client-metrics.ts';
import { controllerFamilies, controllerMetrics, measureRunning } from './controller-metrics.ts';
import { electionMetrics } from './election-metrics.ts';
import { type Makers, makers } from './makers.ts';
import { measureProcess } from './process-metrics.ts';
import { prom } from './prom.ts';
import { UserMetrics, type UserMetricsOptions } from './user-metrics.ts';
import { webhookMetrics } from './webhook-metrics.ts';

/** Metrics of one manager, in a registry of its own: two managers in one process do not meet. */
export interface Metrics {
  readonly observeRequest: RequestObserver;
  readonly instrument: CallInstrument;
  controller(name: string, maxConcurrentReconciles: number): ControllerMetrics;
  webhooks(): WebhookMetrics;
  /** Of all caches that are in the list whenever it is asked. */
  caches(caches: readonly Caches[]): void;
  leaderElection(lease: string): LeaderElectionMetrics;
  /** Of controllers that replicas share; asked at each scrape. */
  sharding(figures: () => ShardingFigures): ShardingMetrics;
  /** An error that nobody caught; `of` is a controller or webhook, if it is known. */
  uncaught(of: string | undefined): void;
  blocked(of: string | undefined, seconds: number): void;
  /** What the operator's author declares. */
  readonly user: UserMetrics;
  /** The text of /metrics. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** What metrics of the operator's author are collected with. */
export type MetricsEnvironment = Omit<UserMetricsOptions, 'prom' | 'register'>;

/** Names and labels are controller-runtime's, so that dashboards and alerts carry over. */
export function prometheusMetrics(environment: MetricsEnvironment): Metrics {
  const register = new prom.Registry();
  const make = makers(prom, register);
  measureProcess(make, register);
  const families = controllerFamilies(make);
  const running: { name: string; times: () => readonly number[] }[] = [];
  const { observe, instrument } = clientMetrics(make);
  measureRunning(make, running);
  return {
    observeRequest: observe,
    instrument,
    controller: (name, workers) => controllerMetrics(families, name, workers, (times) => running.push({ name, times })),
    webhooks: () => webhookMetrics(prom, register),
    caches: (caches) => measureCaches(make, caches),
    ...electionMetrics(make),
    ...trouble(make),
    user: new UserMetrics({ prom, register, ...environment }),
    render: async () => ({ contentType: register.contentType, text: await register.metrics() }),
  };
}

/** What nobody caught, and what nobody could interrupt. */
function trouble({ counter }: Makers): Pick<Metrics, 'uncaught' | 'blocked'> {
  const errors = counter(
    'setpoint_uncaught_errors_total',
    'Errors of the code of controllers that nobody caught',
    'of',
  );
  const seconds = counter(
    'setpoint_event_loop_blocked_seconds_total',
    'How long code of a controller let nothing else run, counted from a second on',
    'of',
  );
  errors.inc({ of: unknown }, 0);
  seconds.inc({ of: unknown }, 0);
  return {
    uncaught: (of = unknown) => errors.inc({ of }),
    blocked: (of = unknown, time) => seconds.inc({ of }, time),
  };
}

const unknown = 'unknown';
