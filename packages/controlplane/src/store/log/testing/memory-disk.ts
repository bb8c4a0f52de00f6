import type { Random } from '@setpoint/apimachinery/clock';
import type { Disk } from '../disk.ts';

interface File {
  bytes: Buffer;
  /** So much of it would survive the loss of power. */
  synced: number;
}

/**
 * A disk that can lose its power: of what was not synced, some of each block is there afterwards. Files are made
 * and renamed at once and for good.
 */
export class MemoryDisk implements Disk {
  readonly path = 'memory';
  readonly files = new Map<string, File>();
  /** Thrown by the next writes. */
  failure: Error | undefined;
  /** Bytes appended in the whole. */
  appended = 0;

  names(): string[] {
    return [...this.files.keys()];
  }

  read(name: string): Uint8Array {
    return this.#file(name).bytes;
  }

  truncate(name: string, length: number): void {
    const file = this.#file(name);
    file.bytes = file.bytes.subarray(0, length);
    file.synced = length;
  }

  remove(name: string): void {
    this.files.delete(name);
  }

  write(name: string, content: Uint8Array): void {
    if (this.failure) throw this.failure;
    this.files.set(name, { bytes: Buffer.from(content), synced: content.length });
  }

  async rename(from: string, to: string): Promise<void> {
    await undefined;
    this.files.set(to, this.#file(from));
    this.files.delete(from);
  }

  async open(name: string) {
    await undefined;
    const file = this.#file(name);
    return {
      append: async (bytes: Uint8Array) => {
        await undefined;
        if (this.failure) throw this.failure;
        file.bytes = Buffer.concat([file.bytes, bytes]);
        this.appended += bytes.length;
      },
      sync: async () => {
        const { length } = file.bytes;
        await undefined;
        if (this.failure) throw this.failure;
        file.synced = Math.max(file.synced, length);
      },
      close: async () => {},
    };
  }

  close(): void {}

  /** What another start would find after the power was lost now: blocks that were not synced may be zero, or cut. */
  afterPowerLoss(random: Random, block: number): MemoryDisk {
    const found = new MemoryDisk();
    for (const [name, { bytes, synced }] of this.files) {
      const kept = synced + Math.floor(random.next() * (bytes.length - synced + 1));
      const rest = Buffer.from(bytes.subarray(0, kept));
      for (let at = synced; at < kept; at += block)
        if (random.next() < 0.3) rest.fill(0, at, Math.min(at + block, kept));
      found.files.set(name, { bytes: rest, synced: rest.length });
    }
    return found;
  }

  #file(name: string): File {
    const file = this.files.get(name);
    if (!file) throw new Error(`no file ${name}`);
    return file;
  }
}
