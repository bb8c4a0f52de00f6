import type { StructuralSchema } from '@setpoint/apimachinery/schema';

/** The schema with every description cut to `limit` characters; 0 leaves them all out. */
export function shortenDescriptions(schema: StructuralSchema, limit: number): StructuralSchema {
  const { description, ...rest } = schema;
  const nested: Record<string, unknown> = {};
  const inner = (value: StructuralSchema) => shortenDescriptions(value, limit);
  if (rest.properties) {
    nested.properties = Object.fromEntries(
      Object.entries(rest.properties).map(([name, value]) => [name, inner(value)]),
    );
  }
  if (typeof rest.additionalProperties === 'object') nested.additionalProperties = inner(rest.additionalProperties);
  if (typeof rest.items === 'object') nested.items = inner(rest.items as StructuralSchema);
  const text = description === undefined ? '' : shorten(description, limit);
  return { ...(text === '' ? {} : { description: text }), ...rest, ...nested };
}

/** Cut after the last whole sentence that fits, or else after the last whole word. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = text.slice(0, limit);
  const sentence = head.lastIndexOf('. ');
  if (sentence > 0) return head.slice(0, sentence + 1);
  const room = head.slice(0, Math.max(0, limit - 3));
  const word = room.lastIndexOf(' ');
  return limit < 4 ? '' : `${word > 0 ? room.slice(0, word) : room}...`;
}
