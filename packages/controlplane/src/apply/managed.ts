import { goQuote } from '@setpoint/apimachinery/errors';
import { compareBytes } from '@setpoint/apimachinery/json';
import type { JsonObject, ManagedFieldsEntry } from '@setpoint/apimachinery/meta';
import { deepFreeze } from '../store/index.ts';
import { FieldsV1Error } from './fieldpath/index.ts';
import { identifierOf, identityOf } from './identity.ts';
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

/** Fields as they are stored; sets that say the same share one object, which is why it is frozen. */
export type FieldsEncoder = (set: FieldSet) => JsonObject;

/**
 * Encodings by what they say: objects of one kind mostly have the same fields, and then share the list of them.
 * It forgets everything when it holds `limit` of them.
 */
export function createFieldsEncoder(limit = 256): FieldsEncoder {
  const bySet = new WeakMap<FieldSet, JsonObject>();
  const byText = new Map<string, JsonObject>();
  return (set) => {
    const known = bySet.get(set);
    if (known) return known;
    const made = set.toJson();
    const text = JSON.stringify(made);
    let fields = byText.get(text);
    if (!fields) {
      if (byText.size >= limit) byText.clear();
      fields = deepFreeze(made);
      byText.set(text, fields);
      sets.set(fields, set);
    }
    bySet.set(set, fields);
    return fields;
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
    const { manager, operation, subresource } = identityOf(identifier);
    const time = times.get(identifier);
    entries.push({
      ...(manager ? { manager } : {}),
      operation: applied ? 'Apply' : operation,
      apiVersion,
      ...(time ? { time } : {}),
      fieldsType: 'FieldsV1',
      fieldsV1: encode(set),
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
