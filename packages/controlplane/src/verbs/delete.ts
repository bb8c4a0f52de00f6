import type { KubeObject } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { type MutableObject, type ServedResource, whenConverted } from '../registry/index.ts';
import { conflict, forbidden, notFound } from '../status/index.ts';
import type { Entry } from '../store/index.ts';
import { attributesOf } from './admission.ts';
import { type DeleteOptions, parseDeleteOptions } from './delete-options.ts';
import { foregroundFinalizer, metaOf, orphanFinalizer, timestamp } from './metadata.ts';
import { isNamespace } from './namespaces.ts';
import { type Answer, type Backend, collectionOf, keyOf, mutableCopy, type RequestScope } from './scope.ts';
import { checkDeadline, commitObject, storable, type WriteContext, writeContext } from './write.ts';

/** DELETE of one object. */
export async function deleteVerb(scope: RequestScope): Promise<Answer> {
  const options = await parseDeleteOptions(scope);
  const kept = scope.resource.strategy.undeletable?.(scope.name);
  if (kept !== undefined) throw forbidden(scope.resource, scope.name, kept);
  return deleteObject(writeContext(scope, { dryRun: options.dryRun, given: {} }), scope.name, options);
}

/**
 * Removes an object, or marks it and leaves it to its finalizers and its grace period. Admission is asked about each
 * step, under `admittedName`. What nobody has to be asked about is done in the turn of the call.
 */
export async function deleteObject(
  context: WriteContext,
  name: string,
  options: DeleteOptions,
  admittedName: string = name,
): Promise<Answer> {
  for (;;) {
    const entry = presentEntry(context, name);
    if (!entry) throw notFound(context.resource, name);
    const reading = whenConverted(context.resource, () => context.resource.fromStorage(entry.object));
    const old = reading instanceof Promise ? await reading : reading;
    checkPreconditions(context.resource, old, options);
    if (!isPending(context.resource, old, options)) {
      const pending = admit(context, admittedName, old, options);
      if (pending) await pending;
    }
    const tried = whenConverted(context.resource, () => tryDelete(context, entry, options));
    const step = tried instanceof Promise ? await tried : tried;
    if (step && step.type !== 'marked') return step;
    if (step) return removeMarked(context, name, step, options, admittedName);
    checkDeadline(context);
  }
}

/** As deleteObject, in this turn and without admission: for what follows from a deletion that was admitted. */
export function deleteAtOnce(context: WriteContext, name: string, options: DeleteOptions): Answer {
  const entry = presentEntry(context, name);
  if (!entry) throw notFound(context.resource, name);
  checkPreconditions(context.resource, context.resource.fromStorage(entry.object), options);
  const step = tryDelete(context, entry, options) as Answer | Marked;
  return step.type === 'marked' ? (remove(context, step.entry) as Answer) : step;
}

function presentEntry({ backend, resource, namespace }: WriteContext, name: string): Entry | undefined {
  return collectionOf(backend, resource).get(keyOf(resource, namespace, name));
}

/** The object has been marked, and nothing holds it any more: what is left is to remove it. */
interface Marked {
  readonly type: 'marked';
  readonly entry: Entry;
}

/** A deletion asks mutating and validating admission in one go; there is nothing to change. */
function admit(
  context: WriteContext,
  name: string,
  old: KubeObject,
  options: DeleteOptions,
): Promise<void> | undefined {
  const { admission } = context.backend;
  const attributes = attributesOf(
    { ...context, options: admittedOptions(context.resource, old, options) },
    { operation: 'DELETE', name, object: undefined, oldObject: old },
  );
  const mutating = admission.mutate(attributes);
  if (!mutating) return admission.validate(attributes);
  return mutating.then(() => admission.validate(attributes));
}

/** The options as they are once the kind has filled them in. */
function admittedOptions(
  resource: ServedResource,
  old: KubeObject,
  options: DeleteOptions,
): Readonly<Record<string, unknown>> {
  const { dryRun, gracePeriodSeconds: asked, preconditions, orphanDependents, propagationPolicy } = options;
  const { deletionTimestamp, uid } = old.metadata;
  const grace = deletionTimestamp ? asked : (resource.strategy.gracePeriodSeconds?.(old, asked) ?? asked);
  const pinned = isPinned(resource);
  return {
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(preconditions || pinned ? { preconditions: { ...(pinned ? { uid } : {}), ...preconditions } } : {}),
    ...(orphanDependents === undefined ? {} : { orphanDependents }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(dryRun ? { dryRun: ['All'] } : {}),
  };
}

/** Undefined: somebody else wrote in between. */
function tryDelete(context: WriteContext, entry: Entry, options: DeleteOptions): Answer | Marked | undefined {
  const { backend, resource } = context;
  if (isNamespace(resource) && !entry.object.metadata.deletionTimestamp) return markNamespace(context, entry, options);
  const object = mutableCopy(resource.fromStorage(entry.object));
  if (isNamespace(resource) && (object.spec?.finalizers ?? []).length > 0) return { type: 'entry', code: 200, entry };
  if (resource.strategy.prepareForDelete?.(object, backend.clock.now())) return mark(context, entry, object);
  const grace = beginGrace(backend, resource, object, options);
  if (grace === 'pending') return { type: 'entry', code: 200, entry };
  const finalizing = (object.metadata.finalizers ?? []).length > 0;
  setPropagationFinalizers(resource, object, options);
  const held = (object.metadata.finalizers ?? []).length > 0;
  if (grace === 'none') {
    if (!held) return finalizing ? { type: 'marked', entry } : remove(context, entry);
    markDeleting(backend, object);
  }
  const stays = held || (grace !== 'none' && grace > 0);
  const next = storable(resource, object);
  if (context.dryRun) {
    return stays ? { type: 'object', code: 200, object: resource.fromStorage(next) } : gone(resource, next);
  }
  const marked = deepEqual(next, entry.object)
    ? entry
    : commitObject(context, entry.key, entry.revision, next, 'update');
  if (!marked) return undefined;
  // 202 belongs to the old way of asking for deletion in the background, and to nothing else.
  if (stays) return { type: 'entry', code: options.orphanDependents === false ? 202 : 200, entry: marked };
  return { type: 'marked', entry: marked };
}

/** The second step of a deletion. What has vanished meanwhile was removed by somebody else, which is as good. */
async function removeMarked(
  context: WriteContext,
  name: string,
  marked: Marked,
  options: DeleteOptions,
  admittedName: string,
): Promise<Answer> {
  const { resource } = context;
  for (let last = marked.entry; ; ) {
    const entry = presentEntry(context, name);
    if (!entry || entry.object.metadata.uid !== last.object.metadata.uid) {
      return gone(resource, last.object);
    }
    const reading = whenConverted(resource, () => resource.fromStorage(entry.object));
    const pending = admit(context, admittedName, reading instanceof Promise ? await reading : reading, options);
    if (pending) await pending;
    const answer = remove(context, entry);
    if (answer) return answer;
    checkDeadline(context);
    last = entry;
  }
}

/** The kind has said what a deletion begins with: that is stored, and is all for this request. */
function mark(context: WriteContext, entry: Entry, object: MutableObject): Answer | undefined {
  const { resource } = context;
  const next = storable(resource, object);
  if (deepEqual(next, entry.object)) return { type: 'entry', code: 200, entry };
  if (context.dryRun) return { type: 'object', code: 200, object: resource.fromStorage(next) };
  const marked = commitObject(context, entry.key, entry.revision, next, 'update');
  return marked && { type: 'entry', code: 200, entry: marked };
}

/** Namespaces and definitions are deleted by the uid that they have, and say in their own words that it is another. */
function isPinned(resource: ServedResource): boolean {
  return isNamespace(resource) || resource.strategy.prepareForDelete !== undefined;
}

function checkPreconditions(resource: ServedResource, old: KubeObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {};
  // The server names the kind where otherwise it names the resource.
  const of = { group: resource.group, resource: resource.kind };
  const { name = '', uid: ownUid, resourceVersion: ownVersion } = old.metadata;
  const failed = (what: string, wanted: string, own: string | undefined) =>
    conflict(resource, name, `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${own}`);
  if (isPinned(resource)) {
    if (uid !== undefined && uid !== ownUid) throw failed('UID', uid, ownUid);
    if (resourceVersion !== undefined && resourceVersion !== ownVersion) {
      throw failed('ResourceVersion', resourceVersion, ownVersion);
    }
    return;
  }
  if (uid !== undefined && uid !== ownUid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${ownUid}). The object might have been deleted and then recreated`;
    throw conflict(of, name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== ownVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${ownVersion}). The object might have been modified`;
    throw conflict(of, name, why);
  }
}

/** The deletion runs already, and this request does not make it any shorter. */
function isPending(resource: ServedResource, old: KubeObject, { gracePeriodSeconds }: DeleteOptions): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds: running = 0 } = old.metadata;
  if (!deletionTimestamp) return false;
  if (isNamespace(resource)) return ((old as MutableObject).spec?.finalizers ?? []).length > 0;
  return running > 0 && (gracePeriodSeconds === undefined || gracePeriodSeconds >= running);
}

/**
 * Sets the times of a graceful deletion and returns its seconds; `none` for kinds without one and objects whose
 * time is up, `pending` where the period runs already and is not made shorter.
 */
function beginGrace(
  backend: Backend,
  resource: ServedResource,
  object: MutableObject,
  options: DeleteOptions,
): number | 'none' | 'pending' {
  const { strategy } = resource;
  if (!strategy.gracePeriodSeconds) return 'none';
  const meta = metaOf(object);
  const asked = options.gracePeriodSeconds;
  const running = meta.deletionGracePeriodSeconds ?? 0;
  if (meta.deletionTimestamp) {
    if (running === 0) return 'none';
    if (asked === undefined || asked >= running) return 'pending';
    const begun = Date.parse(meta.deletionTimestamp) - running * 1000;
    const due = begun + asked * 1000;
    const now = backend.clock.now();
    // Time that has passed already leaves a second for whoever does the work, unless none is wanted.
    const seconds = due < now && asked !== 0 ? 1 : asked;
    meta.deletionTimestamp = timestamp(Math.max(due, now));
    meta.deletionGracePeriodSeconds = seconds;
    return seconds;
  }
  const seconds = strategy.gracePeriodSeconds(object, asked);
  if (seconds === undefined) return 'none';
  meta.deletionTimestamp = timestamp(backend.clock.now() + seconds * 1000);
  meta.deletionGracePeriodSeconds = seconds;
  if (meta.generation) meta.generation += 1;
  return seconds;
}

/** The garbage collector is told by finalizers what to do with dependents. */
function setPropagationFinalizers(resource: ServedResource, object: MutableObject, options: DeleteOptions): void {
  const meta = metaOf(object);
  const before = meta.finalizers ?? [];
  const policy = policyOf(resource, options, before);
  const orphan = policy === 'Orphan';
  const foreground = policy === 'Foreground';
  const after = [
    ...before.filter((one) => one !== orphanFinalizer && one !== foregroundFinalizer),
    ...(orphan ? [orphanFinalizer] : []),
    ...(foreground ? [foregroundFinalizer] : []),
  ];
  if (before.length === after.length && before.every((one) => after.includes(one))) return;
  if (after.length > 0) meta.finalizers = after;
  else delete meta.finalizers;
}

function policyOf(
  resource: ServedResource,
  options: DeleteOptions,
  finalizers: readonly string[],
): 'Orphan' | 'Background' | 'Foreground' {
  if (options.orphanDependents !== undefined) return options.orphanDependents ? 'Orphan' : 'Background';
  if (options.propagationPolicy) return options.propagationPolicy;
  const said = finalizers.find((one) => one === orphanFinalizer || one === foregroundFinalizer);
  if (said === undefined) return resource.strategy.orphansByDefault ? 'Orphan' : 'Background';
  return said === orphanFinalizer ? 'Orphan' : 'Foreground';
}

function markDeleting(backend: Backend, object: MutableObject): void {
  const meta = metaOf(object);
  if (!meta.deletionTimestamp) {
    if (meta.generation) meta.generation += 1;
    meta.deletionTimestamp = timestamp(backend.clock.now());
  } else if (Date.parse(meta.deletionTimestamp) > backend.clock.now()) {
    meta.deletionTimestamp = timestamp(backend.clock.now());
  }
  meta.deletionGracePeriodSeconds = 0;
}

function remove(context: WriteContext, entry: Entry): Answer | undefined {
  const { resource } = context;
  if (context.dryRun) return gone(resource, entry.object);
  const removed = commitObject(context, entry.key, entry.revision, undefined, 'delete');
  return removed && gone(resource, removed.object);
}

/** `object` as it was stored. */
function gone(resource: ServedResource, object: KubeObject): Answer {
  if (resource.strategy.deleteReturnsObject) return { type: 'object', code: 200, object: resource.fromStorage(object) };
  const { name = '', uid = '' } = object.metadata;
  return { type: 'deleted', code: 200, name, uid };
}

/** A namespace first only changes its phase; its content, then its finalizers, then itself go later. */
function markNamespace(context: WriteContext, entry: Entry, options: DeleteOptions): Answer | undefined {
  const { backend, resource } = context;
  const object = mutableCopy(entry.object);
  metaOf(object).deletionTimestamp = timestamp(backend.clock.now());
  object.status = { ...object.status, phase: 'Terminating' };
  setPropagationFinalizers(resource, object, options);
  const next = storable(resource, object);
  if (context.dryRun) return { type: 'object', code: 200, object: next };
  const marked = commitObject(context, entry.key, entry.revision, next, 'update');
  return marked && { type: 'entry', code: 200, entry: marked };
}
