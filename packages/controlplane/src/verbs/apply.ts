import { FieldError } from '@setpoint/apimachinery/errors';
import { builtinKind, unstructuredError } from '@setpoint/apimachinery/kinds';
import { formatApiVersion, type KubeObject } from '@setpoint/apimachinery/meta';
import { fieldManagerOf } from '../apply/index.ts';
import { type ApplyBody, decodeApplyBody } from '../http/index.ts';
import type { MutableObject, ServedResource } from '../registry/index.ts';
import { badRequest, conflict, plainServerError, StatusError } from '../status/index.ts';
import { decodeObject } from './body.ts';
import { setOwners, writerOf } from './ownership.ts';
import { type Answer, mutableCopy, type RequestScope } from './scope.ts';
import { checkName, partOf, updateObject } from './update.ts';
import { ensureNamespace, type WriteContext, writeContext } from './write.ts';
import { type FieldValidation, parseWriteOptions, queryBoolean, type WriteOptions } from './write-options.ts';

export interface ApplyOptions extends WriteOptions {
  readonly force: boolean;
}

/** PATCH of an object or of its status by server-side apply (KEP-555); the object itself is created where there is none. */
export async function applyTo(scope: RequestScope): Promise<Answer> {
  const { name } = scope;
  const options = parseApplyOptions(scope.query);
  const context = writeContext(scope, options);
  const body = readApplyBody(scope.body);
  const wanted = body instanceof Promise ? await body : body;
  const part = partOf(scope.subresource);
  return updateObject(context, name, {
    part,
    tracked: true,
    make: (current) => applied(scope, context, options, wanted, current),
    ...(part === 'object' ? { create: () => created(scope, context, options, wanted) } : {}),
  });
}

/** @throws StatusError 422: an apply must say who applies */
export function parseApplyOptions(query: URLSearchParams): ApplyOptions {
  const missing = query.get('fieldManager') ? [] : [FieldError.required('fieldManager', 'is required for apply patch')];
  const options = parseWriteOptions(query, 'PatchOptions', missing);
  const force = queryBoolean(query, 'force');
  return {
    ...options,
    force: force ?? false,
    given: { ...options.given, ...(force === undefined ? {} : { force }) },
  };
}

/** What is wrong with a body is said only once it is known what it is applied to. */
export type ReadBody = (ApplyBody & { readonly error?: undefined }) | { readonly error: unknown };

export function readApplyBody(bytes: Uint8Array): ReadBody | Promise<ReadBody> {
  try {
    const body = decodeApplyBody(bytes);
    return body instanceof Promise ? body.catch((error: unknown) => ({ error })) : body;
  } catch (error) {
    return { error };
  }
}

/** @throws StatusError 400 for a body that is none, and in strict validation for one that says something twice */
export function checkedBody(body: ReadBody): ApplyBody {
  if ('object' in body) return body;
  throw body.error;
}

export function reportProblems(
  { problems }: ApplyBody,
  fieldValidation: FieldValidation,
  warn: (text: string) => void,
): void {
  if (problems.length === 0 || fieldValidation === 'Ignore') return;
  if (fieldValidation === 'Warn') {
    for (const problem of problems) warn(problem);
    return;
  }
  const list = problems.map((problem) => `\n  ${problem}`).join('');
  throw badRequest(`error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:${list}`);
}

function applied(
  scope: RequestScope,
  context: WriteContext,
  options: ApplyOptions,
  read: ReadBody,
  current: KubeObject | undefined,
): MutableObject {
  const { resource, namespace, name } = scope;
  const body = checkedBody(read);
  const manager = fieldManagerOf(resource, scope.subresource);
  const { object, managedFields } = manager.apply(current, body.object, writerOf(context), options.force);
  reportProblems(body, options.fieldValidation, scope.warn);
  const next = object ? decodeMerged(scope, object, body.object) : mutableCopy(current ?? emptyOf(resource));
  setOwners(next, managedFields);
  ensureNamespace(resource, namespace, next);
  checkName(next, name);
  return next;
}

function created(scope: RequestScope, context: WriteContext, options: ApplyOptions, body: ReadBody): MutableObject {
  const object = applied(scope, context, options, body, undefined);
  const { uid } = object.metadata;
  if (uid) {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflict(scope.resource, scope.name, why);
  }
  return object;
}

function emptyOf({ group, version, kind }: ServedResource): KubeObject {
  return { apiVersion: formatApiVersion(group, version), kind, metadata: {} };
}

/** The merged object as one of its kind, with defaults. Nothing in it is unknown, or it could not have been merged. */
function decodeMerged(scope: RequestScope, merged: KubeObject, intent: KubeObject): MutableObject {
  const { resource } = scope;
  const object = mutableCopy(merged);
  (object as { metadata?: object }).metadata ??= {};
  if (resource.custom) {
    resource.strategy.applyDefaults(object);
    return object;
  }
  const wrong = builtinError(resource, object);
  if (wrong !== undefined) throw unconvertible(resource, intent, wrong);
  try {
    return decodeObject(scope, object).object;
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 400) throw error;
    const why = /cannot be handled as a \w+: (.*)$/s.exec(error.message)?.[1] ?? error.message;
    throw unconvertible(resource, intent, why);
  }
}

function builtinError({ group, version, kind }: ServedResource, object: KubeObject): string | undefined {
  const struct = builtinKind(group, version, kind)?.type;
  return struct === undefined ? undefined : unstructuredError(struct, object);
}

function unconvertible({ group, version, kind }: ServedResource, intent: KubeObject, why: string): StatusError {
  const { namespace = '', name = '' } = intent.metadata ?? {};
  const about = `${namespace}/${name}; ${group}/${version}, Kind=${kind}`;
  const target = `${formatApiVersion(group, version)}, Kind=${kind}`;
  return plainServerError(
    `failed to convert new object (${about}) to proper version: unable to convert unstructured object to ${target}: ${why}`,
  );
}
