import { goQuote } from '@setpoint/apimachinery/errors';
import { compareBytes } from '@setpoint/apimachinery/json';
import type { JsonObject, ManagedFieldsEntry } from '@setpoint/apimachinery/meta';
import { deepFreeze } from '../store/index.ts';
import { FieldsV1Error } from './fieldpath/index.ts';
import { identifierOf, identityOf, type ManagerIdentity } from './identity.ts';
import { FieldSet, type ManagedFields, type VersionedSet } from './merge/index.ts';

/** All of `metadata.managedFields`, decoded: who owns what, by identifier, and since when. */
export interface Managed {
  readonly fields: ManagedFields;
  /** RFC 3339; managers that never got a time are missing. */
  readonly times: ReadonlyMap<string, string>;
}

export const emptyManaged: Managed = { fields: new Map(), times: new Map() };

/** What is said of `managedFields` that cannot be read, in the words of the server. */
export class ManagedFieldsError extends Error {
  override readonly name = 'ManagedFieldsError';
}

const decoded = new WeakMap<readonly ManagedFieldsEntry[], Managed>();
const sets = new WeakMap<JsonObject, FieldSet>();
const noFields: JsonObject = Object.freeze({});

/**
 * What a frozen list says is kept with it: most writes read what the write before has made.
 * @throws ManagedFieldsError for the first entry that is none
 */
export function decodeManagedFields(entries: readonly ManagedFieldsEntry[] | undefined): Managed {
  if (entries === undefined || entries.length === 0) return emptyManaged;
  const known = decoded.get(entries);
  if (known) return known;
  const fields = new Map<string, VersionedSet>();
  const times = new Map<string, string>();
  for (const [index, entry] of entries.entries()) {
    const apiVersion = checkEntry(entry, index);
    const identifier = identifierOf(entry);
    fields.set(identifier, { set: setOf(entry.fieldsV1), apiVersion, applied: entry.operation === 'Apply' });
    if (entry.time) times.set(identifier, entry.time);
    else times.delete(identifier);
  }
  const managed = { fields, times };
  if (Object.isFrozen(entries)) decoded.set(entries, managed);
  return managed;
}

function checkEntry(entry: ManagedFieldsEntry, index: number): string {
  const {
    operation,
    apiVersion = '',
    fieldsType,
  } = entry as { operation?: string } & Omit<ManagedFieldsEntry, 'operation'>;
  if (operation !== 'Apply' && operation !== 'Update') {
    throw new ManagedFieldsError('operation must be `Apply` or `Update`');
  }
  if (apiVersion === '') throw new ManagedFieldsError('apiVersion must not be empty');
  if (!fieldsType) throw new ManagedFieldsError(`missing fieldsType in managed fields entry ${index}`);
  if (fieldsType !== 'FieldsV1') {
    throw new ManagedFieldsError(`invalid fieldsType ${goQuote(fieldsType)} in managed fields entry ${index}`);
  }
  return apiVersion;
}

function setOf(fields: JsonObject | undefined): FieldSet {
  const given = fields ?? noFields;
  const known = sets.get(given);
  if (known) return known;
  const set = readSet(given);
  if (Object.isFrozen(given)) sets.set(given, set);
  return set;
}

function readSet(fields: JsonObject): FieldSet {
  try {
    return FieldSet.fromJson(fields);
  } catch (error) {
    if (!(error instanceof FieldsV1Error)) throw error;
    throw new ManagedFieldsError(`error decoding set: ${error.message}`, { cause: error });
  }
}

/** Fields as they are stored; sets that say the same mostly share one object, which is why it is frozen. */
export interface FieldsEncoder {
  fields(set: FieldSet): JsonObject;
  identity(identifier: string): ManagerIdentity;
}

const mostIdentities = 1000;

/**
 * Objects of one kind mostly have the same fields, by the same managers: the last `most` lists of fields are looked
 * through for one that says the same, before another is made.
 */
export function createFieldsEncoder(most = 16): FieldsEncoder {
  const bySet = new WeakMap<FieldSet, JsonObject>();
  const recent: { readonly set: FieldSet; readonly fields: JsonObject }[] = [];
  const identities = new Map<string, ManagerIdentity>();
  return {
    fields(set) {
      const known = bySet.get(set);
      if (known) return known;
      const at = recent.findIndex((one) => one.set.equals(set));
      const found = at < 0 ? { set, fields: deepFreeze(set.toJson()) } : (recent[at] as (typeof recent)[number]);
      if (at !== 0) {
        if (at > 0) recent.splice(at, 1);
        else if (recent.length === most) recent.pop();
        recent.unshift(found);
      }
      if (at < 0) {
        bySet.set(set, found.fields);
        sets.set(found.fields, set);
      }
      return found.fields;
    },
    identity(identifier) {
      let identity = identities.get(identifier);
      if (!identity) {
        if (identities.size === mostIdentities) identities.clear();
        identity = identityOf(identifier);
        identities.set(identifier, identity);
      }
      return identity;
    },
  };
}

/** In the order of the server; undefined where nobody owns anything. */
export function encodeManagedFields(
  { fields, times }: Managed,
  encode: FieldsEncoder,
): readonly ManagedFieldsEntry[] | undefined {
  if (fields.size === 0) return undefined;
  const entries: ManagedFieldsEntry[] = [];
  for (const [identifier, { set, apiVersion, applied }] of fields) {
    const { manager, operation, subresource } = encode.identity(identifier);
    const time = times.get(identifier);
    entries.push({
      ...(manager ? { manager } : {}),
      operation: applied ? 'Apply' : operation,
      apiVersion,
      ...(time ? { time } : {}),
      fieldsType: 'FieldsV1',
      fieldsV1: encode.fields(set),
      ...(subresource ? { subresource } : {}),
    });
  }
  return entries.length === 1 ? entries : entries.sort(compareEntries);
}

function compareEntries(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  return (
    compareBytes(a.operation ?? '', b.operation ?? '') ||
    secondsOf(a.time) - secondsOf(b.time) ||
    compareBytes(a.manager ?? '', b.manager ?? '') ||
    compareBytes(a.apiVersion ?? '', b.apiVersion ?? '') ||
    compareBytes(a.subresource ?? '', b.subresource ?? '')
  );
}

export function secondsOf(time: string | undefined): number {
  return time === undefined ? 0 : Math.floor(Date.parse(time) / 1000);
}

/** A list that is there but empty, or holds one empty entry: whoever sends it wants fields tracked no more. */
export function isReset(entries: readonly ManagedFieldsEntry[] | undefined): boolean {
  if (entries === undefined || entries === null) return false;
  const [first] = entries;
  return first === undefined || (entries.length === 1 && Object.keys(first).length === 0);
}
