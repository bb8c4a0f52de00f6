import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Client } from 'setpoint/client';
import { ConfigMap } from 'setpoint/core/v1';

/** Names one object of any kind. */
export interface Reference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** On every object that `setpoint deploy` installs; one without it belongs to somebody else and is never deleted. */
export const managedBy = { 'app.kubernetes.io/managed-by': 'setpoint' } as const;

const inventoryLabel = 'setpoint.dev/inventory-of';

/** What one operator's deployment consists of, kept in a ConfigMap in its namespace. */
export interface Inventory {
  readonly namespace: string;
  readonly objects: readonly Reference[];
}

export function referenceOf({ apiVersion, kind, metadata }: KubeObject): Reference {
  const { namespace, name = '' } = metadata;
  return { apiVersion, kind, ...(namespace ? { namespace } : {}), name };
}

/** As kubectl names it. */
export function labelOf({ apiVersion, kind, name }: Reference): string {
  const [group] = apiVersion.includes('/') ? apiVersion.split('/') : [];
  return `${kind.toLowerCase()}${group === undefined ? '' : `.${group}`}/${name}`;
}

/** Versions of an API are ways to speak of the same object. */
export function identityOf({ apiVersion, kind, namespace = '', name }: Reference): string {
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
  return [group, kind, namespace, name].join('|');
}

/** In whichever namespace it is; undefined where the operator is not deployed. */
export async function readInventory(client: Client, operator: string): Promise<Inventory | undefined> {
  const { items } = await client.list(ConfigMap, { labelSelector: `${inventoryLabel}=${operator}` });
  const [found] = items;
  if (!found) return undefined;
  return { namespace: found.metadata.namespace ?? '', objects: JSON.parse(found.data?.objects ?? '[]') };
}

export async function writeInventory(client: Client, operator: string, inventory: Inventory): Promise<void> {
  const { namespace, objects } = inventory;
  const { namespace: _, name } = inventoryReference(operator, namespace);
  const body = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace, name, labels: { ...managedBy, [inventoryLabel]: operator } },
    data: { objects: JSON.stringify(objects) },
  };
  await client.patch(ConfigMap, { namespace, name }, { type: 'apply', body, force: true });
}

export function inventoryReference(operator: string, namespace: string): Reference {
  return { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: `${operator}-setpoint-inventory` };
}
