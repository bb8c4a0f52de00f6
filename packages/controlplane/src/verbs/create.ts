import type { FieldError } from '@setpoint/apimachinery/errors';
import type { MutableObject, ServedResource } from '../registry/index.ts';
import { alreadyExists, forbidden, generateNameConflict, invalid, plainServerError } from '../status/index.ts';
import { readObject } from './body.ts';
import { fillSystemFields, metaOf, validateBuiltinFinalizers, validateMeta, wipeSystemFields } from './metadata.ts';
import { checkNamespaceForCreate } from './namespace-lifecycle.ts';
import { type Answer, collectionOf, keyOf, kindOf, mutableCopy, type RequestScope } from './scope.ts';
import { commitObject, ensureNamespace, storable, type WriteContext, warnOfDuplicateOwners } from './write.ts';
import { parseWriteOptions } from './write-options.ts';

/** How many generated names are tried before the answer is a conflict. */
const nameAttempts = 8;

/** POST of a collection. */
export async function create(scope: RequestScope): Promise<Answer> {
  const options = parseWriteOptions(scope.query, 'CreateOptions');
  const object = await readObject(scope, options.fieldValidation);
  const { backend, resource, namespace } = scope;
  return createObject({ backend, resource, namespace, dryRun: options.dryRun, warn: scope.warn }, object);
}

/** Everything behind the decoding of a create: `object` is decoded and defaulted, and belongs to this call. */
export function createObject(context: WriteContext, object: MutableObject): Answer {
  const { backend, resource, namespace } = context;
  const meta = metaOf(object);
  wipeSystemFields(meta);
  ensureNamespace(resource, namespace, object);
  warnOfDuplicateOwners(object, context.warn, false);
  checkNamespaceForCreate(backend, resource, namespace, meta.name ?? '');
  if (resource.createForbidden) throw forbidden(resource, meta.name ?? '', resource.createForbidden);
  const generated = !meta.name && Boolean(meta.generateName);
  for (let attempt = 1; ; attempt++) {
    const answer = tryCreate(context, generated ? mutableCopy(object) : object, attempt === nameAttempts || !generated);
    if (answer) return answer;
  }
}

/** Undefined: the generated name is taken, and another attempt is left. */
function tryCreate(context: WriteContext, object: MutableObject, last: boolean): Answer | undefined {
  const { backend, resource, namespace } = context;
  const { strategy } = resource;
  const meta = metaOf(object);
  const generated = !meta.name && Boolean(meta.generateName);
  fillSystemFields(meta, backend.clock, backend.random);
  // Kinds that do not count generations keep what they are given.
  if (strategy.generationChanged) meta.generation = 1;
  strategy.prepareForCreate(object);
  const { name = '' } = meta;
  const errors = createErrors(resource, object);
  if (errors.length > 0) throw invalid(kindOf(resource), name, errors);
  for (const text of strategy.warnings?.(object, undefined) ?? []) context.warn(text);
  if (meta.resourceVersion) throw plainServerError('resourceVersion should not be set on objects to be created');
  const key = keyOf(resource, namespace, name);
  const existing = collectionOf(backend, resource).get(key);
  if (existing) {
    if (generated) {
      if (!last) return undefined;
      throw generateNameConflict(resource, name);
    }
    throw alreadyExists(resource, name, existing.object.metadata.deletionTimestamp !== undefined);
  }
  const complete = storable(resource, object);
  if (context.dryRun)
    return { type: 'object', code: 201, object: withoutRevision(mutableCopy(resource.fromStorage(complete))) };
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

function withoutRevision(object: MutableObject): MutableObject {
  delete metaOf(object).resourceVersion;
  return object;
}
