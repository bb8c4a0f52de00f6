import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Client, ObjectKey } from '../client/index.ts';
import { isApiError, isConflict, isInvalid, isNotFound } from '../errors/index.ts';
import { type AnyKind, isCached } from '../kinds/index.ts';
import { ownFieldsOf } from '../ownership/index.ts';
import { appliedId } from './applied.ts';
import { type Owner, refuseTheft } from './claims.ts';
import { noRevision } from './conditional-client.ts';
import { cachedObject, describeObject, keyOf, managersOf, type PassEnvironment } from './environment.ts';
import { checkOwner, controllerReference, ownerReference, withReference } from './owner-references.ts';
import { withStringData } from './secret-data.ts';
import { readOne } from './status.ts';
import type { ApplyOptions, DeleteObjectOptions } from './types.ts';

/** Options of `applyObject`. */
export interface ApplyObjectOptions extends ApplyOptions {
  /** The owner claims the object without a reference: it must not belong to anybody else. */
  readonly claim?: boolean;
  /** Where it is noted that this object is wanted. */
  readonly touched?: Set<string>;
}

/** See `Apply` in types.ts. @param owner undefined in a pass that has no object */
export async function applyObject(
  environment: PassEnvironment,
  client: Client,
  owner: Owner | undefined,
  object: KubeObject,
  options: ApplyObjectOptions = {},
): Promise<KubeObject> {
  const { intent, kind, key } = complete(environment, owner, object, options);
  const id = appliedId(kind, key);
  options.touched?.add(id);
  const cached = cachedObject(environment, kind, key);
  const checkMine = (present: KubeObject) => {
    if (owner && (options.claim || (options.owner ?? 'controller') === 'controller'))
      refuseTheft(kind, key, present, owner);
  };
  if (cached) checkMine(cached);
  if (cached && environment.applied.holds(id, intent, cached, fieldsOfCached(environment, kind, cached))) return cached;
  const force = options.force ?? true;
  try {
    const send = (body: KubeObject) => client.patch(kind, key, { type: 'apply', body, force }) as Promise<KubeObject>;
    // What is in no cache cannot be compared with anything.
    const fenced = environment.fenced && environment.stores(kind).length > 0;
    const present = () => readOne(client, kind, intent);
    const answer = fenced ? await applyAsSeen(intent, cached, { send, present, checkMine }) : await send(intent);
    // Without a store nobody would see that the child was changed, or is gone.
    const [store] = environment.stores(kind);
    if (store) {
      environment.applied.record(id, intent, store.view(answer), ownFieldsOf(answer, managersOf(environment)));
    }
    return answer;
  } catch (error) {
    if (isAboutOwners(error) && environment.stores(kind).length > 0) {
      // The cache has not shown it yet: the server alone knew that the object has a controller.
      const found = await readOne(client, kind, intent);
      if (found) checkMine(found);
    }
    if (force || !isConflict(error)) throw error;
    // Repeating would not help: another manager owns the field, and this pass said not to take it.
    throw new Error(`${describeObject(kind, key)} was not applied: ${error.message}`, { cause: error });
  }
}

/**
 * Applies to the object as it was seen, or to none: who was leader when this was sent may not be when it arrives. What
 * changed meanwhile is read, and applied to once; if it changes again, the pass is repeated.
 */
async function applyAsSeen(
  intent: KubeObject,
  seen: KubeObject | undefined,
  how: {
    readonly send: (body: KubeObject) => Promise<KubeObject>;
    readonly present: () => Promise<KubeObject | undefined>;
    readonly checkMine: (present: KubeObject) => void;
  },
): Promise<KubeObject> {
  const to = (object: KubeObject | undefined): KubeObject => {
    const { uid, resourceVersion = noRevision } = object?.metadata ?? {};
    return { ...intent, metadata: { ...intent.metadata, ...(uid ? { uid } : {}), resourceVersion } };
  };
  try {
    return await how.send(to(seen));
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
  const present = await how.present();
  if (present) how.checkMine(present);
  return how.send(to(present));
}

/** What would be sent for it. */
export function completeIntent(
  environment: PassEnvironment,
  owner: Owner | undefined,
  object: KubeObject,
  options: ApplyOptions,
): KubeObject {
  return complete(environment, owner, object, options).intent;
}

/** Makes the intent whole: namespace and owner reference filled in, everything checked that needs no request. */
function complete(
  environment: PassEnvironment,
  owner: Owner | undefined,
  object: KubeObject,
  options: ApplyOptions,
): { readonly intent: KubeObject; readonly kind: AnyKind; readonly key: ObjectKey } {
  const kind = writableKind(environment, object);
  const { metadata } = object;
  if (!metadata) throw new Error(`apply needs the name of the ${kind.kind}: there is no metadata`);
  if (
    isCached(object) ||
    metadata.resourceVersion !== undefined ||
    metadata.uid !== undefined ||
    metadata.managedFields
  ) {
    throw new Error(
      `apply was given the ${kind.kind} ${metadata.name} as it came from the server: that would take ownership of every field. Give an object with only the fields you mean`,
    );
  }
  if (!metadata.name) throw new Error(`apply needs the name of the ${kind.kind}: children get deterministic names`);
  const mode = owner ? (options.owner ?? 'controller') : 'none';
  const namespace = kind.scope === 'Cluster' ? undefined : (metadata.namespace ?? owner?.object.metadata.namespace);
  if (kind.scope === 'Namespaced' && !namespace) {
    throw new Error(`apply needs the namespace of the ${kind.kind} ${metadata.name}`);
  }
  const key: ObjectKey = namespace === undefined ? { name: metadata.name } : { namespace, name: metadata.name };
  if (owner && mode !== 'none') checkOwner(owner.kind, owner.object, kind, key);
  const references = withReference(
    metadata.ownerReferences ?? [],
    owner && mode !== 'none'
      ? (mode === 'controller' ? controllerReference : ownerReference)(owner.kind, owner.object)
      : undefined,
    describeObject(kind, key),
  );
  const intent = withStringData({
    ...object,
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: {
      ...metadata,
      ...(namespace === undefined ? {} : { namespace }),
      ...(references.length > 0 ? { ownerReferences: references } : {}),
    },
  });
  return { intent, kind, key };
}

function isAboutOwners(error: unknown): boolean {
  if (!isApiError(error) || !isInvalid(error)) return false;
  return error.status.details?.causes?.some(({ field }) => field?.startsWith('metadata.ownerReferences')) ?? false;
}

function writableKind(environment: PassEnvironment, object: KubeObject): AnyKind {
  const fits = (kind: AnyKind) =>
    kind.apiVersion === object.apiVersion && kind.kind === object.kind && kind.projection === 'full';
  const kind = environment.writable.find(fits);
  if (kind) return kind;
  if (!object.apiVersion || !object.kind) throw new Error('apply needs the apiVersion and kind of the object');
  throw new Error(
    `${object.kind} (${object.apiVersion}) is not declared for writing: add ${object.kind} to \`owns\` or \`writes\` of controller ${environment.declaration.name}`,
  );
}

/** What is ours of a cached object; undefined: nothing, or nothing is known. */
export function fieldsOfCached(environment: PassEnvironment, kind: AnyKind, cached: KubeObject): string | undefined {
  for (const store of environment.stores(kind)) {
    const ownFields = store.ownFieldsOf(cached);
    if (ownFields !== undefined) return ownFields;
  }
  return undefined;
}

/** See `Delete` in types.ts. */
export async function deleteObject(
  environment: PassEnvironment,
  client: Client,
  object: KubeObject,
  options: DeleteObjectOptions = {},
): Promise<boolean> {
  if (!object?.metadata)
    throw new TypeError(
      `delete was given ${object === undefined ? 'undefined' : 'no object'}: read what is to go from the cache first`,
    );
  const { uid } = object.metadata;
  const key = keyOf(object);
  const kind = environment.kinds.find(
    (candidate) => candidate.apiVersion === object.apiVersion && candidate.kind === object.kind,
  );
  if (!kind) {
    throw new Error(
      `${object.kind} is not declared: add it to \`owns\` or \`writes\` of controller ${environment.declaration.name}`,
    );
  }
  if (!uid) throw new Error(`delete needs ${describeObject(kind, key)} as it was read, with its UID`);
  const cached = cachedObject(environment, kind, key);
  if (cached?.metadata.uid === uid && cached.metadata.deletionTimestamp) return false;
  try {
    await client.delete(kind, key, {
      preconditions: { uid },
      propagationPolicy: options.propagationPolicy ?? 'Background',
      gracePeriodSeconds: options.gracePeriodSeconds,
    });
    return true;
  } catch (error) {
    // Gone, or another object has the name by now.
    if (isNotFound(error) || isConflict(error)) return false;
    throw error;
  }
}
