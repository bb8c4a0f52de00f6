import type { Clock } from '@setpoint/apimachinery/clock';
import type { Client } from '../client/index.ts';
import type { Attribution, Log } from '../reconcile/index.ts';
import { type BindAddress, formatAddress, parseBindAddress } from './address.ts';
import { type DebugSubject, loadDebug, requireLoopback } from './debug/index.ts';
import type { Health } from './health.ts';
import type { Answer, HttpServer } from './http.ts';
import { loadMetrics, type Metrics } from './metrics/index.ts';
import type { ManagerOptions } from './types.ts';

export interface ServersOptions {
  readonly options: ManagerOptions;
  readonly clock: Clock;
  readonly log: Log;
  readonly attribution: Attribution;
  readonly health: Health;
  readonly debug: DebugSubject;
  /** Undefined until the manager has one. */
  readonly client: () => Client | undefined;
}

/** What a manager serves about itself: metrics, probes, what helps to debug. The first to come and the last to go. */
export class Servers {
  readonly #options: ServersOptions;
  readonly #servers: { readonly name: string; readonly server: HttpServer }[] = [];
  #metrics: Metrics | undefined;
  #certificates: { close(): void } | undefined;

  constructor(options: ServersOptions) {
    this.#options = options;
  }

  /** Undefined where none are served. */
  get metrics(): Metrics | undefined {
    return this.#metrics;
  }

  get addresses(): readonly (readonly [name: string, address: BindAddress])[] {
    return this.#servers.map(({ name, server }) => [name, server.address] as const);
  }

  /** @throws Error in one sentence if an address cannot be had */
  async listen(): Promise<void> {
    const { options, health, debug } = this.#options;
    const metrics = parseBindAddress(options.metricsBindAddress ?? '0');
    const probes = parseBindAddress(options.healthProbeBindAddress ?? '0');
    const debugging = parseBindAddress(options.debugBindAddress ?? '0');
    if (debugging) requireLoopback(debugging);
    if (metrics) await this.#serveMetrics(metrics);
    if (probes) await this.#serve('health probe', probes, (url, signal) => health.answer(url, signal));
    if (debugging) {
      const { debugAnswer } = await loadDebug();
      await this.#serve('debug', debugging, debugAnswer(debug));
    }
  }

  async close(): Promise<void> {
    this.#certificates?.close();
    await Promise.all(this.#servers.map(({ server }) => server.close()));
  }

  async #serveMetrics(address: BindAddress): Promise<void> {
    const { prometheusMetrics } = await loadMetrics();
    const prometheus = prometheusMetrics(this.#options);
    this.#metrics = prometheus;
    const { metricsAnswer, certifyMetrics } = await import('./metrics-serving.ts');
    const { secure = false, ...serving } = this.#options.options.metrics ?? {};
    const answer = await metricsAnswer(prometheus, secure, this.#options);
    const server = await this.#serve('metrics', address, answer, { secure });
    if (secure) this.#certificates = await certifyMetrics(server, serving, this.#options);
  }

  async #serve(
    name: string,
    address: BindAddress,
    answer: Answer,
    options: { readonly secure?: boolean } = {},
  ): Promise<HttpServer> {
    const { serve } = await import('./http.ts');
    const server = await serve(name, address, answer, options);
    this.#servers.push({ name, server });
    this.#options.log.info({ kind: name, addr: formatAddress(server.address) }, 'starting server');
    return server;
  }
}
