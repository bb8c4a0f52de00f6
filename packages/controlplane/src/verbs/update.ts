import { FieldError } from '@setpoint/apimachinery/errors';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { type MutableObject, type ServedResource, type Strategy, whenConverted } from '../registry/index.ts';
import { badRequest, conflict, invalid, notFound, plainServerError } from '../status/index.ts';
import type { Entry } from '../store/index.ts';
import { attributesOf, type GroupVersionKind } from './admission.ts';
import { readObject } from './body.ts';
import { createObject } from './create.ts';
import {
  metaOf,
  validateBuiltinFinalizers,
  validateMeta,
  validateMetaUpdate,
  validateSpecFinalizers,
} from './metadata.ts';
import { isNamespace } from './namespaces.ts';
import { differOnlyInTimes, keepOwnersReadable, trackOwners } from './ownership.ts';
import { type Answer, collectionOf, keyOf, kindOf, mutableCopy, type RequestScope } from './scope.ts';
import {
  checkDeadline,
  commitObject,
  ensureNamespace,
  storable,
  type WriteContext,
  warnOfDuplicateOwners,
  writeContext,
} from './write.ts';
import { parseWriteOptions } from './write-options.ts';

/** PUT of an object or of its status. */
export async function update(scope: RequestScope): Promise<Answer> {
  const options = parseWriteOptions(scope.query, 'UpdateOptions');
  const object = await readObject(scope, options.fieldValidation);
  const { resource, namespace, name } = scope;
  ensureNamespace(resource, namespace, object);
  checkName(object, name);
  warnOfDuplicateOwners(object, scope.warn, false);
  const { uid } = object.metadata;
  return updateObject(writeContext(scope, options), name, {
    part: partOf(scope.subresource),
    ...(uid ? { uid } : {}),
    make: () => mutableCopy(object),
    makeNew: () => object,
  });
}

/** Which part of an object a write is about; everything else comes from the stored one. */
export type UpdatePart = 'object' | 'status' | 'approval' | 'finalize';

export function partOf(subresource: string): UpdatePart {
  return subresource === 'status' || subresource === 'approval' ? subresource : 'object';
}

export interface Update {
  readonly part: UpdatePart;
  /** The object must have this uid. */
  readonly uid?: string;
  /** The wanted object, decoded and defaulted, from the present one; called again when another write came between. */
  make(current: KubeObject): MutableObject;
  /** The wanted object where there is none yet; without it, and where the kind has none made so, the answer is 404. */
  makeNew?(): MutableObject;
  /** The same, of a request that may create whatever the kind. */
  create?(): MutableObject;
  /** What is made says already who owns its fields. */
  readonly tracked?: boolean;
  /** The request is about a view of the object (its scale): `make` makes that, and admission sees nothing else. */
  readonly view?: ObjectView;
}

export interface ObjectView {
  readonly kind: GroupVersionKind;
  of(object: KubeObject): KubeObject;
  /** The object with what the view says of it. */
  into(view: MutableObject, current: KubeObject): MutableObject;
}

export function checkName(object: KubeObject, name: string): void {
  const own = object.metadata.name ?? '';
  if (own === '') {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  if (own !== name) throw badRequest(`the name of the object (${own}) does not match the name on the URL (${name})`);
}

/**
 * Reads, makes, asks admission, checks and commits, again from the start when another write came between. What nobody
 * has to be asked about is committed in the turn of the call.
 */
export async function updateObject(context: WriteContext, name: string, wanted: Update): Promise<Answer> {
  const { backend, resource, namespace } = context;
  const key = keyOf(resource, namespace, name);
  for (;;) {
    const entry = collectionOf(backend, resource).get(key);
    if (!entry) {
      const make = resource.strategy.allowCreateOnUpdate ? (wanted.create ?? wanted.makeNew) : wanted.create;
      if (!make) throw notFound(resource, name);
      // The object that is meant is gone: it does not come back.
      if (wanted.uid !== undefined) throw conflict(resource, name, uidMismatch(context, key, wanted.uid, undefined));
      const making = whenConverted(resource, make);
      const made = making instanceof Promise ? await making : making;
      return createObject({ ...context, createsByUpdate: true }, withoutRevision(made), wanted.tracked);
    }
    if (wanted.uid !== undefined && wanted.uid !== entry.object.metadata.uid) {
      throw conflict(resource, name, uidMismatch(context, key, wanted.uid, entry));
    }
    const answer = await tryUpdate(context, name, wanted, entry);
    if (answer) return answer;
    checkDeadline(context);
  }
}

function withoutRevision(object: MutableObject): MutableObject {
  delete metaOf(object).resourceVersion;
  return object;
}

/** The text names the place in etcd, of a dry run without its prefix; it is what clients of the real server see. */
function uidMismatch(context: WriteContext, key: string, wanted: string, entry: Entry | undefined): string {
  const { resource, dryRun } = context;
  const group = resource.custom || resource.group === 'apiextensions.k8s.io' ? `${resource.group}/` : '';
  const where = `${dryRun ? '' : '/registry'}/${group}${resource.resource}/${key}`;
  return `StorageError: invalid object, Code: 4, Key: ${where}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${entry?.object.metadata.uid ?? ''}`;
}

/** Undefined: somebody else wrote in between. */
async function tryUpdate(
  context: WriteContext,
  name: string,
  wanted: Update,
  entry: Entry,
): Promise<Answer | undefined> {
  const { resource, namespace } = context;
  const { admission } = context.backend;
  const { view } = wanted;
  const making = whenConverted(resource, () => make(context, wanted, entry));
  const { old, oldObject, made } = making instanceof Promise ? await making : making;
  const owners = made.metadata.managedFields;
  const attributes = attributesOf(context, { operation: 'UPDATE', name, object: made, oldObject, kind: view?.kind });
  const mutating = admission.mutate(attributes);
  if (mutating) await mutating;
  const mutated = attributes.object as MutableObject;
  const loading = resource.strategy.ready?.(mutated);
  if (loading) await loading;
  keepOwnersReadable(mutated, owners, context.warn);
  const object = view ? view.into(mutated, old) : mutated;
  warnOfDuplicateOwners(object, context.warn, true);
  checkRevision(resource, name, object, entry);
  ensureNamespace(resource, namespace, object);
  prepare(resource, object, old, wanted.part);
  refuseInvalid(context, name, object, old, wanted.part);
  for (const text of resource.strategy.warnings?.(object, old) ?? []) context.warn(text);
  attributes.object = view ? (view.of(object) as MutableObject) : object;
  const validating = admission.validate(attributes);
  if (validating) await validating;
  return whenConverted(resource, () => commit(context, entry, object, old));
}

function make(context: WriteContext, wanted: Update, entry: Entry) {
  const old = context.resource.fromStorage(entry.object);
  const made = wanted.make(old);
  const oldObject = wanted.view ? wanted.view.of(old) : old;
  if (!wanted.tracked) trackOwners(context, oldObject, made);
  return { old, oldObject, made };
}

function commit(context: WriteContext, entry: Entry, object: MutableObject, old: KubeObject): Answer | undefined {
  const { resource } = context;
  const next = storable(resource, object);
  if (emptiedFinalizers(resource, next as MutableObject, old)) {
    // The object as the request left it, under the revision that it had.
    const left = resource.conversion ? object : resource.fromStorage(next);
    if (!context.dryRun && !commitObject(context, entry.key, entry.revision, undefined, 'delete')) return undefined;
    return { type: 'object', code: 200, object: left };
  }
  // Nothing to write; but what was compared with must still be what is there.
  if (deepEqual(next, entry.object) || differOnlyInTimes(next, entry.object))
    return isPresent(context, entry) ? { type: 'entry', code: 200, entry } : undefined;
  if (context.dryRun) return { type: 'object', code: 200, object: resource.fromStorage(next) };
  const committed = commitObject(context, entry.key, entry.revision, next, 'update');
  return committed && { type: 'entry', code: 200, entry: committed };
}

function isPresent({ backend, resource }: WriteContext, entry: Entry): boolean {
  return collectionOf(backend, resource).get(entry.key) === entry;
}

function checkRevision(resource: ServedResource, name: string, object: MutableObject, entry: Entry): void {
  const { resourceVersion: given = '' } = object.metadata;
  if (given !== '' && given !== '0') {
    if (!/^\d+$/.test(given)) {
      throw plainServerError(`strconv.ParseUint: parsing ${JSON.stringify(given)}: invalid syntax`);
    }
    if (given !== String(entry.revision)) throw conflict(resource, name);
  } else if (!resource.strategy.allowUnconditionalUpdate) {
    const error = FieldError.invalid('metadata.resourceVersion', 0, 'must be specified for an update');
    // The server names the resource where otherwise it names the kind.
    throw invalid({ group: resource.group, kind: resource.resource }, name, [error]);
  }
  metaOf(object).resourceVersion = String(entry.revision);
}

/** What an update may not change is what it was. */
function prepare(resource: ServedResource, object: MutableObject, old: KubeObject, part: UpdatePart): void {
  const { strategy } = resource;
  const before = old.metadata;
  setOrDelete(metaOf(object), 'generation', before.generation);
  if (part === 'status') strategy.prepareForStatusUpdate(object, old);
  else if (part === 'object') strategy.prepareForUpdate(object, old);
  else strategy.parts?.[part]?.prepare(object, old);
  // The strategy may have put another metadata in place.
  const meta = metaOf(object);
  if (!Object.isFrozen(meta)) {
    meta.resourceVersion = before.resourceVersion as string;
    meta.uid ||= before.uid as string;
    if (before.creationTimestamp) meta.creationTimestamp = before.creationTimestamp;
    if (before.deletionTimestamp) meta.deletionTimestamp = before.deletionTimestamp;
    if (before.deletionGracePeriodSeconds !== undefined) {
      meta.deletionGracePeriodSeconds ??= before.deletionGracePeriodSeconds;
    }
    if (part === 'object' && strategy.generationChanged?.(object, old)) meta.generation = (before.generation ?? 0) + 1;
  }
}

function setOrDelete<T extends object, K extends keyof T>(object: T, key: K, value: T[K] | undefined): void {
  if (value === undefined) delete object[key];
  else object[key] = value;
}

function refuseInvalid(
  { resource, warn }: WriteContext,
  name: string,
  object: MutableObject,
  old: KubeObject,
  part: UpdatePart,
): void {
  const { strategy } = resource;
  const errors = [
    ...validateMeta(object.metadata, resource.namespaced),
    ...validateMetaUpdate(object.metadata, old.metadata),
    ...repeatedErrors(resource, object, old, part),
    ...ownErrors(strategy, object, old, part, warn),
  ];
  if (errors.length > 0) throw invalid(kindOf(resource), name, errors);
}

/** The kinds of the real server check metadata once more; nobody would miss it but for the number of causes. */
function repeatedErrors(resource: ServedResource, object: MutableObject, old: KubeObject, part: UpdatePart) {
  const again = validateMetaUpdate(object.metadata, old.metadata);
  if (resource.custom || part !== 'object') return again;
  return [
    ...again,
    ...validateMeta(object.metadata, resource.namespaced),
    ...validateBuiltinFinalizers(object.metadata),
  ];
}

function ownErrors(
  strategy: Strategy,
  object: MutableObject,
  old: KubeObject,
  part: UpdatePart,
  warn: (text: string) => void,
) {
  switch (part) {
    case 'object':
      return strategy.validateUpdate(object, old, warn);
    case 'status':
      return strategy.validateStatusUpdate(object, old, warn);
    case 'approval':
    case 'finalize':
      return strategy.parts?.[part]?.validate(object, old) ?? validateSpecFinalizers(object.spec?.finalizers);
    default:
      return part satisfies never;
  }
}

/** The last finalizer of an object being deleted is gone, and no grace period holds it. */
function emptiedFinalizers(resource: ServedResource, object: MutableObject, old: KubeObject): boolean {
  if ((object.metadata.finalizers ?? []).length > 0) return false;
  // A namespace has finalizers of its own.
  if (isNamespace(resource) && (object.spec?.finalizers ?? []).length > 0) return false;
  return old.metadata.deletionTimestamp !== undefined && !old.metadata.deletionGracePeriodSeconds;
}
