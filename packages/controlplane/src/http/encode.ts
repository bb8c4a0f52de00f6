import { quoteJsonString, stringifyJson } from '@setpoint/apimachinery/json';
import type { Output } from './negotiate.ts';

const encoder = new TextEncoder();

export interface EncodeOptions {
  /** As Go writes a map: what a custom resource is. Built-in kinds keep the order of their fields. */
  readonly sortKeys?: boolean;
}

/** One object as bytes: a line of JSON, indented JSON without an end of line, or YAML. */
export function encodeObject(
  object: unknown,
  output: Output,
  options: EncodeOptions = {},
): Uint8Array | Promise<Uint8Array> {
  if (output.format === 'yaml') return encodeYaml(object);
  const sortKeys = options.sortKeys ?? false;
  if (output.pretty) return encoder.encode(stringifyJson(object, { sortKeys, indent: 2 }));
  return encoder.encode(`${stringifyJson(object, { sortKeys })}\n`);
}

/** One object as JSON without an end of line: what is kept, and put into lists and events. */
export function encodeJson(object: unknown, options: EncodeOptions = {}): Uint8Array {
  return encoder.encode(stringifyJson(object, { sortKeys: options.sortKeys ?? false }));
}

async function encodeYaml(object: unknown): Promise<Uint8Array> {
  const { formatYaml } = await import('./yaml.ts');
  return encoder.encode(formatYaml(object));
}

export interface ListHead {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: object;
}

const comma = encoder.encode(',');

/**
 * A list of items that are encoded already, as one line of JSON. Sorted, the members come in byte order (items before
 * kind), as in a list of custom resources.
 */
export function encodeList(head: ListHead, items: readonly Uint8Array[], options: EncodeOptions = {}): Uint8Array {
  const sortKeys = options.sortKeys ?? false;
  const metadata = stringifyJson(head.metadata, { sortKeys });
  const [kind, apiVersion] = [quoteJsonString(head.kind), quoteJsonString(head.apiVersion)];
  const [before, after] = sortKeys
    ? [`{"apiVersion":${apiVersion},"items":[`, `],"kind":${kind},"metadata":${metadata}}\n`]
    : [`{"kind":${kind},"apiVersion":${apiVersion},"metadata":${metadata},"items":[`, ']}\n'];
  const parts: Uint8Array[] = [encoder.encode(before)];
  items.forEach((item, i) => {
    if (i > 0) parts.push(comma);
    parts.push(item);
  });
  parts.push(encoder.encode(after));
  return Buffer.concat(parts);
}

const eventEnd = encoder.encode('}\n');

/** One line of a watch around an encoded object. */
export function encodeEvent(
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR',
  object: Uint8Array,
): Uint8Array {
  return Buffer.concat([encoder.encode(`{"type":"${type}","object":`), object, eventEnd]);
}
