import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyPair } from '@setpoint/apimachinery/certificates';
import type { Clock } from '@setpoint/apimachinery/clock';
import type { Client } from '../client/index.ts';
import type { Crd } from '../kinds/index.ts';
import { webhookHosts, webhookNames } from '../manifests/index.ts';
import type { MetricHandles } from '../metrics/index.ts';
import { endedBy, type Log, messageOf } from '../reconcile/index.ts';
import { FileCertificates } from './certificate-files.ts';
import { CertificateKeeper } from './certificate-keeper.ts';
import { splitBundle } from './certificate-material.ts';
import type { CertificateSource } from './certificate-source.ts';
import { injectionTargets } from './injection.ts';
import { createRouter } from './router.ts';
import { WebhookServer } from './server.ts';
import type { CertificateOptions, Webhook, WebhookMetrics } from './types.ts';
import { convertedCrds, hooksOf } from './webhook.ts';

/** What an operator's webhooks are served with. */
export interface WebhookHostOptions {
  /** The operator's name. */
  readonly name: string;
  readonly webhooks: readonly Webhook[];
  readonly crds: readonly Crd[];
  readonly address: { readonly host: string; readonly port: number };
  readonly certificates: CertificateOptions;
  /** See `WebhookServingOptions`. */
  readonly clientCaFile?: string | undefined;
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: WebhookMetrics | undefined;
  /** For what the operator's functions count. @default nobody serves it */
  readonly handles?: MetricHandles | undefined;
  /** Breaks the start off. */
  readonly signal?: AbortSignal | undefined;
}

/** The webhooks of one operator, while they are served: on every replica, whoever leads. */
export class WebhookHost {
  readonly address: { readonly host: string; readonly port: number };
  readonly #server: WebhookServer;
  readonly #source: CertificateSource;
  readonly #stopping: AbortController;

  private constructor(
    server: WebhookServer,
    source: CertificateSource,
    address: { readonly host: string; readonly port: number },
    stopping: AbortController,
  ) {
    this.#server = server;
    this.#source = source;
    this.address = address;
    this.#stopping = stopping;
  }

  /**
   * Listens, and tries to get a certificate; where that fails it goes on trying, and `ready` throws until then.
   *
   * @throws Error in one sentence if the address cannot be had, or the authorities of callers cannot be read
   */
  static async start(options: WebhookHostOptions): Promise<WebhookHost> {
    const { name, clock, log, metrics, client, certificates } = options;
    const hooks = hooksOf(options.webhooks);
    const crds = convertedCrds(options.crds);
    const clientCa = options.clientCaFile === undefined ? undefined : await readAuthorities(options.clientCaFile);
    const router = createRouter({ hooks, crds, clock, log, metrics, handles: options.handles });
    const server = new WebhookServer(router, clientCa);
    const address = await server.listen(options.address);
    const stopping = new AbortController();
    const use = (pair: KeyPair) => server.certify(pair);
    const source = sourceOf(certificates, {
      files: (files) => new FileCertificates(files, { clock, log, metrics, use }),
      given: (pair) => ({ start: async () => use(pair), close: () => undefined }),
      own: (namespace, hosts) =>
        new CertificateKeeper({
          name,
          namespace: namespace ?? client.defaultNamespace,
          hosts: hosts ?? defaultHosts(name, namespace ?? client.defaultNamespace),
          targets: injectionTargets(name, hooks, crds),
          client,
          clock,
          log,
          signal: stopping.signal,
          use,
        }),
    });
    const host = new WebhookHost(server, source, address, stopping);
    try {
      const { signal } = options;
      await (signal ? endedBy(signal, source.start()) : source.start());
      return host;
    } catch (error) {
      await host.close(AbortSignal.abort());
      throw error;
    }
  }

  /** @throws Error saying why no webhook can be answered yet */
  ready(): void {
    if (!this.#server.certified) throw new Error('the webhooks have no certificate yet');
  }

  /** Answers what is under way, until the signal aborts. */
  async close(deadline: AbortSignal): Promise<void> {
    this.#stopping.abort(new Error('the operator was stopped'));
    this.#source.close();
    await this.#server.close(deadline);
  }
}

async function readAuthorities(file: string): Promise<string> {
  try {
    const authorities = splitBundle(await readFile(file, 'utf8'));
    for (const authority of authorities) new X509Certificate(authority);
    if (authorities.length > 0) return authorities.join('');
  } catch (error) {
    throw new Error(`cannot read the authorities of those who may call webhooks: ${messageOf(error)}`, {
      cause: error,
    });
  }
  throw new Error(`there is no certificate in ${file}, which is to say who may call webhooks`);
}

/** Of the Service, and of this machine, where an operator is tried out. */
function defaultHosts(name: string, namespace: string): readonly string[] {
  const service = { namespace, name: webhookNames(name).service };
  return [...webhookHosts({ service }), 'localhost', '127.0.0.1', '::1'];
}

function sourceOf(
  options: CertificateOptions,
  make: {
    readonly files: (files: { readonly certificate: string; readonly key: string }) => CertificateSource;
    readonly given: (pair: KeyPair) => CertificateSource;
    readonly own: (namespace: string | undefined, hosts: readonly string[] | undefined) => CertificateSource;
  },
): CertificateSource {
  if ('folder' in options) {
    const { folder, certificate = 'tls.crt', key = 'tls.key' } = options;
    return make.files({ certificate: join(folder, certificate), key: join(folder, key) });
  }
  if ('key' in options) return make.given(options);
  return make.own(options.namespace, options.hosts);
}
