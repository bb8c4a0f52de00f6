import type { Client, ClientOptions } from '../client/index.ts';
import { type Controller, readKinds } from '../controller/index.ts';
import type { Connection } from './types.ts';

/** Clients of the clusters that a manager reaches. */
export interface ClusterClients {
  /** Asks the cluster that a kind is of. */
  readonly client: Client;
  readonly others: ReadonlyMap<string, Client>;
  /** Closes those that were made here; one that was given belongs to whoever gave it. */
  close(): Promise<void>;
}

/** The operator's own cluster, and further ones by name. */
export async function connectClusters(
  own: Connection,
  clusters: Readonly<Record<string, Connection>>,
  common: Omit<ClientOptions, 'config' | 'transport'>,
): Promise<ClusterClients> {
  const made: Client[] = [];
  const connect = async ({ client, transport, config }: Connection, cluster?: string): Promise<Client> => {
    if (client) return client;
    const { createClient } = await import('../client/index.ts');
    const fresh = createClient(transport ? { ...common, cluster, transport } : { ...common, cluster, config });
    made.push(fresh);
    return fresh;
  };
  const client = await connect(own);
  const others = new Map<string, Client>();
  for (const [name, connection] of Object.entries(clusters)) others.set(name, await connect(connection, name));
  const close = async () => void (await Promise.all(made.map((each) => each.close())));
  if (others.size === 0) return { client, others, close };
  const { clientOfClusters } = await import('../client/index.ts');
  return { client: clientOfClusters(client, others), others, close };
}

/** @throws Error naming a cluster that the controller reads and the manager has no connection to */
export function checkClusters(controller: Controller, known: ReadonlyMap<string, Client>): void {
  for (const { cluster } of readKinds(controller)) {
    if (cluster === undefined || known.has(cluster)) continue;
    throw new Error(
      `controller ${controller.name} reads from cluster ${cluster}: give the manager a connection to it (clusters, --clusters ${cluster}=KUBECONFIG)`,
    );
  }
}
