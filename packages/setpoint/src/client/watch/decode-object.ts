import type { KubeObject, ManagedFieldsEntry } from '@setpoint/apimachinery/meta';
import { ownFieldsOfEntries } from '../../ownership/index.ts';
import { asBuffer, decodeJson, textOf } from '../json.ts';
import { findMember, type Span, withComma } from './json-bytes.ts';

/** What to do with `metadata.managedFields`; see ManagedFieldsOption. */
export type ManagedFieldsMode =
  | { readonly mode: 'keep' }
  | { readonly mode: 'cut' }
  | { readonly mode: 'own'; readonly managers: readonly string[] };

export interface Decoded<T> {
  readonly value: T;
  readonly ownFields: string | undefined;
}

const encode = (name: string) => new TextEncoder().encode(name);
const inObject = [encode('metadata'), encode('managedFields')];
const inEvent = [encode('object'), ...inObject];

/** Parses the object within `span`. */
export function decodeObject(bytes: Uint8Array, span: Span, fields: ManagedFieldsMode): Decoded<KubeObject> {
  const { value, ownFields } = decodeWithout(bytes, span, inObject, fields);
  if (fields.mode !== 'keep') removeLeftOver(value);
  return { value: value as KubeObject, ownFields };
}

/** Parses one line of a watch. */
export function decodeEvent(
  line: Uint8Array,
  fields: ManagedFieldsMode,
): Decoded<{ type?: unknown; object?: unknown }> {
  const { value, ownFields } = decodeWithout(line, { start: 0, end: line.length }, inEvent, fields);
  if (fields.mode !== 'keep') removeLeftOver((value as { object?: unknown } | null)?.object);
  return { value: value as { type?: unknown; object?: unknown }, ownFields };
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
): { readonly value: unknown; readonly ownFields: string | undefined } {
  const member = fields.mode === 'keep' ? undefined : findMember(bytes, span.start, span.end, path);
  if (!member) return { value: decodeJson(textOf(bytes, span.start, span.end)), ownFields: undefined };
  const hole = withComma(bytes, member, span.end);
  const text = textOf(bytes, span.start, hole.start) + textOf(bytes, hole.end, span.end);
  const ownFields = fields.mode === 'own' ? ownFieldsIn(bytes, member.value, fields.managers) : undefined;
  return { value: decodeJson(text), ownFields };
}

/** A writer may escape the name or repeat it; no API server does, but the promise holds all the same. */
function removeLeftOver(object: unknown): void {
  const metadata = (object as { metadata?: Record<string, unknown> } | null | undefined)?.metadata;
  if (typeof metadata === 'object' && metadata !== null && 'managedFields' in metadata) delete metadata.managedFields;
}

/** `ownFieldsOf` of the bytes of `managedFields`. */
function ownFieldsIn(bytes: Uint8Array, entries: Span, managers: readonly string[]): string | undefined {
  const region = asBuffer(bytes).subarray(entries.start, entries.end);
  if (!managers.some((manager) => region.includes(JSON.stringify(manager)))) return undefined;
  const parsed: unknown = JSON.parse(region.toString('utf8'));
  return Array.isArray(parsed) ? ownFieldsOfEntries(parsed as ManagedFieldsEntry[], managers) : undefined;
}
