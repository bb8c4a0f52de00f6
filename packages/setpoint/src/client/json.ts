import { parseJson, stringifyJson } from '@setpoint/apimachinery/json';

/** A number literal that a double may not hold: sixteen digits or more. A string that looks like one only costs time. */
const bigLiteral = /[:[,]\s*-?\d{16}/;

/** Text to a value; integers beyond 2^53 become bigint. Throws JsonSyntaxError, which never quotes the text. */
export function decodeJson(text: string): unknown {
  if (bigLiteral.test(text)) return parseJson(text);
  try {
    return JSON.parse(text);
  } catch {
    return parseJson(text);
  }
}

const encoder = new TextEncoder();

/** A value to bytes; bigint becomes an integer literal, undefined members are left out. */
export function encodeJson(value: unknown): Uint8Array {
  return encoder.encode(toText(value));
}

function toText(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // bigint is what JSON.stringify refuses; a cycle it refuses too, and so does the other.
    if (error instanceof TypeError && hasBigInt(value, 0)) return stringifyJson(value);
    throw error;
  }
}

function hasBigInt(value: unknown, depth: number): boolean {
  if (typeof value === 'bigint') return true;
  if (typeof value !== 'object' || value === null || depth > 100) return false;
  return Object.values(value).some((member) => hasBigInt(member, depth + 1));
}

/** Bytes to text; bytes that are no UTF-8 become U+FFFD. */
export function textOf(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  return asBuffer(bytes).toString('utf8', start, end);
}

/** The same memory as a Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A whole body. */
export async function readAll(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
}
