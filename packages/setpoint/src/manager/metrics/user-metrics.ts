import type { Clock } from '@setpoint/apimachinery/clock';
import type { Registry } from 'prom-client';
import type { CacheReader } from '../../cache/index.ts';
import type { CollectedMetric, Metric, MetricSink, Sample } from '../../metrics/index.ts';
import { labelsOf } from '../../metrics/index.ts';
import { type Attribution, type Log, messageOf } from '../../reconcile/index.ts';
import { withinTime } from '../patience.ts';
import type { Prom } from './prom.ts';

/** What a metric reads. */
export interface MetricSource {
  readonly cache: CacheReader;
  /** Whether all of it is synced. */
  readonly filled: () => boolean;
  /** Gives the stores back. */
  readonly release: () => void;
}

export interface UserMetricsOptions {
  readonly prom: Prom;
  readonly register: Registry;
  readonly clock: Clock;
  readonly log: Log;
  readonly attribution: Attribution;
}

interface Enlisted {
  readonly family: Family | undefined;
  readonly source: MetricSource | undefined;
  users: number;
}

type Family = InstanceType<Prom['Counter']> | InstanceType<Prom['Gauge']> | InstanceType<Prom['Histogram']>;

/** The metrics of the operator's author, in the registry of one manager. */
export class UserMetrics implements MetricSink {
  readonly #options: UserMetricsOptions;
  readonly #enlisted = new Map<Metric, Enlisted>();
  /** Why a metric had no series when it was last asked; what is known is not said again. */
  readonly #failing = new Map<string, string>();
  readonly #errors: InstanceType<Prom['Counter']>;

  constructor(options: UserMetricsOptions) {
    this.#options = options;
    const { prom, register } = options;
    this.#errors = new prom.Counter({
      name: 'setpoint_metric_errors_total',
      help: 'Scrapes at which a metric of the operator could not be collected',
      labelNames: ['metric'],
      registers: [register],
    });
  }

  /**
   * Serves the metric from now on, until as many calls of what is answered as there were of this.
   *
   * @param sourceOf called for a metric that is collected, once
   */
  enlist(metric: Metric, sourceOf: (metric: CollectedMetric) => MetricSource): () => void {
    const known = this.#enlisted.get(metric);
    const enlisted = known ?? this.#define(metric, sourceOf);
    enlisted.users++;
    this.#enlisted.set(metric, enlisted);
    return () => this.#leave(metric, enlisted);
  }

  /** Serves a metric that is counted by calls, for as long as the process lives. */
  enlistCounted(metric: Exclude<Metric, CollectedMetric>): void {
    this.enlist(metric, () => {
      throw new Error(`metric ${metric.name} is not collected`);
    });
  }

  add(metric: Metric, labels: Readonly<Record<string, string>>, by: number): void {
    (this.#family(metric) as InstanceType<Prom['Gauge']> | undefined)?.inc(labels, by);
  }

  set(metric: Metric, labels: Readonly<Record<string, string>>, value: number): void {
    (this.#family(metric) as InstanceType<Prom['Gauge']> | undefined)?.set(labels, value);
  }

  observe(metric: Metric, labels: Readonly<Record<string, string>>, value: number): void {
    (this.#family(metric) as InstanceType<Prom['Histogram']> | undefined)?.observe(labels, value);
  }

  remove(metric: Metric, labels: Readonly<Record<string, string>>): void {
    this.#family(metric)?.remove(labels);
  }

  #family(metric: Metric): Family | undefined {
    return this.#enlisted.get(metric)?.family;
  }

  #leave(metric: Metric, enlisted: Enlisted): void {
    if (--enlisted.users > 0 || !this.#enlisted.delete(metric)) return;
    enlisted.source?.release();
    this.#options.register.removeSingleMetric(metric.name);
    this.#failing.delete(metric.name);
    if (metric.type === 'collected') this.#errors.remove({ metric: metric.name });
  }

  #define(metric: Metric, sourceOf: (metric: CollectedMetric) => MetricSource): Enlisted {
    const { prom, register } = this.#options;
    const { name, help } = metric;
    const common = { name, help, labelNames: [...metric.labels], registers: [register] };
    switch (metric.type) {
      case 'counter':
        return { family: new prom.Counter(common), source: undefined, users: 0 };
      case 'gauge':
        return { family: new prom.Gauge(common), source: undefined, users: 0 };
      case 'histogram':
        return { family: new prom.Histogram({ ...common, buckets: [...metric.buckets] }), source: undefined, users: 0 };
      case 'collected':
        return { family: undefined, source: this.#collected(metric, common, sourceOf(metric)), users: 0 };
      default:
        return metric satisfies never;
    }
  }

  #collected(
    metric: CollectedMetric,
    common: {
      readonly name: string;
      readonly help: string;
      readonly labelNames: string[];
      readonly registers: Registry[];
    },
    source: MetricSource,
  ): MetricSource {
    const { prom } = this.#options;
    const Family = metric.as === 'counter' ? prom.Counter : prom.Gauge;
    const samples = () => this.#samples(metric, source);
    new Family({
      ...common,
      async collect() {
        const found = await samples();
        this.reset();
        // A family without labels has a zero from the start, which nobody answered.
        if (metric.labels.length === 0) this.remove({});
        for (const { labels, value } of found) {
          if (this instanceof prom.Gauge) this.set(labels, value);
          else this.inc(labels, value);
        }
      },
    });
    this.#errors.inc({ metric: metric.name }, 0);
    return source;
  }

  /** None where it is too early, or collect fails: what else is served does not suffer. */
  async #samples(metric: CollectedMetric, { cache, filled }: MetricSource): Promise<readonly Sample[]> {
    if (!filled()) return [];
    const { attribution, clock, log } = this.#options;
    const { name } = metric;
    try {
      const answer = await withinTime(clock, undefined, (signal) =>
        attribution.run({ type: 'collect', of: name, object: undefined }, () =>
          metric.collect({ cache, clock, signal }),
        ),
      );
      const samples = checked(metric, answer);
      if (this.#failing.delete(name)) log.info({ metric: name }, 'the metric is collected again');
      return samples;
    } catch (error) {
      this.#errors.inc({ metric: name });
      const reason = messageOf(error);
      if (this.#failing.get(name) !== reason) {
        const err = error instanceof Error ? error : undefined;
        log.warn({ metric: name, err }, `the metric ${name} cannot be collected: ${reason}`);
      }
      this.#failing.set(name, reason);
      return [];
    }
  }
}

/** @throws TypeError for values that are none, and for two of one series */
function checked(metric: CollectedMetric, answer: number | Iterable<Sample>): readonly Sample[] {
  const { name } = metric;
  const samples =
    metric.labels.length === 0 ? [{ labels: {}, value: answer as number }] : [...(answer as Iterable<Sample>)];
  const seen = new Set<string>();
  for (const { labels, value } of samples) {
    labelsOf(metric, labels);
    const fits = metric.as === 'gauge' ? typeof value === 'number' : Number.isFinite(value) && value >= 0;
    if (!fits) throw new TypeError(`metric ${name}: ${String(value)} is no value of a ${metric.as}`);
    const id = JSON.stringify(metric.labels.map((label) => labels[label]));
    if (seen.has(id)) throw new TypeError(`metric ${name}: there are two values for ${JSON.stringify(labels)}`);
    seen.add(id);
  }
  return samples;
}
