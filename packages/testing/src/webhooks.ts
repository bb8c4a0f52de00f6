import { type AddressInfo, createServer } from 'node:net';
import type { Manager, Operator } from 'setpoint';
import { CustomResourceDefinition } from 'setpoint/apiextensions.k8s.io/v1';
import type { Client } from 'setpoint/client';
import { isAlreadyExists } from 'setpoint/errors';
import { dynamicKind } from 'setpoint/kinds';
import { crdManifest, webhookManifests } from 'setpoint/manifests';
import { convertedCrds, hooksOf } from 'setpoint/webhook';

/** Where conversions are asked for while no operator runs: nobody listens there. */
const nobody = { url: 'https://127.0.0.1:1' };

/** The definition of a kind, or of one whose versions an operator converts once it runs. */
export function definitionOf(kind: Parameters<typeof crdManifest>[0]) {
  return crdManifest(kind, { conversion: { endpoint: nobody } });
}

/** Whether the control plane would ask the operator for anything. */
export function isAsked({ webhooks, crds }: Operator): boolean {
  return webhooks.length > 0 || convertedCrds(crds).length > 0;
}

/**
 * Tells the control plane where an operator will convert the CRDs that are installed, before it starts: its caches may
 * need a conversion to be filled, and a definition that changes ends the watches of its kind.
 *
 * @returns the port that it has to serve on; 0, any, where nothing is converted
 */
export async function installConversions(client: Client, { crds }: Operator, caBundle: string): Promise<number> {
  const { items } = await client.list(CustomResourceDefinition);
  const names = new Set(items.map(({ metadata }) => metadata.name));
  const installed = convertedCrds(crds).filter(({ name }) => names.has(name));
  if (installed.length === 0) return 0;
  const port = await freePort();
  for (const crd of installed) {
    const { spec } = crdManifest(crd, { conversion: { endpoint: { url: `https://127.0.0.1:${port}` }, caBundle } });
    const body = { spec: { conversion: spec.conversion } };
    await client.patch(CustomResourceDefinition, { name: crd.name }, { type: 'merge', body });
  }
  return port;
}

/** Nobody else takes it in the moment until it is used, one hopes. */
function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

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
