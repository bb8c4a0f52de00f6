import type { Disk } from './disk.ts';
import { filesOf, type NumberedFile } from './files.ts';
import { decodeFrames, emptyFile } from './frame.ts';
import { decodeRecord, type LogRecord } from './record.ts';

export interface Recovery {
  /** Of the last record; 0 for a folder without any. */
  readonly revision: number;
  /** The segment to go on with; undefined: there is none yet. */
  readonly segment: string | undefined;
  /** How long that segment is. */
  readonly length: number;
}

/**
 * Reads a data folder from its newest snapshot on. The end of the last segment may be torn: nobody was told of what
 * stood there, it is cut off, and `tell` hears of it.
 *
 * @param apply gets each record, in the order in which they were written; those of a snapshot first
 * @throws Error where what was once confirmed cannot be read any more, naming file and place
 */
export function recover(disk: Disk, apply: (record: LogRecord) => void, tell: (text: string) => void): Recovery {
  const { snapshot, segments, obsolete } = filesOf(disk);
  let revision = snapshot ? readSnapshot(disk, snapshot, apply) : 0;
  const snapshotRevision = revision;
  let length = 0;
  for (const segment of segments) {
    const file = disk.read(segment.name);
    const { payloads, end, state } = decodeFrames(file);
    if (state === 'damaged' || (state === 'torn' && segment !== segments.at(-1))) {
      throw damaged(disk, segment.name, end);
    }
    if (state === 'torn') length = cutTail(disk, segment.name, end, file.length, tell);
    else length = end;
    for (const payload of payloads) {
      const record = decodeRecord(payload);
      // A segment begins before its snapshot is complete, so what was waiting to be written then stands in both.
      if (record.revision <= snapshotRevision) continue;
      apply(record);
      if (record.type !== 'compact') revision = Math.max(revision, record.revision);
    }
  }
  for (const name of obsolete) disk.remove(name);
  return { revision, segment: segments.at(-1)?.name, length };
}

function readSnapshot(disk: Disk, { name, revision }: NumberedFile, apply: (record: LogRecord) => void): number {
  const { payloads, end, state } = decodeFrames(disk.read(name));
  const last = payloads.at(-1);
  const close = last && decodeRecord(last);
  if (state !== 'whole' || close?.type !== 'end' || close.count !== payloads.length - 1) {
    throw damaged(disk, name, end);
  }
  for (const payload of payloads) apply(decodeRecord(payload));
  return revision;
}

function damaged(disk: Disk, name: string, at: number): Error {
  return new Error(
    `${disk.path}/${name} is damaged at byte ${at}: what was written there was confirmed and cannot be read any more. Nothing was changed. Restore the folder from a copy, or start with an empty one`,
  );
}

function cutTail(disk: Disk, name: string, end: number, length: number, tell: (text: string) => void): number {
  tell(
    `${disk.path}/${name}: the last ${length - end} bytes were being written when the process died; they were never confirmed and are cut off at byte ${end}`,
  );
  if (end > 0) {
    disk.truncate(name, end);
    return end;
  }
  const empty = emptyFile();
  disk.write(name, empty);
  return empty.length;
}
