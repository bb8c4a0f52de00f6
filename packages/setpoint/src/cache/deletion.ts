import type { KubeObject, Status } from '@setpoint/apimachinery/meta';

/** What a write's answer says about the object: it lives on as answered, or this very object is gone. */
export type Aftermath =
  | { readonly type: 'lives'; readonly object: KubeObject }
  | { readonly type: 'gone'; readonly uid: string }
  /** Refused, or nothing that names the object. */
  | { readonly type: 'unclear' };

/**
 * An update that takes the last finalizer off an object being deleted deletes it; the server answers with the object
 * as it was, at its old revision.
 */
export function afterWrite(object: KubeObject): Aftermath {
  const { deletionTimestamp, uid } = object.metadata;
  if (deletionTimestamp && uid && !isHeld(object)) return { type: 'gone', uid };
  return { type: 'lives', object };
}

/**
 * DELETE answers with a Status where the object is gone, but some kinds (Services, Pods without grace) answer with
 * the object as it was; that it is gone shows only in that nothing holds it.
 *
 * @param uid of the object that was asked to go, where the answer does not name it
 */
export function afterDelete(answer: KubeObject | Status, uid: string | undefined): Aftermath {
  if (isStatus(answer)) {
    const gone = answer.details?.uid ?? uid;
    return answer.status !== 'Failure' && gone ? { type: 'gone', uid: gone } : { type: 'unclear' };
  }
  const gone = answer.metadata.uid ?? uid;
  if (!isHeld(answer)) return gone ? { type: 'gone', uid: gone } : { type: 'unclear' };
  return { type: 'lives', object: answer };
}

/** Whether finalizers or a grace period keep an object that is being deleted. */
function isHeld(object: KubeObject): boolean {
  const { finalizers, deletionGracePeriodSeconds } = object.metadata;
  if (finalizers && finalizers.length > 0) return true;
  if (deletionGracePeriodSeconds) return true;
  if (object.apiVersion !== 'v1' || object.kind !== 'Namespace') return false;
  // Namespaces have finalizers of their own, in the spec.
  const { spec } = object as { readonly spec?: { readonly finalizers?: readonly string[] } };
  return (spec?.finalizers?.length ?? 0) > 0;
}

function isStatus(answer: KubeObject | Status): answer is Status {
  return answer.kind === 'Status' && answer.apiVersion === 'v1';
}
