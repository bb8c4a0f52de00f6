import type { ValidationRule } from '@setpoint/apimachinery/schema';

/**
 * What schema libraries have no word for, as objects for their own way of attaching metadata:
 * `.meta(int32())` in zod, `v.metadata(int32())` in valibot, `.configure(int32())` in arktype, options in typebox.
 */

/** Keeps every member of an object, or any JSON value at all: nothing under it is pruned, typed or checked. */
export function preserveUnknown() {
  return { 'x-kubernetes-preserve-unknown-fields': true } as const;
}

/** An integer or a string, such as a port by number or by name. Put it on a union of a string and an integer. */
export function intOrString() {
  return { 'x-kubernetes-int-or-string': true } as const;
}

const quantityPattern =
  '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$';

/** An amount such as `500m` or `1Gi`, or a plain integer. Put it on a union of a string and an integer. */
export function quantity() {
  return { 'x-kubernetes-int-or-string': true, pattern: quantityPattern } as const;
}

/** The format that clients in typed languages generate an int32 from. Put it on an integer. */
export function int32() {
  return { format: 'int32' } as const;
}

/** The format that clients in typed languages generate an int64 from. Put it on an integer. */
export function int64() {
  return { format: 'int64' } as const;
}

/**
 * A list whose items are told apart by the values of `keys`, so that several appliers can own items of it.
 * The keys must be scalar members of the items, each required or with a default.
 */
export function listMap(...keys: readonly [string, ...string[]]) {
  return { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys } as const;
}

/** A list of scalars in which each may be there once. */
export function listSet() {
  return { 'x-kubernetes-list-type': 'set' } as const;
}

/** A list that an applier owns as a whole; this is also what an unmarked list is. */
export function listAtomic() {
  return { 'x-kubernetes-list-type': 'atomic' } as const;
}

/** An object that an applier owns as a whole. */
export function mapAtomic() {
  return { 'x-kubernetes-map-type': 'atomic' } as const;
}

/** A whole object of any kind within this one, such as a template: has apiVersion, kind and metadata, and keeps all else. */
export function embeddedResource() {
  return { 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true } as const;
}

/** CEL rules; `self` is the value the metadata is attached to, `oldSelf` what it was before. */
export function rules(...list: readonly [ValidationRule, ...ValidationRule[]]) {
  return { 'x-kubernetes-validations': list } as const;
}

/** A field that keeps its first value. An optional field can still be added or removed: rule that on its parent. */
export function immutable(message = 'is immutable') {
  return rules({ rule: 'self == oldSelf', message });
}

/** A string of 0 or more Go durations, such as `1h30m`, as the API server checks them. */
export function goDuration() {
  return { format: 'duration' } as const;
}

/** Consents to a schema that contains itself being cut where it comes round: from there on nothing is checked. */
export function cutRecursion() {
  return { [recursionMarker]: 'cut' } as const;
}

export const recursionMarker = 'x-setpoint-recursion';
