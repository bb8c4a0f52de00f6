import type { Registry } from 'prom-client';
import type { Prom } from './prom.ts';

/** Makes families in one registry. */
export type Makers = ReturnType<typeof makers>;

export function makers(prom: Prom, register: Registry) {
  const registers = [register];
  return {
    counter: <const L extends string>(name: string, help: string, ...labelNames: L[]) =>
      new prom.Counter({ name, help, labelNames, registers }),
    gauge: <const L extends string>(name: string, help: string, ...labelNames: L[]) =>
      new prom.Gauge({ name, help, labelNames, registers }),
    histogram: <const L extends string>(name: string, help: string, buckets: number[], ...labelNames: L[]) =>
      new prom.Histogram({ name, help, buckets, labelNames, registers }),
    /** What somebody else counts, read at each scrape: series that are no more go, those of equal labels are added up. */
    asked: <const L extends string>(
      type: 'counter' | 'gauge',
      name: string,
      help: string,
      labelNames: readonly L[],
      values: () => readonly (readonly [labels: Readonly<Record<L, string>>, value: number])[],
    ) =>
      new (type === 'counter' ? prom.Counter : prom.Gauge)({
        name,
        help,
        labelNames: [...labelNames],
        registers,
        collect() {
          this.reset();
          for (const [labels, value] of values()) this.inc(labels as never, value);
        },
      }),
  };
}
