import { crc32 } from 'node:zlib';

/** Stands at the head of every file of the log; the last byte is the version of the format. */
const magic = Buffer.from('SETPTLG\u0001', 'latin1');
/** Length and checksum, then where the frame's batch begins. */
const headerBytes = 16;

/** A file with nothing in it. */
export function emptyFile(): Buffer {
  return Buffer.from(magic);
}

/** Frames of records that reach the disk together; `start` is where in the file they will stand. */
export function encodeBatch(payloads: readonly Uint8Array[], start: number): Buffer {
  let size = 0;
  for (const payload of payloads) size += headerBytes + payload.length;
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const payload of payloads) {
    bytes.writeUInt32LE(payload.length, at);
    bytes.writeBigUInt64LE(BigInt(start), at + 8);
    bytes.set(payload, at + headerBytes);
    bytes.writeUInt32LE(checksum(bytes, at, payload.length), at + 4);
    at += headerBytes + payload.length;
  }
  return bytes;
}

function checksum(bytes: Uint8Array, at: number, length: number): number {
  return crc32(bytes.subarray(at + 8, at + headerBytes + length));
}

/** What a file holds, up to where it makes no sense. */
export interface Frames {
  readonly payloads: readonly Uint8Array[];
  /** Where the last good frame ends. */
  readonly end: number;
  /**
   * `torn`: the rest was being written when the writer died, and nobody was told that it is there.
   * `damaged`: what follows was begun after the disk had confirmed what makes no sense now.
   */
  readonly state: 'whole' | 'torn' | 'damaged';
}

export function decodeFrames(file: Uint8Array): Frames {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length < magic.length) {
    return { payloads: [], end: 0, state: magic.subarray(0, bytes.length).equals(bytes) ? 'torn' : 'damaged' };
  }
  if (!bytes.subarray(0, magic.length).equals(magic)) return { payloads: [], end: 0, state: 'damaged' };
  const payloads: Uint8Array[] = [];
  let at = magic.length;
  while (at < bytes.length) {
    const length = frameAt(bytes, at);
    if (length === undefined) return { payloads, end: at, state: laterBatch(bytes, at) ? 'damaged' : 'torn' };
    payloads.push(bytes.subarray(at + headerBytes, at + headerBytes + length));
    at += headerBytes + length;
  }
  return { payloads, end: at, state: 'whole' };
}

/** The length of the payload, or undefined where no good frame begins. */
function frameAt(bytes: Buffer, at: number): number | undefined {
  if (at + headerBytes > bytes.length) return undefined;
  const length = bytes.readUInt32LE(at);
  if (length === 0 || at + headerBytes + length > bytes.length) return undefined;
  return bytes.readUInt32LE(at + 4) === checksum(bytes, at, length) ? length : undefined;
}

/** A batch is only begun when the one before is on the disk: a good frame of a batch that began behind `bad` tells. */
function laterBatch(bytes: Buffer, bad: number): boolean {
  for (let at = bad + 1; at + headerBytes < bytes.length; at++) {
    const start = bytes.readUInt32LE(at + 8) + bytes.readUInt32LE(at + 12) * 2 ** 32;
    if (start > bad && start <= at && frameAt(bytes, at) !== undefined) return true;
  }
  return false;
}
