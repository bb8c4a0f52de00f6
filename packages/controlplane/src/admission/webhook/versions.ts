import { formatApiVersion, type KubeObject } from '@setpoint/apimachinery/meta';
import type { MutableObject, ServedResource } from '../../registry/index.ts';
import { internalError, StatusError } from '../../status/index.ts';
import { type AdmissionAttributes, mutableCopy, storable } from '../../verbs/index.ts';
import type { Invocation } from '../match.ts';

/**
 * An object of a request as a webhook gets it: complete, in the form in which it is served, in the version that the
 * webhook asked for. What has a kind of its own (a Scale) is the same in every version.
 */
export function versioned(
  { resource, kind }: AdmissionAttributes,
  { resource: wanted }: Invocation,
  object: KubeObject | undefined,
): KubeObject | undefined {
  if (!object) return undefined;
  if (!isOwnKind(resource, kind)) return object;
  const hasRevision = Boolean(object.metadata.resourceVersion);
  const complete = mutableCopy(wanted.fromStorage(storable(resource, object)));
  if (!hasRevision) delete (complete.metadata as { resourceVersion?: string }).resourceVersion;
  return complete;
}

/** The way back, of what a patch has made: decoded without complaints about unknown fields, and with defaults. */
export function requested(
  attributes: AdmissionAttributes,
  { resource: from }: Invocation,
  body: unknown,
): MutableObject {
  const { resource, kind } = attributes;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw internalError(
      `json: cannot unmarshal ${Array.isArray(body) ? 'array' : typeof body} into Go value of type map[string]interface {}`,
    );
  }
  if (!isOwnKind(resource, kind)) return body as MutableObject;
  const object = decoded(from, body as MutableObject);
  if (from === resource) return object;
  const converted = mutableCopy(resource.fromStorage(storable(from, object)));
  return Object.assign(converted, {
    kind: resource.kind,
    apiVersion: formatApiVersion(resource.group, resource.version),
  });
}

function decoded(resource: ServedResource, body: MutableObject): MutableObject {
  try {
    const { object } = resource.strategy.decode(body);
    (object as { metadata?: unknown }).metadata ??= {};
    resource.strategy.applyDefaults(object);
    return object;
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 400) throw error;
    throw internalError(/cannot be handled as a \w+: (.*)$/s.exec(error.message)?.[1] ?? error.message);
  }
}

function isOwnKind(resource: ServedResource, kind: AdmissionAttributes['kind']): boolean {
  return kind.kind === resource.kind && kind.group === resource.group;
}
