// As much of protobuf's wire format as a document of strings and messages needs.

export function stringField(number: number, text: string): Uint8Array {
  return bytesField(number, Buffer.from(text));
}

export function messageField(number: number, fields: readonly Uint8Array[]): Uint8Array {
  return bytesField(number, Buffer.concat(fields));
}

/** Wire type 2: a tag, a length, the bytes. */
export function bytesField(number: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
