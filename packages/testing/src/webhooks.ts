import type { Manager, Operator } from 'setpoint';
import type { Client } from 'setpoint/client';
import { isAlreadyExists } from 'setpoint/errors';
import { dynamicKind } from 'setpoint/kinds';
import { webhookManifests } from 'setpoint/manifests';
import { hooksOf } from 'setpoint/webhook';

/** Tells the control plane where the webhooks of an operator are, in the place of those of its last start. */
export async function installWebhooks(
  client: Client,
  operator: Operator,
  manager: Manager,
  caBundle: string,
): Promise<void> {
  const { name, webhooks } = operator;
  const port = manager.addresses.webhooks?.port;
  if (port === undefined) throw new Error('the operator serves no webhooks');
  const endpoint = { url: `https://127.0.0.1:${port}` };
  for (const manifest of webhookManifests({ name, registrations: hooksOf(webhooks), endpoint, caBundle })) {
    const kind = dynamicKind({
      group: 'admissionregistration.k8s.io',
      version: 'v1',
      kind: manifest.kind ?? '',
      scope: 'Cluster',
      status: false,
    });
    try {
      await client.create(kind, manifest as never);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      await client.delete(kind, { name: manifest.metadata.name ?? '' });
      await client.create(kind, manifest as never);
    }
  }
}
