import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure, sentenceOf } from '../failure.ts';
import type { ScaffoldFile } from './project-files.ts';

/**
 * Makes a folder with these files, or nothing at all: they are written beside it first, and an interrupted call leaves
 * no half of a project in the folder.
 *
 * @throws Failure if the folder has anything in it but version control
 */
export function writeNewFolder(folder: string, files: readonly ScaffoldFile[]): void {
  const present = existsSync(folder) ? readdirSync(folder) : [];
  const foreign = present.filter((name) => name !== '.git');
  if (foreign.length > 0) {
    const shown = `${foreign.slice(0, 3).join(', ')}${foreign.length > 3 ? ', …' : ''}`;
    throw new Failure(`${folder} is not empty (${shown}); name a folder that is new or empty`);
  }
  try {
    mkdirSync(folder, { recursive: true });
    const draft = mkdtempSync(join(folder, '.setpoint-'));
    try {
      for (const { path, text } of files) writeOne(draft, path, text);
      for (const name of readdirSync(draft)) renameSync(join(draft, name), join(folder, name));
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  } catch (error) {
    throw new Failure(`cannot write the project ${basename(folder)}: ${sentenceOf(error)}`, { cause: error });
  }
}

/** What became of each file of a call that adds to a project. */
export interface Written {
  readonly written: readonly string[];
  readonly unchanged: readonly string[];
  /** There with another text, and left alone. */
  readonly kept: readonly string[];
}

/** Writes what is missing; a file that is there is never overwritten. */
export function writeMissing(folder: string, files: readonly ScaffoldFile[]): Written {
  const written: string[] = [];
  const unchanged: string[] = [];
  const kept: string[] = [];
  for (const { path, text } of files) {
    const file = join(folder, path);
    if (!existsSync(file)) {
      writeOne(folder, path, text);
      written.push(path);
    } else if (readFileSync(file, 'utf8') === text) unchanged.push(path);
    else kept.push(path);
  }
  return { written, unchanged, kept };
}

function writeOne(folder: string, path: string, text: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
