import type { KubeObject, Status } from '@setpoint/apimachinery/meta';
import { RequestError } from '../errors/index.ts';
import { acceptOf, type Core, decodeAnswer, describe, selectorText } from './core.ts';
import { encodeJson } from './json.ts';
import type {
  DeleteCollectionOptions,
  DeleteOptions,
  KindReference,
  ObjectKey,
  Patch,
  WriteOptions,
} from './options.ts';
import type { Call } from './pipeline.ts';
import { completeType, queryOf, type ResourceInfo, requireKey, requireNamespace, resourcePath } from './resource.ts';

const contentTypes: Readonly<Record<Patch['type'], string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  // JSON is YAML, and the only name that servers before 1.37 know.
  apply: 'application/apply-patch+yaml',
};

export async function createObject(
  core: Core,
  kind: KindReference,
  object: object,
  options: WriteOptions,
): Promise<KubeObject> {
  const resource = await core.resolve(kind, options.signal);
  const { body, namespace, name } = outgoing(resource, 'create', object);
  if (options.subresource !== undefined) requireKey(resource, 'create', { namespace, name });
  else requireNamespace(resource, 'create', namespace, name);
  const path = resourcePath(resource, {
    namespace,
    ...(options.subresource === undefined ? {} : { name, subresource: options.subresource }),
  });
  return send(core, resource, options, {
    request: describe(resource, 'create', { namespace, name, subresource: options.subresource }),
    method: 'POST',
    url: path + writeQuery(core, options),
    contentType: 'application/json',
    body,
  });
}

export async function updateObject(
  core: Core,
  kind: KindReference,
  object: object,
  options: WriteOptions,
): Promise<KubeObject> {
  const resource = await core.resolve(kind, options.signal);
  const { body, namespace, name } = outgoing(resource, 'update', object);
  requireKey(resource, 'update', { namespace, name });
  const parts = { namespace, name, subresource: options.subresource };
  return send(core, resource, options, {
    request: describe(resource, 'update', parts),
    method: 'PUT',
    url: resourcePath(resource, parts) + writeQuery(core, options),
    contentType: 'application/json',
    body,
  });
}

export async function patchObject(
  core: Core,
  kind: KindReference,
  key: ObjectKey,
  patch: Patch,
  options: WriteOptions,
): Promise<KubeObject> {
  const resource = await core.resolve(kind, options.signal);
  requireKey(resource, 'patch', key);
  const parts = { namespace: key.namespace || undefined, name: key.name, subresource: options.subresource };
  const isApply = patch.type === 'apply';
  // Apply is about a type; the other patches need not repeat it.
  const body = isApply ? { apiVersion: resource.apiVersion, kind: resource.kind, ...patch.body } : patch.body;
  return send(core, resource, options, {
    request: describe(resource, 'patch', parts),
    method: 'PATCH',
    url: resourcePath(resource, parts) + writeQuery(core, options, isApply && patch.force === true),
    contentType: contentTypes[patch.type],
    body: encodeJson(body),
  });
}

async function send(
  core: Core,
  resource: ResourceInfo,
  options: WriteOptions,
  sent: Pick<Call, 'request' | 'method' | 'url' | 'contentType' | 'body'>,
): Promise<KubeObject> {
  const call: Call = {
    ...sent,
    accept: options.subresource === undefined ? acceptOf(resource, false) : 'application/json',
    write: options.dryRun !== true,
    signal: options.signal,
    timeout: options.timeout,
    connection: options.connection,
    beforeSend: options.beforeSend,
  };
  const { body } = await core.pipeline.unary(call);
  return completeType(resource)(decodeAnswer(call, body) as KubeObject);
}

function writeQuery(core: Core, options: WriteOptions, force = false): string {
  return queryOf({
    dryRun: options.dryRun ? 'All' : undefined,
    fieldManager: options.fieldManager ?? core.fieldManager,
    fieldValidation: options.fieldValidation,
    force,
  });
}

/** A whole object ready to be sent, with its type filled in. */
function outgoing(
  resource: ResourceInfo,
  verb: string,
  object: object,
): { body: Uint8Array; namespace: string | undefined; name: string | undefined } {
  if (resource.projection === 'metadata') {
    throw new RequestError(
      `cannot ${verb} ${resource.label} from its metadata alone: use the kind itself, or patch it`,
    );
  }
  const { apiVersion, kind, metadata } = object as Partial<KubeObject>;
  // A subresource's body is of a kind of its own (Scale, Eviction, TokenRequest); what it says, it keeps.
  const type = { apiVersion: apiVersion ?? resource.apiVersion, kind: kind ?? resource.kind };
  return {
    body: encodeJson({ ...object, ...type }),
    namespace: metadata?.namespace || undefined,
    name: metadata?.name,
  };
}

export async function deleteObject(
  core: Core,
  kind: KindReference,
  key: ObjectKey,
  options: DeleteOptions,
): Promise<KubeObject | Status> {
  const resource = await core.resolve(kind, options.signal);
  requireKey(resource, 'delete', key);
  const parts = { namespace: key.namespace || undefined, name: key.name, subresource: options.subresource };
  return remove(core, resource, options, {
    request: describe(resource, 'delete', parts),
    url: resourcePath(resource, parts),
    accept: acceptOf(resource, false),
  });
}

export async function deleteObjects(
  core: Core,
  kind: KindReference,
  options: DeleteCollectionOptions,
): Promise<KubeObject | Status> {
  const resource = await core.resolve(kind, options.signal);
  const namespace = options.namespace || undefined;
  const labelSelector = selectorText(options.labelSelector);
  if (!labelSelector && !options.fieldSelector && options.all !== true) {
    throw new RequestError(
      `cannot delete a collection of ${resource.label}: give a selector that is not empty, or all: true`,
    );
  }
  requireNamespace(resource, 'delete a collection of', namespace);
  return remove(core, resource, options, {
    request: describe(resource, 'deletecollection', { namespace }),
    url: resourcePath(resource, { namespace }) + queryOf({ labelSelector, fieldSelector: options.fieldSelector }),
    accept: acceptOf(resource, true),
  });
}

async function remove(
  core: Core,
  resource: ResourceInfo,
  options: Omit<DeleteOptions, 'subresource'>,
  sent: Pick<Call, 'request' | 'url' | 'accept'>,
): Promise<KubeObject | Status> {
  const { preconditions, propagationPolicy, gracePeriodSeconds, dryRun } = options;
  const body = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    preconditions,
    propagationPolicy,
    gracePeriodSeconds,
    dryRun: dryRun ? ['All'] : undefined,
  };
  const call: Call = {
    ...sent,
    method: 'DELETE',
    contentType: 'application/json',
    body: encodeJson(body),
    write: dryRun !== true,
    signal: options.signal,
    timeout: options.timeout,
    connection: options.connection,
    beforeSend: options.beforeSend,
  };
  const answer = decodeAnswer(call, (await core.pipeline.unary(call)).body) as KubeObject | Status;
  // A Status is of no kind of the user's, and a list has items that the server has typed.
  return answer.kind === 'Status' || 'items' in answer ? answer : completeType(resource)(answer as KubeObject);
}
