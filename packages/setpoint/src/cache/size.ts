import type { KubeObject } from '@setpoint/apimachinery/meta';

/** As many objects are measured; the others are taken to be like them. */
const samples = 64;

/**
 * About how many bytes of heap these objects take: an estimate from a sample, spread evenly, since to measure each
 * would cost more than to hold it. Strings that objects share count for each.
 */
export function approximateBytes(objects: ReadonlyMap<string, KubeObject>): number {
  const { size } = objects;
  if (size === 0) return 0;
  const stride = Math.max(Math.floor(size / samples), 1);
  let position = 0;
  let measured = 0;
  let bytes = 0;
  for (const [key, object] of objects) {
    if (position++ % stride !== 0) continue;
    measured++;
    bytes += bytesOf(object) + bytesOf(key);
  }
  return Math.round((bytes / measured) * size);
}

/** What V8 takes for a value with pointers of eight bytes; names of members are shared by all objects of a shape. */
function bytesOf(value: unknown): number {
  if (typeof value === 'string') return 16 + Math.ceil(value.length / 8) * 8;
  if (typeof value === 'number') return Number.isInteger(value) ? 0 : 16;
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.reduce((sum, element) => sum + 8 + bytesOf(element), 32);
  let bytes = 24;
  for (const member of Object.values(value)) bytes += 8 + bytesOf(member);
  return bytes;
}
