import type { KubeObject, ManagedFieldsEntry } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import {
  createFieldsEncoder,
  decodeManagedFields,
  emptyManaged,
  encodeManagedFields,
  type FieldsEncoder,
  isReset,
  type Managed,
  ManagedFieldsError,
} from './managed.ts';
import { createUpdater, excludeFilter } from './merge/index.ts';
import { type FieldManagerOptions, type Tools, type Writer, withoutManagedFields } from './tools.ts';
import { applyManaged } from './tracked-apply.ts';
import { isMistake, updateManaged } from './tracked-update.ts';

export type Owners = readonly ManagedFieldsEntry[] | undefined;

/** Keeps `metadata.managedFields` of the objects of one resource (KEP-555), for updates and for server-side apply. */
export interface FieldManager {
  /**
   * Who owns what once `next` is in place of `live`; without that it is new. Both are as Go would write them. An object
   * that does not fit its type is owned by nobody: it will be found wrong otherwise.
   */
  update(live: KubeObject | undefined, next: KubeObject, writer: Writer): Owners;
  /**
   * What is there merged with what is wanted; the object is undefined if it stays as it is.
   * @throws StatusError 409 for conflicts, 400 for what is not to be applied, 500 for what cannot be
   */
  apply(
    live: KubeObject | undefined,
    intent: KubeObject,
    writer: Writer,
    force: boolean,
  ): { readonly object: KubeObject | undefined; readonly managedFields: Owners };
  /** Shares the fields of entries that say the same. */
  readonly encode: FieldsEncoder;
}

export function createFieldManager(options: FieldManagerOptions): FieldManager {
  const { apiVersion, reset, resetIn = [apiVersion], converter, subresource } = options;
  const ignore = reset ? { ignore: new Map(resetIn.map((version) => [version, excludeFilter(reset)])) } : {};
  const tools: Tools = { options, updater: createUpdater({ converter, ...ignore }) };
  const encode = createFieldsEncoder();
  const write = (live: KubeObject | undefined, managed: Managed): Owners => {
    const present = live?.metadata.managedFields;
    // A list that stays the same need not be read again.
    if (present && decodeManagedFields(present) === managed) return present;
    return encodeManagedFields(managed, encode);
  };
  return {
    encode,
    update(live, next, writer) {
      try {
        const managed = managedBefore(live, next, subresource !== '');
        if (live && managed.fields.size === 0) return undefined;
        return write(live, updateManaged(tools, live, next, managed, writer));
      } catch (error) {
        if (isMistake(error)) throw error;
        return undefined;
      }
    },
    apply(live, intent, writer, force) {
      const { object, managed } = applyManaged(tools, live, intent, writer, force);
      return { object: object && withoutManagedFields(object), managedFields: write(live, managed) };
    },
  };
}

/** The owners that a write begins with: those that it sends itself, where it may and they can be read, else the present. */
function managedBefore(live: KubeObject | undefined, next: KubeObject, subresource: boolean): Managed {
  const present = live?.metadata.managedFields;
  const given = next.metadata.managedFields;
  if (subresource || !given || given === present) return readable(present);
  if (isReset(given)) return emptyManaged;
  // Most clients send back what they were given.
  if (present && deepEqual(given, present)) return readable(present);
  const managed = readable(given);
  return managed.fields.size === 0 ? readable(present) : managed;
}

function readable(entries: Owners): Managed {
  try {
    return decodeManagedFields(entries);
  } catch (error) {
    if (error instanceof ManagedFieldsError) return emptyManaged;
    throw error;
  }
}
