import type { KubeObject } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import {
  decodeManagedFields,
  fieldManagerOf,
  ManagedFieldsError,
  managerName,
  type Owners,
  type Writer,
} from '../apply/index.ts';
import type { MutableObject, ServedResource } from '../registry/index.ts';
import { metaOf, timestamp } from './metadata.ts';
import type { WriteContext } from './write.ts';

/** Whose what this server writes by itself is. */
const ownManager = 'kube-apiserver';

/** Who writes, as the owners of fields are called. */
export function writerOf({ backend, fieldManager, userAgent }: WriteContext): Writer {
  const manager = userAgent === undefined && !fieldManager ? ownManager : managerName(fieldManager ?? '', userAgent);
  return { manager, now: timestamp(backend.clock.now()) };
}

/** Puts into `next`, which is about to take the place of `live` or to be created, who owns which of its fields. */
export function trackOwners(context: WriteContext, live: KubeObject | undefined, next: MutableObject): void {
  const { resource, subresource = '' } = context;
  const written = subresource === 'scale' ? writtenScale(next) : asWritten(resource, next);
  setOwners(next, fieldManagerOf(resource, subresource).update(live, written, writerOf(context)));
}

export function setOwners(object: MutableObject, owners: Owners): void {
  const meta = metaOf(object);
  if (owners) meta.managedFields = owners;
  else delete meta.managedFields;
}

function asWritten(resource: ServedResource, object: MutableObject): KubeObject {
  const written = resource.asWritten?.(object);
  if (!written) return object;
  // An empty list says something, though it is never written.
  const { managedFields } = object.metadata;
  return managedFields?.length === 0 ? { ...written, metadata: { ...written.metadata, managedFields } } : written;
}

/** Of a scale only the replicas have owners; none are not written. */
function writtenScale({ apiVersion, kind, metadata, spec, status }: MutableObject): KubeObject {
  const { managedFields } = metadata;
  const replicas = Number(spec?.replicas ?? 0);
  return {
    apiVersion,
    kind,
    metadata: managedFields ? { managedFields } : {},
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: Number(status?.replicas ?? 0) },
  } as KubeObject;
}

/** What mutating admission leaves of the owners must still be readable; otherwise they are as they were, and a warning says so. */
export function keepOwnersReadable(object: MutableObject, before: Owners, warn: (text: string) => void): void {
  const after = object.metadata.managedFields;
  if (after === before) return;
  try {
    decodeManagedFields(after);
  } catch (error) {
    if (!(error instanceof ManagedFieldsError)) throw error;
    setOwners(object, before);
    warn(
      `.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: ${error.message}`,
    );
  }
}

/** Whether two objects, as they are stored, differ in nothing but the times of their owners: then nothing is written. */
export function differOnlyInTimes(next: KubeObject, stored: KubeObject): boolean {
  const owners = next.metadata.managedFields;
  const before = stored.metadata.managedFields;
  if (!owners || !before || owners === before || owners.length !== before.length) return false;
  const sameOwners = owners.every((entry, index) => {
    const { time: _time, ...rest } = entry;
    const { time: _before, ...other } = before[index] ?? {};
    return deepEqual(rest, other);
  });
  return sameOwners && deepEqual({ ...next, metadata: { ...next.metadata, managedFields: before } }, stored);
}
