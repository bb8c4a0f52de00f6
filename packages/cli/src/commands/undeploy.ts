import { systemClock } from '@setpoint/apimachinery/clock';
import type { Client } from 'setpoint/client';
import { webhookNames } from 'setpoint/manifests';
import { planDeployment } from '../deployment/index.ts';
import {
  find,
  type Inventory,
  inventoryReference,
  labelOf,
  type Reference,
  readInventory,
  removeManaged,
} from '../installation/index.ts';
import type { Output } from '../output.ts';
import { findProject } from '../project.ts';
import { type ClusterFlags, connect, durationOf } from './cluster.ts';
import { deployManager } from './deploy.ts';

export interface UndeployFlags extends ClusterFlags {
  /** The CRDs, too, and with them all objects of the operator's kinds. */
  readonly crds?: boolean;
}

/** Deletes what `deploy` installed, waits until it has gone, and says what remains. */
export async function undeploy(flags: UndeployFlags, output: Output): Promise<void> {
  const deadline = systemClock.monotonic() + durationOf(flags.timeout);
  const { operator } = await planDeployment(findProject(flags.project));
  await using client = await connect(flags, deployManager);
  const inventory = await readInventory(client, operator.name);
  if (!inventory) {
    output.out(`nothing of ${operator.name} is in this cluster that \`setpoint deploy\` installed\n`);
    return;
  }
  for (const reference of inOrder(inventory, flags.crds === true)) {
    output.out(`${labelOf(reference)} ${await removeManaged(client, reference, deadline)}\n`);
  }
  const { namespace } = inventory;
  if (!inventory.objects.some(({ kind }) => kind === 'Namespace')) {
    await removeOwn(client, operator.name, namespace, output);
    output.out(`namespace/${namespace} kept: it was there before\n`);
  }
  const note = inventoryReference(operator.name, namespace);
  await removeManaged(client, note, deadline);
  for (const reference of inventory.objects.filter(isCrd)) {
    if (flags.crds || !(await find(client, reference))) continue;
    output.out(`${labelOf(reference)} kept, with all objects of its kind; \`setpoint uninstall\` deletes them\n`);
  }
}

/**
 * Who asks the operator first, for nobody answers soon; CRDs while it still runs and can let go of its finalizers; the
 * Deployment before the roles that its last writes need; and the namespace at the end, with all that is left in it.
 */
function inOrder({ objects }: Inventory, crds: boolean): readonly Reference[] {
  const asks = objects.filter(({ kind }) => kind.endsWith('WebhookConfiguration'));
  const definitions = objects.filter(isCrd);
  const rest = objects.filter((reference) => !asks.includes(reference) && !isCrd(reference));
  return [...asks, ...(crds ? definitions : []), ...rest.reverse()];
}

function isCrd({ kind }: Reference): boolean {
  return kind === 'CustomResourceDefinition';
}

/** What the operator itself has made beside what it was deployed by; in a namespace of its own, that goes with it. */
async function removeOwn(client: Client, operator: string, namespace: string, output: Output): Promise<void> {
  const own = [
    { apiVersion: 'v1', kind: 'Secret', namespace, name: webhookNames(operator).secret },
    { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace, name: `${operator}-leader` },
  ];
  for (const reference of own) {
    if (!(await find(client, reference))) continue;
    const { apiVersion, kind, name } = reference;
    await client.delete({ apiVersion, kind }, { namespace, name });
    output.out(`${labelOf(reference)} deleted\n`);
  }
}
