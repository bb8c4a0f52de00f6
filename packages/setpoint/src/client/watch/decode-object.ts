import { hash } from 'node:crypto';
import type { KubeObject, ManagedFieldsEntry } from '@setpoint/apimachinery/meta';
import { asBuffer, decodeJson, textOf } from '../json.ts';
import { findMember, type Span, withComma } from './json-bytes.ts';

/** What to do with `metadata.managedFields`; see ManagedFieldsOption. */
export type ManagedFieldsMode =
  | { readonly mode: 'keep' }
  | { readonly mode: 'cut' }
  | { readonly mode: 'digest'; readonly manager: string };

export interface Decoded<T> {
  readonly value: T;
  readonly digest: string | undefined;
}

const encode = (name: string) => new TextEncoder().encode(name);
const inObject = [encode('metadata'), encode('managedFields')];
const inEvent = [encode('object'), ...inObject];

/** Parses the object within `span`. */
export function decodeObject(bytes: Uint8Array, span: Span, fields: ManagedFieldsMode): Decoded<KubeObject> {
  const { value, digest } = decodeWithout(bytes, span, inObject, fields);
  if (fields.mode !== 'keep') removeLeftOver(value);
  return { value: value as KubeObject, digest };
}

/** Parses one line of a watch. */
export function decodeEvent(
  line: Uint8Array,
  fields: ManagedFieldsMode,
): Decoded<{ type?: unknown; object?: unknown }> {
  const { value, digest } = decodeWithout(line, { start: 0, end: line.length }, inEvent, fields);
  if (fields.mode !== 'keep') removeLeftOver((value as { object?: unknown } | null)?.object);
  return { value: value as { type?: unknown; object?: unknown }, digest };
}

/**
 * The bytes are cut before they are parsed: managedFields is half of many objects, and what is never parsed
 * costs neither time nor memory.
 */
function decodeWithout(
  bytes: Uint8Array,
  span: Span,
  path: readonly Uint8Array[],
  fields: ManagedFieldsMode,
): { readonly value: unknown; readonly digest: string | undefined } {
  const member = fields.mode === 'keep' ? undefined : findMember(bytes, span.start, span.end, path);
  if (!member) return { value: decodeJson(textOf(bytes, span.start, span.end)), digest: undefined };
  const hole = withComma(bytes, member, span.end);
  const text = textOf(bytes, span.start, hole.start) + textOf(bytes, hole.end, span.end);
  const digest = fields.mode === 'digest' ? managerDigest(bytes, member.value, fields.manager) : undefined;
  return { value: decodeJson(text), digest };
}

/** A writer may escape the name or repeat it; no API server does, but the promise holds all the same. */
function removeLeftOver(object: unknown): void {
  const metadata = (object as { metadata?: Record<string, unknown> } | null | undefined)?.metadata;
  if (typeof metadata === 'object' && metadata !== null && 'managedFields' in metadata) delete metadata.managedFields;
}

/**
 * A hash of the fields that `manager` owns by server-side apply; undefined if it owns none.
 * It changes when another manager takes one of them over.
 */
function managerDigest(bytes: Uint8Array, entries: Span, manager: string): string | undefined {
  const region = asBuffer(bytes).subarray(entries.start, entries.end);
  if (!region.includes(JSON.stringify(manager))) return undefined;
  const parsed: unknown = JSON.parse(region.toString('utf8'));
  return Array.isArray(parsed) ? digestOf(parsed as ManagedFieldsEntry[], manager) : undefined;
}

/** The same hash for an object that was parsed with its managedFields, such as the answer to a write. */
export function managedFieldsDigest(object: KubeObject, manager: string): string | undefined {
  return digestOf(object.metadata.managedFields ?? [], manager);
}

function digestOf(entries: readonly ManagedFieldsEntry[], manager: string): string | undefined {
  const own = entries
    .filter((entry) => entry.manager === manager && entry.operation === 'Apply')
    .map((entry) => [entry.subresource ?? '', entry.apiVersion, entry.fieldsV1]);
  return own.length === 0 ? undefined : hash('sha1', JSON.stringify(own), 'base64');
}
