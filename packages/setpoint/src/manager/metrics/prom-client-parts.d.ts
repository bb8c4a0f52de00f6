// Parts of prom-client, whose declarations are those of the whole.
declare module 'prom-client/lib/registry.js' {
  export { Registry as default } from 'prom-client';
}
declare module 'prom-client/lib/counter.js' {
  export { Counter as default } from 'prom-client';
}
declare module 'prom-client/lib/gauge.js' {
  export { Gauge as default } from 'prom-client';
}
declare module 'prom-client/lib/histogram.js' {
  export { Histogram as default } from 'prom-client';
}
declare module 'prom-client/lib/metrics/*' {
  import type { DefaultMetricsCollectorConfiguration, Registry, RegistryContentType } from 'prom-client';

  export default function measure(
    register: Registry,
    options: Pick<DefaultMetricsCollectorConfiguration<RegistryContentType>, 'eventLoopMonitoringPrecision'>,
  ): void;
}
