import type { Log } from '../reconcile/index.ts';
import { type BindAddress, formatAddress, parseBindAddress } from './address.ts';
import type { Health } from './health.ts';
import type { Answer, HttpServer } from './http.ts';
import { loadMetrics, type Metrics } from './metrics/index.ts';
import type { ManagerOptions } from './types.ts';

/** What a manager serves about itself: metrics and probes. The first to come and the last to go. */
export class Servers {
  readonly #log: Log;
  readonly #servers: { readonly name: string; readonly server: HttpServer }[] = [];
  #metrics: Metrics | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Undefined where none are served. */
  get metrics(): Metrics | undefined {
    return this.#metrics;
  }

  get addresses(): readonly (readonly [name: string, address: BindAddress])[] {
    return this.#servers.map(({ name, server }) => [name, server.address] as const);
  }

  /** @throws Error in one sentence if an address cannot be had */
  async listen(options: ManagerOptions, health: Health): Promise<void> {
    const metrics = parseBindAddress(options.metricsBindAddress ?? '0');
    const probes = parseBindAddress(options.healthProbeBindAddress ?? '0');
    if (metrics) {
      const { prometheusMetrics } = await loadMetrics();
      const prometheus = await prometheusMetrics();
      this.#metrics = prometheus;
      await this.#serve('metrics', metrics, async (url) => {
        if (url.pathname !== '/metrics') return undefined;
        const { contentType, text } = await prometheus.render();
        return { status: 200, contentType, body: text };
      });
    }
    if (probes) await this.#serve('health probe', probes, (url, signal) => health.answer(url, signal));
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map(({ server }) => server.close()));
  }

  async #serve(name: string, address: BindAddress, answer: Answer): Promise<void> {
    const { serve } = await import('./http.ts');
    const server = await serve(name, address, answer);
    this.#servers.push({ name, server });
    this.#log.info({ kind: name, addr: formatAddress(server.address) }, 'starting server');
  }
}
