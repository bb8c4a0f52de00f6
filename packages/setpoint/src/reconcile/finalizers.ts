import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Client, JsonPatchOperation } from '../client/index.ts';
import { type ApiError, ignoreNotFound, isInvalid } from '../errors/index.ts';
import type { AnyKind } from '../kinds/index.ts';
import { describeObject, keyOf } from './environment.ts';

/** The object is no longer as this pass saw it: read again and repeat, without a word to anybody. */
export class ObjectChanged extends Error {
  override readonly name = 'ObjectChanged';
}

export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) ?? false;
}

/** Adds the finalizer, if this is still the object that was seen and its finalizers are the same. */
export function addFinalizer(
  client: Client,
  kind: AnyKind,
  object: KubeObject,
  finalizer: string,
): Promise<KubeObject> {
  const present = object.metadata.finalizers;
  const steps: JsonPatchOperation[] = present?.length
    ? [
        { op: 'test', path: '/metadata/finalizers', value: present },
        { op: 'add', path: '/metadata/finalizers/-', value: finalizer },
      ]
    : [
        { op: 'test', path: '/metadata/finalizers', value: null },
        { op: 'add', path: '/metadata/finalizers', value: [finalizer] },
      ];
  return patch(client, kind, object, steps);
}

/** Removes the finalizers, each tested at its place. Undefined if the object is gone. */
export async function removeFinalizers(
  client: Client,
  kind: AnyKind,
  object: KubeObject,
  finalizers: readonly string[],
): Promise<KubeObject | undefined> {
  const present = object.metadata.finalizers ?? [];
  const steps: JsonPatchOperation[] = [];
  // From the end, so that the places of the others stay what they are.
  for (let i = present.length - 1; i >= 0; i--) {
    if (!finalizers.includes(present[i] as string)) continue;
    steps.push(
      { op: 'test', path: `/metadata/finalizers/${i}`, value: present[i] },
      { op: 'remove', path: `/metadata/finalizers/${i}` },
    );
  }
  if (steps.length === 0) return object;
  return ignoreNotFound(patch(client, kind, object, steps));
}

async function patch(
  client: Client,
  kind: AnyKind,
  object: KubeObject,
  steps: readonly JsonPatchOperation[],
): Promise<KubeObject> {
  const body: JsonPatchOperation[] = [{ op: 'test', path: '/metadata/uid', value: object.metadata.uid }, ...steps];
  try {
    return (await client.patch(kind, keyOf(object), { type: 'json', body })) as KubeObject;
  } catch (error) {
    if (!isInvalid(error) || !(isFailedTest(error) || isBeingDeleted(error))) throw error;
    throw new ObjectChanged(`${describeObject(kind, keyOf(object))} changed while its finalizers were written`, {
      cause: error,
    });
  }
}

/** Whether the server refuses a new finalizer because the deletion has begun meanwhile. */
function isBeingDeleted({ status }: ApiError): boolean {
  const causes = status.details?.causes ?? [];
  return causes.some(({ field, reason }) => field === 'metadata.finalizers' && reason === 'FieldValueForbidden');
}

/**
 * Whether the server says that a JSON patch does not fit the object. It does not say which step failed, nor even that
 * one did: only that the request was at fault. What it finds wrong with an object comes with causes.
 */
function isFailedTest({ message, status }: ApiError): boolean {
  if (status.details?.causes?.length) return false;
  return message.includes('due to an error in our request');
}
