import type { Metric, MetricHandles } from './types.ts';

type Labels = Readonly<Record<string, string>>;

/** Where the values of metrics go. Names and labels have been checked. */
export interface MetricSink {
  /** Adds to a counter or a gauge. */
  add(metric: Metric, labels: Labels, by: number): void;
  /** Sets a gauge. */
  set(metric: Metric, labels: Labels, value: number): void;
  /** Tells a histogram. */
  observe(metric: Metric, labels: Labels, value: number): void;
  /** Takes a series of a gauge away. */
  remove(metric: Metric, labels: Labels): void;
}

/** For an operator that serves no metrics. */
export const unservedMetrics: MetricSink = { add() {}, set() {}, observe() {}, remove() {} };

interface AnyHandle {
  inc(...of: unknown[]): void;
  dec(...of: unknown[]): void;
  set(...of: unknown[]): void;
  observe(...of: unknown[]): void;
  remove(...of: unknown[]): void;
}

/**
 * Handles over a sink, each made once.
 *
 * @param declared undefined: every metric may be used
 * @param controller whose passes use them; undefined: code beside them
 */
export function metricHandles(
  sink: MetricSink,
  declared: readonly Metric[] | undefined,
  controller: string | undefined,
): MetricHandles {
  const known = new Map<Metric, AnyHandle>();
  const of = (metric: Metric): AnyHandle => {
    const found = known.get(metric);
    if (found) return found;
    if (metric.type === 'collected') {
      throw new Error(`metric ${metric.name} is collected: it takes its values from its \`collect\` alone`);
    }
    if (declared && !declared.includes(metric)) {
      const where = controller === undefined ? 'the operator' : `controller ${controller}, or of the operator`;
      throw new Error(`metric ${metric.name} is used but not declared: add it to \`metrics\` of ${where}`);
    }
    const handle = handleOf(metric, sink);
    known.set(metric, handle);
    return handle;
  };
  return of as MetricHandles;
}

function handleOf(metric: Metric, sink: MetricSink): AnyHandle {
  const { labels: names, name, type } = metric;
  const split = (of: readonly unknown[], byDefault?: number): readonly [Labels, number] => {
    const labels = names.length === 0 ? {} : labelsOf(metric, of[0]);
    const value = (names.length === 0 ? of[0] : of[1]) ?? byDefault;
    if (typeof value !== 'number') throw new TypeError(`metric ${name}: ${typeof value} is no value`);
    return [labels, value];
  };
  const finite = (of: readonly unknown[], byDefault?: number): readonly [Labels, number] => {
    const [labels, value] = split(of, byDefault);
    if (Number.isFinite(value)) return [labels, value];
    throw new TypeError(`metric ${name}: ${value} cannot be added up`);
  };
  return {
    inc(...of) {
      const [labels, by] = finite(of, 1);
      if (type === 'counter' && by < 0) throw new TypeError(`metric ${name}: a counter does not change by ${by}`);
      sink.add(metric, labels, by);
    },
    dec(...of) {
      const [labels, by] = finite(of, 1);
      sink.add(metric, labels, -by);
    },
    set: (...of) => sink.set(metric, ...split(of)),
    observe: (...of) => sink.observe(metric, ...finite(of)),
    remove: (...of) => sink.remove(metric, names.length === 0 ? {} : labelsOf(metric, of[0])),
  };
}

/** The declared labels and no others, as text. @throws TypeError for others */
export function labelsOf({ name, labels }: Metric, given: unknown): Labels {
  const found = (given ?? {}) as Labels;
  if (Object.keys(found).length === labels.length && labels.every((label) => typeof found[label] === 'string')) {
    return found;
  }
  throw new TypeError(
    `metric ${name} has the labels ${labels.join(', ') || '(none)'}: each as text, and no other; there is ${JSON.stringify(given)}`,
  );
}
