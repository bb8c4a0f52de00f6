import type { CallInstrument, RequestObserver } from '../../client/index.ts';
import type { Makers } from './makers.ts';

/** Those of Kubernetes' own components, in seconds. */
const durations = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];
/** 64 bytes to 16 MiB, as there. */
const sizes = [64, 256, 512, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216];

/** What client-go counts of requests, and how long each verb of Kubernetes takes. */
export function clientMetrics({ counter, histogram }: Makers): {
  readonly observe: RequestObserver;
  readonly instrument: CallInstrument;
} {
  const of = 'rest_client_';
  const requests = counter(
    `${of}requests_total`,
    'Number of HTTP requests, partitioned by status code, method, and host.',
    'code',
    'method',
    'host',
  );
  const retries = counter(
    `${of}request_retries_total`,
    'Number of request retries, partitioned by status code, verb, and host.',
    'code',
    'verb',
    'host',
  );
  const byVerb = (name: string, help: string, buckets: number[]) =>
    histogram(`${of}${name}`, `${help}. Broken down by verb and host.`, buckets, 'verb', 'host');
  const duration = byVerb('request_duration_seconds', 'Request latency in seconds', durations);
  const requestSize = byVerb('request_size_bytes', 'Request size in bytes', sizes);
  const responseSize = byVerb('response_size_bytes', 'Response size in bytes', sizes);
  const ownVerbs = histogram(
    'setpoint_request_duration_seconds',
    'How long calls took with their repetitions, by verb as in RBAC rules; of watches, until they began.',
    durations,
    'verb',
  );
  return {
    observe({ code, method, host, attempt }) {
      requests.inc({ code, method, host });
      if (attempt > 0) retries.inc({ code, verb: method, host });
    },
    instrument: ({ request, method, host, requestBytes, stream }) => ({
      end({ seconds, responseBytes, code }) {
        ownVerbs.observe({ verb: request.verb }, seconds);
        if (stream) return;
        const labels = { verb: method, host };
        duration.observe(labels, seconds);
        if (code === '<error>') return;
        requestSize.observe(labels, requestBytes);
        responseSize.observe(labels, responseBytes);
      },
    }),
  };
}
