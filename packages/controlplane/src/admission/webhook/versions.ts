import { formatApiVersion, type KubeObject } from '@setpoint/apimachinery/meta';
import { ConversionPending, type MutableObject, type ServedResource } from '../../registry/index.ts';
import { internalError, StatusError } from '../../status/index.ts';
import { type AdmissionAttributes, complete, mutableCopy, storable } from '../../verbs/index.ts';
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
  return converted(resource, wanted, object);
}

/** Custom resources are converted as they are: what is stored has no part in it, and nothing gets defaults by it. */
function converted(from: ServedResource, to: ServedResource, object: KubeObject): MutableObject {
  const whole = mutableCopy(from.custom ? convertedAsIs(from, to, object) : to.fromStorage(storable(from, object)));
  if (!object.metadata.resourceVersion) delete (whole.metadata as { resourceVersion?: string }).resourceVersion;
  return whole as MutableObject;
}

function convertedAsIs(from: ServedResource, to: ServedResource, object: KubeObject): KubeObject {
  const whole = complete(from, object);
  if (from === to) return whole;
  try {
    return from.versions?.convert(whole, formatApiVersion(to.group, to.version)) ?? whole;
  } catch (error) {
    if (error instanceof ConversionPending) throw new ConversionPending(worded(error.settled));
    throw error;
  }
}

/** A failing conversion ends the request, whatever the failure policy is. */
async function worded(settled: Promise<void>): Promise<void> {
  try {
    await settled;
  } catch (error) {
    throw internalError((error as Error).message);
  }
}

/** Makes what expressions see of objects in another version, as they cannot wait for it. */
export function prepareVersions(attributes: AdmissionAttributes, invocation: Invocation): void {
  if (invocation.resource === attributes.resource || !attributes.resource.conversion) return;
  versioned(attributes, invocation, attributes.object);
  versioned(attributes, invocation, attributes.oldObject);
}

/**
 * The way back, of what a patch has made: decoded without complaints about unknown fields, and with defaults.
 * Decoding comes at once, conversion with the call of what is answered.
 */
export function requested(
  attributes: AdmissionAttributes,
  { resource: from }: Invocation,
  body: unknown,
): () => MutableObject {
  const { resource, kind } = attributes;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw internalError(
      `json: cannot unmarshal ${Array.isArray(body) ? 'array' : typeof body} into Go value of type map[string]interface {}`,
    );
  }
  if (!isOwnKind(resource, kind)) return () => body as MutableObject;
  const object = decoded(from, body as MutableObject, from.custom && from !== resource);
  if (from === resource) return () => object;
  return () =>
    Object.assign(converted(from, resource, object), {
      kind: resource.kind,
      apiVersion: formatApiVersion(resource.group, resource.version),
    });
}

function decoded(resource: ServedResource, body: MutableObject, keeps: boolean): MutableObject {
  try {
    const { object } = resource.strategy.decode(body);
    // The other version may have what this one does not: only the store forgets it.
    if (keeps) restoreMembers(object, body);
    (object as { metadata?: unknown }).metadata ??= {};
    resource.strategy.applyDefaults(object);
    return object;
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 400) throw error;
    throw internalError(/cannot be handled as a \w+: (.*)$/s.exec(error.message)?.[1] ?? error.message);
  }
}

function restoreMembers(object: MutableObject, body: MutableObject): void {
  const { metadata: _, ...members } = mutableCopy(body);
  Object.assign(object, members);
}

function isOwnKind(resource: ServedResource, kind: AdmissionAttributes['kind']): boolean {
  return kind.kind === resource.kind && kind.group === resource.group;
}
