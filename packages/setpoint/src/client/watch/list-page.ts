import type { KubeObject, ListMeta } from '@setpoint/apimachinery/meta';
import { decodeJson, textOf } from '../json.ts';
import type { Unreadable } from '../options.ts';
import { decodeObject, type ManagedFieldsMode } from './decode-object.ts';
import { elementsOf, findMember } from './json-bytes.ts';
import { namedObject, unreadable } from './messages.ts';

export interface DecodedList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: KubeObject[];
  /** One for each item. */
  readonly digests: (string | undefined)[];
  readonly unreadable: Unreadable[];
}

const itemsName = [new TextEncoder().encode('items')];
/** Bytes parsed in one go, two or three milliseconds' worth; counted, not timed, so that it is the same everywhere. */
const slice = 256 * 1024;

/**
 * Parses a list item by item and lets the event loop turn between slices. An item that cannot be read
 * is reported beside the others.
 */
export async function decodeList(
  bytes: Uint8Array,
  fields: ManagedFieldsMode,
  complete: (object: KubeObject) => KubeObject,
): Promise<DecodedList> {
  const member = findMember(bytes, skipSpace(bytes), bytes.length, itemsName);
  const envelope = member
    ? `${textOf(bytes, 0, member.value.start)}null${textOf(bytes, member.value.end)}`
    : textOf(bytes);
  const head = decodeJson(envelope) as { apiVersion?: string; kind?: string; metadata?: ListMeta };
  const list: DecodedList = {
    apiVersion: head.apiVersion ?? '',
    kind: head.kind ?? '',
    metadata: head.metadata ?? {},
    items: [],
    digests: [],
    unreadable: [],
  };
  if (!member) return list;
  let parsed = 0;
  for (const span of elementsOf(bytes, member.value.start, member.value.end)) {
    try {
      const { value, digest } = decodeObject(bytes, span, fields);
      list.items.push(complete(namedObject(value)));
      list.digests.push(digest);
    } catch (error) {
      const { type: _, ...report } = unreadable(textOf(bytes, span.start, span.end), error);
      list.unreadable.push(report);
    }
    parsed += span.end - span.start;
    if (parsed >= slice) {
      parsed = 0;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
  return list;
}

function skipSpace(bytes: Uint8Array): number {
  let i = 0;
  while (i < bytes.length && (bytes[i] as number) <= 0x20) i++;
  return i;
}
