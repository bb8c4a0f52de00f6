import { createServer } from 'node:net';
import { type Client, createClient, loadConfig } from 'setpoint/client';
import { isAlreadyExists, isNotFound } from 'setpoint/errors';
import { type AnyKind, dynamicKind } from 'setpoint/kinds';
import type { Operator } from 'setpoint/manager';
import { webhookManifests, webhookNames } from 'setpoint/manifests';
import { convertedCrds, hooksOf } from 'setpoint/webhook';
import { UsageError } from '../failure.ts';
import type { Output } from '../output.ts';

interface Connection {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** Where the API server reaches an operator that runs on this machine. */
export interface LocalEndpoint {
  readonly url: string;
  /** For the operator's `--webhook-bind-address`. */
  readonly address: string;
}

/** Whether there is anything to serve. */
export function servesWebhooks({ webhooks, crds }: Operator): boolean {
  return webhooks.length > 0 || convertedCrds(crds).length > 0;
}

/** The port that the operator's flags name, or one that is free. */
export async function localEndpoint(operatorFlags: readonly string[]): Promise<LocalEndpoint> {
  const text = operatorFlags.join(' ');
  const given = /--?webhook-(?:port|bind-address)[= ](?:\S*:)?(\d+)(?=\s|$)/.exec(text)?.[1];
  if (given === '0') {
    throw new UsageError('--webhooks needs a port that is known beforehand: leave --webhook-port out, or name one');
  }
  const port = given ?? (await freePort());
  return { url: `https://127.0.0.1:${port}`, address: `127.0.0.1:${port}` };
}

/** Has the API server ask the operator there; who trusts whom, the operator puts in when it starts. */
export async function writeWebhooks(
  operator: Operator,
  { url }: LocalEndpoint,
  connection: Connection,
  output: Output,
): Promise<void> {
  await using client = await connect(connection);
  const registrations = hooksOf(operator.webhooks);
  for (const manifest of webhookManifests({ name: operator.name, registrations, endpoint: { url } })) {
    const kind = configuration(manifest.kind ?? '');
    try {
      await client.create(kind, manifest as never);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      await client.delete(kind, { name: manifest.metadata.name ?? '' });
      await client.create(kind, manifest as never);
    }
    output.out(`${label(kind, manifest.metadata.name ?? '')} created\n`);
  }
}

/** Asks nobody any more: an operator that is not there would hold every write up. */
export async function withdrawWebhooks(operator: Operator, connection: Connection, output?: Output): Promise<void> {
  await using client = await connect(connection);
  const names = webhookNames(operator.name);
  const own = [
    [configuration('MutatingWebhookConfiguration'), names.mutating],
    [configuration('ValidatingWebhookConfiguration'), names.validating],
  ] as const;
  for (const [kind, name] of own) {
    try {
      await client.delete(kind, { name });
      output?.out(`${label(kind, name)} deleted\n`);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

async function connect({ kubeconfig, context }: Connection): Promise<Client> {
  const config = await loadConfig({ kubeconfig, context });
  return createClient({ config, fieldManager: 'setpoint', userAgent: 'setpoint' });
}

function configuration(kind: string): AnyKind {
  return dynamicKind({ group: 'admissionregistration.k8s.io', version: 'v1', kind, scope: 'Cluster', status: false });
}

/** As kubectl names it. */
function label({ kind, group }: AnyKind, name: string): string {
  return `${kind.toLowerCase()}.${group}/${name}`;
}

/** Nobody else takes it in the moment until it is used, one hopes. */
function freePort(): Promise<string> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      server.close(() => resolve(String(port)));
    });
  });
}
