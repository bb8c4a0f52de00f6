import type { KubeObject } from '@setpoint/apimachinery/meta';
import { badRequest, plainServerError, StatusError } from '../status/index.ts';
import { applyConflict, kindText, objectText } from './errors.ts';
import { identifierOf } from './identity.ts';
import { allowedByLastApplied, lastAppliedManager, withLastApplied } from './last-applied.ts';
import { decodeManagedFields, type Managed } from './managed.ts';
import { ConflictError } from './merge/index.ts';
import { emptyTyped, type Tools, typed, type Writer } from './tools.ts';
import { isMistake, naming, updateManaged, withoutUnowned } from './tracked-update.ts';

/** Who owned what when fields began to be tracked. */
const managerBefore = 'before-first-apply';

interface Applied {
  /** The merged object without `managedFields`; undefined: it is as it was. */
  readonly object: KubeObject | undefined;
  readonly managed: Managed;
}

/** @throws StatusError 409 for conflicts, 400 for what is not to be applied, 500 for what cannot be */
export function applyManaged(
  tools: Tools,
  live: KubeObject | undefined,
  intent: KubeObject,
  writer: Writer,
  force: boolean,
): Applied {
  const { apiVersion, kind, empty } = tools.options;
  const given = kindText(intent);
  if (given !== kindText({ apiVersion, kind, metadata: {} })) throw badRequest(`invalid object type: ${given}`);
  try {
    const managed = decodeManagedFields(live?.metadata.managedFields);
    const apply = (forced: boolean) => applyTracked(tools, live, intent, managed, writer, forced);
    if (writer.manager !== lastAppliedManager) return apply(force);
    const applied = applyOverLastApplied(tools, live, apply, force);
    const object = withLastApplied(applied.object ?? live ?? empty, intent);
    return object ? { ...applied, object } : applied;
  } catch (error) {
    if (error instanceof ConflictError) throw applyConflict(error);
    if (error instanceof StatusError || !(error instanceof Error) || isMistake(error)) throw error;
    throw plainServerError(error.message);
  }
}

/** kubectl may overwrite what it once applied on its own side, as long as that is still what is there. */
function applyOverLastApplied(
  { options }: Tools,
  live: KubeObject | undefined,
  apply: (force: boolean) => Applied,
  force: boolean,
): Applied {
  try {
    return apply(force);
  } catch (error) {
    if (!live || !(error instanceof ConflictError)) throw error;
    const allowed = allowedByLastApplied(live, options.apiVersion, options.type);
    if (!allowed) throw error;
    const left = error.conflicts.filter(({ path }) => !allowed.has(path));
    if (left.length > 0) throw new ConflictError(left);
    return apply(true);
  }
}

function applyTracked(
  tools: Tools,
  live: KubeObject | undefined,
  intent: KubeObject,
  before: Managed,
  writer: Writer,
  force: boolean,
): Applied {
  const { options, updater } = tools;
  const managed = live && before.fields.size === 0 ? untilNow(tools, live, before, writer) : before;
  if (hasManagedFields(intent)) throw badRequest('metadata.managedFields must be nil');
  const wanted = typed(options.type, intent, false, 'failed to create typed patch object', '');
  const present = live ? typed(options.type, live, true, 'failed to create typed live object', '') : emptyTyped(tools);
  const identifier = identifierOf({
    manager: writer.manager,
    operation: 'Apply',
    subresource: options.subresource,
  });
  const result = updater.apply(present, wanted, options.apiVersion, managed.fields, identifier, force);
  const fields = withoutUnowned(result.managers, identifier);
  // A manager that only comes to own what was there already gets no time, as on the real server.
  if (!result.object) return { object: undefined, managed: { fields, times: managed.times } };
  if (options.unconvertible) {
    throw new Error(`failed to convert new object (${objectText(intent)}) to proper version: ${options.unconvertible}`);
  }
  const times = new Map(managed.times).set(identifier, writer.now);
  return { object: result.object.value as unknown as KubeObject, managed: { fields, times } };
}

/** Everything that is there belongs to one manager, who stands for all that wrote it. */
function untilNow(tools: Tools, live: KubeObject, managed: Managed, { now }: Writer): Managed {
  return naming('failed to create manager for existing fields', () =>
    updateManaged(tools, undefined, live, managed, { manager: managerBefore, now }),
  );
}

function hasManagedFields(object: KubeObject): boolean {
  const { managedFields } = (object.metadata ?? {}) as { readonly managedFields?: unknown };
  const isEntry = (one: unknown) => typeof one === 'object' && one !== null && !Array.isArray(one);
  return Array.isArray(managedFields) && managedFields.every(isEntry);
}
