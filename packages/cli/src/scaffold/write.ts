import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../failure.ts';
import type { ScaffoldFile } from './project-files.ts';

/**
 * Makes a folder with these files, or nothing at all: they are written beside it first and take its place in one step. A
 * folder that is there already, with version control or as somebody's working folder, stays and receives them.
 *
 * @throws Failure if the folder has anything in it but version control
 */
export function writeNewFolder(folder: string, files: readonly ScaffoldFile[]): void {
  refuseOccupied(folder);
  const parent = dirname(folder);
  const stays = existsSync(folder);
  const made = stays ? undefined : mkdirSync(parent, { recursive: true });
  let draft: string | undefined;
  try {
    draft = mkdtempSync(join(stays ? folder : parent, `.${basename(folder)}-`));
    // A folder made for a moment is for its owner only.
    chmodSync(draft, 0o777 & ~process.umask());
    for (const { path, text } of files) writeOne(draft, path, text);
    if (stays) moveEntries(draft, folder);
    else renameSync(draft, folder);
  } catch (error) {
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
    throw error;
  } finally {
    if (draft !== undefined) rmSync(draft, { recursive: true, force: true });
  }
}

/** @throws Failure if the folder has anything in it but version control, or is no folder */
export function refuseOccupied(folder: string): void {
  if (!existsSync(folder)) return;
  if (!statSync(folder).isDirectory()) throw new Failure(`${folder} is a file; name a folder that is new or empty`);
  const foreign = readdirSync(folder).filter((name) => name !== '.git');
  if (foreign.length === 0) return;
  const shown = `${foreign.slice(0, 3).join(', ')}${foreign.length > 3 ? ', …' : ''}`;
  throw new Failure(`${folder} is not empty (${shown}); name a folder that is new or empty`);
}

/** All entries or none. */
function moveEntries(from: string, to: string): void {
  const moved: string[] = [];
  try {
    for (const name of readdirSync(from)) {
      renameSync(join(from, name), join(to, name));
      moved.push(name);
    }
  } catch (error) {
    for (const name of moved) rmSync(join(to, name), { recursive: true, force: true });
    throw error;
  }
}

function writeOne(folder: string, path: string, text: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
