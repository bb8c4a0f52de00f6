import type { Registry } from 'prom-client';
import type { WebhookMetrics } from '../../webhook/index.ts';
import type { Prom } from './prom.ts';

/** Ten nanoseconds to 1000 seconds, as controller-runtime has it. */
const latencyBuckets = Array.from({ length: 12 }, (_, i) => 1e-8 * 10 ** i);

/** What controller-runtime counts of webhooks and their certificates. */
export function webhookMetrics(prom: Prom, register: Registry): WebhookMetrics {
  const registers = [register];
  const of = 'controller_runtime_';
  const counter = (name: string, help: string) => new prom.Counter({ name, help, registers });
  const latency = new prom.Histogram({
    name: `${of}webhook_latency_seconds`,
    help: 'Histogram of the latency of processing admission requests',
    buckets: latencyBuckets,
    labelNames: ['webhook'],
    registers,
  });
  const total = new prom.Counter({
    name: `${of}webhook_requests_total`,
    help: 'Total number of admission requests by HTTP status code.',
    labelNames: ['webhook', 'code'],
    registers,
  });
  const inFlight = new prom.Gauge({
    name: `${of}webhook_requests_in_flight`,
    help: 'Current number of admission requests being served.',
    labelNames: ['webhook'],
    registers,
  });
  const panics = counter(`${of}webhook_panics_total`, 'Total number of webhook panics');
  const conversionPanics = counter(`${of}conversion_webhook_panics_total`, 'Total number of conversion webhook panics');
  const reads = counter('certwatcher_read_certificate_total', 'Total number of certificate reads');
  const readErrors = counter('certwatcher_read_certificate_errors_total', 'Total number of certificate read errors');
  return {
    prepare(webhook) {
      for (const code of ['200', '500']) total.inc({ webhook, code }, 0);
      inFlight.set({ webhook }, 0);
      latency.zero({ webhook });
    },
    inFlight: (webhook, change) => inFlight.inc({ webhook }, change),
    answered(webhook, code, seconds) {
      total.inc({ webhook, code: String(code) });
      latency.observe({ webhook }, seconds);
    },
    panic: () => panics.inc(),
    conversionPanic: () => conversionPanics.inc(),
    certificateRead: () => reads.inc(),
    certificateReadError: () => readErrors.inc(),
  };
}
