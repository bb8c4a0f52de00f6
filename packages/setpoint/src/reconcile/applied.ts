import { isJsonObject } from '@setpoint/apimachinery/json';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { ObjectKey } from '../client/index.ts';
import { type AnyKind, kindName } from '../kinds/index.ts';
import { isApplied, parseOwnFields, projectFields } from './own-fields.ts';

/** Under which name a child is remembered. */
export function appliedId(kind: AnyKind, { namespace, name }: ObjectKey): string {
  return `${kindName(kind)} ${namespace ?? ''}/${name}`;
}

/** What is kept of an apply: hashes, since an operator has many children. */
interface Record {
  readonly uid: string;
  /** Of the intent as it is written; nearly every pass writes it the same way. */
  text: string | undefined;
  /** Of the intent with sorted members. */
  readonly intent: string;
  /** The object, seen through what is ours of it. */
  readonly projection: string;
  readonly ownFields: string | undefined;
  /** At which all this was last found to be so. */
  revision: string | undefined;
}

/**
 * What was applied, so that the same is not sent again. Of what this process has not applied itself, the fields that
 * are ours say what an earlier one did.
 */
export class AppliedRecords {
  readonly #records = new Map<string, Record>();

  /** Notes an answer to `intent`, and what is ours of it. */
  record(id: string, intent: KubeObject, answer: KubeObject, ownFields: string | undefined): void {
    this.#note(id, intent, answer, ownFields);
  }

  /**
   * Whether `intent` is applied to this very object: none of its fields was changed since, and the fields that are ours
   * are the same (a field taken over by another manager changes no value).
   *
   * @param ownFields what is ours of the cached object
   */
  holds(id: string, intent: KubeObject, cached: KubeObject, ownFields: string | undefined): boolean {
    const record = this.#records.get(id);
    if (!record || record.uid !== cached.metadata.uid) return this.#holdsFromBefore(id, intent, cached, ownFields);
    if (!isIntent(record, intent)) return false;
    const { resourceVersion } = cached.metadata;
    if (resourceVersion !== undefined && record.revision === resourceVersion) return true;
    if (record.ownFields !== ownFields || record.projection !== projectionOf(intent, cached, ownFields)) return false;
    record.revision = resourceVersion;
    return true;
  }

  /** Nothing is known any more of what was applied to this object. */
  forget(id: string): void {
    this.#records.delete(id);
  }

  #holdsFromBefore(id: string, intent: KubeObject, cached: KubeObject, ownFields: string | undefined): boolean {
    const { applied } = parseOwnFields(ownFields);
    if (!applied || !isApplied(applied, intent, cached)) return false;
    this.#note(id, intent, cached, ownFields);
    return true;
  }

  #note(id: string, intent: KubeObject, object: KubeObject, ownFields: string | undefined): void {
    this.#records.set(id, {
      uid: object.metadata.uid ?? '',
      text: textHashOf(intent),
      intent: hashOf(intent),
      projection: projectionOf(intent, object, ownFields),
      ownFields,
      revision: object.metadata.resourceVersion,
    });
  }
}

/** Whether the record is of this intent. A second way of writing it becomes the one that is expected. */
function isIntent(record: Record, intent: KubeObject): boolean {
  const text = textHashOf(intent);
  if (text !== undefined && text === record.text) return true;
  if (record.intent !== hashOf(intent)) return false;
  record.text = text;
  return true;
}

/** Several times as fast as `hashOf`; undefined for what plain JSON cannot say. */
function textHashOf(intent: KubeObject): string | undefined {
  try {
    return digest(JSON.stringify(intent));
  } catch {
    return undefined;
  }
}

/** Where the server says which fields are ours, these; else the members that the intent names, with lists as a whole. */
function projectionOf(intent: KubeObject, object: KubeObject, ownFields: string | undefined): string {
  const { applied } = parseOwnFields(ownFields);
  return hashOf(applied ? projectFields(applied, object) : project(object, intent));
}

function project(object: unknown, intent: unknown): unknown {
  if (!isJsonObject(object) || !isJsonObject(intent)) return object;
  const entries = Object.keys(intent).map((key) => [key, project(object[key], intent[key])] as const);
  return Object.fromEntries(entries);
}

/** Of JSON with sorted members: equal for equal values. */
function hashOf(value: unknown): string {
  const text = JSON.stringify(value, (_, member) => {
    if (typeof member === 'bigint') return `${member}n`;
    if (!isJsonObject(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
  return digest(text ?? 'undefined');
}

/** Loaded with the first apply: a tenth of the time that an import of this library takes. */
function digest(text: string): string {
  return process.getBuiltinModule('node:crypto').hash('sha1', text, 'base64');
}
