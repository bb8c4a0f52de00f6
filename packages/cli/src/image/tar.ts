import { createTarPacker, type TarHeader } from 'modern-tar';
import { Failure } from '../failure.ts';

/** One entry of an archive: a folder, a file or a symbolic link. */
export type TarEntry =
  | { readonly type: 'directory'; readonly path: string }
  | { readonly type: 'symlink'; readonly path: string; readonly target: string }
  | FileEntry;

export interface FileEntry {
  readonly type: 'file';
  readonly path: string;
  readonly executable: boolean;
  /** In bytes; what is opened has to have as many. */
  readonly size: number;
  open(signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/**
 * An archive with these entries in the order given. Nothing of the machine gets in: all is owned by root, readable by
 * everybody, and of one time. Read as it is written: files pass through in pieces.
 */
export async function* tarBytes(
  entries: Iterable<TarEntry> | AsyncIterable<TarEntry>,
  mtime: Date,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { readable, controller } = createTarPacker();
  const packed = pack(entries, mtime, controller, signal).catch((error: unknown) => controller.error(error));
  yield* readable;
  await packed;
}

type TarController = ReturnType<typeof createTarPacker>['controller'];

async function pack(
  entries: Iterable<TarEntry> | AsyncIterable<TarEntry>,
  mtime: Date,
  controller: TarController,
  signal: AbortSignal | undefined,
): Promise<void> {
  for await (const entry of entries) {
    signal?.throwIfAborted();
    const writer = controller.add(headerOf(entry, mtime)).getWriter();
    if (entry.type === 'file') {
      for await (const chunk of whole(entry, signal)) await writer.write(chunk);
    }
    await writer.close();
  }
  controller.finalize();
}

async function* whole({ path, size, open }: FileEntry, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  let left = size;
  for await (const chunk of open(signal)) {
    left -= chunk.length;
    if (left < 0) break;
    yield chunk;
  }
  if (left !== 0) throw new Failure(`${path} changed while it was read; run it once more`);
}

function headerOf(entry: TarEntry, mtime: Date): TarHeader {
  const common = { name: entry.path, size: 0, uid: 0, gid: 0, mtime, type: entry.type };
  switch (entry.type) {
    case 'directory':
      return { ...common, name: `${entry.path}/`, mode: 0o755 };
    case 'symlink':
      return { ...common, linkname: entry.target, mode: 0o777 };
    case 'file':
      return { ...common, size: entry.size, mode: entry.executable ? 0o755 : 0o644 };
    default:
      throw new Error(`no such entry: ${entry satisfies never}`);
  }
}
