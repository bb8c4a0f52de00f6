import type { StatusCause } from '@setpoint/apimachinery/meta';
import { forbidden, type StatusError } from '../status/index.ts';
import type { AdmissionAttributes } from '../verbs/index.ts';

/** 403 about the object of a request, which may have no name yet. */
export function refused(
  { name, object, resource }: AdmissionAttributes,
  why: string,
  causes: readonly StatusCause[] = [],
): StatusError {
  const metadata = object?.metadata;
  return forbidden(resource, name || metadata?.name || metadata?.generateName || 'Unknown', why, causes);
}
