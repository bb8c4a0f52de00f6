import { FieldError, goQuote } from '@setpoint/apimachinery/errors';
import { formatApiVersion, type KubeObject, type LabelSelector } from '@setpoint/apimachinery/meta';
import { labelSelectorOf } from '@setpoint/apimachinery/selectors';
import { fieldManagerOf, type Owners, ownersAfterScale, ownersOfScale, type ReplicasPaths } from '../apply/index.ts';
import { type MutableObject, type ScalePaths, type ServedResource, whenConverted } from '../registry/index.ts';
import { badRequest, internalError, invalid, notFound } from '../status/index.ts';
import { checkedBody, parseApplyOptions, readApplyBody, reportProblems } from './apply.ts';
import { checkKind, readObject } from './body.ts';
import { metaOf } from './metadata.ts';
import { setOwners, writerOf } from './ownership.ts';
import { applyPatch, forceErrors, patched, patchType, type ReadPatch, readPatch } from './patch.ts';
import { type Answer, collectionOf, keyOf, mutableCopy, type RequestScope } from './scope.ts';
import { checkName, type ObjectView, updateObject } from './update.ts';
import { ensureNamespace, writeContext } from './write.ts';
import { parseWriteOptions, type WriteOptions } from './write-options.ts';

/** GET of `scale`. */
export function getScale(scope: RequestScope, paths: ScalePaths): Answer | Promise<Answer> {
  const { backend, resource, namespace, name } = scope;
  const entry = collectionOf(backend, resource).get(keyOf(resource, namespace, name));
  if (!entry) throw notFound(resource, name);
  return whenConverted(resource, () => scaleAnswer(resource, resource.fromStorage(entry.object), paths));
}

function scaleAnswer(resource: ServedResource, object: KubeObject, paths: ScalePaths): Answer {
  if (resource.custom && read(object, paths.specReplicasPath) === undefined) {
    throw internalError(`the spec replicas field "${paths.specReplicasPath}" does not exist`);
  }
  return { type: 'object', code: 200, object: scaleOf(object, paths) };
}

/** PUT of `scale`. */
export async function updateScale(scope: RequestScope, paths: ScalePaths): Promise<Answer> {
  const options = parseWriteOptions(scope.query, 'UpdateOptions');
  const check = scope.resource.custom ? checkScaleKind : checkKind;
  const scale = await readObject(scaleScope(scope), options.fieldValidation, check);
  return writeScale(scope, paths, options, () => mutableCopy(scale));
}

/** The same request as one for an object of the kind Scale, for reading what it says. */
function scaleScope(scope: RequestScope): RequestScope {
  return { ...scope, resource: scope.backend.scale };
}

/** The scheme of custom resources knows but one kind, and names it whatever it was given. */
function checkScaleKind(_: RequestScope, body: MutableObject): void {
  const scale = body as { kind?: unknown; apiVersion?: unknown };
  scale.kind ||= 'Scale';
  scale.apiVersion ||= 'autoscaling/v1';
  if (scale.kind === 'Scale' && scale.apiVersion === 'autoscaling/v1') return;
  throw badRequest('no kind is registered for the type v1.Scale in scheme "pkg/runtime/scheme.go:111"');
}

/** PATCH of `scale`. */
export async function patchScale(scope: RequestScope, paths: ScalePaths): Promise<Answer> {
  const type = patchType(scope);
  if (type === applyPatch) return applyScale(scope, paths);
  const options = parseWriteOptions(scope.query, 'PatchOptions', forceErrors(scope));
  let change: ReadPatch | undefined;
  return writeScale(scope, paths, options, (current) => {
    change ??= readPatch(scope.body, type, options.fieldValidation, 'autoscaling/v1.Scale');
    return patched(scaleScope(scope), change, ownedScale(scope.resource, current, paths), options.fieldValidation);
  });
}

/** PATCH of `scale` by server-side apply. */
async function applyScale(scope: RequestScope, paths: ScalePaths): Promise<Answer> {
  const options = parseApplyOptions(scope.query);
  const read = readApplyBody(scope.body);
  const wanted = read instanceof Promise ? await read : read;
  const { apply } = fieldManagerOf(scope.resource, 'scale');
  const context = writeContext(scope, options);
  const make = (current: KubeObject) => {
    const body = checkedBody(wanted);
    const live = ownedScale(scope.resource, current, paths);
    const { object, managedFields } = apply(live, body.object, writerOf(context), options.force);
    reportProblems(body, options.fieldValidation, scope.warn);
    const scale = mutableCopy(object ?? live);
    setOwners(scale, managedFields);
    return scale;
  };
  return writeScale(scope, paths, options, make, true);
}

/** What no custom resource's scale can be set to: it stands for what nobody has set yet. */
const unsetReplicas = -(2 ** 31);

function scaleBefore(resource: ServedResource, object: KubeObject, paths: ScalePaths): MutableObject {
  const scale = scaleOf(object, paths) as MutableObject;
  if (resource.custom && read(object, paths.specReplicasPath) === undefined) scale.spec = { replicas: unsetReplicas };
  return scale;
}

/** The scale with those of the owners of the object that own something of it. */
function ownedScale(resource: ServedResource, object: KubeObject, paths: ScalePaths): KubeObject {
  const scale = scaleBefore(resource, object, paths);
  const { encode } = fieldManagerOf(resource, 'scale');
  setOwners(scale, ownersOfScale(object.metadata.managedFields, replicasPaths(resource, paths), encode));
  return scale;
}

function replicasPaths({ group, version, versions }: ServedResource, paths: ScalePaths): ReplicasPaths {
  if (versions?.replicas) return versions.replicas;
  return new Map([[formatApiVersion(group, version), paths.specReplicasPath.split('.').slice(1)]]);
}

/** The owners of an object whose scale was written. */
function ownersOf(resource: ServedResource, object: KubeObject, scale: KubeObject, paths: ScalePaths): Owners {
  const { encode } = fieldManagerOf(resource, 'scale');
  const apiVersion = formatApiVersion(resource.group, resource.version);
  const known = replicasPaths(resource, paths);
  return ownersAfterScale(object.metadata.managedFields, scale.metadata.managedFields, apiVersion, known, encode);
}

async function writeScale(
  scope: RequestScope,
  paths: ScalePaths,
  options: WriteOptions,
  make: (current: KubeObject) => MutableObject,
  tracked = false,
): Promise<Answer> {
  const { resource, namespace, name } = scope;
  const view: ObjectView = {
    kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
    of: (object) => ownedScale(resource, object, paths),
    into(scale, current) {
      const replicas = replicasOf(resource, scale, name, paths);
      const object = mutableCopy(current);
      write(object, paths.specReplicasPath, replicas);
      setOwners(object, ownersOf(resource, current, scale, paths));
      const { resourceVersion } = scale.metadata;
      // A scale without a revision is taken as one of the present object.
      if (resourceVersion) metaOf(object).resourceVersion = resourceVersion;
      return object;
    },
  };
  const answer = await updateObject(writeContext(scope, options), name, {
    part: 'object',
    view,
    tracked,
    make(current) {
      const scale = make(current);
      (scale as { metadata?: object }).metadata ??= {};
      ensureNamespace(resource, namespace, scale);
      checkName(scale, name);
      return scale;
    },
  });
  if (answer.type === 'entry') {
    const { object } = answer.entry;
    return whenConverted(resource, () => ({
      type: 'object',
      code: 200,
      object: scaleOf(resource.fromStorage(object), paths),
    }));
  }
  return answer.type === 'object' ? { ...answer, object: scaleOf(answer.object, paths) } : answer;
}

function replicasOf(resource: ServedResource, scale: MutableObject, name: string, paths: ScalePaths): number {
  const replicas: number = scale.spec?.replicas ?? 0;
  if (resource.custom) {
    if (replicas !== unsetReplicas) return replicas;
    throw badRequest(`the spec replicas field ${goQuote(paths.specReplicasPath)} cannot be empty`);
  }
  if (replicas >= 0) return replicas;
  throw invalid({ group: 'autoscaling', kind: 'Scale' }, name, [
    FieldError.invalid('spec.replicas', replicas, 'must be greater than or equal to 0'),
  ]);
}

function scaleOf(object: KubeObject, paths: ScalePaths): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = read(object, paths.specReplicasPath);
  const selector = selectorText(paths.labelSelectorPath === undefined ? '' : read(object, paths.labelSelectorPath));
  const metadata = Object.fromEntries(
    Object.entries({ name, namespace, uid, resourceVersion, creationTimestamp }).filter(([, value]) => value),
  );
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata,
    spec: replicas ? { replicas } : {},
    status: { replicas: Number(read(object, paths.statusReplicasPath) ?? 0), ...(selector ? { selector } : {}) },
  } as unknown as KubeObject;
}

/** A custom resource has it as text, a built-in one as a selector. */
function selectorText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined ? '' : labelSelectorOf(value as LabelSelector).toString();
}

function read(object: KubeObject, path: string): unknown {
  let value: unknown = object;
  for (const part of path.split('.').slice(1)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

function write(object: MutableObject, path: string, value: number): void {
  const parts = path.split('.').slice(1);
  const last = parts.pop() as string;
  let at = object as MutableObject['spec'];
  for (const part of parts) {
    if (!Object.hasOwn(at, part) || typeof at[part] !== 'object' || at[part] === null) at[part] = {};
    at = at[part];
  }
  at[last] = value;
}
