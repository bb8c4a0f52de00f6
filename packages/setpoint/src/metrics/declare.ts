import type { Read } from '../cache/index.ts';
import { checkLabelNames, checkMetricName } from './names.ts';
import type {
  CollectContext,
  CollectedMetric,
  CollectOptions,
  Counter,
  Gauge,
  Histogram,
  HistogramOptions,
  MetricOptions,
} from './types.ts';

const defaultBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * A value that goes up and down: read at each scrape by `collect`, or without it set by passes, webhooks and other code
 * (`metrics(inFlight).set(3)`). Pure data, to stand in `metrics` of an operator or a controller; what is set beside
 * passes, in those of the operator.
 *
 * Every replica of an operator serves its own: with `collect` all of them answer, since their caches are filled before
 * they lead; what passes set is that of the replica that leads.
 *
 * @throws Error for a name that Prometheus does not take, or that is one of the framework's
 */
export function gauge<const L extends string = never, const Reads extends readonly Read[] = readonly []>(
  name: string,
  options: CollectOptions<L, Reads>,
): CollectedMetric;
export function gauge<const L extends string = never>(name: string, options: MetricOptions<L>): Gauge<L>;
export function gauge(name: string, options: AnyOptions): Gauge | CollectedMetric {
  return 'collect' in options ? collected('gauge', name, options) : declared('gauge', name, options);
}

/**
 * A number that only grows: counted by passes (`metrics(sent).inc({ result: 'ok' })`), or read at each scrape by
 * `collect` where somebody else counts. By convention its name ends in `_total`. Pure data, to stand in `metrics` of an
 * operator or a controller.
 *
 * @throws Error for a name that Prometheus does not take, or that is one of the framework's
 */
export function counter<const L extends string = never, const Reads extends readonly Read[] = readonly []>(
  name: string,
  options: CollectOptions<L, Reads>,
): CollectedMetric;
export function counter<const L extends string = never>(name: string, options: MetricOptions<L>): Counter<L>;
export function counter(name: string, options: AnyOptions): Counter | CollectedMetric {
  return 'collect' in options ? collected('counter', name, options) : declared('counter', name, options);
}

/**
 * How values are spread that passes observe (`metrics(took).observe(seconds)`): how many were at most so large, and their
 * sum. By convention its name ends in the unit, a base unit of SI. Pure data, to stand in `metrics` of an operator or a
 * controller.
 *
 * @throws Error for a name that Prometheus does not take or that is one of the framework's, and for buckets that do not
 *   ascend
 */
export function histogram<const L extends string = never>(name: string, options: HistogramOptions<L>): Histogram<L> {
  const { buckets = defaultBuckets, labels = [], help } = options;
  checkMetricName(name);
  checkLabelNames(name, labels, ['le']);
  const ascend = buckets.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > (buckets[i - 1] as number)));
  if (!ascend || buckets.length === 0) throw new Error(`metric ${name}: buckets are finite numbers that ascend`);
  return Object.freeze({ type: 'histogram', name, help, labels, buckets });
}

type AnyOptions = MetricOptions<string> | CollectOptions<string, readonly Read[]>;

function declared<const T extends string>(type: T, name: string, { help, labels = [] }: MetricOptions<string>) {
  checkMetricName(name);
  checkLabelNames(name, labels, []);
  return Object.freeze({ type, name, help, labels });
}

function collected(as: 'gauge' | 'counter', name: string, options: CollectOptions<string, readonly Read[]>) {
  const { reads = [], clusterScoped = false } = options;
  const collect = options.collect as (context: CollectContext) => ReturnType<CollectedMetric['collect']>;
  return Object.freeze({ ...declared('collected', name, options), as, reads, clusterScoped, collect });
}
