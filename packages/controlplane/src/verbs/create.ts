import type { FieldError } from '@setpoint/apimachinery/errors';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { type MutableObject, type ServedResource, whenConverted } from '../registry/index.ts';
import {
  alreadyExists,
  forbidden,
  generateNameConflict,
  invalid,
  plainServerError,
  resourceNotFound,
} from '../status/index.ts';
import { attributesOf, type GroupVersionKind } from './admission.ts';
import { readObject } from './body.ts';
import { fillSystemFields, metaOf, validateBuiltinFinalizers, validateMeta, wipeSystemFields } from './metadata.ts';
import { keepOwnersReadable, trackOwners } from './ownership.ts';
import { type Answer, collectionOf, keyOf, kindOf, mutableCopy, type RequestScope } from './scope.ts';
import {
  commitObject,
  ensureNamespace,
  storable,
  type WriteContext,
  warnOfDuplicateOwners,
  writeContext,
} from './write.ts';
import { parseWriteOptions } from './write-options.ts';

/** How many generated names are tried before the answer is a conflict. */
const nameAttempts = 8;

/** POST of a collection. */
export async function create(scope: RequestScope): Promise<Answer> {
  const options = parseWriteOptions(scope.query, 'CreateOptions');
  const object = await readObject(scope, options.fieldValidation);
  return createObject(writeContext(scope, options), object);
}

/**
 * Everything behind the decoding of a create: `object` is decoded and defaulted, and belongs to this call. What nobody
 * has to be asked about is committed in the turn of the call. `tracked`: the object says already who owns its fields.
 */
export async function createObject(context: WriteContext, object: MutableObject, tracked = false): Promise<Answer> {
  const { backend, resource } = context;
  const begun = whenConverted(resource, () => begin(context, object, tracked));
  if (begun) await begun;
  const { name = '' } = object.metadata;
  refuseAtTheEnd(resource, name);
  const attributes = attributesOf(context, { operation: 'CREATE', name, object, oldObject: undefined });
  const owners = object.metadata.managedFields;
  const mutating = backend.admission.mutate(attributes);
  if (mutating) await mutating;
  const mutated = attributes.object as MutableObject;
  const loading = resource.strategy.ready?.(mutated);
  if (loading) await loading;
  keepOwnersReadable(mutated, owners, context.warn);
  warnOfDuplicateOwners(mutated, context.warn, true);
  const generated = nameToGenerate(mutated);
  for (let attempt = 1; ; attempt++) {
    const next = prepare(context, generated ? mutableCopy(mutated) : mutated);
    attributes.object = next;
    if (generated) attributes.name = next.metadata.name ?? '';
    const validating = backend.admission.validate(attributes);
    if (validating) await validating;
    const last = attempt === nameAttempts || !generated;
    const committed = whenConverted(resource, () => commit(context, next, generated, last));
    const answer = committed instanceof Promise ? await committed : committed;
    if (answer) return answer;
  }
}

/**
 * POST of a subresource with a body of a kind of its own (eviction, binding, token). `act` is called once the object
 * has passed mutating admission, and asks validating admission when it is about to act.
 */
export async function createNamed(
  context: WriteContext,
  name: string,
  kind: GroupVersionKind,
  object: MutableObject,
  act: (object: MutableObject, validate: () => Promise<void> | undefined) => Answer | Promise<Answer>,
): Promise<Answer> {
  const { admission } = context.backend;
  const attributes = attributesOf(context, { operation: 'CREATE', name, object, oldObject: undefined, kind });
  const mutating = admission.mutate(attributes);
  if (mutating) await mutating;
  return act(attributes.object as MutableObject, () => admission.validate(attributes));
}

function begin(context: WriteContext, object: MutableObject, tracked = false): void {
  wipeSystemFields(metaOf(object));
  ensureNamespace(context.resource, context.namespace, object);
  warnOfDuplicateOwners(object, context.warn, false);
  if (!tracked) trackOwners(context, undefined, object);
}

function nameToGenerate({ metadata }: MutableObject): boolean {
  return !metadata.name && Boolean(metadata.generateName);
}

/** Whoever deletes the instances of a definition must not miss one that was being admitted meanwhile. */
function refuseAtTheEnd(resource: ServedResource, name: string): void {
  if (resource.gone) throw resourceNotFound();
  if (resource.createForbidden) throw forbidden(resource, name, resource.createForbidden);
}

/** Makes the object complete, and refuses what is wrong with it. */
function prepare(context: WriteContext, object: MutableObject): MutableObject {
  const { backend, resource } = context;
  const { strategy } = resource;
  const meta = metaOf(object);
  fillSystemFields(meta, backend.clock, backend.random);
  ensureNamespace(resource, context.namespace, object);
  // Kinds that do not count generations keep what they are given.
  if (strategy.generationChanged) meta.generation = 1;
  strategy.prepareForCreate(object, context.user);
  const errors = createErrors(resource, object);
  if (errors.length > 0) throw invalid(kindOf(resource), meta.name ?? '', errors);
  for (const text of strategy.warnings?.(object, undefined) ?? []) context.warn(text);
  return object;
}

/** Undefined: the generated name is taken, and another attempt is left. */
function commit(context: WriteContext, object: MutableObject, generated: boolean, last: boolean): Answer | undefined {
  const { backend, resource, namespace } = context;
  const { name = '', resourceVersion } = object.metadata;
  // It is storage that refuses this, and a dry run only looks whether the name is free.
  if (resourceVersion && !context.dryRun)
    throw plainServerError('resourceVersion should not be set on objects to be created');
  const key = keyOf(resource, namespace, name);
  refuseAtTheEnd(resource, name);
  const existing = collectionOf(backend, resource).get(key);
  if (existing) {
    if (generated) {
      if (!last) return undefined;
      throw generateNameConflict(resource, name);
    }
    throw alreadyExists(resource, name, existing.object.metadata.deletionTimestamp !== undefined);
  }
  const complete = storable(resource, object);
  if (context.dryRun) {
    const shown = resource.fromStorage(complete);
    return { type: 'object', code: 201, object: resourceVersion ? shown : withoutRevision(shown) };
  }
  const entry = commitObject(context, key, 0, complete, 'create');
  if (!entry) throw alreadyExists(resource, name);
  return { type: 'entry', code: 201, entry };
}

/** A custom resource's strategy checks all of metadata; a built-in kind's says only what its names may be. */
function createErrors(resource: ServedResource, object: MutableObject): readonly FieldError[] {
  const own = resource.strategy.validate(object);
  if (resource.custom) return own;
  const named = own.filter((error) => error.field.startsWith('metadata.'));
  const fields = new Set(named.map((error) => error.field));
  const meta = validateMeta(object.metadata, resource.namespaced).filter((error) => !fields.has(error.field));
  meta.push(...validateBuiltinFinalizers(object.metadata));
  return [...named, ...meta, ...own.filter((error) => !named.includes(error))];
}

function withoutRevision(shown: KubeObject): KubeObject {
  const object = mutableCopy(shown);
  delete metaOf(object).resourceVersion;
  return object;
}
