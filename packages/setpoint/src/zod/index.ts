/**
 * Schemas of Kubernetes' own types for users of zod: `import { conditions, quantity } from 'setpoint/zod'`.
 * The one folder that imports zod; the rest of the library works with any schema library and with none.
 *
 * @module setpoint/zod
 */

import { z } from 'zod';
import {
  conditionsJsonSchema,
  goDuration as durationMarker,
  embeddedResource as embeddedMarker,
  int32 as int32Marker,
  int64 as int64Marker,
  intOrString as intOrStringMarker,
  preserveUnknown,
  quantity as quantityMarker,
} from '../schema/index.ts';

/** A string such as `500m` or `1Gi`, or an integer. */
export function quantity() {
  return z.union([z.int(), z.string()]).meta(quantityMarker());
}

/** An integer or a string, such as a port by number or by name. */
export function intOrString() {
  return z.union([z.int(), z.string()]).meta(intOrStringMarker());
}

/** An integer of 32 bits. */
export function int32() {
  return z.int32().meta(int32Marker());
}

/** An integer of 64 bits; beyond 2^53 JavaScript loses digits. */
export function int64() {
  return z.int().meta(int64Marker());
}

/** A duration as Go writes it, such as `1h30m`. */
export function goDuration() {
  return z.string().meta(durationMarker());
}

/** Any JSON value, of which nothing is pruned, typed or checked. */
export function anything() {
  return z.unknown().meta(preserveUnknown());
}

/** A whole object of any kind within this one: apiVersion, kind and metadata are checked, all else is kept as it is. */
export function embeddedResource() {
  return z.looseObject({ apiVersion: z.string(), kind: z.string() }).meta(embeddedMarker());
}

const { items } = conditionsJsonSchema;
const { message, observedGeneration, reason, status, type, lastTransitionTime } = items.properties;

/** One condition as meta/v1 has it. */
export function condition() {
  return z
    .object({
      lastTransitionTime: z.iso.datetime({ offset: true }).describe(lastTransitionTime.description),
      message: z.string().max(message.maxLength).describe(message.description),
      observedGeneration: z.int().min(0).optional().describe(observedGeneration.description),
      reason: z.string().min(1).max(reason.maxLength).regex(new RegExp(reason.pattern)).describe(reason.description),
      status: z.enum(status.enum).describe(status.description),
      type: z.string().max(type.maxLength).regex(new RegExp(type.pattern)).describe(type.description),
    })
    .describe(items.description);
}

/** `status.conditions`: a list of conditions told apart by their type. Optional, since a new object has none. */
export function conditions() {
  return z
    .array(condition())
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
    .optional()
    .describe(conditionsJsonSchema.description);
}
