import type { KubeObject, ListMeta } from '@setpoint/apimachinery/meta';
import { decodeJson, textOf } from '../json.ts';
import type { Unreadable } from '../options.ts';
import { decodeObject, type ManagedFieldsMode } from './decode-object.ts';
import { elementsOf, findValue } from './json-bytes.ts';
import { namedObject, unreadable } from './messages.ts';

export interface DecodedList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: KubeObject[];
  /** One for each item. */
  readonly ownFields: (string | undefined)[];
  readonly unreadable: Unreadable[];
}

const itemsName = new TextEncoder().encode('items');
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
  const { length } = bytes;
  const items = findValue(bytes, skipSpace(bytes), length, itemsName);
  const start = items?.start ?? length;
  const elements = elementsOf(bytes, start, length);
  const list = { items: [], ownFields: [], unreadable: [] } as Pick<DecodedList, 'items' | 'ownFields' | 'unreadable'>;
  let parsed = 0;
  let next = elements.next();
  for (; !next.done; next = elements.next()) {
    const span = next.value;
    try {
      const { value, ownFields } = decodeObject(bytes, span, fields);
      list.items.push(complete(namedObject(value)));
      list.ownFields.push(ownFields);
    } catch (error) {
      const { type: _, ...report } = unreadable(textOf(bytes, span.start, span.end), error);
      list.unreadable.push(report);
    }
    parsed += span.end - span.start;
    if (parsed < slice) continue;
    parsed = 0;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  // What is left without the items says whether the bytes were a whole list.
  const isWhole = items !== undefined && next.value >= 0;
  const envelope = isWhole ? `${textOf(bytes, 0, start)}null${textOf(bytes, next.value)}` : textOf(bytes);
  const { apiVersion = '', kind = '', metadata = {} } = decodeJson(envelope) as Partial<DecodedList>;
  return { apiVersion, kind, metadata, ...list };
}

function skipSpace(bytes: Uint8Array): number {
  let i = 0;
  while (i < bytes.length && (bytes[i] as number) <= 0x20) i++;
  return i;
}
