import { createReadStream, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { compareBytes } from '@setpoint/apimachinery/json';
import { Failure } from '../failure.ts';
import type { TarEntry } from './tar.ts';

/** What of a folder is left out, by the path inside it (with `/`) and the last part of that. */
export type Omitted = (path: string, name: string) => boolean;

/**
 * All below a file or folder, as entries below `path`.
 *
 * @param boundary the folder that symbolic links must not lead out of
 * @throws Failure for what no image can hold
 */
export function treeEntries(source: string, path: string, omitted: Omitted, boundary: string = source): TarEntry[] {
  const entries: TarEntry[] = [];
  const add = (file: string, inside: string) => {
    const stat = lstatSync(file);
    const at = inside === '' ? path : `${path}/${inside}`;
    if (stat.isSymbolicLink()) {
      entries.push({ type: 'symlink', path: at, target: linkInside(file, boundary) });
    } else if (stat.isDirectory()) {
      if (at !== '') entries.push({ type: 'directory', path: at });
      for (const name of readdirSync(file)) {
        const below = inside === '' ? name : `${inside}/${name}`;
        if (!omitted(below, name)) add(join(file, name), below);
      }
    } else if (stat.isFile()) {
      entries.push(fileEntry(file, at, stat));
    } else {
      throw new Failure(`${file} is neither file, folder nor link, and cannot be put into an image`);
    }
  };
  add(source, '');
  return entries;
}

function fileEntry(file: string, path: string, { size, mode }: { size: number; mode: number }): TarEntry {
  return {
    type: 'file',
    path,
    size,
    executable: (mode & 0o100) !== 0,
    open: (signal) => contentOf(file, size, signal),
  };
}

/** Most files are small: read at once, they cost no more memory than they have bytes. */
async function* contentOf(file: string, size: number, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const withSignal = signal ? { signal } : {};
  if (size <= 1024 * 1024) yield await readFile(file, withSignal);
  else yield* createReadStream(file, { ...withSignal, highWaterMark: 256 * 1024 });
}

/** Where a link leads, relative to it and with `/`. */
function linkInside(file: string, boundary: string): string {
  const target = readlinkSync(file);
  const leadsTo = relative(boundary, resolve(dirname(file), target));
  if (isAbsolute(target) || leadsTo === '..' || leadsTo.startsWith(`..${sep}`) || isAbsolute(leadsTo)) {
    throw new Failure(`${file} is a link to ${target}, which will not be in the image; put a copy in its place`);
  }
  return target.replaceAll(sep, '/');
}

/**
 * In the one order that an image has: by the bytes of the path, folders before what is in them, those that nobody
 * named put in.
 */
export function inOrder(entries: Iterable<TarEntry>): TarEntry[] {
  const byPath = new Map<string, TarEntry>();
  for (const entry of entries) byPath.set(entry.path, entry);
  for (const path of [...byPath.keys()]) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      if (!byPath.has(folder)) byPath.set(folder, { type: 'directory', path: folder });
    }
  }
  return [...byPath.values()].sort((a, b) => compareBytes(a.path, b.path));
}
