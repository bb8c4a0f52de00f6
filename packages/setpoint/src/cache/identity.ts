import type { Clock } from '@setpoint/apimachinery/clock';
import type { Client } from '../client/index.ts';
import { isForbidden, isNotFound } from '../errors/index.ts';
import type { AnyKind } from '../kinds/index.ts';

/** Only the metadata: what identifies a cluster is the UID of its namespace kube-system. */
const namespaceMetadata: AnyKind = Object.freeze({
  group: '',
  version: 'v1',
  apiVersion: 'v1',
  kind: 'Namespace',
  listKind: 'NamespaceList',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: [],
  categories: [],
  scope: 'Cluster',
  projection: 'metadata',
  subresources: { status: true, scale: false },
});

/** For so many milliseconds an answer serves all stores: they tend to ask together. */
const freshFor = 2000;
const timeout = 5000;

/**
 * Asks which cluster the server is, by the UID of kube-system. Undefined where that cannot be told;
 * a user who may not read the namespace is not asked about again.
 */
export function clusterIdentity(
  client: Pick<Client, 'get'>,
  clock: Clock,
): (signal: AbortSignal) => Promise<string | undefined> {
  let refused = false;
  let asked = Number.NEGATIVE_INFINITY;
  let answer: Promise<string | undefined> = Promise.resolve(undefined);
  const ask = async (): Promise<string | undefined> => {
    try {
      const { metadata } = await client.get(namespaceMetadata, { name: 'kube-system' }, { timeout });
      return metadata.uid;
    } catch (error) {
      refused ||= isForbidden(error) || isNotFound(error);
      return undefined;
    }
  };
  return () => {
    if (refused) return Promise.resolve(undefined);
    if (clock.monotonic() - asked >= freshFor) {
      asked = clock.monotonic();
      answer = ask();
    }
    return answer;
  };
}
