import {
  close,
  closeSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  open,
  openSync,
  readdirSync,
  readFileSync,
  rename,
  renameSync,
  rmSync,
  write,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** A folder of files that only grow, as the log sees it; what it says is done is on the disk. */
export interface Disk {
  /** Where that is, for people. */
  readonly path: string;
  names(): readonly string[];
  read(name: string): Uint8Array;
  truncate(name: string, length: number): void;
  remove(name: string): void;
  /** Makes a file that holds `content`; one of that name is replaced. */
  write(name: string, content: Uint8Array): void;
  rename(from: string, to: string): Promise<void>;
  /** Opens a file that is there to add to its end. */
  open(name: string): Promise<GrowingFile>;
  /** Lets go of the folder. */
  close(): void;
}

export interface GrowingFile {
  append(bytes: Uint8Array): Promise<void>;
  /** Resolves when everything appended so far would survive the loss of power. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

// An import of node:util loads much that a server never needs.
const { promisify } = process.getBuiltinModule('node:util');
const openFile = promisify(open);
const closeFile = promisify(close);
const writeFile = promisify(write);
const renameFile = promisify(rename);
const syncFile = promisify(fdatasync);

const lockName = 'lock';

/**
 * A folder of this machine, made if it is not there, readable for its owner only.
 *
 * @param options.fsync false: what survives the end of this process may still be lost with the power
 * @throws Error when another process uses it, saying which
 */
export function openFolder(path: string, options: { readonly fsync: boolean }): Disk {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  lock(path);
  const at = (name: string) => join(path, name);
  const syncFolder = () => {
    if (!options.fsync) return;
    const descriptor = openSync(path, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  };
  return {
    path,
    names: () => readdirSync(path).filter((name) => name !== lockName),
    read: (name) => readFileSync(at(name)),
    truncate(name, length) {
      const descriptor = openSync(at(name), 'r+');
      try {
        ftruncateSync(descriptor, length);
        if (options.fsync) fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    },
    remove: (name) => rmSync(at(name), { force: true }),
    write(name, content) {
      const temporary = at(`${name}.new`);
      writeFileSync(temporary, content, { mode: 0o600, flush: options.fsync });
      renameSync(temporary, at(name));
      syncFolder();
    },
    async rename(from, to) {
      await renameFile(at(from), at(to));
      syncFolder();
    },
    async open(name) {
      return growingFile(await openFile(at(name), 'a', 0o600), options.fsync);
    },
    close: () => rmSync(at(lockName), { force: true }),
  };
}

function growingFile(descriptor: number, fsync: boolean): GrowingFile {
  return {
    async append(bytes) {
      for (let written = 0; written < bytes.length; ) {
        const { bytesWritten } = await writeFile(descriptor, bytes, written, bytes.length - written);
        written += bytesWritten;
      }
    },
    sync: () => (fsync ? syncFile(descriptor) : Promise.resolve()),
    close: () => closeFile(descriptor),
  };
}

/** Two processes that write one log would lose what the other wrote. A lock whose process has died counts for nothing. */
function lock(path: string): void {
  const file = join(path, lockName);
  for (;;) {
    try {
      writeFileSync(file, `${process.pid}\n`, { flag: 'wx', mode: 0o600 });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = holderOf(file);
    if (holder !== undefined && isAlive(holder)) {
      throw new Error(
        `the data folder ${path} is in use by process ${holder}; end it, or choose another folder (if that process is something else, remove ${file})`,
      );
    }
    rmSync(file, { force: true });
  }
}

function holderOf(file: string): number | undefined {
  try {
    const holder = Number(readFileSync(file, 'utf8'));
    return Number.isSafeInteger(holder) && holder > 0 ? holder : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
