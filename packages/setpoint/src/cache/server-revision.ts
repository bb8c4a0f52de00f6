import type { Client } from '../client/index.ts';
import type { AnyKind } from '../kinds/index.ts';

/**
 * Where the server stands now: the revision of a consistent list of at most one object. Read as a page,
 * since that one object may be unreadable. The field selector stays: a role may allow no more than one name.
 */
export async function serverRevision(
  client: Pick<Client, 'pages'>,
  scope: {
    readonly kind: AnyKind;
    readonly namespace: string | undefined;
    readonly fieldSelector: string | undefined;
  },
  signal: AbortSignal,
): Promise<string> {
  const { kind, namespace, fieldSelector } = scope;
  for await (const page of client.pages(kind, { namespace, fieldSelector, limit: 1, managedFields: 'cut', signal })) {
    return page.resourceVersion;
  }
  throw new Error('the server answered a list with no page');
}
