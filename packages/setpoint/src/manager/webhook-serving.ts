import type { Clock } from '@setpoint/apimachinery/clock';
import type { Client } from '../client/index.ts';
import type { MetricHandles } from '../metrics/index.ts';
import type { Log } from '../reconcile/index.ts';
import {
  convertedCrds,
  loadWebhookServing,
  type WebhookHost,
  type WebhookMetrics,
  type WebhookServingOptions,
} from '../webhook/index.ts';
import { formatAddress, parseBindAddress } from './address.ts';
import type { Declaration } from './declaration.ts';

/** As controller-runtime's port, but for this machine alone unless told otherwise. */
const defaultAddress = '127.0.0.1:9443';

/** Whether there is anything to serve, and a wish to. */
export function servesWebhooks(
  { webhooks = [], crds = [] }: Declaration,
  options: WebhookServingOptions | undefined,
): boolean {
  if (!options || (webhooks.length === 0 && convertedCrds(crds).length === 0)) return false;
  return parseBindAddress(options.bindAddress ?? defaultAddress) !== undefined;
}

/** @throws Error in one sentence if the address cannot be had */
export async function startWebhooks(
  { name, webhooks = [], crds = [] }: Declaration,
  serving: {
    readonly options: WebhookServingOptions | undefined;
    readonly client: Client;
    readonly clock: Clock;
    readonly log: Log;
    readonly metrics: WebhookMetrics | undefined;
    readonly handles: MetricHandles;
    /** Breaks the start off. */
    readonly signal: AbortSignal;
  },
): Promise<WebhookHost | undefined> {
  const { options, client, clock, log, metrics, handles, signal } = serving;
  const address = parseBindAddress(options?.bindAddress ?? defaultAddress);
  if (!address) return undefined;
  const { WebhookHost } = await loadWebhookServing();
  const certificates = options?.certificates ?? {};
  const host = await WebhookHost.start({
    name,
    webhooks,
    crds,
    address,
    certificates,
    clientCaFile: options?.clientCaFile,
    client,
    clock,
    log,
    metrics,
    handles,
    signal,
  });
  log.info({ kind: 'webhooks', addr: formatAddress(host.address) }, 'starting server');
  return host;
}
