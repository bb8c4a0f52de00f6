import type { Clock } from '@setpoint/apimachinery/clock';
import type { CacheReader, Read } from '../cache/index.ts';

/** A value for each label that the metric declares; none for one without labels. */
export type MetricLabels<L extends string> = { readonly [Name in L]: string };

/** Comes first wherever a series is named, unless the metric has no labels. */
type SeriesOf<L extends string> = [L] extends [never] ? [] : [labels: MetricLabels<L>];

interface Described<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly L[];
}

/** Counts what happens; made by `counter()`. */
export interface Counter<L extends string = string> extends Described<L> {
  readonly type: 'counter';
}

/** A value that goes up and down, and is set; made by `gauge()` without `collect`. */
export interface Gauge<L extends string = string> extends Described<L> {
  readonly type: 'gauge';
}

/** How values that were observed are spread; made by `histogram()`. */
export interface Histogram<L extends string = string> extends Described<L> {
  readonly type: 'histogram';
  /** Upper bounds, ascending; that of all others is added. */
  readonly buckets: readonly number[];
}

/** A metric whose values are read at each scrape; made by `gauge()` or `counter()` with `collect`. */
export interface CollectedMetric extends Described<string> {
  readonly type: 'collected';
  readonly as: 'gauge' | 'counter';
  readonly reads: readonly Read[];
  readonly clusterScoped: boolean;
  /** See {@link CollectOptions}. */
  readonly collect: (context: CollectContext) => Collected<string> | Promise<Collected<string>>;
}

/** What an operator can tell of itself beyond what every operator does. */
export type Metric = Counter | Gauge | Histogram | CollectedMetric;

/** What a metric is made from. */
export interface MetricOptions<L extends string> {
  /** One sentence, for people who look at a dashboard. */
  readonly help: string;
  /**
   * What tells its series apart. Each combination of values is kept for ever, here and by whoever scrapes: name what
   * there are few of (a result, a class), not objects, users or messages. With `collect` a series lasts as long as it
   * is answered, so that one for each object is bearable. @default none
   */
  readonly labels?: readonly L[];
}

/** What a metric that is read at each scrape is made from. */
export interface CollectOptions<L extends string, Reads extends readonly Read[]> extends MetricOptions<L> {
  /** Kinds and indexes that `collect` reads; they are cached, and the operator's role allows to list and watch them. @default nothing */
  readonly reads?: Reads;
  /** As of a controller: it may read cluster-scoped kinds where the operator is confined to namespaces. @default false */
  readonly clusterScoped?: boolean;
  /**
   * All values at this moment: a number, or for a metric with labels one for each series. It is asked at each scrape, once
   * all that it reads is synced; there are no series before. It has five seconds, and nothing else runs while it computes.
   *
   * If it throws, or answers two values for one series, the metric has no series at this scrape; that is said in the log
   * and counted (`setpoint_metric_errors_total`), and what else is served stays as it is.
   */
  readonly collect: (context: CollectContext<Reads[number]>) => Collected<L> | Promise<Collected<L>>;
}

/** What a histogram is made from. */
export interface HistogramOptions<L extends string> extends MetricOptions<L> {
  /** Upper bounds, ascending. @default 5 ms to 10 s, in seconds */
  readonly buckets?: readonly number[];
}

/** What `collect` may use. */
export interface CollectContext<R extends Read = Read> {
  /** Exactly what is declared in `reads`. */
  readonly cache: CacheReader<R>;
  readonly clock: Clock;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** What `collect` answers. */
export type Collected<L extends string> = [L] extends [never] ? number : Iterable<Sample<L>>;

/** The value of one series. */
export interface Sample<L extends string = string> {
  readonly labels: MetricLabels<L>;
  /** Now; of a counter, since it began. */
  readonly value: number;
}

/** A counter, to be counted. */
export interface CounterHandle<L extends string> {
  /** @throws TypeError for an amount that is negative or no number (default 1), and for labels that are not declared */
  inc(...of: [...series: SeriesOf<L>, by?: number]): void;
}

/** A gauge, to be set. */
export interface GaugeHandle<L extends string> {
  /** @throws TypeError for what is no number, and for labels that are not declared */
  set(...of: [...series: SeriesOf<L>, value: number]): void;
  /** By 1, or so much. */
  inc(...of: [...series: SeriesOf<L>, by?: number]): void;
  /** By 1, or so much. */
  dec(...of: [...series: SeriesOf<L>, by?: number]): void;
  /** Takes the series away: of an object that is gone, say. */
  remove(...of: SeriesOf<L>): void;
}

/** A histogram, to be told what was observed. */
export interface HistogramHandle<L extends string> {
  /** @throws TypeError for what is no number, and for labels that are not declared */
  observe(...of: [...series: SeriesOf<L>, value: number]): void;
}

/**
 * The metric of this operator that a declaration stands for: two managers in one process count for themselves. Costs
 * nothing where metrics are not served.
 *
 * @throws Error for a metric that neither the controller nor the operator declares; it names the line to add
 */
export interface MetricHandles {
  <L extends string>(metric: Counter<L>): CounterHandle<L>;
  <L extends string>(metric: Gauge<L>): GaugeHandle<L>;
  <L extends string>(metric: Histogram<L>): HistogramHandle<L>;
}
