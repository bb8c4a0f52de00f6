import type { Readable } from 'node:stream';
import type { ProxyAgent } from 'undici';
import { ConfigError, isConnectionError } from '../../errors/index.ts';
import type { TlsConfig } from '../kubeconfig/index.ts';
import { connectTimeout, parseTarget, type Target, tlsOptions } from './connect.ts';
import { clientClosed, connectFailure, lostConnection } from './failure.ts';
import { outgoingHeaders } from './headers.ts';
import type { NetworkTransport } from './network.ts';
import { StreamBody } from './stream-body.ts';
import type { ConnectionClass, TransportRequest, TransportResponse } from './transport.ts';

type Agents = Readonly<Record<ConnectionClass, ProxyAgent>>;

/** Errors of connecting to the proxy, or through it: nothing of the request was sent. */
const notSent =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|UND_ERR_PRX_TLS|CERT_|SELF_SIGNED|UNABLE_TO_|DEPTH_ZERO|ERR_TLS)/;

/**
 * A transport through an HTTP proxy (CONNECT). undici does it; it is loaded when the first request needs it,
 * since few operators do.
 */
export class ProxiedTransport implements NetworkTransport {
  readonly host: string;
  readonly #target: Target;
  readonly #origin: string;
  readonly #proxy: string;
  #tls: TlsConfig;
  #agents: Promise<Agents> | undefined;
  readonly #retired: Promise<Agents>[] = [];
  #closed = false;

  constructor(options: { readonly server: string; readonly proxyUrl: string; readonly tls?: TlsConfig | undefined }) {
    this.#target = parseTarget(options.server);
    this.host = this.#target.host;
    this.#origin = new URL(options.server).origin;
    this.#proxy = options.proxyUrl;
    this.#tls = options.tls ?? {};
    if (!/^(https?|socks5):\/\//.test(options.proxyUrl)) {
      throw new ConfigError('InvalidConfiguration', 'the proxy URL is none of http, https, socks5');
    }
  }

  /** As `Transport` says; each class of requests has connections of its own through the proxy. */
  async request(request: TransportRequest): Promise<TransportResponse> {
    request.signal.throwIfAborted();
    if (this.#closed) throw clientClosed(false);
    this.#agents ??= this.#load();
    const agents = await this.#agents;
    request.signal.throwIfAborted();
    try {
      request.onSending?.();
      const { statusCode, headers, body } = await agents[request.connection ?? 'unary'].request({
        origin: this.#origin,
        path: this.#target.basePath + request.url,
        method: request.method as 'GET',
        headers: outgoingHeaders(request.headers) as Record<string, string | string[]>,
        body: request.body ?? null,
        signal: request.signal,
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      return { status: statusCode, headers, body: this.#bodyOf(body, request.signal) };
    } catch (error) {
      throw this.#failure(error, request.signal);
    }
  }

  replaceTls(tls: TlsConfig): void {
    this.#tls = tls;
    const old = this.#agents;
    this.#agents = undefined;
    if (!old) return;
    this.#retired.push(old);
    // Closing waits for the requests under way.
    old.then((agents) => Promise.all(Object.values(agents).map((agent) => agent.close()))).catch(() => undefined);
  }

  connections(): Readonly<Record<ConnectionClass, number>> {
    return { unary: 0, watch: 0, lease: 0 };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const all = await Promise.allSettled([...this.#retired, ...(this.#agents ? [this.#agents] : [])]);
    for (const result of all) {
      if (result.status !== 'fulfilled') continue;
      await Promise.allSettled(Object.values(result.value).map((agent) => agent.destroy(clientClosed(true))));
    }
  }

  async #load(): Promise<Agents> {
    const { ProxyAgent } = await import('undici');
    const agent = () =>
      new ProxyAgent({
        uri: this.#proxy,
        requestTls: { ...tlsOptions(this.#tls), timeout: connectTimeout },
        connect: { timeout: connectTimeout },
      });
    return { unary: agent(), watch: agent(), lease: agent() };
  }

  #bodyOf(stream: Readable, signal: AbortSignal): StreamBody {
    let failed: Error | undefined;
    stream.on('error', (error) => {
      failed = error;
    });
    return new StreamBody(stream, {
      failure: () => {
        if (signal.aborted) return signal.reason;
        return failed || !stream.readableEnded ? lostConnection(this.host, failed, true) : undefined;
      },
      cancel: () => stream.destroy(),
    });
  }

  #failure(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    if (isConnectionError(error)) return error;
    const code = String((error as NodeJS.ErrnoException).code ?? '');
    // undici names no code where the proxy itself says no to CONNECT.
    const refusedByProxy = error instanceof Error && /Proxy response/.test(error.message);
    const host = `${this.host} through the proxy`;
    return notSent.test(code) || refusedByProxy ? connectFailure(host, error) : lostConnection(host, error, true);
  }
}
