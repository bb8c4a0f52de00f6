import type { Clock, Random } from '@setpoint/apimachinery/clock';
import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { type KubeObject, type ObjectMeta, type OwnerReference, objectMetaFields } from '@setpoint/apimachinery/meta';
import { dns1123Label, generateName, labelValue, pathSegmentName, qualifiedName } from '@setpoint/apimachinery/names';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { validateManagedFields } from '@setpoint/apimachinery/schema';

/** The metadata of an object that is still the writer's own. */
export type MutableMeta = { -readonly [K in keyof ObjectMeta]: ObjectMeta[K] };

export function metaOf(object: KubeObject): MutableMeta {
  return object.metadata as MutableMeta;
}

/** RFC 3339 with seconds, as the server writes times. */
export function timestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

/** A version 4 UUID; from a seeded source the same ones come again. */
export function newUid(random: Random): string {
  const word = () => (0x10000 + random.integer(0x10000)).toString(16).slice(1);
  const start = `${word()}${word()}-${word()}-4${word().slice(1)}`;
  const fifth = word();
  const variant = (0x8 | (Number.parseInt(fifth.charAt(0), 16) & 0x3)).toString(16);
  return `${start}-${variant}${fifth.slice(1)}-${word()}${word()}${word()}`;
}

/** What a client may not say about a new object. */
export function wipeSystemFields(meta: MutableMeta): void {
  delete meta.uid;
  delete meta.creationTimestamp;
  delete meta.deletionTimestamp;
  delete meta.deletionGracePeriodSeconds;
  delete meta.selfLink;
}

export function fillSystemFields(meta: MutableMeta, clock: Clock, random: Random): void {
  meta.uid = newUid(random);
  meta.creationTimestamp = timestamp(clock.now());
  if (meta.generateName && !meta.name) meta.name = generateName(meta.generateName, random);
}

/** Metadata with its members in the order in which the server writes those of built-in kinds, empty ones left out. */
export function orderedMeta(meta: ObjectMeta): MutableMeta {
  const result: Record<string, unknown> = {};
  for (const key of objectMetaFields) {
    const value = meta[key];
    // Keeps the place: the store writes the revision into it.
    if (key === 'resourceVersion') result[key] = value || '0';
    else if (!isEmpty(value)) result[key] = value;
  }
  return result as MutableMeta;
}

/** As Go's omitempty has it. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (typeof value !== 'object') return false;
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
}

/** Repeated owner references are taken out; the uids of those are told, as the text of a warning. */
export function dedupOwnerReferences(meta: MutableMeta): string | undefined {
  const references = meta.ownerReferences;
  if (!references || references.length < 2) return undefined;
  const kept: OwnerReference[] = [];
  const repeated: string[] = [];
  for (const reference of references) {
    if (kept.some((one) => deepEqual(one, reference))) repeated.push(reference.uid);
    else kept.push(reference);
  }
  if (repeated.length === 0) return undefined;
  meta.ownerReferences = kept;
  return repeated.join(', ');
}

const annotationsLimit = 256 * 1024;
const path = FieldPath.of('metadata');

/** The rules of metadata that hold for every kind. Names get the rules of their kind from its strategy. */
export function validateMeta(meta: ObjectMeta, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (meta.generateName) {
    for (const why of pathSegmentPrefix(meta.generateName)) {
      errors.push(FieldError.invalid(path.child('generateName'), meta.generateName, why));
    }
  }
  if (!meta.name) errors.push(FieldError.required(path.child('name'), 'name or generateName is required'));
  else
    for (const why of pathSegmentName(meta.name)) errors.push(FieldError.invalid(path.child('name'), meta.name, why));
  if (namespaced) {
    if (!meta.namespace) errors.push(FieldError.required(path.child('namespace'), ''));
    else {
      for (const why of dns1123Label(meta.namespace)) {
        errors.push(FieldError.invalid(path.child('namespace'), meta.namespace, why));
      }
    }
  } else if (meta.namespace) errors.push(FieldError.forbidden(path.child('namespace'), 'not allowed on this type'));
  if ((meta.generation ?? 0) < 0) {
    const why = 'must be greater than or equal to 0';
    errors.push(FieldError.invalid(path.child('generation'), meta.generation, why));
  }
  return [
    ...errors,
    ...validateLabels(meta.labels),
    ...validateAnnotations(meta.annotations),
    ...validateOwnerReferences(meta.ownerReferences),
    ...validateFinalizers(meta.finalizers),
    ...validateManagedFields(meta.managedFields ?? [], path.child('managedFields')),
  ];
}

function validateLabels(labels: ObjectMeta['labels']): FieldError[] {
  if (!labels) return [];
  const field = path.child('labels');
  return Object.entries(labels).flatMap(([key, value]) => [
    ...qualifiedName(key).map((why) => FieldError.invalid(field, key, why)),
    ...labelValue(value).map((why) => FieldError.invalid(field, value, why)),
  ]);
}

function validateAnnotations(annotations: ObjectMeta['annotations']): FieldError[] {
  if (!annotations) return [];
  const field = path.child('annotations');
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(annotations)) {
    for (const why of qualifiedName(key.toLowerCase())) errors.push(FieldError.invalid(field, key, why));
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (size > annotationsLimit) errors.push(FieldError.tooLong(field, '', annotationsLimit));
  return errors;
}

function validateOwnerReferences(references: ObjectMeta['ownerReferences']): FieldError[] {
  if (!references) return [];
  const field = path.child('ownerReferences');
  const errors: FieldError[] = [];
  let controller: string | undefined;
  for (const reference of references) {
    const { apiVersion = '', kind = '', name = '', uid = '' } = reference;
    if (/^$|^[^/]*\/$/.test(apiVersion)) {
      errors.push(FieldError.invalid(field.child('apiVersion'), apiVersion, 'version must not be empty'));
    }
    if (kind === '') errors.push(FieldError.invalid(field.child('kind'), kind, 'must not be empty'));
    if (name === '') errors.push(FieldError.invalid(field.child('name'), name, 'must not be empty'));
    if (uid === '') errors.push(FieldError.invalid(field.child('uid'), uid, 'must not be empty'));
    if (apiVersion === 'v1' && kind === 'Event') {
      errors.push(FieldError.invalid(field, reference, '/v1, Kind=Event is disallowed from being an owner'));
    }
    if (!reference.controller) continue;
    const current = `${kind}/${name}`;
    if (controller === undefined) controller = current;
    else {
      const why = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${current}`;
      errors.push(FieldError.invalid(field, references, why));
    }
  }
  return errors;
}

export const orphanFinalizer = 'orphan';
export const foregroundFinalizer = 'foregroundDeletion';

function validateFinalizers(finalizers: ObjectMeta['finalizers']): FieldError[] {
  if (!finalizers) return [];
  const field = path.child('finalizers');
  const errors = finalizers.flatMap((one) => qualifiedName(one).map((why) => FieldError.invalid(field, one, why)));
  if (finalizers.includes(orphanFinalizer) && finalizers.includes(foregroundFinalizer)) {
    const why = `finalizer ${orphanFinalizer} and ${foregroundFinalizer} cannot be both set`;
    errors.push(FieldError.invalid(field, finalizers, why));
  }
  return errors;
}

/** What an update may not do to metadata. */
export function validateMetaUpdate(meta: ObjectMeta, old: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp) {
    const known = new Set(old.finalizers);
    const added = [...new Set(meta.finalizers)].filter((one) => !known.has(one)).sort();
    if (added.length > 0) {
      const list = added.map((one) => JSON.stringify(one)).join(', ');
      const why = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`;
      errors.push(FieldError.forbidden(path.child('finalizers'), why));
    }
  }
  const immutable = (name: 'name' | 'namespace' | 'uid' | 'creationTimestamp' | 'deletionTimestamp') => {
    if ((meta[name] ?? '') !== (old[name] ?? '')) {
      errors.push(FieldError.invalid(path.child(name), meta[name] ?? '', 'field is immutable'));
    }
  };
  immutable('name');
  immutable('namespace');
  immutable('uid');
  immutable('creationTimestamp');
  immutable('deletionTimestamp');
  if (meta.deletionGracePeriodSeconds !== old.deletionGracePeriodSeconds) {
    const value = meta.deletionGracePeriodSeconds ?? null;
    errors.push(FieldError.invalid(path.child('deletionGracePeriodSeconds'), value, 'field is immutable'));
  }
  // Checked by validateMeta as well; the server lists such an error twice, and clients count causes.
  return [
    ...errors,
    ...validateLabels(meta.labels),
    ...validateAnnotations(meta.annotations),
    ...validateOwnerReferences(meta.ownerReferences),
    ...validateManagedFields(meta.managedFields ?? [], path.child('managedFields')),
  ];
}

/** Short finalizers are only for the server's own; custom resources are merely warned. */
export function validateBuiltinFinalizers(meta: ObjectMeta): FieldError[] {
  const field = path.child('finalizers');
  return (meta.finalizers ?? []).flatMap((one, index) => unqualified(one, field.index(index)));
}

function unqualified(finalizer: string, field: FieldPath): FieldError[] {
  const standard = ['kubernetes', orphanFinalizer, foregroundFinalizer];
  if (finalizer.includes('/') || standard.includes(finalizer)) return [];
  return [FieldError.invalid(field, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')];
}

/** Those that a namespace has in its spec. */
export function validateSpecFinalizers(finalizers: readonly string[] | undefined): FieldError[] {
  return (finalizers ?? []).flatMap((one, index) => {
    const field = FieldPath.of('spec', 'finalizers').index(index);
    const wrong = qualifiedName(one).map((why) => FieldError.invalid(field, one, why));
    return [...wrong, ...unqualified(one, field)];
  });
}

/** A generated name begins with it, so only what no path segment may hold is refused. */
function pathSegmentPrefix(value: string): string[] {
  return ['/', '%'].filter((one) => value.includes(one)).map((one) => `may not contain '${one}'`);
}
