import type { Disk, GrowingFile } from './disk.ts';
import { filesOf, segmentName, snapshotName, unfinished } from './files.ts';
import { emptyFile, encodeBatch } from './frame.ts';
import { encodeRecord, type LogRecord } from './record.ts';
import { recover } from './recover.ts';

/** Records of a snapshot that are encoded in one turn. */
const snapshotSlice = 500;

export interface AppendLogOptions {
  readonly disk: Disk;
  /** What holds now, as `put` records; asked for in the turn in which a segment begins. */
  readonly present: () => readonly LogRecord[];
  /** The revision of the last change. */
  readonly revision: () => number;
  /** Sentences for whoever runs the server. */
  readonly tell: (text: string) => void;
  /** A segment that has grown by so many bytes, and by more than the snapshot before it, is replaced by one. @default 64 MiB */
  readonly snapshotBytes?: number;
}

/** Records that will be written in one go, and who waits for them. */
interface Batch {
  readonly records: LogRecord[];
  readonly written: PromiseWithResolvers<void>;
}

/**
 * The append log of a store. Records that come while others are on their way to the disk go there together, so that
 * one confirmation of the disk serves all writers of that moment.
 */
export class AppendLog {
  readonly #options: AppendLogOptions;
  #file: GrowingFile | undefined;
  #name: string | undefined;
  /** Where the next batch will stand. */
  #length: number;
  #snapshotLength = 0;
  #waiting: Batch | undefined;
  #writing: Batch | undefined;
  #running: Promise<void> | undefined;
  #failure: Error | undefined;
  #snapshot: Promise<void> | undefined;
  #closed = false;

  private constructor(options: AppendLogOptions, name: string | undefined, length: number) {
    this.#options = options;
    this.#name = name;
    this.#length = length;
  }

  /** Reads what the folder holds, then goes on behind it. @throws Error when it cannot be read */
  static open(options: AppendLogOptions, apply: (record: LogRecord) => void): AppendLog {
    const { segment, length } = recover(options.disk, apply, options.tell);
    return new AppendLog(options, segment, length);
  }

  append(record: LogRecord): void {
    if (this.#closed || this.#failure) return;
    this.#waiting ??= newBatch();
    this.#waiting.records.push(record);
    this.#running ??= this.#run();
  }

  /**
   * Resolves when everything appended so far is on the disk; undefined: it is. Rejects when it cannot be written,
   * then and from then on.
   */
  flushed(): Promise<void> | undefined {
    if (this.#failure) return Promise.reject(this.#failure);
    return (this.#waiting ?? this.#writing)?.written.promise;
  }

  /** Writes what waits, and lets go of the folder. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#running;
    await this.#snapshot;
    await this.#file?.close().catch(() => {});
    this.#options.disk.close();
  }

  async #run(): Promise<void> {
    // What is appended in the same turn goes along.
    await undefined;
    while (this.#waiting) {
      const batch = this.#waiting;
      this.#waiting = undefined;
      this.#writing = batch;
      try {
        await this.#write(batch.records);
      } catch (error) {
        this.#fail(error as Error);
        return;
      }
      this.#writing = undefined;
      batch.written.resolve();
    }
    this.#running = undefined;
  }

  async #write(records: readonly LogRecord[]): Promise<void> {
    const file = await this.#segment();
    const bytes = encodeBatch(records.map(encodeRecord), this.#length);
    await file.append(bytes);
    await file.sync();
    this.#length += bytes.length;
    const limit = Math.max(this.#options.snapshotBytes ?? 64 * 2 ** 20, this.#snapshotLength);
    if (this.#length > limit && !this.#snapshot && !this.#closed) await this.#beginSegment();
  }

  async #segment(): Promise<GrowingFile> {
    if (this.#file) return this.#file;
    if (this.#name === undefined) this.#create(0);
    this.#file = await this.#options.disk.open(this.#name as string);
    return this.#file;
  }

  #create(revision: number): void {
    const empty = emptyFile();
    this.#name = segmentName(revision);
    this.#options.disk.write(this.#name, empty);
    this.#length = empty.length;
  }

  /** From here on records go to a new segment, while all that holds now is written to a snapshot. */
  async #beginSegment(): Promise<void> {
    const revision = this.#options.revision();
    const present = this.#options.present();
    await this.#file?.close();
    this.#file = undefined;
    this.#create(revision);
    this.#snapshot = this.#writeSnapshot(revision, present)
      .catch((error: Error) => {
        this.#options.tell(
          `the snapshot of ${this.#options.disk.path} failed (${error.message}); the log is kept whole`,
        );
      })
      .finally(() => {
        this.#snapshot = undefined;
      });
  }

  async #writeSnapshot(revision: number, present: readonly LogRecord[]): Promise<void> {
    const { disk } = this.#options;
    const name = snapshotName(revision);
    const empty = emptyFile();
    disk.write(unfinished(name), empty);
    const file = await disk.open(unfinished(name));
    let length = empty.length;
    try {
      for (let at = 0; at < present.length; at += snapshotSlice) {
        const bytes = encodeBatch(present.slice(at, at + snapshotSlice).map(encodeRecord), length);
        await file.append(bytes);
        length += bytes.length;
      }
      await file.append(encodeBatch([encodeRecord({ type: 'end', revision, count: present.length })], length));
      await file.sync();
    } finally {
      await file.close();
    }
    await disk.rename(unfinished(name), name);
    this.#snapshotLength = length;
    for (const obsolete of filesOf(disk).obsolete) disk.remove(obsolete);
  }

  /** Nothing more is confirmed: memory is ahead of the disk, and only a new start can bring them together. */
  #fail(cause: Error): void {
    const { disk, tell } = this.#options;
    this.#failure = new Error(
      `the data folder ${disk.path} cannot be written (${cause.message}): no request is answered any more; make room and start again`,
      { cause },
    );
    tell(this.#failure.message);
    for (const batch of [this.#writing, this.#waiting]) {
      // Nobody may be waiting.
      batch?.written.promise.catch(() => {});
      batch?.written.reject(this.#failure);
    }
    this.#writing = undefined;
    this.#waiting = undefined;
  }
}

function newBatch(): Batch {
  return { records: [], written: Promise.withResolvers() };
}
