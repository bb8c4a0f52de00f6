import { hostname } from 'node:os';
import type { KeyPair } from '@setpoint/apimachinery/certificates';
import type { Clock } from '@setpoint/apimachinery/clock';
import type { Client } from '../client/index.ts';
import type { Log } from '../reconcile/index.ts';
import { loadWebhookServing } from '../webhook/index.ts';
import type { Answer, HttpServer } from './http.ts';
import type { Metrics } from './metrics/index.ts';

/** How metrics are served. */
export interface MetricsServingOptions {
  /**
   * Over HTTPS, and only to those who may `get` the nonResourceURL `/metrics`, which the API server is asked: the
   * operator's role needs `secureMetricsNeeds()`.
   *
   * @default false
   */
  readonly secure?: boolean | undefined;
  /** Files are read again when they change. @default one that this process makes for itself, which nobody trusts */
  readonly certificates?:
    | { readonly folder: string; readonly certificate?: string | undefined; readonly key?: string | undefined }
    | KeyPair
    | undefined;
}

export interface MetricsEnvironment {
  readonly clock: Clock;
  readonly log: Log;
  /** Undefined until the manager has one. */
  readonly client: () => Client | undefined;
}

/** Answers /metrics; to everybody, or to those who may. */
export async function metricsAnswer(
  metrics: Metrics,
  secure: boolean,
  environment: MetricsEnvironment,
): Promise<Answer> {
  const render = async () => {
    const { contentType, text } = await metrics.render();
    return { status: 200, contentType, body: text };
  };
  if (!secure) return async (url) => (url.pathname === '/metrics' ? render() : undefined);
  const { ScrapeAccess } = await import('./scrape-access.ts');
  const access = new ScrapeAccess(environment);
  return async (url, signal, { headers, method }) => {
    const { status, message } = await access.judge(headers.authorization, url.pathname, method.toLowerCase(), signal);
    if (status !== 200) return { status, contentType: 'text/plain; charset=utf-8', body: `${message}\n` };
    return url.pathname === '/metrics' ? render() : undefined;
  };
}

/** Gives the server its certificate, and each new one; `close` ends that. */
export async function certifyMetrics(
  server: HttpServer,
  { certificates }: MetricsServingOptions,
  { clock, log }: MetricsEnvironment,
): Promise<{ close(): void }> {
  if (certificates && 'folder' in certificates) {
    const { join } = await import('node:path');
    const { FileCertificates } = await loadWebhookServing();
    const { folder, certificate, key } = certificates;
    const files = { certificate: join(folder, certificate || 'tls.crt'), key: join(folder, key || 'tls.key') };
    const source = new FileCertificates(files, { clock, log, use: (pair) => server.certify(pair) });
    await source.start();
    return source;
  }
  if (certificates) {
    server.certify(certificates);
    return { close() {} };
  }
  return selfSigned(server, clock);
}

const lifetime = 365 * 24 * 3_600_000;

/** Made anew long before it ends, should a process live that long. */
async function selfSigned(server: HttpServer, clock: Clock): Promise<{ close(): void }> {
  const { createCertificateAuthority } = await import('@setpoint/apimachinery/certificates');
  let timer: ReturnType<Clock['timer']> | undefined;
  const renew = () => {
    const authority = createCertificateAuthority('setpoint-metrics', { now: clock.now(), lifetime });
    server.certify(authority.issueServer([hostname(), 'localhost', '127.0.0.1', '::1'].filter(isName)));
    timer = clock.timer(lifetime / 2, renew, { background: true });
  };
  renew();
  return { close: () => timer?.cancel() };
}

/** Hosts may be named in ways that certificates cannot have. */
function isName(host: string, index: number, all: readonly string[]): boolean {
  return all.indexOf(host) === index && /^[A-Za-z0-9.:-]{1,253}$/.test(host);
}
