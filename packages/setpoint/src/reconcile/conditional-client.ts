import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Client, KindReference, ObjectKey, Patch } from '../client/index.ts';
import { isApiError, isConflict } from '../errors/index.ts';
import type { AnyKind } from '../kinds/index.ts';
import { cachedObject, type PassEnvironment } from './environment.ts';
import { readOne } from './status.ts';

/** A revision that no object has: with it an apply can make an object, and every write to one that is there is refused. */
export const noRevision = '1';
/** An object that changes faster than this can be read is left to the next pass. */
const attempts = 5;

/**
 * The client under leader election. A process that is stopped between its last look at the lease and the sending of a
 * request sends it when it goes on; only the server can tell then that it came too late. So updates, patches and
 * deletions of objects that the controller caches name the revision that they are for. What was refused is sent again
 * for the present revision, so that for the caller they are as unconditional as they were meant. What the caller made
 * conditional stays as it is, and so does what is in no cache.
 */
export function conditionalClient(environment: PassEnvironment): Client {
  const { client } = environment;
  const isCached = (kind: KindReference, subresource: string | undefined): kind is AnyKind =>
    'plural' in kind && (subresource === undefined || subresource === 'status') && environment.stores(kind).length > 0;

  /** Sends for the revision that is known, then for the one that is there; without an object, as it was given. */
  const repeat = async <T>(
    kind: AnyKind,
    key: ObjectKey,
    send: (present: KubeObject | undefined) => Promise<T>,
    plain: (() => Promise<T>) | undefined,
  ): Promise<T> => {
    let present = cachedObject(environment, kind, key);
    for (let attempt = 1; ; attempt++) {
      try {
        return await send(present);
      } catch (error) {
        if (!isConflict(error) || isOwnedByOthers(error) || attempt === attempts) throw error;
      }
      present = await readOne(client, kind, { metadata: key } as KubeObject);
      if (!present && plain) return plain();
    }
  };

  return {
    ...client,
    update: (kind, object, given) => {
      const { metadata } = object as KubeObject;
      const plain = () => client.update(kind, object, given);
      if (!isCached(kind, given?.subresource) || metadata?.resourceVersion || !metadata?.name) return plain();
      const send = (present: KubeObject | undefined) =>
        client.update(kind, { ...object, metadata: { ...metadata, ...revisionOf(present) } } as never, given);
      return repeat(kind, metadata as ObjectKey, send, plain);
    },
    patch: (kind, key, patch, given) => {
      const plain = () => client.patch(kind, key, patch, given);
      if (!isCached(kind, given?.subresource) || isConditional(patch)) return plain();
      const send = (present: KubeObject | undefined) => client.patch(kind, key, conditional(patch, present), given);
      return repeat(kind, key, send, patch.type === 'apply' ? undefined : plain);
    },
    delete: (kind, key, given) => {
      const plain = () => client.delete(kind, key, given);
      if (!isCached(kind, given?.subresource) || given?.preconditions) return plain();
      const send = (present: KubeObject | undefined) =>
        client.delete(kind, key, { ...given, preconditions: revisionOf(present) });
      return repeat(kind, key, send, plain);
    },
  };
}

function revisionOf(present: KubeObject | undefined): { readonly resourceVersion: string } {
  return { resourceVersion: present?.metadata.resourceVersion ?? noRevision };
}

/** Whether the server can already refuse it if the object is not as the caller believes. */
function isConditional(patch: Patch): boolean {
  if (patch.type !== 'json') return (patch.body as Partial<KubeObject>).metadata?.resourceVersion !== undefined;
  return patch.body.some(({ op, path }) => op === 'test' || path === '/metadata/resourceVersion');
}

function conditional(patch: Patch, present: KubeObject | undefined): Patch {
  const { resourceVersion } = revisionOf(present);
  if (patch.type === 'json') {
    // Not a test: what is no longer there is to be a conflict, not an invalid patch.
    const step = { op: 'add', path: '/metadata/resourceVersion', value: resourceVersion } as const;
    return { ...patch, body: [step, ...patch.body] };
  }
  const { metadata } = patch.body as Partial<KubeObject>;
  return { ...patch, body: { ...patch.body, metadata: { ...metadata, resourceVersion } } };
}

/** An apply without force met fields of another manager: repeating would not help. */
function isOwnedByOthers(error: unknown): boolean {
  const causes = isApiError(error) ? error.status.details?.causes : undefined;
  return causes?.some(({ reason }) => reason === 'FieldManagerConflict') ?? false;
}
